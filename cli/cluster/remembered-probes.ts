import * as z from "zod";
import { remembered } from "./remembered.ts";

/** What a probe has shown holds for a day: a plugin is rarely changed, and a probe takes a minute. Milliseconds. */
const trustMilliseconds = 24 * 3600 * 1000;

/** When a probe passed, by the cluster's UID. */
const probes = remembered<string>("probes.json", z.iso.datetime());

/** Whether a probe has passed on the cluster of this UID within a day before `now`. */
export function hasPassed(root: string, uid: string, now: Date): boolean {
  const passed = probes.recall(root, uid);
  if (passed === null) return false;
  const age = now.getTime() - Date.parse(passed);
  return age >= 0 && age < trustMilliseconds;
}

/** Remembers how a probe of the cluster of this UID ended; one that did not pass is forgotten. */
export function rememberProbe(root: string, uid: string, passed: boolean, now: Date): void {
  probes.remember(root, uid, passed ? now.toISOString() : null);
}
