import { spawn } from "node:child_process";

export interface ProcessResult {
  /** Exit status; 127 when the program could not be started, 128 + signal number when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly directory?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Interrupts it as `signal` does, but leaves it all the time it takes to put things right. */
  readonly earlyEnd?: AbortSignal;
  readonly timeoutSeconds?: number;
  readonly input?: string;
  /** Called with each piece of stdout and stderr as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Time a stopped program has to put things right, such as Helm's roll-back, before it is killed. */
const graceSeconds = 60;

/**
 * What a program printed and how it ended; it never throws. The program gets a process group of its own: Ctrl-C
 * in the terminal then reaches it once, through `signal`, and not twice, which Terraform takes for "drop everything".
 */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.directory,
      env: options.environment as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    let killTimer: NodeJS.Timeout | undefined;
    const kill = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It has ended in the meantime.
      }
    };
    const interrupt = () => kill("SIGINT");
    const stop = () => {
      interrupt();
      killTimer ??= setTimeout(() => kill("SIGKILL"), graceSeconds * 1000);
    };
    const timer =
      options.timeoutSeconds === undefined ? undefined : setTimeout(() => stop(), options.timeoutSeconds * 1000);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener("abort", stop, { once: true });
    options.earlyEnd?.addEventListener("abort", interrupt, { once: true });
    const finish = (status: number) => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      options.signal?.removeEventListener("abort", stop);
      options.earlyEnd?.removeEventListener("abort", interrupt);
      resolve({ status, stdout, stderr });
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.stdin.on("error", () => {
      // A program that ends without reading its input is judged by its status.
    });
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => {
      stderr += error.message;
      finish(127);
    });
    child.on("close", (status, signal) => finish(status ?? (signal === "SIGINT" ? 130 : 137)));
  });
}

/** The last lines of a program's complaint, for a message. */
export function lastLines({ stdout, stderr }: ProcessResult, count = 6): string {
  const text = (stderr.trim() === "" ? stdout : stderr).trim();
  return text === "" ? "It printed nothing." : text.split("\n").slice(-count).join("\n");
}
