import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Settings } from "../settings.ts";
import { agentHost } from "./host.ts";
import type { ErasedKind } from "./registry.ts";

/** A custom agent's folder does not hold an agent; the message says what is missing. */
export class AgentNotLoadable extends Error {
  override name = "AgentNotLoadable";
}

/**
 * The graphs of the settings' folders, beside those that every replica has. A folder's `agent.mjs` exports as its default
 * a function that takes the host and returns what `agentKind` makes. Folders are taken from `base`.
 */
export async function withCustom(
  shipped: Readonly<Record<string, ErasedKind>>,
  graphs: Settings["graphs"],
  base: string,
): Promise<Readonly<Record<string, ErasedKind>>> {
  const kinds: Record<string, ErasedKind> = { ...shipped };
  for (const [name, folder] of Object.entries(graphs)) {
    if (Object.hasOwn(shipped, name)) {
      throw new AgentNotLoadable(`graphs.${name}: there is a graph of that name already. Choose another.`);
    }
    kinds[name] = await load(name, resolve(base, folder));
  }
  return kinds;
}

async function load(name: string, folder: string): Promise<ErasedKind> {
  const file = join(folder, "agent.mjs");
  if (!existsSync(file)) throw new AgentNotLoadable(`graphs.${name}: there is no file ${file}.`);
  let kind: unknown;
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (typeof module.default !== "function") {
      throw new Error("its default export is no function that takes the host");
    }
    kind = await module.default(agentHost);
  } catch (error) {
    throw new AgentNotLoadable(`graphs.${name}: ${file} cannot be used: ${(error as Error).message}.`);
  }
  if (typeof kind !== "object" || kind === null || !("prepare" in kind) || typeof kind.prepare !== "function") {
    throw new AgentNotLoadable(`graphs.${name}: ${file} returns something that agentKind did not make.`);
  }
  return kind as ErasedKind;
}
