import { join } from "node:path";
import * as z from "zod";
import { readOptionalFile, replaceFile } from "../disk.ts";

const memory = z.record(z.string(), z.iso.datetime());

/** What a probe has shown holds for a day: a plugin is rarely changed, and a probe takes a minute. Milliseconds. */
const trustMilliseconds = 24 * 3600 * 1000;

const memoryPath = (root: string) => join(root, ".freehold", "probes.json");

function readMemory(root: string): Record<string, string> {
  const text = readOptionalFile(memoryPath(root));
  if (text === null) return {};
  try {
    return memory.parse(JSON.parse(text));
  } catch {
    // Only a convenience: a damaged memory means that the probe is run once more.
    return {};
  }
}

/** Whether a probe has passed on the cluster of this UID within a day before `now`. */
export function hasPassed(root: string, uid: string, now: Date): boolean {
  const passed = readMemory(root)[uid];
  if (passed === undefined) return false;
  const age = now.getTime() - Date.parse(passed);
  return age >= 0 && age < trustMilliseconds;
}

/** Remembers how a probe of the cluster of this UID ended; one that did not pass is forgotten. */
export function rememberProbe(root: string, uid: string, passed: boolean, now: Date): void {
  const { [uid]: known, ...others } = readMemory(root);
  if (known === undefined && !passed) return;
  const next = passed ? { ...others, [uid]: now.toISOString() } : others;
  replaceFile(memoryPath(root), `${JSON.stringify(next, null, 2)}\n`, 0o600);
}
