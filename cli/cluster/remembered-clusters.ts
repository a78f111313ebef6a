import { join } from "node:path";
import * as z from "zod";
import { readOptionalFile, replaceFile } from "../disk.ts";

const rememberedCluster = z.object({ context: z.string(), uid: z.string() });
const memory = z.record(z.string(), rememberedCluster);

/** A cluster that a stack of this checkout was deployed to: the UID is its identity, the context the way there. */
export type RememberedCluster = z.output<typeof rememberedCluster>;

const memoryPath = (root: string) => join(root, ".freehold", "clusters.json");

function readMemory(root: string): Record<string, RememberedCluster> {
  const text = readOptionalFile(memoryPath(root));
  if (text === null) return {};
  try {
    return memory.parse(JSON.parse(text));
  } catch {
    // Only a convenience: a damaged memory means that the context is asked for once more.
    return {};
  }
}

/** The cluster remembered for `<name>/<environment>`, or null. */
export function recallCluster(root: string, stack: string): RememberedCluster | null {
  return readMemory(root)[stack] ?? null;
}

/** Remembers a cluster for `<name>/<environment>`; null forgets it. */
export function rememberCluster(root: string, stack: string, cluster: RememberedCluster | null): void {
  const { [stack]: known, ...others } = readMemory(root);
  if (known === undefined && cluster === null) return;
  const next = cluster === null ? others : { ...others, [stack]: cluster };
  replaceFile(memoryPath(root), `${JSON.stringify(next, null, 2)}\n`, 0o600);
}
