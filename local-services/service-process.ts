import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identify, isAlive, type ProcessIdentity } from "../local-cluster/process-identity.ts";

/** A service that runs on this machine. */
export interface RunningService extends ProcessIdentity {
  readonly name: string;
  /** Where it answers. */
  readonly url: string;
}

/** Generous: a loaded machine with one core needs most of a minute to make the orchestrator's database. */
const startSeconds = 120;
/** What a service gets of the user's environment: a proxy, for one, would catch its calls to its neighbours. */
const keptVariables = ["PATH", "HOME", "TMPDIR", "TZ", "LANG"];

/** Why a service did not start: its last words. */
export class ServiceNotStarted extends Error {
  override name = "ServiceNotStarted";
  readonly service: string;
  readonly lastWords: string;

  constructor(service: string, lastWords: string) {
    super(`${service} did not start: ${lastWords}`);
    this.service = service;
    this.lastWords = lastWords;
  }
}

/** Starts a service in a session of its own, so that it outlives this command, and waits until it says where it listens. */
export async function startService(
  name: string,
  words: readonly string[],
  { logFile, signal }: { readonly logFile: string; readonly signal: AbortSignal },
): Promise<RunningService> {
  const log = openSync(logFile, "w", 0o600);
  const environment = keptVariables.flatMap((key) => {
    const value = process.env[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  let pid: number | undefined;
  try {
    const child = spawn(process.execPath, words, {
      detached: true,
      stdio: ["ignore", log, log],
      env: Object.fromEntries(environment),
    });
    pid = child.pid;
    child.unref();
  } finally {
    closeSync(log);
  }
  const identity = pid === undefined ? undefined : identify(pid);
  const deadline = performance.now() + startSeconds * 1000;
  while (identity !== undefined && performance.now() < deadline) {
    const url = /"(?:listening|url)":"(http:[^"]+)"/.exec(readFileSync(logFile, "utf8"))?.[1];
    if (url !== undefined) return { ...identity, name, url };
    if (!isAlive(identity)) break;
    await delay(25, undefined, { signal });
  }
  if (identity !== undefined && isAlive(identity)) process.kill(identity.pid, "SIGKILL");
  throw new ServiceNotStarted(name, readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "");
}
