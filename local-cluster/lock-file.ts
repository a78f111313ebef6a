import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

export interface Lock {
  release(): void;
}

/** A file without a readable holder is being written now, unless it is older than this: then its writer was killed. */
const unreadableLockLifetimeSeconds = 10;

/**
 * The lock, or the live process that holds it. A lock whose holder is dead, or whose number now belongs to
 * another process, counts as free, so that nobody has to remove files by hand after a kill or a power cut.
 */
export function tryLock(file: string): Lock | { readonly holder: ProcessIdentity | undefined } {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (createExclusively(file)) return { release: () => rmSync(file, { force: true }) };
    const text = readText(file);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined ? ageSeconds(file) < unreadableLockLifetimeSeconds : isAlive(holder)) return { holder };
    removeStale(file, text);
  }
  return { holder: undefined };
}

/** The lock, after waiting for whoever holds it. `onWait` is told once, the first time there is a wait. */
export async function waitForLock(
  file: string,
  options: { readonly signal: AbortSignal; readonly onWait: (holder: ProcessIdentity | undefined) => void },
): Promise<Lock> {
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    const result = tryLock(file);
    if ("release" in result) return result;
    if (!told) options.onWait(result.holder);
    told = true;
    await delay(250);
  }
}

function createExclusively(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(descriptor, JSON.stringify(identify(process.pid)));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return true;
}

function removeStale(file: string, text: string): void {
  // Two processes may both find the same stale lock. Moving it aside first lets each see what it took, so that
  // the slower one does not throw away the lock that the faster one has just made.
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readText(aside) === text) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function ageSeconds(file: string): number {
  try {
    return (Date.now() - statSync(file).mtimeMs) / 1000;
  } catch {
    return 0;
  }
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof pid === "number" && typeof startTime === "string" ? { pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}
