import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where `services/build.mjs`, the setup of these tests, has put the service as one file. */
const orchestratorBundle = fileURLToPath(new URL("../../../../.freehold/services/orchestrator.mjs", import.meta.url));

/** A replica in a process of its own, which can be killed, paused and asked to stop. */
export interface ReplicaProcess {
  url: string;
  process: ChildProcess;
  /** Sends the signal and waits for the end. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

/** A folder for the settings of a test file's replicas, and the processes started from them. */
export function replicaProgram() {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-test-"));
  const started: ReplicaProcess[] = [];
  return {
    folder,
    /** `nodeOptions` are Node's own flags, as for a clock that is wrong. */
    async start(settings: Record<string, unknown>, nodeOptions: string[] = []): Promise<ReplicaProcess> {
      const path = join(folder, `settings-${started.length}.json`);
      writeFileSync(path, JSON.stringify({ listen: { port: 0 }, ...settings }));
      const replica = await launch(path, nodeOptions);
      started.push(replica);
      return replica;
    },
    /** Runs the program to its end on a settings file as it is. */
    run: (path: string) =>
      spawnSync(process.execPath, [orchestratorBundle, path], { encoding: "utf8", timeout: 30_000 }),
    async remove() {
      await Promise.all(started.map((replica) => replica.end("SIGKILL")));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(settings: string, nodeOptions: string[]): Promise<ReplicaProcess> {
  const child = spawn(process.execPath, [...nodeOptions, orchestratorBundle, settings], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (part) => {
    errors = (errors + part).slice(-4000);
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    return {
      url,
      process: child,
      async end(signal) {
        if (child.exitCode === null && child.signalCode === null) {
          // A paused process would keep a polite signal for later.
          child.kill("SIGCONT");
          child.kill(signal);
        }
        await ended;
        return child.exitCode;
      },
    };
  }
  throw new Error(`The replica ended before it listened: ${errors}`);
}
