import type { Finding } from "../../config/diagnostics/finding.ts";
import type { Config } from "../../config/schema/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { telemetry } from "../catalog/telemetry.ts";
import { sortedEntries } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";
import type { VersionContext } from "../version-context.ts";
import { checkCustody, decideCustody } from "./custody.ts";
import { decideEdges } from "./edges.ts";
import { decideEgress } from "./egress.ts";
import { decideEndpoints, decideEscalation } from "./escalation.ts";
import { checkExceptions, exceptionsOf } from "./exceptions.ts";
import type { ResidencyBlueprint } from "./facts.ts";
import { checkFloors } from "./floors.ts";
import { checkFrontiers, decideFrontiers } from "./frontiers.ts";
import { decideKept } from "./kept.ts";
import { becauseOfMode, modeOf } from "./mode.ts";
import { checkResidencyPlaces } from "./places.ts";
import { type AskedImage, askedImages, checkRegistries, decideRegistries, mayComeFrom } from "./registries.ts";
import { checkSignatures, decideSignatures } from "./signatures.ts";
import { checkHub, decideHub, decideNetworks, hasRulesByName } from "./sources.ts";

interface ResidencyDecision {
  readonly residency: ResidencyBlueprint;
  readonly findings: readonly Finding[];
}

/**
 * What the residency of a file allows, each fact with its reasons, and what in the file speaks against it. Total: every
 * file the schema accepts has an answer. A stricter mode never allows what a weaker one denies.
 */
export function decideResidency(
  config: Config,
  contexts: readonly VersionContext[],
  catalog: Catalog,
  asOf: string,
): ResidencyDecision {
  const { residency } = config;
  const mode = modeOf(residency);
  const hub = decideHub(residency);
  const byName = hasRulesByName(config);
  const networks = decideNetworks(residency, byName);
  const escalation = decideEscalation(config);
  const frontiers = decideFrontiers(config, catalog, escalation);
  const egress = decideEgress(config, {
    hub,
    networks: networks.value,
    frontiers,
    byName: byName && networks.value.length === 0,
  });
  const images = askedImages(config, contexts);
  const registries = decideRegistries(residency, images);
  const custody = decideCustody(residency);
  const regions = mode === "none" ? null : (residency?.regions ?? []);
  const facts: ResidencyBlueprint = {
    mode: decided(
      mode,
      becauseOfMode(
        residency,
        residency === undefined ? "The file has no residency section, so nothing is bound." : `The file says ${mode}.`,
      ),
    ),
    regions: decided(
      regions,
      regions === null
        ? becauseOfMode(residency, "Under none data may be processed anywhere.")
        : regions.length === 0
          ? becauseOfMode(residency, "The file names no region: the building is the place.")
          : because("residency.regions", `The file names ${regions.join(", ")}.`),
    ),
    registries,
    hub,
    endpoints: decideEndpoints(config, catalog, escalation, frontiers),
    frontiers,
    egress,
    edges: decideEdges(
      config,
      contexts,
      { hub: hub.value, networks: networks.value, egress: egress.value, frontiers },
      catalog,
    ),
    switches: sortedEntries(telemetry).map(([component, { variables, writableRoot, asOf: verifiedOn }]) => ({
      component,
      variables,
      needsWritableRoot: writableRoot !== null,
      verifiedOn,
    })),
    custody,
    signatures: decideSignatures(residency),
    promptLogging: decided(
      "off",
      policy(
        "Engines write no prompts: there is no time limit for them, no list of readers, and the gateway's redactor does not look at logs.",
      ),
    ),
    kept: decideKept(config),
    escalation,
    exceptions: exceptionsOf(residency),
  };
  const findings = [
    ...checkResidencyPlaces(config),
    ...checkHub(residency, hub.value, byName || networks.value.length > 0),
    ...checkCustody(config, custody.value),
    ...checkRegistries(residency, registries.value, images),
    ...checkSignatures(residency, registries.value),
    ...checkFloors(residency, images, catalog, asOf),
    ...checkFrontiers(config, catalog),
    ...checkExceptions(config, usedExceptions(config, images), asOf),
  ];
  return { residency: facts, findings };
}

/** Names of exceptions without which something would not be allowed that is. */
function usedExceptions({ residency }: Config, images: readonly AskedImage[]): ReadonlySet<string> {
  if (residency === undefined) return new Set();
  const allowedWithout = (left: string | null): string => {
    const kept = Object.entries(residency.exceptions ?? {}).filter(([name]) => name !== left);
    const changed = { ...residency, exceptions: Object.fromEntries(kept) };
    const { accepted, used } = decideCustody(changed).value;
    const registries = decideRegistries(changed, images).value;
    return JSON.stringify([
      decideHub(changed).value,
      decideNetworks(changed, false).value,
      images.map(({ image }) => mayComeFrom(registries, image)),
      accepted.includes(used),
    ]);
  };
  const now = allowedWithout(null);
  return new Set(Object.keys(residency.exceptions ?? {}).filter((name) => allowedWithout(name) !== now));
}
