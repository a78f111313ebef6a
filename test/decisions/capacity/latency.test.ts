import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyOf } from "../../../decisions/capacity/latency.ts";
import type { LoadedReplica, ServingEngine } from "../../../decisions/capacity/replica.ts";
import { latencyMetrics } from "../../../decisions/capacity/spread.ts";
import { denseModel, expertModel, h100, loadedReplica } from "../../support/loaded-replica.ts";

const replicas = fc
  .record({
    model: fc.constantFrom(denseModel, expertModel),
    gpus: fc.constantFrom(1, 2, 4, 8),
    engine: fc.constantFrom<ServingEngine>("vllm", "sglang", "trtllm", "tgi"),
    accelerator: fc.record({
      memoryBytesPerSecond: fc.double({ min: 2e11, max: 2e13, noNaN: true }),
      bf16FlopsPerSecond: fc.double({ min: 5e13, max: 5e15, noNaN: true }),
      fp8FlopsPerSecond: fc.option(fc.double({ min: 1e14, max: 1e16, noNaN: true })),
      linkBytesPerSecond: fc.double({ min: 1e10, max: 2e12, noNaN: true }),
      measured: fc.boolean(),
    }),
    concurrency: fc.integer({ min: 1, max: 600 }),
    inputTokens: fc.integer({ min: 1, max: 130_000 }),
    outputTokens: fc.integer({ min: 1, max: 16_000 }),
    cachedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    runningAtMost: fc.option(fc.double({ min: 1, max: 600, noNaN: true })),
  })
  .map(
    ({ concurrency, inputTokens, outputTokens, cachedShare, runningAtMost, ...rest }): LoadedReplica => ({
      ...rest,
      load: {
        concurrency,
        inputTokens,
        outputTokens,
        cachedPrefixTokens: Math.floor(cachedShare * inputTokens),
        runningAtMost,
      },
    }),
  );

/** Floating-point sums differ in their last digits. */
const slack = 1 + 1e-9;

function expectNoFaster(slower: LoadedReplica, faster: LoadedReplica) {
  for (const metric of ["ttftMilliseconds", "interTokenMilliseconds"] as const) {
    expect(latencyOf(slower)[metric].value * slack).toBeGreaterThanOrEqual(latencyOf(faster)[metric].value);
  }
}

function busierBy(more: number, replica: LoadedReplica): LoadedReplica {
  return { ...replica, load: { ...replica.load, concurrency: replica.load.concurrency + more } };
}

