import { type Capacity, type Fleet, sizeFleet } from "../cost/fleet.ts";
import type { Cents } from "../cost/money.ts";
import { capacityCents, type NodePrice, type Staff, staffCents, tokenCents } from "../cost/self-hosted.ts";
import type { Range } from "../range.ts";
import type { Verdict } from "./rule-of-thumb.ts";

/** How much cheaper self-hosting has to be, over its whole range, before it is worth moving. Fraction of 1. */
export const savingMargin = 0.2;

/** Everything the verdict is computed from, as plain figures. */
export interface Situation {
  readonly tokensPerMonth: number;
  readonly peakToMean: number;
  readonly capacity: Capacity;
  readonly nodePrice: NodePrice;
  readonly staff: Staff;
  /** What the GPUs of a judge cost a month that grades its answers; 0 where nobody does. */
  readonly gradingCents: Cents;
  /** Prices of what can be bought. US dollars per million tokens; null where it cannot. */
  readonly frontier: Range | null;
  readonly hosted: Range | null;
  /** What the drafts that go along add to a million escalated tokens. US dollars; null where none go. */
  readonly draft: Range | null;
  /** Share of the tokens that is paid at the frontier as well, by whoever serves the open model. */
  readonly escalationShare: number;
}

export type OtherOffer = "frontier" | "hosted";

/** Monthly cost of each offer. Cents. */
export interface Judgement {
  readonly fleet: Fleet;
  readonly selfHosted: Range;
  readonly frontier: Range | null;
  readonly hosted: Range | null;
  /** The cheapest that can be bought, by its middle; null when nothing can. */
  readonly cheapest: OtherOffer | null;
  /** Null when there is nothing to compare with. */
  readonly verdict: Verdict | null;
  /** What self-hosting saves against the cheapest, by the middles; negative when it costs more. */
  readonly savingCents: Cents | null;
}

/**
 * The computed verdict. Self-host when the whole range of its cost lies below the cheapest offer by the margin; an API
 * when the whole range lies above; a pilot in between, because then the figures cannot tell and a measurement can.
 */
export function judge(situation: Situation): Judgement {
  const { tokensPerMonth } = situation;
  const { value, low, high } = situation.capacity.totalTokensPerSecondPerReplica;
  const escalated = (pick: keyof Range) => escalatedCents(situation, tokensPerMonth, pick);
  const { fleet, cents: middle } = fleetCost(situation, value);
  // Less throughput costs more.
  const selfHosted: Range = {
    low: fleetCost(situation, high).cents + escalated("low"),
    value: middle + escalated("value"),
    high: fleetCost(situation, low).cents + escalated("high"),
  };
  const frontier = bought(situation.frontier, tokensPerMonth);
  const open = bought(situation.hosted, tokensPerMonth);
  const hosted: Range | null =
    open === null
      ? null
      : {
          low: open.low + escalated("low"),
          value: open.value + escalated("value"),
          high: open.high + escalated("high"),
        };
  const cheapest = cheaper(frontier, hosted);
  const rival = cheapest === "frontier" ? frontier : hosted;
  return {
    fleet,
    selfHosted,
    frontier,
    hosted,
    cheapest,
    verdict: rival === null ? null : compare(selfHosted, rival),
    savingCents: rival === null ? null : rival.value - selfHosted.value,
  };
}

/** What is paid at the frontier for the escalated share of a volume, by whoever serves the open model: requests and drafts. */
export function escalatedCents(
  { escalationShare, frontier, draft }: Situation,
  tokens: number,
  pick: keyof Range,
): Cents {
  const paid = (price: Range | null) => (price === null ? 0 : tokenCents(tokens * escalationShare, price[pick]));
  return paid(frontier) + (frontier === null ? 0 : paid(draft));
}

/** The verdict between two ranges of monthly cost. */
export function compare(selfHosted: Range, rival: Range): Verdict {
  if (selfHosted.high <= rival.low * (1 - savingMargin)) return "self-host";
  return selfHosted.low >= rival.high ? "api" : "pilot";
}

function cheaper(frontier: Range | null, hosted: Range | null): OtherOffer | null {
  if (frontier === null) return hosted === null ? null : "hosted";
  return hosted !== null && hosted.value <= frontier.value ? "hosted" : "frontier";
}

function bought(price: Range | null, tokens: number): Range | null {
  if (price === null) return null;
  return {
    low: tokenCents(tokens, price.low),
    value: tokenCents(tokens, price.value),
    high: tokenCents(tokens, price.high),
  };
}

function fleetCost(situation: Situation, tokensPerSecond: number): { fleet: Fleet; cents: Cents } {
  const { tokensPerMonth, peakToMean, capacity, nodePrice, staff, gradingCents } = situation;
  const fleet = sizeFleet(tokensPerMonth, peakToMean, capacity, tokensPerSecond);
  return { fleet, cents: capacityCents(fleet, nodePrice) + staffCents(staff) + gradingCents };
}
