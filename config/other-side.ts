import type { RelatedPlace } from "./diagnostics/finding.ts";
import type { ResidencyConfig } from "./schema/index.ts";
import { valueAt } from "./subject.ts";

/** Where the mode is set that a finding argues from. */
export function modeHere(mode: ResidencyConfig["mode"]): RelatedPlace {
  return { path: ["residency", "mode"], text: `the mode is set here: ${mode}` };
}

/** Where the mode is set that asks for a finding's strictness; `none` asks for nothing. */
export function bindingMode(mode: ResidencyConfig["mode"]): readonly RelatedPlace[] {
  return mode === "none" ? [] : [modeHere(mode)];
}

/** Where classes of data are defined, or would be. */
export function classesHere(residency: ResidencyConfig | undefined): readonly RelatedPlace[] {
  if (residency === undefined) return [];
  return residency.dataClasses === undefined
    ? [{ path: ["residency"], text: "this section defines no classes", token: "key" }]
    : [{ path: ["residency", "dataClasses"], text: "the classes are defined here", token: "key" }];
}

/** Where the rule applies that an exception lifts, as far as its subject leads into `root`. */
export function subjectHere(root: unknown, subject: string): readonly RelatedPlace[] {
  const path = subject.split(".");
  const ends = path.map((_, index) => path.slice(0, path.length - index));
  const found = ends.find((start) => valueAt(root, start.join(".")) !== undefined);
  if (found === undefined) return [];
  const isWhole = found.length === path.length;
  const text = isWhole ? "the exception is about this" : `${found.join(".")} has no such entry`;
  return [{ path: found, text, token: "key" }];
}