describe("latencyOf", () => {
  it("tells what Llama-70B in FP8 does on two H100 with vLLM", () => {
    // Measured with 8 and 64 requests: TTFT 150.2 and 415.1 ms, 18.22 and 28.77 ms between tokens, 436 and 2,196 tokens/s.
    const eight = latencyOf(loadedReplica());
    expect(eight.ttftMilliseconds.value / 186.5).toBeCloseTo(1, 2);
    expect(eight.interTokenMilliseconds.value / 18.52).toBeCloseTo(1, 2);
    expect(eight.outputTokensPerSecond.value / 428.3).toBeCloseTo(1, 2);
    const many = latencyOf(loadedReplica({ load: { concurrency: 64 } }));
    expect(many.ttftMilliseconds.value / 441.0).toBeCloseTo(1, 2);
    expect(many.interTokenMilliseconds.value / 30.82).toBeCloseTo(1, 2);
    expect(many.outputTokensPerSecond.value / 2049.8).toBeCloseTo(1, 2);
  });

  it("tells what gpt-oss-120b does on one H200 with vLLM", () => {
    // Measured: 12.65 ms between tokens, 1,253 tokens/s.
    const latency = latencyOf(
      loadedReplica({
        model: expertModel,
        accelerator: { ...h100, memoryBytesPerSecond: 4.8e12 },
        gpus: 1,
        load: { concurrency: 16 },
      }),
    );
    expect(latency.interTokenMilliseconds.value / 11.15).toBeCloseTo(1, 2);
    expect(latency.outputTokensPerSecond.value / 1419.0).toBeCloseTo(1, 2);
  });

  it("is faster with TensorRT-LLM than with vLLM", () => {
    expectNoFaster(loadedReplica(), loadedReplica({ engine: "trtllm" }));
  });

  it("lets requests wait that find no place, and delivers no more for them", () => {
    const full = latencyOf(loadedReplica({ load: { concurrency: 20, runningAtMost: 20 } }));
    const over = latencyOf(loadedReplica({ load: { concurrency: 30, runningAtMost: 20 } }));
    const requestMilliseconds = full.ttftMilliseconds.value + full.interTokenMilliseconds.value * 1023;
    expect(over.outputTokensPerSecond).toEqual(full.outputTokensPerSecond);
    expect(over.interTokenMilliseconds).toEqual(full.interTokenMilliseconds);
    expect(over.ttftMilliseconds.value).toBeCloseTo(full.ttftMilliseconds.value + requestMilliseconds / 2, 6);
    expect(over.basis).toContain("Only 20 requests run at once; the others wait, which TTFT counts.");
  });

  it("gives wider ranges, and says so, for an engine or an accelerator without measured points", () => {
    const width = (replica: LoadedReplica) => {
      const { low, high } = latencyOf(replica).outputTokensPerSecond;
      return high / low;
    };
    const measured = width(loadedReplica());
    expect(width(loadedReplica({ engine: "sglang" }))).toBeGreaterThan(measured);
    expect(width(loadedReplica({ engine: "tgi" }))).toBeGreaterThan(measured);
    expect(width(loadedReplica({ accelerator: { ...h100, measured: false } }))).toBeGreaterThan(measured);
    expect(latencyOf(loadedReplica({ engine: "sglang" })).basis[0]).toMatch(/^No measured points of this engine/);
    expect(latencyOf(loadedReplica({ accelerator: { ...h100, measured: false } })).basis[1]).toMatch(
      /^No measured points on this accelerator/,
    );
  });

  it("puts a finite, positive value inside each range", () => {
    fc.assert(
      fc.property(replicas, (replica) => {
        const latency = latencyOf(replica);
        for (const metric of latencyMetrics) {
          const { low, value, high } = latency[metric];
          expect(low).toBeGreaterThan(0);
          expect(low).toBeLessThanOrEqual(value);
          expect(value).toBeLessThanOrEqual(high);
          expect(Number.isFinite(high)).toBe(true);
        }
      }),
    );
  });

  it("never answers sooner with more requests", () => {
    fc.assert(
      fc.property(replicas, fc.integer({ min: 1, max: 400 }), (replica, more) => {
        expectNoFaster(busierBy(more, replica), replica);
      }),
    );
  });

  // Over slow links or with next to no output a step's exchange of prompts costs more than the wait for one prompt.
  it("never delivers less with more requests, over fast links and with an output to speak of", () => {
    const decoding = replicas.filter(
      ({ accelerator, load }) =>
        accelerator.linkBytesPerSecond >= 3e11 && load.outputTokens >= 16 && load.outputTokens * 8 >= load.inputTokens,
    );
    fc.assert(
      fc.property(decoding, fc.integer({ min: 1, max: 400 }), (replica, more) => {
        const busier = busierBy(more, replica);
        expect(latencyOf(busier).outputTokensPerSecond.value * slack).toBeGreaterThanOrEqual(
          latencyOf(replica).outputTokensPerSecond.value,
        );
      }),
    );
  });

  it("never gets slower with faster memory, arithmetic or links", () => {
    fc.assert(
      fc.property(
        replicas,
        fc.constantFrom("memoryBytesPerSecond", "bf16FlopsPerSecond", "fp8FlopsPerSecond", "linkBytesPerSecond"),
        fc.double({ min: 1, max: 10, noNaN: true }),
        (replica, rate, times) => {
          const value = replica.accelerator[rate];
          const accelerator = { ...replica.accelerator, [rate]: value === null ? null : value * times };
          expectNoFaster(replica, { ...replica, accelerator });
        },
      ),
    );
  });

  it("never gets slower when more of the prompt is cached, nor faster with a longer prompt", () => {
    fc.assert(
      fc.property(replicas, fc.integer({ min: 0, max: 50_000 }), (replica, longer) => {
        const cached = { ...replica, load: { ...replica.load, cachedPrefixTokens: 0 } };
        expectNoFaster(cached, replica);
        const inputTokens = replica.load.inputTokens + longer;
        expectNoFaster({ ...replica, load: { ...replica.load, inputTokens } }, replica);
      }),
    );
  });

  it("makes the ranges of an unmeasured engine hold those of measured ones with the same middle", () => {
    fc.assert(
      fc.property(replicas, (replica) => {
        const unknown = latencyOf({ ...replica, engine: "sglang" });
        const known = latencyOf({ ...replica, engine: "vllm" });
        for (const metric of latencyMetrics) {
          expect(unknown[metric].low).toBeLessThanOrEqual(known[metric].low);
          expect(unknown[metric].high).toBeGreaterThanOrEqual(known[metric].high);
        }
      }),
    );
  });
});
