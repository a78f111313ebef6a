import { describe, expect, it } from "vitest";
import type { ModelWork } from "../../../decisions/capacity/replica.ts";
import { stepMilliseconds, stepTerms, stepUnits } from "../../../decisions/capacity/step-time.ts";
import { loadedReplica } from "../../support/loaded-replica.ts";

/** Round figures, so that each term can be checked in the head. */
const roundModel: ModelWork = {
  layers: 10,
  hiddenSize: 1000,
  denseWeightBytes: 2e9,
  experts: null,
  activeParameters: 1e9,
  attentionFlopsPerTokenPair: 1e6,
  cacheBytesPerToken: 1e6,
  cacheBytesPerSequence: 0,
  cacheDivisibleBy: 1,
  arithmetic: "fp8",
};
const round = loadedReplica({
  model: roundModel,
  accelerator: {
    memoryBytesPerSecond: 1e12,
    bf16FlopsPerSecond: 1e14,
    fp8FlopsPerSecond: 2e14,
    linkBytesPerSecond: 1e11,
    measured: true,
  },
  gpus: 2,
  load: { concurrency: 5, inputTokens: 1000, outputTokens: 100 },
});

describe("stepUnits", () => {
  it("counts what a step of a dense model reads, multiplies and exchanges", () => {
    const units = stepUnits(round);
    expect(units.weightReads).toBeCloseTo(1, 10); // 2e9 / 2 / 1e12 s
    expect(units.cacheReads).toBeCloseTo(5.25, 10); // 5 x 1,050 tokens x 1e6 / 1e12 s, whole on each GPU
    expect(units.layers).toBe(10);
    expect(units.expertLayers).toBe(0);
    expect(units.sequences).toBe(5);
    // 5 new tokens and 4 x 1000 / 100 of prompts: 45 x 2e9 / 2 / 2e14 s; attention 40 x 1e6 x 500 / 2 / 1e14 s
    expect(units.denseArithmetic).toBeCloseTo(0.225 + 0.1, 10);
    expect(units.expertArithmetic).toBe(0);
    expect(units.exchange).toBeCloseTo(0.018, 10); // 45 x 2 x 10 x 1000 x 2 bytes x 2 x 1/2 / 1e11 s
  });

  it("reads the experts that some token visits, and multiplies them in 16 bits", () => {
    const units = stepUnits({
      ...round,
      model: { ...roundModel, experts: { count: 4, perToken: 2, weightBytes: 8e9 } },
      load: { ...round.load, concurrency: 2 },
    });
    expect(units.weightReads).toBeCloseTo(1 + 3, 10); // 8e9 x (1 - 1/4) / 2 / 1e12 s
    expect(units.expertLayers).toBe(10);
    expect(units.expertArithmetic).toBeCloseTo(0.12, 10); // (2 + 10) x 2e9 / 2 / 1e14 s
    expect(units.denseArithmetic).toBeCloseTo(0.025, 10); // attention alone: 10 x 1e6 x 500 / 2 / 1e14 s
  });

  it("divides a KV cache with heads over the GPUs, as far as there are heads", () => {
    expect(stepUnits({ ...round, model: { ...roundModel, cacheDivisibleBy: 8 } }).cacheReads).toBeCloseTo(2.625, 10);
  });

  it("leaves out a cached prefix where prompts are multiplied, not where caches are read", () => {
    const cached = stepUnits({ ...round, load: { ...round.load, cachedPrefixTokens: 1000 } });
    expect(cached.denseArithmetic).toBeCloseTo(0.025, 10); // 5 x 2e9 / 2 / 2e14 s
    expect(cached.cacheReads).toBeCloseTo(5.25, 10);
  });

  it("multiplies in 16 bits on an accelerator without FP8", () => {
    const without = { ...round, accelerator: { ...round.accelerator, fp8FlopsPerSecond: null } };
    expect(stepUnits(without).denseArithmetic).toBeCloseTo(0.45 + 0.1, 10);
  });

  it("exchanges nothing on one GPU", () => {
    expect(stepUnits({ ...round, gpus: 1 }).exchange).toBe(0);
  });

  it("counts only the requests that run", () => {
    const limited = { ...round, load: { ...round.load, runningAtMost: 3 } };
    expect(stepUnits(limited)).toEqual(stepUnits({ ...round, load: { ...round.load, concurrency: 3 } }));
  });
});

describe("stepMilliseconds", () => {
  it("adds the terms up", () => {
    const ones = Object.fromEntries(stepTerms.map((term) => [term, 1])) as Record<(typeof stepTerms)[number], number>;
    expect(stepMilliseconds(round, ones)).toBeCloseTo(1 + 5.25 + 10 + 10 + 0.325 + 0.018 + 5, 10);
  });
});
