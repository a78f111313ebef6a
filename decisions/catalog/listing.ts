import { storedWeightBytes } from "../capacity/weight-bytes.ts";
import { byName, gibText, sortedEntries } from "../figures.ts";
import { capacityPresets } from "./capacity-presets.ts";
import { commitments } from "./commitments.ts";
import type { Catalog } from "./index.ts";
import { licences } from "./licences.ts";
import type { Amount } from "./prices/price-list.ts";
import { regions } from "./regions.ts";

/** The kinds of facts that can be listed. */
export const listedKinds = [
  "models",
  "accelerators",
  "instances",
  "prices",
  "commitments",
  "presets",
  "regions",
  "licences",
] as const;
export type ListedKind = (typeof listedKinds)[number];

/** Facts of one kind as a table; the last two columns are source and date. */
export interface Listing {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Facts of one kind, sorted by name. */
export function listing(kind: ListedKind, catalog: Catalog): Listing {
  const { columns, rows } = lists[kind](catalog);
  return { columns: [...columns, "as of", "source"], rows: [...rows].sort((a, b) => byName(a.join(" "), b.join(" "))) };
}

type List = (catalog: Catalog) => Listing;

const lists: Readonly<Record<ListedKind, List>> = {
  models: ({ models }) => ({
    columns: ["repository", "parameters", "weights", "stored as", "cache", "context", "licence"],
    rows: sortedEntries(models).map(
      ([repository, { parameters, weights, cache, maxPositions, licence, asOf, source, ...facts }]) => {
        const stored = storedWeightBytes({ parameters, weights, cache, maxPositions, licence, asOf, source, ...facts });
        return [
          repository,
          parameters === undefined ? "unknown" : billions(parameters.total, parameters.active),
          stored === null ? "unknown" : gibText(stored),
          weights.recipe,
          cache.kind,
          String(maxPositions),
          licence,
          asOf,
          source,
        ];
      },
    ),
  }),
  accelerators: ({ accelerators }) => ({
    columns: ["name", "visible MiB", "GB/s", "TFLOPS 16 bits", "FP8", "link GB/s", "watts"],
    rows: sortedEntries(accelerators).map(([name, facts]) => [
      name,
      String(facts.visibleMiB),
      String(facts.memoryGigabytesPerSecond),
      figure(facts.denseTeraflops.bf16),
      figure(facts.denseTeraflops.fp8),
      figure(facts.link.gigabytesPerSecond),
      figure(facts.boardWatts),
      facts.asOf,
      facts.source,
    ]),
  }),
  instances: ({ instances }) => ({
    columns: ["provider", "instance", "region", "GPUs", "USD an hour", "billing"],
    rows: instances.map(({ provider, instance, region, accelerator, gpus, usdPerHour, billing, asOf, source }) => [
      provider,
      instance,
      region ?? "–",
      `${gpus ?? "?"} ${accelerator}`,
      usdPerHour === null ? "–" : usdPerHour.toFixed(2),
      billing,
      asOf,
      source,
    ]),
  }),
  prices: ({ providers }) => ({
    columns: ["provider", "model", "input", "output", "cached input", "context"],
    rows: sortedEntries(providers).flatMap(([provider, { prices }]) =>
      sortedEntries(prices).map(([model, { input, output, cacheRead, contextTokens, asOf, source }]) => [
        provider,
        model,
        amount(input),
        amount(output),
        cacheRead === null ? "–" : amount(cacheRead),
        figure(contextTokens ?? undefined),
        asOf,
        source,
      ]),
    ),
  }),
  commitments: () => ({
    columns: ["what", "term", "off"],
    rows: commitments.map(({ what, term, discount, asOf, source }) => [
      what,
      term,
      `${Math.round(discount.low * 100)} to ${Math.round(discount.high * 100)} %`,
      asOf,
      source,
    ]),
  }),
  presets: () => ({
    columns: ["key", "name", "GPUs", "USD", "per"],
    rows: sortedEntries(capacityPresets).map(([key, { name, accelerator, gpusPerNode, usd, per, asOf, source }]) => [
      key,
      name,
      `${gpusPerNode} ${accelerator}`,
      usd.toFixed(2),
      per,
      asOf,
      source,
    ]),
  }),
  regions: () => ({
    columns: ["region", "provider", "country", "place"],
    rows: sortedEntries(regions).map(([name, { provider, country, place, asOf, source }]) => [
      name,
      provider,
      country,
      place,
      asOf,
      source,
    ]),
  }),
  licences: () => ({
    columns: ["licence", "commercial use", "leaves out"],
    rows: sortedEntries(licences).map(([name, { commercialUse, excludedTerritory, asOf, source }]) => [
      name,
      commercialUse ?? "not checked",
      excludedTerritory?.territory ?? "–",
      asOf,
      source,
    ]),
  }),
};

function billions(total: number, active: number): string {
  const text = (count: number) => `${(count / 1e9).toFixed(1)}B`;
  return total === active ? text(total) : `${text(total)}, ${text(active)} active`;
}

function figure(value: number | undefined): string {
  return value === undefined ? "–" : String(value);
}

/** US dollars per million tokens. */
function amount(price: Amount): string {
  return typeof price === "number" ? String(price) : `${price.base} (${price.above.usd} above ${price.above.tokens})`;
}
