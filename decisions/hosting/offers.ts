import type { ResidencyConfig, WorkloadConfig } from "../../config/schema/index.ts";
import type { Reason } from "../blueprint.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import type { ApiPrice } from "../catalog/prices/price-list.ts";
import type { Provider } from "../catalog/prices/providers.ts";
import { blendedPrice, type TrafficShape } from "../cost/blended-price.ts";
import { perMillionText } from "../cost/money.ts";
import type { Range } from "../range.ts";
import { because } from "../reason.ts";
import { type Reach, reach } from "./residency-bounds.ts";
import { isSameModel } from "./same-model.ts";

/** Tokens bought from somebody. */
export interface TokenOffer {
  /** As people say it: `Anthropic claude-sonnet-5`. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  /** Only what is available is compared; the rest is shown with its reason. */
  readonly status: "available" | "forbidden" | "uncertain" | "undated" | "too-short";
  /** Why it has that status. One sentence. */
  readonly reason: string;
  readonly endpoint: string;
  /** US dollars per million tokens, input and output as the workload mixes them. */
  readonly usdPerMillion: Range;
  /** US dollars per million tokens of input that no cache holds. */
  readonly inputUsdPerMillion: Range;
  readonly contextTokens: number | null;
  /** Where the price stands: in the file or in the catalog. */
  readonly pricePath: string;
  readonly source: string;
  readonly asOf: string;
  readonly validUntil: string | null;
  readonly notes: readonly string[];
  readonly because: readonly Reason[];
}

/** How a workload uses an API's price list. */
export function shapeOf({ inputTokens, outputTokens, cacheReadShare, batchShare }: WorkloadConfig): TrafficShape {
  const { sharedPrefix = 0, mean } = inputTokens;
  return {
    inputTokens,
    outputTokens,
    cacheReadShare: cacheReadShare ?? (mean > 0 ? Math.min(1, sharedPrefix / mean) : 0),
    batchShare,
  };
}

/** The API that a workload would replace; null when it names none, or one that has no price anywhere. */
export function frontierOffer(
  name: string,
  workload: WorkloadConfig,
  catalog: Catalog,
  residency: ResidencyConfig | undefined,
): TokenOffer | null {
  const { alternative } = workload;
  if (alternative === undefined) return null;
  const provider = lookUp(catalog.providers, alternative.provider) ?? unknownProvider(alternative.provider);
  const listed = lookUp(provider.prices, alternative.model);
  const path = `workloads.${name}.alternative`;
  const { price: quote } = alternative;
  const price: ApiPrice | null =
    quote === undefined
      ? listed
      : {
          input: quote.input.usd,
          output: quote.output.usd,
          cacheRead: quote.cacheRead?.usd ?? null,
          cacheWrite: null,
          contextTokens: quote.contextTokens ?? listed?.contextTokens ?? null,
          serves: listed?.serves ?? null,
          busyHours: null,
          validUntil: null,
          note: null,
          source: quote.source,
          asOf: quote.asOf,
        };
  if (price === null) return null;
  const reached = reach(provider, residency, alternative.regions);
  // A quote is what is paid; an endpoint's premium is in it already.
  const factor = quote === undefined ? reached.priceFactor : { low: 1, high: 1 };
  return tokenOffer(alternative.provider, alternative.model, provider, price, workload, {
    reached: { ...reached, priceFactor: factor },
    pricePath: quote === undefined ? `catalog.prices.${alternative.provider}.${alternative.model}` : `${path}.price`,
    chosenPath: path,
  });
}

/**
 * Offers of the same open model by somebody else, cheapest first and what can be used before what cannot. Aggregators
 * are left out: they hand requests on to hosts of their choice, so neither place nor quality can be told beforehand.
 */
export function hostedOffers(
  repository: string,
  workload: WorkloadConfig,
  catalog: Catalog,
  residency: ResidencyConfig | undefined,
): TokenOffer[] {
  const offers = Object.entries(catalog.providers).flatMap(([key, provider]) => {
    if (provider.kind === "aggregator") return [];
    return Object.entries(provider.prices).flatMap(([model, price]) => {
      if (price.serves === null || !isSameModel(repository, price.serves)) return [];
      const reached = reach(provider, residency, undefined);
      const pricePath = `catalog.prices.${key}.${model}`;
      return [tokenOffer(key, model, provider, price, workload, { reached, pricePath, chosenPath: null })];
    });
  });
  const rank = ({ status }: TokenOffer) => (status === "available" ? 0 : 1);
  return offers.sort((a, b) => rank(a) - rank(b) || a.usdPerMillion.value - b.usdPerMillion.value);
}

interface Terms {
  readonly reached: Reach;
  readonly pricePath: string;
  /** Where the file names the offer; null where Freehold found it, and then takes no undated price. */
  readonly chosenPath: string | null;
}

function tokenOffer(
  key: string,
  model: string,
  provider: Provider,
  price: ApiPrice,
  workload: WorkloadConfig,
  { reached, pricePath, chosenPath }: Terms,
): TokenOffer {
  const terms = { ...price, batch: provider.batch, factor: reached.priceFactor };
  const shape = shapeOf(workload);
  const blended = blendedPrice(terms, shape);
  const longest = workload.inputTokens.p95 + workload.outputTokens.p95;
  const { status, reason } = standing(price, reached, longest, chosenPath !== null);
  const { value } = blended.usdPerMillion;
  const premium =
    reached.priceFactor.high > 1
      ? ` at its endpoint ${reached.endpoint}, up to ${reached.priceFactor.high} times the list price`
      : "";
  return {
    name: `${provider.name} ${model}`,
    provider: key,
    model,
    status,
    reason,
    endpoint: reached.endpoint,
    usdPerMillion: blended.usdPerMillion,
    inputUsdPerMillion: blendedPrice(terms, { ...shape, cacheReadShare: 0, outputTokens: { mean: 0, p95: 0 } })
      .usdPerMillion,
    contextTokens: price.contextTokens,
    pricePath,
    source: price.source,
    asOf: price.asOf,
    validUntil: price.validUntil,
    notes: price.note === null ? blended.notes : [...blended.notes, price.note],
    because: [
      because(
        pricePath,
        `${perMillionText(value)} per million tokens as this workload mixes them${premium} (${price.source}, as of ${price.asOf}).`,
      ),
      because("residency", reason),
    ],
  };
}

function standing(
  { contextTokens, asOf, source }: ApiPrice,
  reached: Reach,
  longest: number,
  isChosen: boolean,
): Pick<TokenOffer, "status" | "reason"> {
  if (reached.status === "forbidden") return { status: "forbidden", reason: reached.reason };
  if (contextTokens !== null && contextTokens < longest) {
    return { status: "too-short", reason: `It takes ${contextTokens} tokens, and requests reach ${longest}.` };
  }
  if (reached.status === "uncertain") return { status: "uncertain", reason: reached.reason };
  if (asOf === "unknown" && !isChosen) {
    return { status: "undated", reason: `Its price bears no date (${source}), so it is not counted.` };
  }
  return { status: "available", reason: reached.reason };
}

/** A provider that only the file knows, at a price of its own. */
export function unknownProvider(name: string): Provider {
  const sourced = { source: "only named in the file", asOf: "unknown" };
  const endpoint = {
    name: "as contracted",
    places: null,
    priceFactor: { low: 1, high: 1 },
    models: "all" as const,
    ...sourced,
  };
  return { name, kind: "vendor", batch: null, endpoints: [endpoint], prices: {}, ...sourced };
}
