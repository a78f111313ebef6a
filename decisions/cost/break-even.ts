import { type Capacity, type FleetPolicy, fleetOf, fleetPolicy, hoursPerMonth, tokensPerReplica } from "./fleet.ts";
import { type Cents, dollars } from "./money.ts";
import { capacityCents, type NodePrice } from "./self-hosted.ts";

export interface BreakEvenInputs {
  readonly capacity: Pick<Capacity, "gpusPerReplica" | "gpusPerNode">;
  readonly tokensPerSecond: number;
  readonly peakToMean: number;
  readonly nodePrice: NodePrice;
  /** What is paid whatever the volume: the team. */
  readonly fixedCents: Cents;
  /** What the offer saves by the million: its price, less what is escalated to it anyway. */
  readonly usdPerMillion: number;
  readonly policy?: FleetPolicy;
}

/** Where hosting becomes cheaper than an offer. Tokens a month. */
export interface BreakEven {
  /** The first volume at which it costs no more. */
  readonly firstTokens: number;
  /** The volume just above which one more replica or node makes it dearer again; null when nothing does. */
  readonly undoneAtTokens: number | null;
  /** The volume from which it stays no dearer. */
  readonly lastingTokens: number;
}

/** Above this many replicas nobody plans in steps any more. */
const mostReplicas = 100_000;

/**
 * The volume from which a fleet sized for it costs no more than an offer, or null when no volume does.
 *
 * Cost is a staircase: with n working replicas it is C(n) up to n × q tokens a month, q being what one replica carries.
 * The offer costs p × V. They cross on step n where C(n) / p lies on it; each further step may undo the crossing.
 */
export function breakEven(inputs: BreakEvenInputs): BreakEven | null {
  const { capacity, nodePrice, fixedCents, policy = fleetPolicy } = inputs;
  const usdPerToken = inputs.usdPerMillion / 1e6;
  const perReplica = tokensPerReplica(inputs.tokensPerSecond, inputs.peakToMean, policy);
  if (!(usdPerToken > 0) || !(perReplica > 0)) return null;
  const cost = (working: number) => dollars(fixedCents + capacityCents(fleetOf(working, capacity, policy), nodePrice));
  const steps = stepsToLook(inputs, policy, usdPerToken * perReplica);

  let first: number | null = null;
  let undoneAt: number | null = null;
  let lasting: number | null = null;
  for (let working = 1; working <= steps; working++) {
    const from = (working - 1) * perReplica;
    const to = working * perReplica;
    const crossing = Math.max(from, cost(working) / usdPerToken);
    if (crossing > to) {
      // This step is dearer throughout: a crossing before it does not last.
      if (first !== null) undoneAt ??= from;
      lasting = null;
    } else if (first === null) {
      first = crossing;
      lasting = crossing;
    } else if (crossing > from) {
      undoneAt ??= from;
      lasting = crossing;
    } else {
      lasting ??= crossing;
    }
  }
  if (first === null || lasting === null) return null;
  return { firstTokens: first, undoneAtTokens: undoneAt, lastingTokens: lasting };
}

/**
 * How many steps decide. A replica costs c at least, spare included, and saves at most g when full: when g does not
 * exceed c, steps beyond the first few only lose; when it does, the fixed part is earned back after fixed / (g - c) steps.
 */
function stepsToLook({ capacity, nodePrice, fixedCents }: BreakEvenInputs, policy: FleetPolicy, gain: number): number {
  const node = dollars(capacityCents(fleetOf(1, capacity, policy), nodePrice));
  const each = leastPerReplica(capacity, nodePrice) * (1 + policy.spareShare);
  const few = Math.ceil(1 / Math.max(policy.spareShare, 0.01)) + 1;
  if (gain <= each) return few;
  return Math.min(mostReplicas, few + Math.ceil((dollars(fixedCents) + 2 * node + gain) / (gain - each)));
}

/** What a replica costs a month on a node that is full of them. */
function leastPerReplica(
  { gpusPerReplica, gpusPerNode }: BreakEvenInputs["capacity"],
  { usd, per }: NodePrice,
): number {
  if (per === "gpu-hour") return gpusPerReplica * usd * hoursPerMonth;
  const nodes =
    gpusPerReplica > gpusPerNode
      ? Math.ceil(gpusPerReplica / gpusPerNode)
      : 1 / Math.floor(gpusPerNode / gpusPerReplica);
  return nodes * usd * hoursPerMonth;
}

/** The monthly volume below which a fleet that stands, at this cost, is dearer than the offer. Tokens a month. */
export function floorTokens(totalCents: Cents, usdPerMillionSaved: number): number | null {
  return usdPerMillionSaved > 0 ? (dollars(totalCents) / usdPerMillionSaved) * 1e6 : null;
}
