import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { modeHere } from "../../config/other-side.ts";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Blueprint } from "../blueprint.ts";
import type { Catalog } from "../catalog/index.ts";
import {
  clearReleases,
  type Floors,
  floorAgeDays,
  floorAgeLimitDays,
  type ImageRelease,
  imageRelease,
  isBelowFloor,
  proposedImage,
} from "../version-floor.ts";
import { isAtLeast, modeOf } from "./mode.ts";
import type { AskedImage } from "./registries.ts";

/** Software below its floor from `region-bound` up, and a floor that nobody has looked at from `sovereign` up. */
export function checkFloors(
  residency: ResidencyConfig | undefined,
  images: readonly AskedImage[],
  { floors }: Pick<Catalog, "floors">,
  today: string,
): Finding[] {
  const mode = modeOf(residency);
  if (!isAtLeast(mode, "region-bound")) return [];
  const also = [modeHere(mode)];
  const below = images.flatMap(({ image, what, place, tested }) => {
    const known = imageRelease(image, floors);
    if (known === null || !isBelowFloor(known)) return [];
    const parameters = {
      what,
      image,
      floor: clearReleases(known.floor.clear),
      mode,
      advisories: known.floor.advisories,
      proposed: tested === null ? null : proposedImage(tested, floors),
    };
    return [finding("RES-212", place, parameters, also)];
  });
  if (!isAtLeast(mode, "sovereign")) return below;
  const old = floorsInUse(images, floors)
    .map(({ floor }) => ({ component: floor.name, days: floorAgeDays(floor, today), floorAsOf: floor.asOf }))
    // Either date may be no date; a comparison with NaN is false.
    .filter(({ days }) => days > floorAgeLimitDays);
  const place = at(["residency", "mode"]);
  return [...below, ...old.map((each) => finding("RES-211", place, { mode, limitDays: floorAgeLimitDays, ...each }))];
}

/** Each component with a floor that something of the stack is, or stands in for where its own image does not tell, once. */
function floorsInUse(images: readonly AskedImage[], floors: Floors): readonly ImageRelease[] {
  const references = images.flatMap(({ image, tested }) => [image, tested ?? image]);
  const found = references.flatMap((image) => imageRelease(image, floors) ?? []);
  return [...new Map(found.map((each) => [each.component, each])).values()];
}

/** What an auditor is told of a floor: which releases are clear, of what, and when somebody looked. */
export interface FloorFacts {
  readonly component: string;
  readonly clear: string;
  readonly advisories: readonly string[];
  readonly source: string;
  readonly verifiedOn: string;
  /** Images of the stack that are this component, and the release that each tag tells. */
  readonly images: Readonly<Record<string, string | null>>;
}

/** Floors of all that a stack runs. */
export function floorFacts(
  { models, egressProxy }: Pick<Blueprint, "models" | "egressProxy">,
  { floors }: Pick<Catalog, "floors">,
): FloorFacts[] {
  const versions = Object.values(models).flatMap((model) => Object.values(model.versions));
  const running = [...versions, ...(egressProxy === null ? [] : [egressProxy])];
  const references = running.map(({ image }) => image.value.reference);
  const known = [...new Set(references)].sort().flatMap((image) => {
    const found = imageRelease(image, floors);
    return found === null ? [] : [{ image, ...found }];
  });
  return [...new Set(known.map(({ component }) => component))].sort().flatMap((component) => {
    const same = known.filter((each) => each.component === component);
    return same.slice(0, 1).map(({ floor }) => ({
      component,
      clear: clearReleases(floor.clear),
      advisories: floor.advisories,
      source: floor.source,
      verifiedOn: floor.asOf,
      images: Object.fromEntries(same.map(({ image, release }) => [image, release])),
    }));
  });
}
