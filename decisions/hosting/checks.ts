import { at, type ConfigPath, type Finding, finding, type RelatedPlace } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { pathText } from "../../config/diagnostics/show.ts";
import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { ageInDays, priceAgeLimitDays } from "../catalog/age.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import { areas, isKnownPlace, knownPlaces } from "../catalog/regions.ts";
import { byName, sortedEntries } from "../figures.ts";
import { nodePriceOf } from "./node-price.ts";
import { frontierOffer } from "./offers.ts";
import { allowedPlaces } from "./residency-bounds.ts";
import type { StackHosting } from "./stack-hosting.ts";

/** Today, `YYYY-MM-DD`, by the caller's clock. */
export interface Today {
  readonly asOf: string;
}

/** What the catalog and the calendar have against the prices, places and alternatives of a file. */
export function checkHosting(config: Config, catalog: Catalog, { asOf }: Today): Finding[] {
  const unpriced = new Set<string>();
  return [
    ...checkPlaces(config),
    ...sortedEntries(config.nodePools).flatMap(([name, { price }]) =>
      price === undefined ? [] : checkPriceDate(["nodePools", name, "price"], price, asOf),
    ),
    ...sortedEntries(config.workloads ?? {}).flatMap(([name, workload]) => [
      ...checkAlternative(name, workload, config, catalog, asOf),
      ...checkNodePrice(name, workload, config, catalog, unpriced),
    ]),
  ];
}

/** Catalog prices that the comparison rests on and that are old, or have no date. Prices of the file are checked before. */
export function checkUsedPrices({ workloads }: StackHosting, { asOf }: Today): Finding[] {
  const seen = new Set<string>();
  return workloads.flatMap(({ workload, sources }) =>
    sources.flatMap(({ path, source, asOf: priced, validUntil }) => {
      if (!path.startsWith("catalog.") || seen.has(path)) return [];
      seen.add(path);
      const place = at(["workloads", workload], "key");
      if (priced === "unknown") return [finding("CST-109", place, { key: path, source })];
      const days = ageInDays(priced, asOf);
      const isOver = validUntil !== null && asOf >= validUntil;
      if (!isOver && !(days > priceAgeLimitDays)) return [];
      return [finding("CST-108", place, { key: path, asOf: priced, days, limitDays: priceAgeLimitDays, source })];
    }),
  );
}

/** Workloads that an API would serve for less: it is deployed all the same, and said first. */
export function checkVerdicts({ workloads }: StackHosting): Finding[] {
  return workloads.flatMap(({ workload, verdict, recommended }) =>
    verdict.value === "api"
      ? [
          finding("CST-119", at(["workloads", workload], "key"), {
            workload,
            offer: recommended ?? "an API",
            grounds: verdict.because.map(({ text }) => text).join(" "),
          }),
        ]
      : [],
  );
}

/** Places of alternatives and of models outside; those of `residency` are checked with it. */
function checkPlaces({ workloads, routing, residency }: Config): Finding[] {
  const named: readonly (readonly [ConfigPath, readonly string[]])[] = [
    ...sortedEntries(workloads ?? {}).map(
      ([name, { alternative }]) => [["workloads", name, "alternative", "regions"], alternative?.regions ?? []] as const,
    ),
    ...sortedEntries(routing?.frontiers ?? {}).map(
      ([name, { regions = [] }]) => [["routing", "frontiers", name, "regions"], regions] as const,
    ),
  ];
  const known = knownPlaces();
  const also: readonly RelatedPlace[] =
    residency?.regions === undefined
      ? []
      : [{ path: ["residency", "regions"], text: "the allowed regions are set here" }];
  return named.flatMap(([path, places]) =>
    places.flatMap((region, index) => {
      if (isKnownPlace(region)) return [];
      const parameters = { key: pathText(path), region, nearest: nearest(region, known), areas: Object.keys(areas) };
      return [finding("CST-113", at([...path, index]), parameters, also)];
    }),
  );
}

