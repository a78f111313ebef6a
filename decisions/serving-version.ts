import type { ModelConfig } from "../config/schema/index.ts";
import { sortedEntries } from "./figures.ts";

/** The version with the largest share; null when no version has any, which the file's checks report. */
export function servingVersionOf(model: ModelConfig): string | null {
  const shares = sortedEntries(model.traffic).filter(
    ([version, percent]) => percent > 0 && Object.hasOwn(model.versions, version),
  );
  return shares.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
