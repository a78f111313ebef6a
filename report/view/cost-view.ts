import { dollars, volumeText } from "../../decisions/cost/money.ts";
import { type CostPoint, offeredPrices, ownCostCurve } from "../../decisions/hosting/cost-curve.ts";
import type { HostingDecision } from "../../decisions/hosting/hosting.ts";
import type { Range } from "../../decisions/range.ts";
import { decadesAround, niceTop } from "../scale.ts";

export type OfferKind = "frontier" | "hosted";

/** Where hosting comes to cost the same as an offer. */
export interface BreakEvenMark {
  readonly kind: OfferKind;
  readonly against: string;
  readonly tokens: number;
  readonly usd: number;
}

/** Monthly cost of every offer over the monthly volume: tokens across, US dollars upwards. */
export interface CostView {
  readonly isLogarithmic: boolean;
  readonly fromTokens: number;
  readonly toTokens: number;
  /** The own fleet's staircase, and those of the ends of its range. */
  readonly own: Readonly<Record<keyof Range, readonly CostPoint[]>>;
  readonly offers: readonly { readonly kind: OfferKind; readonly name: string; readonly usdPerMillion: Range }[];
  /** The file's volume, and what hosting costs there. */
  readonly volume: CostPoint;
  readonly breakEvens: readonly BreakEvenMark[];
  /** What the plot cannot show, a sentence each. */
  readonly notes: readonly string[];
}

/** Break-evens further off than this many times the volume are told, not drawn. */
const furthestTimes = 1000;
/** Beyond this ratio of the largest to the smallest marked volume, equal distances would hide the smaller ones. */
const linearRatio = 6;

/** Cost against volume of a workload; null where the own cost could not be computed. */
export function costView(decision: HostingDecision): CostView | null {
  const { situation, selfHosted, tokensPerMonth } = decision;
  if (situation === null || selfHosted === null) return null;
  const prices = offeredPrices(situation);
  const offers = (["frontier", "hosted"] as const).flatMap((kind) => {
    const price = prices[kind];
    const offer = decision[kind];
    return price === null || offer === null ? [] : [{ kind, name: offer.name, usdPerMillion: price }];
  });
  const notes: string[] = [];
  const breakEvens = offers.flatMap(({ kind, name, usdPerMillion }): BreakEvenMark[] => {
    const crossing = selfHosted.standings.find(({ against }) => against === name)?.breakEven.value ?? null;
    if (crossing === null) return [];
    const tokens = crossing.firstTokens;
    if (tokens > tokensPerMonth * furthestTimes || tokens * furthestTimes < tokensPerMonth) {
      notes.push(`Hosting breaks even with ${name} at ${volumeText(tokens)} tokens a month, too far off to be drawn.`);
      return [];
    }
    return [{ kind, against: name, tokens, usd: (tokens / 1e6) * usdPerMillion.value }];
  });
  const marked = [tokensPerMonth, ...breakEvens.map(({ tokens }) => tokens)];
  const isFree =
    dollars(selfHosted.monthlyCents.low) <= 0 || offers.some(({ usdPerMillion }) => !(usdPerMillion.low > 0));
  const isLogarithmic = !isFree && Math.max(...marked) / Math.min(...marked) > linearRatio;
  const [fromTokens, toTokens] = isLogarithmic
    ? decadesAround(Math.min(...marked), Math.max(...marked))
    : [0, niceTop(Math.max(...marked) * 1.25).top];
  const curve = (pick: keyof Range) => within(ownCostCurve(situation, pick, toTokens), fromTokens);
  return {
    isLogarithmic,
    fromTokens,
    toTokens,
    own: { low: curve("low"), value: curve("value"), high: curve("high") },
    offers,
    volume: { tokens: tokensPerMonth, usd: dollars(selfHosted.monthlyCents.value) },
    breakEvens,
    notes,
  };
}

/** The part of a curve from a volume on; the first point is moved there along its own step. */
function within(points: readonly CostPoint[], fromTokens: number): CostPoint[] {
  const first = points.findIndex(({ tokens }) => tokens > fromTokens);
  const next = points[first];
  const before = points[first - 1];
  if (next === undefined || before === undefined) return [...points];
  const share = (fromTokens - before.tokens) / (next.tokens - before.tokens);
  return [{ tokens: fromTokens, usd: before.usd + share * (next.usd - before.usd) }, ...points.slice(first)];
}
