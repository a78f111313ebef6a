import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import { runProgram } from "./run-program.ts";
import type { ToolName } from "./tool-modules.ts";
import { isAcceptable, parseVersion, versionArguments } from "./tool-versions.ts";

/** How long a program may take to print its version; a hanging one is passed over. */
const versionTimeoutSeconds = 10;

/** The programs on PATH that can stand in for ours, by name. Only the first of each name counts, as in a shell. */
export async function findOnPath<N extends ToolName>(
  names: readonly N[],
  options: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<ReadonlyMap<N, string>> {
  const found = await Promise.all(
    names.map(async (name) => {
      const file = await firstOnPath(name, options.environment.PATH ?? "");
      const suits = file !== undefined && (await suitsAs(name, file, options));
      return suits ? ([name, file] as const) : undefined;
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}

async function firstOnPath(name: string, pathVariable: string): Promise<string | undefined> {
  // A relative entry would make the result depend on the folder the command is run in.
  for (const folder of pathVariable.split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    const file = path.join(folder, name);
    try {
      await access(file, constants.X_OK);
      if ((await stat(file)).isFile()) return file;
    } catch {
      // Not here: the next folder is looked at.
    }
  }
  return undefined;
}

async function suitsAs(
  name: ToolName,
  file: string,
  options: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const result = await runProgram(file, versionArguments[name], {
      ...options,
      timeoutSeconds: versionTimeoutSeconds,
    });
    const version = result.code === 0 ? parseVersion(result.stdout) : undefined;
    return version !== undefined && isAcceptable(name, version);
  } catch (error) {
    options.signal.throwIfAborted();
    // A file that cannot be run at all (another system's program, a broken script) is as good as none.
    if (typeof (error as NodeJS.ErrnoException).code === "string") return false;
    throw error;
  }
}
