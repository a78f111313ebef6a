import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { floorAgeDays, floorAgeLimitDays, isBelowFloor } from "../engine-version.ts";
import type { VersionContext } from "../version-context.ts";
import { imageOf } from "./images.ts";
import { isAtLeast, modeOf } from "./mode.ts";

/** Engines below their floor from `region-bound` up, and a floor that nobody has looked at from `sovereign` up. */
export function checkFloors(
  residency: ResidencyConfig | undefined,
  contexts: readonly VersionContext[],
  catalog: Catalog,
  today: string,
): Finding[] {
  const mode = modeOf(residency);
  if (!isAtLeast(mode, "region-bound")) return [];
  const { securityFloor: floor, image: tested, asOf: floorAsOf } = catalog.engines.vllm;
  const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
  const below = contexts
    .filter((context) => isBelowFloor(imageOf(context), floor))
    .map((context) => {
      const place = at(["models", context.modelName, "versions", context.versionName, "image"]);
      const parameters = { release: context.release, image: imageOf(context), floor, mode, tested };
      return finding("RES-212", place, parameters, also);
    });
  const days = floorAgeDays(catalog, today);
  if (!isAtLeast(mode, "sovereign") || !(days > floorAgeLimitDays)) return below;
  const parameters = { mode, days, limitDays: floorAgeLimitDays, floorAsOf };
  return [...below, finding("RES-211", at(["residency", "mode"]), parameters)];
}
