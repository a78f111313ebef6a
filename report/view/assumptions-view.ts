import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { ageInDays, priceAgeLimitDays } from "../../decisions/catalog/age.ts";
import type { Catalog } from "../../decisions/catalog/index.ts";
import { lookUp } from "../../decisions/catalog/index.ts";
import { fleetPolicy, hoursPerMonth } from "../../decisions/cost/fleet.ts";
import { perMillionText, volumeText } from "../../decisions/cost/money.ts";
import { countText } from "../../decisions/figures.ts";
import type { HostingDecision } from "../../decisions/hosting/hosting.ts";
import { savingMargin } from "../../decisions/hosting/judge.ts";
import { shapeOf } from "../../decisions/hosting/offers.ts";
import type { StackHosting } from "../../decisions/hosting/stack-hosting.ts";
import { percent } from "../../decisions/hosting/text.ts";
import type { ReleaseView } from "./release-view.ts";

/** A fact that the page rests on, who says so, and as of when. */
export interface SourcedFact {
  readonly text: string;
  readonly path: string;
  readonly source: string;
  /** `YYYY-MM-DD`; null when its source has no date. */
  readonly asOf: string | null;
  /** What speaks against trusting it; null when nothing does. */
  readonly flag: string | null;
}

export interface AssumptionsView {
  readonly prices: readonly SourcedFact[];
  readonly facts: readonly SourcedFact[];
  /** What speeds rest on, a sentence each. */
  readonly basis: readonly string[];
  /** Freehold's own rules, a sentence each. */
  readonly policies: readonly string[];
}

/** Everything that the figures rest on; prices are held against the day `asOf`. */
export function assumptionsView(
  hosting: StackHosting | null,
  releases: readonly ReleaseView[],
  catalog: Catalog,
  asOf: string,
): AssumptionsView {
  const prices = (hosting?.workloads ?? []).flatMap((decision) =>
    decision.sources.map(({ path, text, source, asOf: priced, validUntil }) => ({
      text: offerText(decision, path) ?? text,
      path,
      source,
      asOf: dateOf(priced),
      flag: priceFlag(priced, validUntil, asOf),
    })),
  );
  return {
    prices: distinct(prices),
    facts: distinct(releases.flatMap((release) => factsOf(release, catalog))),
    basis: [...new Set(releases.flatMap(({ latencies }) => latencies.flatMap(({ basis }) => basis)))],
    policies: [
      `The busiest hour may take ${percent(fleetPolicy.peakUtilization)} of what the working replicas can do; one replica more is spare, or ${percent(fleetPolicy.spareShare)} of them where that is more.`,
      `A month has ${hoursPerMonth} hours, as clouds bill it.`,
      `Self-hosting is advised when even its dearest estimate lies ${percent(savingMargin)} below the cheapest offer, an API when even the cheapest estimate of hosting is no lower; in between a pilot has to tell.`,
      "An objective counts as kept when the upper end of the predicted range keeps it.",
      `A price is trusted for ${priceAgeLimitDays} days; older ones are flagged. Prices without a date are never taken unless the file names them.`,
      ...(hosting === null ? [] : hosting.team.because.map(({ text }) => `Team: ${text}`)),
    ],
  };
}

/** What the file says of a workload, and what is taken where it says nothing: pairs to read side by side. */
export function inputsOf(workload: WorkloadConfig): readonly (readonly [label: string, value: string])[] {
  const { tokensPerMonth, inputTokens, outputTokens, peakToMean, objectives, batchShare, escalationShare } = workload;
  const { ttft, itl, availability } = objectives ?? {};
  const lengths = ({ mean, p95 }: { readonly mean: number; readonly p95: number }) =>
    `${figure(mean)} tokens on average, ${figure(p95)} at the 95th percentile`;
  return [
    ["Volume", `${volumeText(tokensPerMonth)} tokens a month`],
    ["Input of a request", lengths(inputTokens)],
    ["Output of a request", outputTokens.mean === 0 ? "none: vectors" : lengths(outputTokens)],
    ["Busiest hour", `${peakToMean} times the average`],
    [
      "Objectives",
      [
        ...(ttft === undefined ? [] : [`first token within ${ttft}`]),
        ...(itl === undefined ? [] : [`${itl} between tokens`]),
        ...(availability === undefined ? [] : [`${availability} availability`]),
      ].join(", ") || "none: throughput alone",
    ],
    ["Input that an API reads from its cache", percent(shapeOf(workload).cacheReadShare)],
    ["Tokens that can wait for a batch", percent(batchShare)],
    ["Tokens sent on to the alternative", percent(escalationShare)],
  ];
}

/** Where the file lets requests be processed, as a sentence. */
export function residencyText({ residency }: Config): string {
  if (residency === undefined || residency.mode === "none") return "Requests may be processed anywhere.";
  const regions = residency.regions ?? [];
  return `Requests are ${residency.mode}${regions.length === 0 ? "" : `: ${regions.join(", ")}`}.`;
}

/** An offer's price without its source, which has a column of its own; null for what is not a price by the token. */
function offerText({ workload, frontier, hosted }: HostingDecision, path: string): string | null {
  const offer = [frontier, hosted].find((one) => one?.pricePath === path);
  return offer === undefined || offer === null
    ? null
    : `${offer.name}: ${perMillionText(offer.usdPerMillion.value)} per million tokens as ${workload} mixes them.`;
}

function figure(tokens: number): string {
  return String(tokens).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function factsOf({ repository, accelerator }: ReleaseView, catalog: Catalog): SourcedFact[] {
  const model = lookUp(catalog.models, repository);
  const gpu = lookUp(catalog.accelerators, accelerator);
  const fact = (text: string, path: string, { source, asOf }: { readonly source: string; readonly asOf: string }) => ({
    text,
    path,
    source,
    asOf: dateOf(asOf),
    flag: asOf === "unknown" ? "no date" : null,
  });
  return [
    ...(model === null ? [] : [fact(`Shape and weights of ${repository}.`, `catalog.models.${repository}`, model)]),
    ...(gpu === null ? [] : [fact(`Memory and speed of ${accelerator}.`, `catalog.accelerators.${accelerator}`, gpu)]),
  ];
}

function priceFlag(priced: string, validUntil: string | null, today: string): string | null {
  if (priced === "unknown") return "no date";
  if (validUntil !== null && today >= validUntil) return `no longer holds since ${validUntil}`;
  const days = ageInDays(priced, today);
  if (days < 0) return "dated in the future";
  return days > priceAgeLimitDays ? `${countText(days, "day")} old` : null;
}

function dateOf(asOf: string): string | null {
  return asOf === "unknown" ? null : asOf;
}

function distinct(facts: readonly SourcedFact[]): SourcedFact[] {
  return [...new Map(facts.map((fact) => [`${fact.path} ${fact.text}`, fact])).values()];
}
