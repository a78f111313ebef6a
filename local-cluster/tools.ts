import path from "node:path";
import { requireSupportedPlatform } from "./failures.ts";
import { requireGo } from "./go-toolchain.ts";
import type { Progress } from "./progress.ts";
import { type CacheEntry, cacheEntry, fillCacheEntry, isCompiled, programPath } from "./tool-cache.ts";
import { moduleOf, type ToolName, toolModules } from "./tool-modules.ts";
import { findOnPath } from "./tool-search.ts";
import { acceptedVersions } from "./tool-versions.ts";

export { isToolName, neededToolNames, type ToolName, toolNames } from "./tool-modules.ts";

export interface ToolOptions {
  /** Where compiled programs are kept; shared by every checkout of one user. */
  readonly cacheDirectory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Where PATH and Go's settings come from; the process's own when left out. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Absolute paths of programs of the right versions: from PATH where it has them, else from the cache, else
 * compiled now. With `FREEHOLD_IGNORE_PATH_TOOLS=1` PATH is not looked at.
 */
export async function ensureTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions,
): Promise<Readonly<Record<N, string>>> {
  requireSupportedPlatform(process.platform);
  const { progress, signal, environment = process.env } = options;
  // Go is run in the folder of each module, where a relative path would mean another place.
  const cacheDirectory = path.resolve(options.cacheDirectory);
  const fromPath =
    environment.FREEHOLD_IGNORE_PATH_TOOLS === "1"
      ? new Map<N, string>()
      : await findOnPath(names, { environment, signal });

  const wanted = names.filter((name) => !fromPath.has(name));
  const modules = toolModules.filter((module) => wanted.some((name) => moduleOf(name) === module));
  const entries = await Promise.all(modules.map((module) => cacheEntry(module, cacheDirectory)));

  const missing: CacheEntry[] = [];
  for (const entry of entries) if (!(await isCompiled(entry))) missing.push(entry);
  if (missing.length > 0) {
    // Go is asked for only now: whoever has the programs already needs no compiler.
    const missingNames = wanted.filter((name) => missing.some(({ module }) => module === moduleOf(name)));
    await requireGo(
      missingNames.map((name) => `${name} ${acceptedVersions(name)}`),
      { environment, signal },
    );
    for (const entry of missing) {
      await fillCacheEntry(entry, { module: entry.module, cacheDirectory, environment, signal, progress });
    }
  }

  const compiled = (name: N): string => {
    const entry = entries.find(({ module }) => module === moduleOf(name));
    if (entry === undefined) throw new TypeError(`${name} is neither on PATH nor in the cache`);
    return programPath(entry, name);
  };
  return Object.fromEntries(names.map((name) => [name, fromPath.get(name) ?? compiled(name)])) as Record<N, string>;
}
