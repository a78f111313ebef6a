// Proves: how many replicas and nodes a volume takes, and where hosting starts to pay, borders and monotony included.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BreakEvenInputs, breakEven, floorTokens } from "../../../decisions/cost/break-even.ts";
import { averageUtilization, fleetOf, sizeFleet, tokensPerReplica } from "../../../decisions/cost/fleet.ts";
import { capacityCents, staffCents, tokenCents } from "../../../decisions/cost/self-hosted.ts";

const single = { gpusPerReplica: 1, gpusPerNode: 1 };
/** Tokens a month that one replica of 1,000 tokens per second carries at 2.5 times the mean. */
const carried = tokensPerReplica(1000, 2.5);

describe("a fleet", () => {
  it.each([
    ["one token", 1, 1, 1],
    ["just what one replica carries", carried, 1, 1],
    ["a little more", carried * 1.000001, 2, 1],
    ["twenty replicas", carried * 20, 20, 1],
    ["twenty-one, of which 5 % are more than one", carried * 20.5, 21, 2],
    ["forty", carried * 40, 40, 2],
  ])("for %s", (_, tokens, working, spare) => {
    expect(sizeFleet(tokens, 2.5, single, 1000)).toMatchObject({ working, spare });
  });

  it.each([
    ["several on a node", { gpusPerReplica: 2, gpusPerNode: 8 }, 3, { gpus: 8, nodes: 1 }],
    ["one more than a node holds", { gpusPerReplica: 2, gpusPerNode: 8 }, 4, { gpus: 10, nodes: 2 }],
    ["a size that leaves a gap", { gpusPerReplica: 3, gpusPerNode: 8 }, 2, { gpus: 9, nodes: 2 }],
    ["a replica that spans nodes", { gpusPerReplica: 16, gpusPerNode: 8 }, 1, { gpus: 32, nodes: 4 }],
  ])("packs %s", (_, capacity, working, expected) => {
    expect(fleetOf(working, capacity)).toMatchObject(expected);
  });

  it("pays whole nodes, or only the GPUs that serve", () => {
    const fleet = fleetOf(1, { gpusPerReplica: 1, gpusPerNode: 8 });
    expect(capacityCents(fleet, { usd: 55.04, per: "node-hour" })).toBe(4_017_920);
    expect(capacityCents(fleet, { usd: 6.88, per: "gpu-hour" })).toBe(1_004_480);
  });

  it("is never busier than its peak allows", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e6, max: 1e13, noNaN: true }), (tokens) => {
        const fleet = sizeFleet(tokens, 2.5, single, 1000);
        expect(averageUtilization(tokens, fleet, 1000)).toBeLessThanOrEqual(0.8 / 2.5);
      }),
    );
  });

  it("never costs less for more volume", () => {
    const volume = fc.double({ min: 1e6, max: 1e13, noNaN: true });
    fc.assert(
      fc.property(volume, volume, fc.constantFrom(1, 2, 3, 4, 8, 16), (a, b, gpusPerReplica) => {
        const cost = (tokens: number) =>
          capacityCents(sizeFleet(tokens, 2.5, { gpusPerReplica, gpusPerNode: 8 }, 5000), {
            usd: 23.6,
            per: "node-hour",
          });
        expect(cost(Math.max(a, b))).toBeGreaterThanOrEqual(cost(Math.min(a, b)));
      }),
    );
  });
});

const inputs = (overrides: Partial<BreakEvenInputs> = {}): BreakEvenInputs => ({
  capacity: single,
  tokensPerSecond: 10_820,
  peakToMean: 2.5,
  nodePrice: { usd: 3.5, per: "gpu-hour" },
  fixedCents: staffCents({ engineers: 1, usdPerMonthEach: 25_000 }),
  usdPerMillion: 2.89,
  ...overrides,
});

