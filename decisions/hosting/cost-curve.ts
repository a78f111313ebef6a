import { fleetOf, tokensPerReplica } from "../cost/fleet.ts";
import { dollars } from "../cost/money.ts";
import { capacityCents, staffCents } from "../cost/self-hosted.ts";
import type { Range } from "../range.ts";
import { escalatedCents, type Situation } from "./judge.ts";

/** A volume and what it costs a month. */
export interface CostPoint {
  readonly tokens: number;
  readonly usd: number;
}

/** Steps that are drawn one by one; above this they are too fine to be seen, and a line through their ends says the same. */
const drawnSteps = 40;
const endsBeyond = 40;

/**
 * What self-hosting costs a month from no volume up to `mostTokens`: a staircase, each replica and node a step, in order
 * of the volume. `pick` names an end of the range of the cost: its low one goes with the high end of the throughput.
 */
export function ownCostCurve(situation: Situation, pick: keyof Range, mostTokens: number): CostPoint[] {
  const { capacity, nodePrice, staff, peakToMean, gradingCents } = situation;
  const throughput = capacity.totalTokensPerSecondPerReplica[opposite[pick]];
  const perReplica = tokensPerReplica(throughput, peakToMean);
  const fixed = staffCents(staff) + gradingCents;
  const pointAt = (working: number, tokens: number): CostPoint => {
    const escalated = escalatedCents(situation, tokens, pick);
    return { tokens, usd: dollars(capacityCents(fleetOf(working, capacity), nodePrice) + fixed + escalated) };
  };
  const steps = Math.max(1, Math.ceil((mostTokens / perReplica) * (1 - 1e-12)));
  const points: CostPoint[] = [];
  for (let working = 1; working <= Math.min(steps, drawnSteps); working++) {
    points.push(
      pointAt(working, (working - 1) * perReplica),
      pointAt(working, Math.min(mostTokens, working * perReplica)),
    );
  }
  let drawn = drawnSteps;
  for (let end = 1; end <= endsBeyond && drawn < steps; end++) {
    const next = Math.round(drawnSteps * (steps / drawnSteps) ** (end / endsBeyond));
    if (next <= drawn) continue;
    points.push(pointAt(next, Math.min(mostTokens, next * perReplica)));
    drawn = next;
  }
  return points;
}

const opposite = { low: "high", value: "value", high: "low" } as const;

/** What the offers cost by the million, escalations to the frontier included; null where one cannot be bought. */
export function offeredPrices({ frontier, hosted, draft, escalationShare }: Situation): {
  readonly frontier: Range | null;
  readonly hosted: Range | null;
} {
  const escalated = (pick: keyof Range) =>
    frontier === null ? 0 : (frontier[pick] + (draft?.[pick] ?? 0)) * escalationShare;
  return {
    frontier,
    hosted:
      hosted === null
        ? null
        : {
            low: hosted.low + escalated("low"),
            value: hosted.value + escalated("value"),
            high: hosted.high + escalated("high"),
          },
  };
}
