import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import type { HostingDecision } from "../hosting/hosting.ts";
import { frontierOffer, hostedOffers, type TokenOffer } from "../hosting/offers.ts";

/** The offer that a pilot runs beside the stack: the cheapest that may be bought. Null where there is none. */
export function pilotOffer({ frontier, hosted, frontierCents, hostedCents }: HostingDecision): TokenOffer | null {
  const offers = [
    { offer: frontier?.status === "available" ? frontier : null, cost: frontierCents },
    { offer: hosted?.status === "available" ? hosted : null, cost: hostedCents },
  ].flatMap(({ offer, cost }) => (offer === null || cost === null ? [] : [{ offer, cost }]));
  return offers.sort((a, b) => a.cost.value - b.cost.value)[0]?.offer ?? null;
}

/** The catalog with no price but that of one offer, so that ten thousand rows need not look through all of them. */
export function catalogOf({ provider, model }: TokenOffer, catalog: Catalog): Catalog {
  const listed = lookUp(catalog.providers, provider);
  const price = listed === null ? null : lookUp(listed.prices, model);
  if (listed === null || price === null) return catalog;
  return { ...catalog, providers: { [provider]: { ...listed, prices: { [model]: price } } } };
}

/** What was measured of requests, as far as a price by the token depends on it. */
export interface MeasuredTokens {
  readonly requests: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** What measured tokens cost at an offer, in US dollars: its price for the lengths and the cached share that they really had. */
export function measuredUsd(
  measured: MeasuredTokens,
  decision: HostingDecision,
  offer: TokenOffer,
  config: Config,
  catalog: Catalog,
): number {
  const workload = lookUp(config.workloads ?? {}, decision.workload);
  const { requests, inputTokens, outputTokens } = measured;
  if (workload === null || requests === 0 || inputTokens + outputTokens === 0) return 0;
  const shaped = measuredShape(workload, measured);
  const priced =
    offer === decision.frontier
      ? frontierOffer(decision.workload, shaped, catalog, config.residency)
      : hostedOffers(decision.repository, shaped, catalog, config.residency).find(
          ({ provider, model, endpoint }) =>
            provider === offer.provider && model === offer.model && endpoint === offer.endpoint,
        );
  return ((priced ?? offer).usdPerMillion.value * (inputTokens + outputTokens)) / 1e6;
}

function measuredShape(
  workload: WorkloadConfig,
  { requests, inputTokens, cachedInputTokens, outputTokens }: MeasuredTokens,
): WorkloadConfig {
  return {
    ...workload,
    inputTokens: { ...workload.inputTokens, mean: inputTokens / requests },
    outputTokens: { ...workload.outputTokens, mean: outputTokens / requests },
    cacheReadShare: inputTokens === 0 ? 0 : cachedInputTokens / inputTokens,
  };
}
