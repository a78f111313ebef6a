import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A service as a process of its own, on a free port of the loopback address. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly url: string;
  readonly #log: string[];

  constructor(child: ChildProcess, url: string, log: string[]) {
    this.#child = child;
    this.url = url;
    this.#log = log;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the process has written so far, line by line. */
  get log(): readonly string[] {
    return this.#log;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, or null after a signal. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Ends the process whatever it does. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

/** Starts the bundle of `name` and waits for the line in which it says where it listens. */
export async function startService(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  // `services/build.mjs`, the setup of the `services` project, has put it there.
  const bundle = fileURLToPath(new URL(`../../.freehold/services/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [bundle, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.push(line);
        const listening = /"listening":"([^"]+)"/.exec(line)?.[1];
        if (listening !== undefined) resolve(listening);
      });
    }
    child.on("exit", () => reject(new Error(`${name} ended before it listened:\n${log.join("\n")}`)));
  });
  return new ServiceProcess(child, url, log);
}
