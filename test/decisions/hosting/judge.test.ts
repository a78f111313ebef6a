import { describe, expect, it } from "vitest";
import { compare, judge, type Situation } from "../../../decisions/hosting/judge.ts";
import { capacityOf } from "../../support/hosting.ts";

const range = (low: number, high = low) => ({ low, value: (low + high) / 2, high });

describe("two ranges of cost", () => {
  it.each([
    ["the dearest estimate is just 20 % below", range(50, 80), range(100), "self-host"],
    ["the dearest estimate is a little less than 20 % below", range(50, 80.01), range(100), "pilot"],
    ["the cheapest estimate is a little lower", range(99.99, 150), range(100), "pilot"],
    ["the cheapest estimate is no lower", range(100, 150), range(100), "api"],
    ["the offer's own range reaches over", range(100, 150), range(90, 110), "pilot"],
    ["both are the same figure", range(100), range(100), "api"],
  ])("when %s", (_, selfHosted, rival, verdict) => expect(compare(selfHosted, rival)).toBe(verdict));
});

const situation: Situation = {
  tokensPerMonth: 10e9,
  peakToMean: 2.5,
  capacity: capacityOf(),
  nodePrice: { usd: 3.5, per: "gpu-hour" },
  staff: { engineers: 1, usdPerMonthEach: 25_000 },
  frontier: range(2.89),
  hosted: null,
  escalationShare: 0,
  gradingCents: 0,
  draft: null,
};

describe("a judgement", () => {
  it("compares with the cheapest that can be bought", () => {
    expect(judge(situation).cheapest).toBe("frontier");
    expect(judge({ ...situation, hosted: range(0.2) }).cheapest).toBe("hosted");
    expect(judge({ ...situation, frontier: null, hosted: range(9) }).cheapest).toBe("hosted");
  });

  it("has no verdict when nothing can be bought", () => {
    expect(judge({ ...situation, frontier: null })).toMatchObject({ cheapest: null, verdict: null, savingCents: null });
  });

  it("costs more where throughput may be lower", () => {
    const { selfHosted } = judge({
      ...situation,
      tokensPerMonth: 100e9,
      capacity: capacityOf({ totalTokensPerSecondPerReplica: { low: 5000, value: 10_820, high: 20_000 } }),
    });
    expect(selfHosted.low).toBeLessThan(selfHosted.value);
    expect(selfHosted.high).toBeGreaterThan(selfHosted.value);
  });

  it("pays for what is escalated beside whoever serves the open model", () => {
    const plain = judge({ ...situation, hosted: range(0.2) });
    const escalating = judge({ ...situation, hosted: range(0.2), escalationShare: 0.1 });
    const escalated = 10_000 * 2.89 * 0.1 * 100;
    expect(escalating.selfHosted.value - plain.selfHosted.value).toBe(escalated);
    expect((escalating.hosted?.value ?? 0) - (plain.hosted?.value ?? 0)).toBe(escalated);
    expect(escalating.frontier).toEqual(plain.frontier);
  });
});
