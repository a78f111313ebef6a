import { spawn } from "node:child_process";
import { closeSync, openSync, renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { ComponentCommand } from "./components.ts";
import { lastLines } from "./failures.ts";
import type { ComponentName, Layout } from "./layout.ts";
import { readIfThere } from "./private-files.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

/**
 * The process of a component, started in a session of its own: it outlives this command and is not hit by its
 * Ctrl-C. Undefined when it ended before it could be looked at.
 */
export async function startProcess(command: ComponentCommand, layout: Layout): Promise<ProcessIdentity | undefined> {
  const logFile = layout.logOf(command.name);
  try {
    renameSync(logFile, logFile.replace(/\.log$/, ".previous.log"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(command.file, command.arguments, {
      cwd: layout.directory,
      detached: true,
      stdio: ["ignore", log, log],
      env: componentEnvironment(process.env, command.environment),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    return child.pid === undefined ? undefined : identify(child.pid);
  } finally {
    closeSync(log);
  }
}

/** What a component gets of the user's environment: proxies, for one, would catch its calls to the API server. */
function componentEnvironment(
  environment: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "GOMAXPROCS", "GOMEMLIMIT", "SSL_CERT_FILE", "SSL_CERT_DIR"];
  const values = kept.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(values), ...own };
}

const politeSeconds = 5;
const forcedSeconds = 10;

/** Ends processes and returns when none of them is left. Those that do not end when asked are killed. */
export async function endProcesses(
  identities: readonly ProcessIdentity[],
  options: { readonly politely: boolean },
): Promise<void> {
  let alive = identities.filter(isAlive);
  if (options.politely) {
    for (const { pid } of alive) send(pid, "SIGTERM");
    alive = await waitUntilEnded(alive, politeSeconds);
  }
  for (const { pid } of alive) send(pid, "SIGKILL");
  alive = await waitUntilEnded(alive, forcedSeconds);
  if (alive.length > 0) {
    throw new Error(`the processes ${alive.map(({ pid }) => pid).join(", ")} did not end within ${forcedSeconds} s`);
  }
}

async function waitUntilEnded(identities: readonly ProcessIdentity[], seconds: number): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + seconds * 1000;
  let alive = identities.filter(isAlive);
  while (alive.length > 0 && performance.now() < deadline) {
    await delay(20);
    alive = alive.filter(isAlive);
  }
  return alive;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The whole log of a component since its last start. */
export function readLog(name: ComponentName, layout: Layout): string {
  return readIfThere(layout.logOf(name)) ?? "";
}

/** The last lines of a component's log, for a message. */
export function logEnd(name: ComponentName, layout: Layout): string {
  return lastLines(readLog(name, layout));
}
