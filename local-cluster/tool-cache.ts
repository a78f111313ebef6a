import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileSystemFailure } from "./failures.ts";
import { compile, downloadSources, type GoRun } from "./go-toolchain.ts";
import { waitForLock } from "./lock-file.ts";
import {
  linkerFlags,
  moduleFolder,
  pinnedVersion,
  requiredVersion,
  type ToolModule,
  type ToolName,
} from "./tool-modules.ts";

/** Where the programs of one module are, or will be once compiled. */
export interface CacheEntry {
  readonly module: ToolModule;
  readonly folder: string;
  readonly linkerFlags: string;
}

/** The cache entry of a module: its folder's name changes with whatever would change the programs. */
export async function cacheEntry(module: ToolModule, cacheDirectory: string): Promise<CacheEntry> {
  const [goMod, goSum] = await Promise.all(
    ["go.mod", "go.sum"].map((file) => readFile(path.join(moduleFolder(module), file), "utf8")),
  );
  const version = requiredVersion(goMod ?? "", module.upstream);
  const flags = linkerFlags(module, version, pinnedVersion("kube-apiserver"));
  const key = cacheKey([goMod ?? "", goSum ?? "", flags, process.platform, process.arch]);
  return { module, folder: path.join(cacheDirectory, "bin", `${module.name}-${key}`), linkerFlags: flags };
}

/** Sixteen hexadecimal digits that differ when any part differs. */
function cacheKey(parts: readonly string[]): string {
  // As JSON, so that moving a character from one part to the next changes the key.
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

export function programPath(entry: CacheEntry, tool: ToolName): string {
  return path.join(entry.folder, tool);
}

/** True when all programs of the entry are there. */
export async function isCompiled(entry: CacheEntry): Promise<boolean> {
  try {
    await Promise.all(toolsOf(entry.module).map((tool) => access(programPath(entry, tool), constants.X_OK)));
    return true;
  } catch {
    return false;
  }
}

/**
 * Compiles the programs of an entry, once, however many processes ask at the same time. They come into being
 * under another name and are moved in one step, so an entry is whole or not there.
 */
export async function fillCacheEntry(entry: CacheEntry, run: GoRun): Promise<void> {
  const bin = path.dirname(entry.folder);
  try {
    await mkdir(bin, { recursive: true, mode: 0o700 });
    await withBuildLock(entry, run, async () => {
      // While this process waited, another one may have compiled it.
      if (await isCompiled(entry)) return;
      await removeLeftovers(entry);
      await downloadSources(run);
      const building = `${entry.folder}.building-${randomBytes(4).toString("hex")}`;
      try {
        await mkdir(building, { mode: 0o700 });
        await compile(run, {
          folder: building,
          linkerFlags: entry.linkerFlags,
          packages: Object.values(entry.module.packages),
        });
        await nameAfterTools(entry.module, building);
        await rm(entry.folder, { recursive: true, force: true });
        await rename(building, entry.folder);
      } finally {
        await rm(building, { recursive: true, force: true });
      }
    });
  } catch (error) {
    throw fileSystemFailure(error, { folder: bin, doing: `compiling ${entry.module.label}`, compiling: true });
  }
}

async function withBuildLock(entry: CacheEntry, run: GoRun, work: () => Promise<void>): Promise<void> {
  const id = `wait-${entry.module.name}`;
  let waited = false;
  const lock = await waitForLock(`${entry.folder}.lock`, {
    signal: run.signal,
    onWait: (holder) => {
      waited = true;
      const who = holder === undefined ? "another process" : `process ${holder.pid}`;
      run.progress.begin({ id, label: `Waiting for ${who}, which compiles ${entry.module.label}` });
    },
  });
  try {
    if (waited) run.progress.end(id, "done");
    await work();
  } finally {
    lock.release();
  }
}

/** Removes what builds that were killed left in the cache. The lock is held, so nobody writes there now. */
async function removeLeftovers(entry: CacheEntry): Promise<void> {
  const bin = path.dirname(entry.folder);
  const prefix = `${path.basename(entry.folder)}.building-`;
  const leftovers = (await readdir(bin)).filter((name) => name.startsWith(prefix));
  await Promise.all(leftovers.map((name) => rm(path.join(bin, name), { recursive: true, force: true })));
}

/** Go names a program after its package, and etcd's package is called "v3", which it turns into "server". */
async function nameAfterTools(module: ToolModule, folder: string): Promise<void> {
  const tools = toolsOf(module);
  const [only] = tools;
  const [made] = await readdir(folder);
  if (tools.length === 1 && only !== undefined && made !== undefined && made !== only) {
    await rename(path.join(folder, made), path.join(folder, only));
  }
}

function toolsOf(module: ToolModule): ToolName[] {
  return Object.keys(module.packages) as ToolName[];
}
