import { at, type ConfigPath, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { keyReference } from "../../config/key-reference.ts";
import { bindingMode } from "../../config/other-side.ts";
import type { Config } from "../../config/schema/index.ts";
import { lookUp } from "../catalog/index.ts";
import { areas, isKnownPlace, knownPlaces, liesInside, regions } from "../catalog/regions.ts";
import { sortedEntries } from "../figures.ts";
import { isAtLeast, modeOf } from "./mode.ts";

/** Something that lies in a region of a cloud. */
interface Placed {
  readonly what: string;
  readonly path: ConfigPath;
  readonly region: string;
  /** The cloud whose region it must be; null where any will do. */
  readonly cloud: string | null;
}

/** Regions nobody knows, regions of another cloud, and whatever is kept outside the allowed ones. */
export function checkResidencyPlaces(config: Config): Finding[] {
  const { residency } = config;
  const named = residency?.regions ?? [];
  const unknown = named.flatMap((region, index) => {
    if (isKnownPlace(region)) return [];
    const parameters = {
      key: "residency.regions",
      region,
      nearest: nearest(region, knownPlaces()),
      areas: Object.keys(areas),
    };
    return [finding("CST-113", at(["residency", "regions", index]), parameters, bindingMode(modeOf(residency)))];
  });
  if (!isAtLeast(modeOf(residency), "region-bound") || named.length === 0) return unknown;
  return [...unknown, ...placed(config).flatMap((item) => checkPlace(item, named))];
}

function placed({ state, nodePools, residency }: Config): Placed[] {
  const reference = residency?.keys?.reference === undefined ? null : keyReference(residency.keys.reference);
  const zones = sortedEntries(nodePools).flatMap(([pool, { zones = [] }]) =>
    zones.flatMap((zone, index): Placed[] => {
      const region = regionOfZone(zone);
      const path = ["nodePools", pool, "zones", index];
      // A zone of a building's own has any name; it stands where the building does, which the file does not say.
      return region === null ? [] : [{ what: `The zone ${zone} of the pool "${pool}"`, path, region, cloud: null }];
    }),
  );
  const bucket: Placed[] =
    state.backend === "s3"
      ? [
          {
            what: "The bucket of the state",
            path: ["state", "region"],
            region: state.region,
            // Stores that only speak the protocol have regions of their own.
            cloud: state.endpoint === undefined ? "aws" : null,
          },
        ]
      : [];
  const key: Placed[] =
    reference !== null && "region" in reference && reference.region !== null
      ? [
          {
            what: "The key",
            path: ["residency", "keys", "reference"],
            region: reference.region,
            cloud: reference.kind,
          },
        ]
      : [];
  return [...bucket, ...key, ...zones];
}

/** The region that a zone of AWS (`eu-central-1a`) or Google Cloud (`europe-west3-b`) lies in, or null. */
function regionOfZone(zone: string): string | null {
  const region = zone.replace(/-?[a-f]$/, "");
  return region !== zone && lookUp(regions, region) !== null ? region : null;
}

function checkPlace({ what, path, region, cloud }: Placed, allowed: readonly string[]): Finding[] {
  const also = [{ path: ["residency", "regions"], text: `allowed are: ${allowed.join(", ")}` }];
  const known = lookUp(regions, region);
  if (cloud !== null && known !== null && known.provider !== cloud) {
    return [finding("RES-208", at(path), { what, region, cloud: known.provider, expected: cloud }, also)];
  }
  return liesInside(region, allowed) ? [] : [finding("RES-207", at(path), { what, where: region, allowed }, also)];
}
