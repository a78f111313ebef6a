import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { weightsKey } from "../../config/lock/references.ts";
import type { Lock } from "../../config/lock/schema.ts";
import { modeHere } from "../../config/other-side.ts";
import type { Config } from "../../config/schema/index.ts";
import type { WeightsBlueprint } from "../blueprint.ts";
import { lookUp } from "../catalog/index.ts";
import { vocabularies } from "../catalog/vocabularies.ts";
import { sortedEntries } from "../figures.ts";
import { isAtLeast, modeOf } from "../residency/mode.ts";

/** Folder of the weights that holds what the engine would fetch otherwise, with the variable that says so; null for a model that needs none, or has none. */
export function vocabularyOf({ repository, files }: Pick<WeightsBlueprint, "repository" | "files">): {
  readonly variable: string;
  /** Relative to the snapshot; empty for its root. */
  readonly folder: string;
} | null {
  const needed = neededBy(repository);
  const found = files.find(({ name }) => needed !== null && isNamed(name, needed.file));
  if (needed === null || found === undefined) return null;
  return { variable: needed.variable, folder: found.name.slice(0, -needed.file.length).replace(/\/$/, "") };
}

/** Models whose lock lacks a file that the engine would fetch with the first prompt: it has no way out, so that prompt fails. */
export function checkVocabularies({ models, residency }: Config, lock: Lock | null): Finding[] {
  const mode = modeOf(residency);
  return sortedEntries(models).flatMap(([name, { versions }]) =>
    sortedEntries(versions).flatMap(([version, { weights }]): Finding[] => {
      const key = weightsKey(weights.repository, weights.revision);
      const needed = neededBy(weights.repository);
      const locked = lookUp(lock?.weights ?? {}, key);
      if (needed === null || locked === null) return [];
      if (Object.keys(locked.files).some((file) => isNamed(file, needed.file))) return [];
      const place = at(["models", name, "versions", version, "weights", "repository"]);
      const { file } = needed;
      return isAtLeast(mode, "region-bound")
        ? [finding("RES-223", place, { reference: key, file, mode }, [modeHere(mode)])]
        : [finding("LCK-109", place, { reference: key, file })];
    }),
  );
}

function neededBy(repository: string) {
  return Object.values(vocabularies).find(({ repositories }) => repositories.test(repository)) ?? null;
}

function isNamed(path: string, file: string): boolean {
  return path === file || path.endsWith(`/${file}`);
}
