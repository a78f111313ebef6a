import type { NodePoolConfig, ResidencyConfig } from "../../config/schema/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Instance } from "../catalog/instances/index.ts";
import { liesInside } from "../catalog/regions.ts";
import { cents, usdText } from "../cost/money.ts";
import type { NodePrice } from "../cost/self-hosted.ts";
import { allowedPlaces } from "./residency-bounds.ts";

/** What a pool's capacity costs, and who says so. */
export interface PricedNode extends NodePrice {
  readonly path: string;
  readonly source: string;
  readonly asOf: string;
  /** One sentence for the explanation. */
  readonly text: string;
}

/**
 * The price of a pool: its own, else the cheapest dated list price of the same GPUs in a node of the same size, in an
 * allowed region. Null where there is none; undated and spot prices are never taken.
 */
export function nodePriceOf(
  poolName: string,
  pool: NodePoolConfig,
  catalog: Catalog,
  residency: ResidencyConfig | undefined,
): PricedNode | null {
  const { price } = pool;
  if (price !== undefined) {
    const { usd, per, source, asOf, commitment } = price;
    const text = `nodePools.${poolName}.price: ${usdText(cents(usd))} a ${per} (${commitment}; ${source}, as of ${asOf}).`;
    return { usd, per, path: `nodePools.${poolName}.price`, source, asOf, text };
  }
  // In a building without a connection outwards no cloud's price says anything.
  if (residency?.mode === "air-gapped") return null;
  const allowed = allowedPlaces(residency);
  const [cheapest] = catalog.instances
    .filter((instance) => isSame(instance, pool) && isAllowed(instance, allowed))
    .sort((a, b) => (a.usdPerHour ?? 0) - (b.usdPerHour ?? 0));
  if (cheapest === undefined || cheapest.usdPerHour === null) return null;
  const { provider, instance, region, usdPerHour, source, asOf } = cheapest;
  return {
    usd: usdPerHour,
    per: "node-hour",
    path: `catalog.instances.${provider}.${instance}`,
    source,
    asOf,
    text: `nodePools.${poolName} gives no price, so the cheapest dated list price of such a node is taken: ${provider} ${instance} in ${region ?? "an unnamed region"}, ${usdText(cents(usdPerHour))} an hour on demand (as of ${asOf}).`,
  };
}

function isSame({ accelerator, gpus, usdPerHour, billing, asOf }: Instance, pool: NodePoolConfig): boolean {
  return (
    accelerator === pool.accelerator &&
    gpus === pool.gpusPerNode &&
    usdPerHour !== null &&
    billing === "on-demand" &&
    asOf !== "unknown"
  );
}

function isAllowed({ region }: Instance, allowed: readonly string[] | null): boolean {
  return allowed === null || (region !== null && liesInside(region, allowed));
}
