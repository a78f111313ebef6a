// Proves: the drawn cost of hosting is the judged one at every volume, and offers are drawn with what is escalated.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokensPerReplica } from "../../../decisions/cost/fleet.ts";
import { dollars } from "../../../decisions/cost/money.ts";
import { type CostPoint, offeredPrices, ownCostCurve } from "../../../decisions/hosting/cost-curve.ts";
import { judge, type Situation } from "../../../decisions/hosting/judge.ts";
import { capacityOf, nodePrice } from "../../support/hosting.ts";

const situation: Situation = {
  tokensPerMonth: 10e9,
  peakToMean: 2.5,
  capacity: capacityOf({ gpusPerReplica: 2, gpusPerNode: 8 }),
  nodePrice: nodePrice({ usd: 23.6, per: "node-hour" }),
  staff: { engineers: 1.5, usdPerMonthEach: 18_000 },
  frontier: { low: 2, value: 2.2, high: 2.4 },
  hosted: { low: 0.4, value: 0.4, high: 0.4 },
  escalationShare: 0.1,
  gradingCents: 0,
  draft: null,
};
const ends = ["low", "value", "high"] as const;

/** The curve between its points. */
function at(points: readonly CostPoint[], tokens: number): number {
  const next = points.findIndex((point) => point.tokens >= tokens);
  const [before, after] = [points[next - 1], points[next]];
  if (after === undefined) throw new Error("beyond the curve");
  if (before === undefined || after.tokens === before.tokens) return after.usd;
  return before.usd + ((tokens - before.tokens) / (after.tokens - before.tokens)) * (after.usd - before.usd);
}

describe("what hosting costs over the volume", () => {
  it.each(ends)("is what the verdict is judged by, at the %s end as well", (end) => {
    const curve = ownCostCurve(situation, end, 200e9);
    fc.assert(
      fc.property(fc.double({ min: 1e6, max: 200e9, noNaN: true }), (tokensPerMonth) => {
        const { selfHosted } = judge({ ...situation, tokensPerMonth });
        // Each of three parts is rounded to the cent.
        expect(Math.abs(at(curve, tokensPerMonth) - dollars(selfHosted[end]))).toBeLessThan(0.02);
      }),
    );
  });

  it("begins at no volume with what is paid anyway, ends where it was asked to, and never falls", () => {
    const curve = ownCostCurve({ ...situation, escalationShare: 0 }, "value", 33e9);
    expect(curve[0]).toEqual({ tokens: 0, usd: 23.6 * 730 + 27_000 });
    expect(curve.at(-1)?.tokens).toBe(33e9);
    for (const [index, point] of curve.entries()) {
      expect(point.tokens).toBeGreaterThanOrEqual(curve[index - 1]?.tokens ?? 0);
      expect(point.usd).toBeGreaterThanOrEqual(curve[index - 1]?.usd ?? 0);
    }
  });

  it("stays exact at the ends of steps that are too many to be drawn, with few points", () => {
    const perReplica = tokensPerReplica(10_820, situation.peakToMean);
    const curve = ownCostCurve(situation, "value", perReplica * 20_000);
    expect(curve.length).toBeLessThan(125);
    for (const { tokens, usd } of curve.slice(80)) {
      const { selfHosted } = judge({ ...situation, tokensPerMonth: tokens });
      expect(Math.abs(usd - dollars(selfHosted.value))).toBeLessThan(0.02);
    }
  });
});

describe("what offers cost over the volume", () => {
  it("counts what is escalated from a host, and leaves the frontier as it is", () => {
    const { frontier, hosted } = offeredPrices(situation);
    expect(frontier).toEqual(situation.frontier);
    expect(hosted?.value).toBeCloseTo(0.4 + 0.22);
    expect(hosted?.high).toBeCloseTo(0.4 + 0.24);
  });

  it("is absent where nothing can be bought", () => {
    expect(offeredPrices({ ...situation, frontier: null, hosted: null })).toEqual({ frontier: null, hosted: null });
  });
});
