import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ProgramResult {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What a program printed and how it ended. It runs in a process group of its own, so that ending it also ends
 * what it started: `go build` runs many compilers.
 */
export async function runProgram(
  file: string,
  programArguments: readonly string[],
  options: {
    readonly signal: AbortSignal;
    readonly cwd?: string;
    readonly environment?: NodeJS.ProcessEnv;
    readonly timeoutSeconds?: number;
    /** What the program reads from its standard input; nothing when left out. */
    readonly input?: string;
    readonly onErrorLine?: (line: string) => void;
  },
): Promise<ProgramResult> {
  options.signal.throwIfAborted();
  const child = spawn(file, programArguments, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.environment === undefined ? {} : { env: options.environment }),
  });
  const killGroup = (signalName: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signalName);
    } catch {
      // The group has ended by itself.
    }
  };
  const killAll = () => killGroup("SIGKILL");
  options.signal.addEventListener("abort", killAll);
  const timer =
    options.timeoutSeconds === undefined ? undefined : setTimeout(killAll, options.timeoutSeconds * 1000).unref();

  // A program that ends without reading closes the pipe; how it ended says the rest.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");

  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => {
    stderr.push(line);
    options.onErrorLine?.(line);
  });
  try {
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve(exitCode ?? undefined));
    });
    options.signal.throwIfAborted();
    return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", killAll);
  }
}
