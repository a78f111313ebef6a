import { type Fleet, hoursPerMonth, secondsPerMonth } from "./fleet.ts";
import { type Cents, cents, dollars } from "./money.ts";

/** What capacity costs: whole nodes, or only the GPUs that serve. */
export interface NodePrice {
  readonly usd: number;
  readonly per: "node-hour" | "gpu-hour";
}

export interface Staff {
  readonly engineers: number;
  readonly usdPerMonthEach: number;
}

export interface CostLine {
  readonly label: string;
  readonly cents: Cents;
}

/** A monthly bill whose lines add up to its total, to the cent. */
export interface Bill {
  readonly lines: readonly CostLine[];
  readonly totalCents: Cents;
}

/** A bill of these lines. */
export function bill(lines: readonly CostLine[]): Bill {
  return { lines, totalCents: lines.reduce((sum, line) => sum + line.cents, 0) };
}

/** What a fleet's capacity costs a month: nodes or GPUs × price × 730 hours, rounded once. */
export function capacityCents({ nodes, gpus }: Pick<Fleet, "nodes" | "gpus">, { usd, per }: NodePrice): Cents {
  return cents((per === "node-hour" ? nodes : gpus) * usd * hoursPerMonth);
}

/** What the team costs a month. */
export function staffCents({ engineers, usdPerMonthEach }: Staff): Cents {
  return cents(engineers * usdPerMonthEach);
}

/** What tokens cost at a price per million. */
export function tokenCents(tokens: number, usdPerMillion: number): Cents {
  return cents((tokens / 1e6) * usdPerMillion);
}

/** Dollars per million tokens that a month costs at the volume it really has. */
export function usdPerMillion(total: Cents, tokensPerMonth: number): number {
  return dollars(total) / (tokensPerMonth / 1e6);
}

/**
 * Share of the paid hours that would have to be busy for a fleet to cost what an offer does; above 1 it cannot.
 * Formula: C / (p × r × t × s), with C the monthly cost, p the offer's price per token, r replicas, t tokens per second
 * of each and s the seconds in a month.
 */
export function utilizationNeeded(
  total: Cents,
  { replicas }: Pick<Fleet, "replicas">,
  tokensPerSecond: number,
  offerUsdPerMillion: number,
): number {
  return dollars(total) / ((offerUsdPerMillion / 1e6) * replicas * tokensPerSecond * secondsPerMonth);
}
