import { join } from "node:path";
import { ensureTools, type ToolName } from "../local-cluster/tools.ts";
import type { CommandContext } from "./command.ts";
import type { ProgressReport } from "./terminal/progress.ts";

/** Folder for what is compiled once a machine, shared by all checkouts. */
function cacheDirectory(environment: CommandContext["environment"]): string {
  const base = environment.XDG_CACHE_HOME || join(environment.HOME ?? "", ".cache");
  return join(base, "freehold");
}

/** Paths of pinned tools: from PATH when the version fits, else compiled once and cached. */
export function findTools<N extends ToolName>(
  context: CommandContext,
  names: readonly N[],
  progress: ProgressReport,
): Promise<Record<N, string>> {
  return ensureTools(names, {
    cacheDirectory: cacheDirectory(context.environment),
    environment: context.environment,
    progress,
    signal: context.signal,
  });
}
