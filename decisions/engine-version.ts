import { at, type ConfigPath, type Finding, finding } from "../config/diagnostics/finding.ts";
import { hasEgressProxy } from "../config/egress.ts";
import type { Config } from "../config/schema/index.ts";
import type { Reason } from "./blueprint.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";
import { because } from "./reason.ts";
import type { VersionContext } from "./version-context.ts";
import {
  clearReleases,
  floorAgeDays,
  floorAgeLimitDays,
  imageRelease,
  isBelowFloor,
  proposedImage,
} from "./version-floor.ts";

type Version = readonly [major: number, minor: number, patch: number];

/** Whether the engine in the image knows the options it is given, and whether its release has open advisories. */
export function checkEngineVersion({ modelName, versionName, version, catalog }: VersionContext): Finding[] {
  const facts = catalog.engines.vllm;
  const image = version.image ?? facts.image;
  const engine = versionOf(image);
  if (engine === null) return [];
  const place = at(["models", modelName, "versions", versionName, "image"]);
  const unknown = Object.entries(facts.flagsSince)
    .filter(([, { version: since }]) => isBefore(engine, parse(since)))
    .map(([flag, { version: since }]) => ({ flag, since }))
    .sort((a, b) => (a.flag < b.flag ? -1 : 1));
  if (unknown.length > 0) {
    return [finding("CAP-109", place, { image, unknown, tested: facts.image })];
  }
  const known = imageRelease(image, catalog.floors);
  if (known === null || !isBelowFloor(known)) return [];
  return [
    finding("CAP-110", place, {
      image,
      floor: clearReleases(known.floor.clear),
      floorAsOf: known.floor.asOf,
      advisories: known.floor.advisories,
      proposed: proposedImage(facts.image, catalog.floors),
    }),
  ];
}

/** What an image's tag could not tell. */
export function unknownVersionReasons(reference: string): Reason[] {
  return versionOf(reference) === null
    ? [
        because(
          "catalog.engines.vllm.flagsSince",
          "Its tag is no release of vLLM, so whether it knows the options it is given, and has no open advisory, could not be checked.",
        ),
      ]
    : [];
}

/** A floor that has not been looked at for long says little: which advisories came since is not in it. */
export function checkFloorAge({ residency }: Pick<Config, "residency">, catalog: Catalog, asOf: string): Finding[] {
  const proxyPath = residency?.egress === undefined ? ["residency"] : ["residency", "egress"];
  const used: readonly (readonly [component: string, path: ConfigPath])[] = [
    ["vllm", ["models"]],
    ...(hasEgressProxy(residency) ? [["envoy", proxyPath] as const] : []),
  ];
  return used.flatMap(([component, path]) => {
    const known = lookUp(catalog.floors, component);
    if (known === null) return [];
    const days = floorAgeDays(known, asOf);
    // Either date may be no date; a comparison with NaN is false.
    if (!(days > floorAgeLimitDays)) return [];
    const { name, clear, asOf: floorAsOf } = known;
    const parameters = { component: name, floor: clearReleases(clear), floorAsOf, days, limitDays: floorAgeLimitDays };
    return [finding("CAP-111", at(path, "key"), parameters)];
  });
}

/** `…/vllm-openai:v0.33.0`, also mirrored or with a suffix such as `-cu130`. Null for every other image: its tags may count something else. */
function versionOf(reference: string): Version | null {
  const tag = /(?:^|\/)vllm-openai:v?(\d{1,4}\.\d{1,4}\.\d{1,4})([.+-][\w.-]+)?(@sha256:[0-9a-f]{64})?$/.exec(
    reference,
  )?.[1];
  return tag === undefined ? null : parse(tag);
}

/** The release of the engine that a version runs, as `[major, minor]`; null where its image does not tell. */
export function engineRelease({ version, catalog }: VersionContext): readonly [major: number, minor: number] | null {
  return releaseOfImage(version.image ?? catalog.engines.vllm.image);
}

/** The release of the engine that an image's tag tells, as `[major, minor]`; null where it does not. */
export function releaseOfImage(reference: string): readonly [major: number, minor: number] | null {
  const release = versionOf(reference);
  return release === null ? null : [release[0], release[1]];
}

/** Whether a version's engine is at least of the release, patches aside, that Freehold is tested with. False where its image does not tell. */
export function isAsTested(context: VersionContext): boolean {
  const [release, tested] = [engineRelease(context), releaseOfImage(context.catalog.engines.vllm.image)];
  return release !== null && tested !== null && !isBefore([...release, 0], [...tested, 0]);
}

function parse(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split(".").map(Number);
  return [major, minor, patch];
}

function isBefore(a: Version, b: Version): boolean {
  const [major, minor, patch] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return major !== 0 ? major < 0 : minor !== 0 ? minor < 0 : patch < 0;
}
