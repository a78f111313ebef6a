// Proves: what of a GPU's memory is left for the cache, what does not fit and by how much, and that GiB is never GB.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { memoryBudget, visibleBytes } from "../../../decisions/capacity/memory-budget.ts";
import { gib, setupOf } from "../../support/capacity.ts";

function poolGiB(...parameters: Parameters<typeof setupOf>): number {
  const budget = memoryBudget(setupOf(...parameters));
  if (budget.kind === "unknown-weights") throw new Error(budget.reason);
  return budget.poolBytes / gib;
}

describe("the pool", () => {
  it.each([
    { model: "meta-llama/Llama-3.1-8B-Instruct", loggedGiB: 51.38 },
    { model: "Qwen/Qwen3-0.6B", loggedGiB: 64.45 },
    { model: "Qwen/Qwen3-32B", loggedGiB: 4.45 },
    { model: "Qwen/Qwen3-32B", tensorParallelSize: 2, loggedGiB: 34.49 },
  ])("of $model on H100 is $loggedGiB GiB, within 2 %", ({ loggedGiB, ...named }) => {
    expect(Math.abs(poolGiB(named) / loggedGiB - 1)).toBeLessThan(0.02);
  });

  it.each([
    { model: "Qwen/Qwen3-14B", loggedGiB: 11.57 },
    { model: "Qwen/Qwen3-14B-AWQ", loggedGiB: 29.63 },
  ])("of $model on L40S with 0.28, CUDA graphs counted, is $loggedGiB GiB, within 1 %", ({ loggedGiB, model }) => {
    const pool = poolGiB({ model, accelerator: "nvidia-l40s", release: [0, 28], maxModelLen: 40_960 });
    expect(Math.abs(pool / loggedGiB - 1)).toBeLessThan(0.01);
  });

  it("is what the terms leave, each with its reason", () => {
    const budget = memoryBudget(setupOf({ release: [0, 33] }));
    if (budget.kind !== "fits") throw new Error(budget.kind);
    expect(budget.terms.map(({ name }) => name)).toEqual(["weights", "non-torch", "activation", "cuda-graphs"]);
    const sum = budget.terms.reduce((total, { bytes }) => total + bytes, 0);
    expect(budget.poolBytes).toBeCloseTo(budget.usableBytes - sum, 3);
    expect(budget.usableBytes / budget.visibleBytes).toBeCloseTo(0.92, 6);
    expect(budget.terms.every(({ because }) => because.endsWith("."))).toBe(true);
  });
});

describe("what does not fit", () => {
  it("says by how much the weights of Llama-70B in FP8 and the rest exceed one H100", () => {
    const budget = memoryBudget(setupOf({ model: "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic" }));
    expect(budget).toMatchObject({ kind: "does-not-fit", what: "terms" });
    if (budget.kind === "does-not-fit") expect(budget.missingBytes / gib).toBeCloseTo(1.3, 1);
  });

  it("says by how much one request of Qwen3-32B at 32,000 tokens exceeds what is left", () => {
    const budget = memoryBudget(setupOf({ maxModelLen: 32_000 }));
    expect(budget).toMatchObject({ kind: "does-not-fit", what: "cache" });
    if (budget.kind !== "does-not-fit") return;
    expect(budget.reason).toBe("One request of 32000 tokens needs 7.8 GiB of cache a GPU, and 4.5 GiB are left.");
  });

  it("names the comparison of all layers with one stage", () => {
    const setup = setupOf({
      model: "zai-org/GLM-4.7-FP8",
      accelerator: "nvidia-a100-80gb-sxm",
      pipelineParallelSize: 8,
      gpuMemoryUtilization: 0.925,
      maxModelLen: 202_752,
    });
    const budget = memoryBudget(setup);
    expect(budget.kind === "does-not-fit" ? budget.reason : "").toContain("one of 8 stages");
  });

  it("is not guessed for a cache that must be measured, nor for weights nobody counted", () => {
    expect(memoryBudget(setupOf({ model: "BAAI/bge-m3" }))).toMatchObject({ kind: "measure" });
    expect(memoryBudget(setupOf({ model: "deepseek-ai/DeepSeek-V4-Pro" }))).toMatchObject({ kind: "unknown-weights" });
  });
});

describe("units", () => {
  it("an H100 shows 79.18 GiB, neither the vendor's 80 GB nor 80 GiB", () => {
    expect(visibleBytes(setupOf())).toBe(79.18 * 2 ** 30);
    expect(visibleBytes(setupOf({ accelerator: "nvidia-h100-pcie" }))).toBe(81_559 * 2 ** 20);
  });

  it("sixteen billion bytes are 15 GiB: GB in place of GiB would move this pool by a tenth", () => {
    const pool = poolGiB({ model: "meta-llama/Llama-3.1-8B-Instruct" });
    expect(pool).toBeGreaterThan(51);
    expect(pool).toBeLessThan(52);
  });

  it("no file of the arithmetic counts in powers of ten or names GB", () => {
    const folder = new URL("../../../decisions/capacity/", import.meta.url);
    for (const name of [
      "serving-setup",
      "weight-bytes",
      "key-value-cache",
      "activation-peak",
      "memory-budget",
      "concurrency",
    ]) {
      expect(readdirSync(folder)).toContain(`${name}.ts`);
      const source = readFileSync(new URL(`${name}.ts`, folder), "utf8");
      expect(source).not.toMatch(/\bGB\b(?!\/s)/);
      const decimals = source.replace(/\/ 1e9\)\.toFixed\(2\)\} billion/, "");
      expect(decimals).not.toMatch(/1e9|10 ?\*\* ?9|1_000_000_000|\b1000 ?\*/);
    }
  });
});
