import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ensureTools } from "../../local-cluster/tools.ts";

/** Path of helm: `FREEHOLD_HELM`, else PATH or the product's own cache of tools, where it is compiled if need be. */
export async function helmBinary(): Promise<string> {
  const given = process.env.FREEHOLD_HELM;
  if (given !== undefined && given !== "") return given;
  const { helm } = await ensureTools(["helm"], {
    cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "freehold"),
    progress: { begin() {}, advance() {}, end() {} },
    signal: AbortSignal.timeout(600_000),
  });
  return helm;
}

export interface HelmResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs helm to its end, with `values` in a file of their own. */
export async function helm(words: readonly string[], values: unknown): Promise<HelmResult> {
  const binary = await helmBinary();
  const directory = mkdtempSync(join(tmpdir(), "freehold-helm-"));
  const file = join(directory, "values.json");
  writeFileSync(file, JSON.stringify(values));
  // Neither plugins nor settings of the machine take part.
  const env = { PATH: process.env.PATH, HOME: directory, HELM_PLUGINS: directory };
  try {
    return await new Promise((resolve, reject) => {
      execFile(binary, [...words, "--values", file], { env, timeout: 60_000 }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") return reject(error);
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A rendered object, as far as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: manifests have no type here, and a test that names a missing field fails.
export type Manifest = any;

/** The objects in helm's output, by `Kind/name`. */
export function manifests(text: string): Readonly<Record<string, Manifest>> {
  const documents = parseAllDocuments(text, { version: "1.1" });
  if ("empty" in documents) return {};
  const objects = documents.map((document) => document.toJS() as Manifest).filter((object) => object !== null);
  return Object.fromEntries(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}
