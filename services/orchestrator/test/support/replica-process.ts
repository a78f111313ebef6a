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

/** A process that has been started and may still wait for something before it listens. */
export interface StartedReplica {
  /** What it has said so far. */
  events: readonly Record<string, unknown>[];
  /** Settles when it listens, or fails with what it said at its end. */
  listening: Promise<ReplicaProcess>;
  end: ReplicaProcess["end"];
}

/** A folder for the settings of a test file's replicas, and the processes started from them. */
export function replicaProgram() {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-test-"));
  const launched: StartedReplica[] = [];
  let files = 0;
  const writeSettings = (settings: Record<string, unknown>): string => {
    const path = join(folder, `settings-${files++}.json`);
    writeFileSync(path, JSON.stringify({ listen: { port: 0 }, ...settings }));
    return path;
  };
  /** Starts a process and does not wait for it. `nodeOptions` are Node's own flags, as for a clock that is wrong. */
  const begin = (settings: Record<string, unknown>, nodeOptions: string[] = []): StartedReplica => {
    const replica = launch(writeSettings(settings), nodeOptions);
    launched.push(replica);
    return replica;
  };
  return {
    folder,
    writeSettings,
    begin,
    start: (settings: Record<string, unknown>, nodeOptions: string[] = []): Promise<ReplicaProcess> =>
      begin(settings, nodeOptions).listening,
    /** Runs the program to its end on words and a settings file as they are. */
    run: (...words: string[]) =>
      spawnSync(process.execPath, [orchestratorBundle, ...words], { encoding: "utf8", timeout: 30_000 }),
    async remove() {
      await Promise.all(launched.map((replica) => replica.end("SIGKILL")));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(settings: string, nodeOptions: string[]): StartedReplica {
  const child = spawn(process.execPath, [...nodeOptions, orchestratorBundle, settings], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (part) => {
    errors = (errors + part).slice(-4000);
  });
  const ended = once(child, "close");
  const events: Record<string, unknown>[] = [];
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (child.exitCode === null && child.signalCode === null) {
      // A paused process would keep a polite signal for later.
      child.kill("SIGCONT");
      child.kill(signal);
    }
    await ended;
    return child.exitCode;
  };
  const listening = new Promise<ReplicaProcess>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      events.push(event);
      if (typeof event.url === "string") resolve({ url: event.url, process: child, end });
    });
    ended.then(() => reject(new Error(`The replica ended before it listened: ${errors}`)));
  });
  // Who does not wait for it has nothing to catch.
  listening.catch(() => {});
  return { events, listening, end };
}