const anyInputs: fc.Arbitrary<BreakEvenInputs> = fc
  .record({
    gpusPerReplica: fc.constantFrom(1, 2, 4, 8),
    tokensPerSecond: fc.integer({ min: 500, max: 50_000 }),
    peakToMean: fc.double({ min: 1, max: 5, noNaN: true }),
    usd: fc.double({ min: 1, max: 100, noNaN: true }),
    per: fc.constantFrom("node-hour" as const, "gpu-hour" as const),
    engineers: fc.double({ min: 0, max: 5, noNaN: true }),
    usdPerMillion: fc.double({ min: 0.05, max: 15, noNaN: true }),
  })
  .map(({ gpusPerReplica, usd, per, engineers, ...rest }) => ({
    ...rest,
    capacity: { gpusPerReplica, gpusPerNode: 8 },
    nodePrice: { usd, per },
    fixedCents: staffCents({ engineers, usdPerMonthEach: 25_000 }),
  }));

/** What hosting and the offer cost at a volume. Cents. */
function bothCosts(
  { capacity, tokensPerSecond, peakToMean, nodePrice, fixedCents, usdPerMillion }: BreakEvenInputs,
  tokens: number,
) {
  const fleet = sizeFleet(tokens, peakToMean, capacity, tokensPerSecond);
  return { hosting: fixedCents + capacityCents(fleet, nodePrice), offer: tokenCents(tokens, usdPerMillion) };
}

describe("break-even", () => {
  it("is where the two cost the same", () => {
    const first = breakEven(inputs())?.firstTokens ?? 0;
    const { hosting, offer } = bothCosts(inputs(), first);
    expect(Math.abs(hosting - offer)).toBeLessThanOrEqual(1);
  });

  it("is never reached by a fleet that costs more than it saves", () => {
    expect(breakEven(inputs({ usdPerMillion: 0.2 }))).toBeNull();
    expect(breakEven(inputs({ usdPerMillion: 0 }))).toBeNull();
    expect(breakEven(inputs({ usdPerMillion: Number.NaN }))).toBeNull();
  });

  it("says where one node more undoes it, and from where it lasts", () => {
    const crossing = breakEven(
      inputs({
        capacity: { gpusPerReplica: 8, gpusPerNode: 8 },
        tokensPerSecond: 17_568,
        nodePrice: { usd: 23.6, per: "node-hour" },
        usdPerMillion: 3,
      }),
    );
    expect(crossing).not.toBeNull();
    expect(crossing?.undoneAtTokens).toBeGreaterThan(crossing?.firstTokens ?? 0);
    expect(crossing?.lastingTokens).toBeGreaterThan(crossing?.undoneAtTokens ?? 0);
  });

  it("costs no more from the lasting volume on, and more just below the first", () => {
    fc.assert(
      fc.property(anyInputs, fc.double({ min: 1, max: 50, noNaN: true }), (one, factor) => {
        const crossing = breakEven(one);
        if (crossing === null) return;
        const beyond = bothCosts(one, crossing.lastingTokens * factor);
        expect(beyond.hosting).toBeLessThanOrEqual(beyond.offer * (1 + 1e-6) + 2);
        const before = bothCosts(one, crossing.firstTokens * 0.999);
        expect(before.hosting).toBeGreaterThanOrEqual(before.offer - 2);
        expect(crossing.lastingTokens).toBeGreaterThanOrEqual(crossing.firstTokens);
      }),
      { numRuns: 300 },
    );
  });

  it("never falls when a node is dearer, a team larger or an offer cheaper", () => {
    const first = (one: BreakEvenInputs) => breakEven(one)?.firstTokens ?? Number.POSITIVE_INFINITY;
    fc.assert(
      fc.property(anyInputs, fc.double({ min: 1, max: 3, noNaN: true }), (one, factor) => {
        const before = first(one) * (1 - 1e-9);
        expect(
          first({ ...one, nodePrice: { ...one.nodePrice, usd: one.nodePrice.usd * factor } }),
        ).toBeGreaterThanOrEqual(before);
        expect(first({ ...one, fixedCents: Math.round(one.fixedCents * factor) })).toBeGreaterThanOrEqual(before);
        expect(first({ ...one, usdPerMillion: one.usdPerMillion / factor })).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the floor of a fleet that stands", () => {
  it("is its cost over the price it saves", () => {
    expect(floorTokens(2_500_000, 2.5)).toBe(1e10);
  });

  it("does not exist against what costs nothing", () => {
    expect(floorTokens(2_500_000, 0)).toBeNull();
  });
});
