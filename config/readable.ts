import type * as z from "zod";
import type { Section } from "./checks/check.ts";
import { type Config, stackFile } from "./schema/index.ts";
import { emptyMap } from "./yaml/empty-map.ts";

/** What of a faulty file can still be checked. */
export interface Readable {
  readonly sections: Partial<Config>;
  /** Sections that are left out, or have entries left out, because they are at fault. */
  readonly incomplete: ReadonlySet<Section>;
}

const keyedSections: ReadonlySet<string> = new Set<Section>(["nodePools", "models", "workloads"]);

/**
 * The sections of a faulty file that are sound by themselves: unknown keys are dropped, a faulty node pool or model is
 * left out and its section marked incomplete, any other faulty section is left out whole.
 */
export function readableSections(value: unknown, issues: readonly z.core.$ZodIssue[]): Readable {
  if (!isMap(value)) return { sections: {}, incomplete: new Set() };
  const unknownKeys = new Map<string, Set<string>>();
  const faulty = new Set<string>();
  const incomplete = new Set<Section>();
  for (const issue of issues) {
    const [section, entry] = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      unknownKeys.set(JSON.stringify(issue.path), new Set(issue.keys));
    } else if (section !== undefined && entry !== undefined && keyedSections.has(section)) {
      faulty.add(JSON.stringify([section, entry]));
      incomplete.add(section as Section);
    } else if (section !== undefined) {
      faulty.add(JSON.stringify([section]));
      incomplete.add(section as Section);
    }
  }
  const sound = without(value, [], unknownKeys, faulty);
  const sections: Partial<Record<Section, unknown>> = {};
  for (const section of Object.keys(stackFile.shape) as Section[]) {
    if (!isMap(sound) || !Object.hasOwn(sound, section)) continue;
    const read = stackFile.shape[section].safeParse(sound[section]);
    if (read.success) sections[section] = read.data;
  }
  // Each section has passed its own schema, which is what `Config` is made of.
  return { sections: sections as Partial<Config>, incomplete };
}

function without(
  value: unknown,
  path: readonly (string | number)[],
  unknownKeys: ReadonlyMap<string, ReadonlySet<string>>,
  faulty: ReadonlySet<string>,
): unknown {
  if (Array.isArray(value)) return value.map((item, index) => without(item, [...path, index], unknownKeys, faulty));
  if (!isMap(value)) return value;
  const unknown = unknownKeys.get(JSON.stringify(path));
  const kept = emptyMap();
  for (const [key, child] of Object.entries(value)) {
    const below = [...path, key];
    if (unknown?.has(key) || (below.length <= 2 && faulty.has(JSON.stringify(below)))) continue;
    kept[key] = without(child, below, unknownKeys, faulty);
  }
  return kept;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
