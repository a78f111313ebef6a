import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Endpoint, Provider } from "../catalog/prices/providers.ts";
import { liesInside, placeText } from "../catalog/regions.ts";

/** How a provider can be reached under a residency. */
export interface Reach {
  /** `uncertain`: an endpoint lies inside, but whether it serves this model is not known. */
  readonly status: "available" | "forbidden" | "uncertain";
  readonly endpoint: string;
  /** What list prices are multiplied by there. */
  readonly priceFactor: { readonly low: number; readonly high: number };
  /** One sentence. */
  readonly reason: string;
}

/** Whether requests are bound to a place at all. */
export function isBound(residency: ResidencyConfig | undefined): boolean {
  return residency !== undefined && residency.mode !== "none";
}

/** Places that requests may be processed in; null for anywhere. */
export function allowedPlaces(residency: ResidencyConfig | undefined): readonly string[] | null {
  return residency === undefined || residency.mode === "none" ? null : (residency.regions ?? []);
}

/**
 * Whether and where a provider may be used. `contracted` are the places that the user's own contract gives; without them
 * what is known of its endpoints decides, and what is not known lies nowhere.
 */
export function reach(
  provider: Pick<Provider, "name" | "endpoints">,
  residency: ResidencyConfig | undefined,
  contracted: readonly string[] | undefined,
): Reach {
  const allowed = allowedPlaces(residency);
  const [usual] = provider.endpoints;
  if (residency === undefined || allowed === null) {
    const endpoint = contracted === undefined ? usual : (endpointAt(provider, contracted) ?? usual);
    const reason = "No residency binds requests to a place.";
    return { status: "available", endpoint: endpoint.name, priceFactor: endpoint.priceFactor, reason };
  }
  if (residency.mode !== "region-bound") {
    const reason = `residency.mode ${residency.mode} lets no provider process requests, wherever it stands.`;
    return { status: "forbidden", endpoint: usual.name, priceFactor: usual.priceFactor, reason };
  }
  return contracted === undefined ? reachByEndpoint(provider, allowed) : reachByContract(provider, allowed, contracted);
}

function reachByContract(
  provider: Pick<Provider, "name" | "endpoints">,
  allowed: readonly string[],
  contracted: readonly string[],
): Reach {
  const [usual] = provider.endpoints;
  const endpoint = endpointAt(provider, contracted) ?? usual;
  const outside = contracted.filter((place) => !liesInside(place, allowed));
  const where = contracted.map(placeText).join(", ");
  return {
    status: outside.length === 0 ? "available" : "forbidden",
    endpoint: endpoint.name,
    priceFactor: endpoint.priceFactor,
    reason:
      outside.length === 0
        ? `Your contract has ${provider.name} process in ${where}, inside residency.regions.`
        : `Your contract has ${provider.name} process in ${where}; residency.regions allows ${allowed.join(", ")}.`,
  };
}

function reachByEndpoint(provider: Pick<Provider, "name" | "endpoints">, allowed: readonly string[]): Reach {
  const inside = provider.endpoints.filter(({ places }) => places?.every((place) => liesInside(place, allowed)));
  const certain = inside.find(({ models }) => models === "all");
  const chosen = certain ?? inside[0];
  const { name } = provider;
  if (chosen === undefined) {
    const known = provider.endpoints.map(({ places }) =>
      places === null ? "anywhere" : places.map(placeText).join(", "),
    );
    const [usual] = provider.endpoints;
    return {
      status: "forbidden",
      endpoint: usual.name,
      priceFactor: usual.priceFactor,
      reason: `As far as is known, ${name} processes requests ${orList(known)}; residency.regions allows ${allowed.join(", ")}.`,
    };
  }
  const where = (chosen.places ?? []).map(placeText).join(", ");
  return {
    status: certain === undefined ? "uncertain" : "available",
    endpoint: chosen.name,
    priceFactor: chosen.priceFactor,
    reason:
      certain === undefined
        ? `${name} has an endpoint in ${where}, and whether it serves this model to you was not found. If it does, name it under alternative with \`regions\`.`
        : `${name} processes requests in ${where}, inside residency.regions.`,
  };
}

/** The endpoint that covers these places. */
function endpointAt({ endpoints }: Pick<Provider, "endpoints">, contracted: readonly string[]): Endpoint | undefined {
  return endpoints.find(({ places }) => places !== null && contracted.every((place) => liesInside(place, places)));
}

function orList(items: readonly string[]): string {
  const unique = [...new Set(items)].map((item) => (item === "anywhere" ? item : `in ${item}`));
  return unique.length < 2 ? unique.join("") : `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`;
}