function checkPriceDate(
  path: ConfigPath,
  { asOf: priced, source }: { readonly asOf: string; readonly source: string },
  today: string,
): Finding[] {
  const key = pathText(path);
  const days = ageInDays(priced, today);
  if (days < 0) return [finding("CST-107", at([...path, "asOf"]), { key, asOf: priced, today })];
  if (!(days > priceAgeLimitDays)) return [];
  return [finding("CST-108", at([...path, "asOf"]), { key, asOf: priced, days, limitDays: priceAgeLimitDays, source })];
}

function checkAlternative(
  name: string,
  workload: WorkloadConfig,
  config: Config,
  catalog: Catalog,
  asOf: string,
): Finding[] {
  const { alternative, inputTokens, outputTokens } = workload;
  if (alternative === undefined) return [];
  const path = ["workloads", name, "alternative"];
  const dated = alternative.price === undefined ? [] : checkPriceDate([...path, "price"], alternative.price, asOf);
  const offer = frontierOffer(name, workload, catalog, config.residency);
  if (offer === null) return [...dated, unknownAlternative(name, alternative, catalog)];
  const input = inputTokens.p95;
  const output = outputTokens.p95;
  const also = [
    { path: ["workloads", name, "inputTokens", "p95"], text: `the p95 of the input is set here: ${input}` },
  ];
  if (offer.contextTokens !== null && offer.contextTokens < input + output) {
    const parameters = { workload: name, offer: offer.name, contextTokens: offer.contextTokens, input, output };
    return [...dated, finding("CST-112", at([...path, "model"]), parameters, also)];
  }
  if (offer.status !== "forbidden" && offer.status !== "uncertain") return dated;
  const allowed = allowedPlaces(config.residency);
  const parameters = {
    workload: name,
    offer: offer.name,
    reason: offer.reason,
    allowed:
      config.residency?.mode === "region-bound"
        ? null
        : "It may stay named as what you use today; it is then shown and not compared.",
  };
  const regions =
    allowed === null || allowed.length === 0
      ? []
      : [{ path: ["residency", "regions"], text: `allowed are: ${allowed.join(", ")}` }];
  return [...dated, finding("CST-116", at([...path, "provider"]), parameters, regions)];
}

function unknownAlternative(
  workload: string,
  { provider, model }: NonNullable<WorkloadConfig["alternative"]>,
  catalog: Catalog,
): Finding {
  const found = lookUp(catalog.providers, provider);
  const path = ["workloads", workload, "alternative"];
  if (found === null) {
    const known = Object.keys(catalog.providers).sort(byName);
    const parameters = {
      workload,
      kind: "provider" as const,
      provider,
      got: provider,
      known,
      nearest: nearest(provider, known),
    };
    return finding("CST-111", at([...path, "provider"]), parameters);
  }
  const known = Object.keys(found.prices).sort(byName);
  const parameters = {
    workload,
    kind: "model" as const,
    provider,
    got: model,
    known: known.length === 0 ? ["none"] : known,
    nearest: nearest(model, known),
  };
  return finding("CST-111", at([...path, "model"]), parameters);
}

/** One finding a pool, however many workloads wait for its price. */
function checkNodePrice(
  name: string,
  workload: WorkloadConfig,
  config: Config,
  catalog: Catalog,
  unpriced: Set<string>,
): Finding[] {
  const model = lookUp(config.models, workload.model);
  const pool = model === null ? null : lookUp(config.nodePools, model.nodePool);
  if (model === null || pool === null || nodePriceOf(model.nodePool, pool, catalog, config.residency) !== null)
    return [];
  if (unpriced.has(model.nodePool)) return [];
  unpriced.add(model.nodePool);
  const allowed = allowedPlaces(config.residency);
  const parameters = {
    workload: name,
    pool: model.nodePool,
    accelerator: pool.accelerator,
    gpusPerNode: pool.gpusPerNode,
    where: allowed === null || allowed.length === 0 ? "" : ` in ${allowed.join(", ")}`,
  };
  return [finding("CST-118", at(["nodePools", model.nodePool], "key"), parameters)];
}
