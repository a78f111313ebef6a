// Proves: the weights of one GPU against what engines have logged (reference/capacity-economics.md section 1.1).
import { describe, expect, it } from "vitest";
import { rankWeightBytes, storedWeightBytes } from "../../../decisions/capacity/weight-bytes.ts";
import { gib, modelOf, setupOf } from "../../support/capacity.ts";

const rankGiB = (...parameters: Parameters<typeof setupOf>) => (rankWeightBytes(setupOf(...parameters)) ?? 0) / gib;

describe("weights on one GPU", () => {
  it.each([
    { model: "meta-llama/Llama-3.1-8B-Instruct", tensorParallelSize: 1, loggedGiB: 14.99 },
    { model: "Qwen/Qwen3-0.6B", tensorParallelSize: 1, loggedGiB: 1.12 },
    { model: "Qwen/Qwen3-14B", tensorParallelSize: 1, loggedGiB: 27.52 },
    { model: "Qwen/Qwen3-14B-AWQ", tensorParallelSize: 1, loggedGiB: 9.44 },
    { model: "Qwen/Qwen3-32B", tensorParallelSize: 1, loggedGiB: 61.03 },
    { model: "Qwen/Qwen3-32B", tensorParallelSize: 2, loggedGiB: 30.59 },
    { model: "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", tensorParallelSize: 1, loggedGiB: 67.72 },
    { model: "Qwen/Qwen3-235B-A22B-FP8", tensorParallelSize: 8, loggedGiB: 221.8 / 8 },
    { model: "mistralai/Mistral-Small-3.2-24B-Instruct-2506", tensorParallelSize: 1, loggedGiB: 44.76 },
    { model: "Qwen/Qwen2.5-7B-Instruct-AWQ", tensorParallelSize: 1, loggedGiB: 5.29 },
    { model: "Qwen/Qwen2.5-1.5B-Instruct", tensorParallelSize: 1, loggedGiB: 2.89 },
  ])("are $loggedGiB GiB of $model over $tensorParallelSize, within 1 %", ({ loggedGiB, ...named }) => {
    expect(Math.abs(rankGiB(named) / loggedGiB - 1)).toBeLessThan(0.01);
  });

  it("are 214.1 GiB of MiniMax-M2.5 and 67.66 of Llama-70B in FP8 as stored", () => {
    expect((storedWeightBytes(modelOf("MiniMaxAI/MiniMax-M2.5")) ?? 0) / gib).toBeCloseTo(214.1, 0);
    const llama = modelOf("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic");
    expect((storedWeightBytes(llama) ?? 0) / gib).toBeCloseTo(67.66, 1);
  });

  it("of Llama-405B with feed-forward layers in FP8 are a fifth more than a byte a parameter", () => {
    const early = { ...modelOf("meta-llama/Llama-3.1-405B-Instruct-FP8"), keyValueHeads: 16 };
    const parameters = { total: 405_853_388_800 + 8 * 128 * 2 * 16_384 * 126, active: 405_853_388_800 };
    const setup = { ...setupOf({ tensorParallelSize: 8 }), model: { ...early, parameters } };
    expect((rankWeightBytes(setup) ?? 0) / gib).toBeCloseTo(57.7, 1);
    expect(405_853_388_800 / 8 / gib).toBeCloseTo(47.25, 1);
  });

  it("repeat key and value projections where there are fewer heads than GPUs", () => {
    const model = "Qwen/Qwen3-235B-A22B";
    const four = rankGiB({ model, tensorParallelSize: 4 });
    const eight = rankGiB({ model, tensorParallelSize: 8 });
    expect(eight).toBeGreaterThan(four / 2);
  });

  it("grow with adapter slots, draft layers and vision parts", () => {
    const plain = rankGiB();
    expect(rankGiB({ lora: { maxRank: 16, count: 4 } })).toBeGreaterThan(plain);
    expect(rankGiB({ lora: { maxRank: 32, count: 4 } })).toBeGreaterThan(rankGiB({ lora: { maxRank: 16, count: 4 } }));
    expect(rankGiB({ draftLayers: 1 })).toBeGreaterThan(plain);
    const vision = { model: "mistralai/Mistral-Small-3.2-24B-Instruct-2506" };
    expect(rankGiB({ ...vision, isTextOnly: true })).toBeLessThan(rankGiB(vision));
  });

  it("of a pipeline stage are those of its layers and one end of the model", () => {
    const whole = rankGiB();
    const stage = rankGiB({ pipelineParallelSize: 2 });
    expect(stage).toBeGreaterThan(whole / 2 - 1);
    expect(stage).toBeLessThan(whole / 2 + 1);
  });

  it("are not known where the catalog has no parameter count", () => {
    expect(rankWeightBytes(setupOf({ model: "deepseek-ai/DeepSeek-V4-Flash" }))).toBeNull();
    expect(storedWeightBytes(modelOf("deepseek-ai/DeepSeek-V4-Pro"))).toBeNull();
  });
});
