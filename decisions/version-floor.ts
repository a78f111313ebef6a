import { ageInDays } from "./catalog/age.ts";
import type { ClearReleases, Floor } from "./catalog/floors/index.ts";

/** Advisories for vLLM have come monthly (floors 0.18 in March to 0.32 in October 2026), so a quarter hides several. */
export const floorAgeLimitDays = 90;

export type Floors = Readonly<Record<string, Floor>>;

/** A release of a component, as an image's tag tells it. */
export interface ImageRelease {
  /** Key in the catalog's floors. */
  readonly component: string;
  readonly floor: Floor;
  /** `major.minor.patch`; null where the tag is none, as in `latest` or an image by digest alone. */
  readonly release: string | null;
}

/** The component that an image is known to be, mirrored or not; null for every other: its tags may count something else. */
export function imageRelease(reference: string, floors: Floors): ImageRelease | null {
  const [named = ""] = reference.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? "" : named.slice(colon + 1);
  for (const [component, floor] of Object.entries(floors)) {
    if (!floor.repositories.some((end) => repository === end || repository.endsWith(`/${end}`))) continue;
    // A suffix such as `-cu130` tells how it was built, and so does Envoy's prefix.
    const release = /^(?:distroless-)?v?(\d{1,4}\.\d{1,4}\.\d{1,4})([.+-][\w.-]+)?$/.exec(tag)?.[1] ?? null;
    return { component, floor, release };
  }
  return null;
}

/** Whether something is published against a release; no, where the tag does not tell which one it is. */
export function isBelowFloor({ floor, release }: ImageRelease): boolean {
  if (floor.clear === "none") return true;
  if (release === null) return false;
  if ("after" in floor.clear) return compareReleases(release, floor.clear.after) <= 0;
  const lines = floor.clear.since;
  const newest = lines.at(-1) ?? lines[0];
  if (compareReleases(release, newest) >= 0) return false;
  return !lines.some((first) => isSameLine(first, release) && compareReleases(release, first) >= 0);
}

/** The clear releases in words, such as `0.32.0` or `7.15.5 or newer`. */
export function clearReleases(clear: ClearReleases): string {
  if (clear === "none") return "none";
  return "after" in clear ? `newer than ${clear.after}` : clear.since.join(" or ");
}

/**
 * The image to take instead: the one Freehold is tested with, or the same at its floor where an advisory has come since; null
 * where no release is known to be clear.
 */
export function proposedImage(tested: string, floors: Floors): string | null {
  const known = imageRelease(tested, floors);
  if (known === null || !isBelowFloor(known)) return tested;
  const { clear } = known.floor;
  if (clear === "none" || "after" in clear || known.release === null) return null;
  return tested.replace(known.release, clear.since.at(-1) ?? clear.since[0]);
}

/** Days since somebody looked; NaN where the floor has no date. */
export function floorAgeDays({ asOf }: Floor, today: string): number {
  return ageInDays(asOf, today);
}

/** Negative where the first release is older, 0 where they are the same. Releases are `major.minor.patch`. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isSameLine(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => text.split(".").slice(0, 2).join("."));
  return first === second;
}
