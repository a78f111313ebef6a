import { describe, expect, it } from "vitest";
import { blendedPrice, type TokenPrice, type TrafficShape } from "../../../decisions/cost/blended-price.ts";

const price: TokenPrice = {
  input: 2,
  output: 10,
  cacheRead: 0.2,
  batch: { discount: 0.5, stacksWithCache: true },
  busyHours: null,
  factor: { low: 1, high: 1 },
};
const shape: TrafficShape = {
  inputTokens: { mean: 8000, p95: 20_000 },
  outputTokens: { mean: 1000, p95: 2000 },
  cacheReadShare: 0,
  batchShare: 0,
};
const value = (p: Partial<TokenPrice>, s: Partial<TrafficShape> = {}) =>
  blendedPrice({ ...price, ...p }, { ...shape, ...s }).usdPerMillion.value;

describe("the blended price", () => {
  it("weighs input and output by their tokens", () => {
    expect(value({})).toBeCloseTo((8 * 2 + 10) / 9, 12);
  });

  it("takes cached input at its own price", () => {
    expect(value({}, { cacheReadShare: 0.7 })).toBeCloseTo((8 * (0.3 * 2 + 0.7 * 0.2) + 10) / 9, 12);
  });

  it("says so when no price for cached input is known, and counts none", () => {
    const { usdPerMillion, notes } = blendedPrice({ ...price, cacheRead: null }, { ...shape, cacheReadShare: 0.7 });
    expect(usdPerMillion.value).toBeCloseTo(26 / 9, 12);
    expect(notes).toEqual(["No price for cached input is listed, so none is counted."]);
  });

  it("halves what can wait", () => {
    expect(value({}, { batchShare: 1 })).toBeCloseTo(13 / 9, 12);
    expect(value({}, { batchShare: 0.5 })).toBeCloseTo((26 / 9) * 0.75, 12);
  });

  it("does not take the batch discount on top of cache prices where the vendor does not", () => {
    const batch = { discount: 0.5, stacksWithCache: false };
    expect(value({ batch }, { batchShare: 1, cacheReadShare: 0.7 })).toBeCloseTo(13 / 9, 12);
  });

  it("counts no batch discount that it does not know", () => {
    expect(value({ batch: null }, { batchShare: 1 })).toBeCloseTo(26 / 9, 12);
  });

  it.each([
    ["no request is as long", 20_000, 20_000, 2],
    ["one in twenty is longer, at p95's length", 19_999, 20_000, 2 + ((0.05 * 20_000) / 8000) * 2],
    ["every request is longer", 7999, 20_000, 4],
  ])("takes a threshold on the input into account when %s", (_, tokens, p95, input) => {
    const tiered = { base: 2, above: { tokens, usd: 4 } };
    expect(value({ input: tiered }, { inputTokens: { mean: 8000, p95 } })).toBeCloseTo((8 * input + 10) / 9, 10);
  });

  it("spreads busy hours over the day and says so", () => {
    const { usdPerMillion, notes } = blendedPrice({ ...price, busyHours: { factor: 2, hoursPerDay: 6 } }, shape);
    expect(usdPerMillion.value).toBeCloseTo((26 / 9) * 1.25, 12);
    expect(notes).toHaveLength(1);
  });

  it("is a range where sources differ on an endpoint's premium", () => {
    const { low, high } = blendedPrice({ ...price, factor: { low: 1, high: 1.1 } }, shape).usdPerMillion;
    expect(high / low).toBeCloseTo(1.1, 12);
  });
});
