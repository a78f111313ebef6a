// Proves: in which direction memory moves, for every model and accelerator of the catalog.
import fc from "fast-check";
import { expect, it } from "vitest";
import { cacheCapacity, cacheLayout, startUpNeedBytes } from "../../../decisions/capacity/key-value-cache.ts";
import { memoryBudget } from "../../../decisions/capacity/memory-budget.ts";
import type { ServingSetup } from "../../../decisions/capacity/serving-setup.ts";
import { rankWeightBytes } from "../../../decisions/capacity/weight-bytes.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { gib, setupOf } from "../../support/capacity.ts";

const setups: fc.Arbitrary<ServingSetup> = fc
  .record({
    model: fc.constantFrom(...Object.keys(catalog.models)),
    accelerator: fc.constantFrom(...Object.keys(catalog.accelerators)),
    tensorParallelSize: fc.constantFrom(1, 2, 4, 8),
    pipelineParallelSize: fc.constantFrom(1, 2, 4),
    maxModelLen: fc.integer({ min: 1024, max: 131_072 }),
    maxNumSeqs: fc.integer({ min: 1, max: 1024 }),
    maxNumBatchedTokens: fc.integer({ min: 256, max: 16_384 }),
    kvCacheDtype: fc.constantFrom("auto", "fp8"),
    hybridAllocator: fc.boolean(),
    minor: fc.integer({ min: 6, max: 33 }),
  })
  .map(({ minor, ...named }) => setupOf({ ...named, release: [0, minor] }));

const pool = (setup: ServingSetup) => {
  const budget = memoryBudget(setup);
  return budget.kind === "unknown-weights" ? null : budget.poolBytes;
};

const held = (setup: ServingSetup, poolBytes: number) => {
  const layout = cacheLayout(setup);
  return layout.kind === "measure" ? null : cacheCapacity(setup, layout, poolBytes);
};

it("a longer context never leaves room for more requests", () => {
  fc.assert(
    fc.property(setups, fc.integer({ min: 1, max: 200_000 }), (setup, more) => {
      const longer = { ...setup, maxModelLen: setup.maxModelLen + more };
      const [short, long] = [held(setup, 20 * gib), held(longer, 20 * gib)];
      if (short === null || long === null) return;
      expect(long.longestRequests).toBeLessThanOrEqual(short.longestRequests);
    }),
  );
});

it("a cache in FP8 never holds fewer tokens", () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const wide = held({ ...setup, kvCacheDtype: "auto" }, 20 * gib);
      const narrow = held({ ...setup, kvCacheDtype: "fp8" }, 20 * gib);
      if (wide === null || narrow === null) return;
      expect(narrow.longestRequests).toBeGreaterThanOrEqual(wide.longestRequests * 0.999);
    }),
  );
});

it("more GPUs a replica never put more on each", () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const wider = { ...setup, tensorParallelSize: setup.tensorParallelSize * 2 };
      expect(rankWeightBytes(wider) ?? 0).toBeLessThanOrEqual(rankWeightBytes(setup) ?? 0);
      const [need, less] = [startUpNeedBytes(setup), startUpNeedBytes(wider)];
      // A layer's state fills blocks of 16 tokens, so that half of it may take one more.
      if (typeof need === "number" && typeof less === "number") expect(less).toBeLessThanOrEqual(need * 1.02);
    }),
  );
});

it("fewer sequences, a smaller step and a larger share never shrink the pool", () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const now = pool(setup);
      if (now === null) return;
      const half = (value: number) => Math.max(1, Math.floor(value / 2));
      expect(pool({ ...setup, maxNumSeqs: half(setup.maxNumSeqs) })).toBeGreaterThanOrEqual(now);
      expect(pool({ ...setup, maxNumBatchedTokens: half(setup.maxNumBatchedTokens) })).toBeGreaterThanOrEqual(now);
      expect(pool({ ...setup, gpuMemoryUtilization: setup.gpuMemoryUtilization + 0.02 })).toBeGreaterThan(now);
    }),
  );
});

it("the hybrid allocator never asks for more at lengths beyond its windows", () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const long = { ...setup, core: "v1", maxModelLen: 131_072 } as const;
      const [on, off] = [true, false].map((hybridAllocator) => startUpNeedBytes({ ...long, hybridAllocator }));
      if (typeof on === "number" && typeof off === "number") expect(on).toBeLessThanOrEqual(off);
    }),
  );
});

it("what does not fit is missing exactly what it lacks", () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const budget = memoryBudget(setup);
      if (budget.kind === "fits") expect(budget.needBytes).toBeLessThanOrEqual(budget.poolBytes);
      if (budget.kind !== "does-not-fit") return;
      expect(budget.missingBytes).toBeGreaterThanOrEqual(0);
      if (budget.what === "terms") expect(budget.missingBytes).toBe(-budget.poolBytes);
    }),
  );
});
