// Proves: what the cache needs and holds, against logs (reference/capacity-economics.md sections 1.1 and 2.1).
import { describe, expect, it } from "vitest";
import {
  cacheCapacity,
  cacheLayout,
  requestBytes,
  startUpNeedBytes,
} from "../../../decisions/capacity/key-value-cache.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { gib, layoutOf, setupOf } from "../../support/capacity.ts";

const bytesPerToken = (...parameters: Parameters<typeof setupOf>) => layoutOf(setupOf(...parameters)).bytesPerToken;

describe("bytes for one token", () => {
  it.each([
    ["meta-llama/Meta-Llama-3.1-8B", 131_072],
    ["meta-llama/Meta-Llama-3.1-70B", 327_680],
    ["meta-llama/Meta-Llama-3.1-405B", 516_096],
    ["mistralai/Mixtral-8x7B-v0.1", 131_072],
    ["mistralai/Mixtral-8x22B-v0.1", 229_376],
    ["Qwen/Qwen2.5-7B-Instruct", 57_344],
    ["Qwen/Qwen2.5-72B-Instruct", 327_680],
    ["Qwen/Qwen3-8B", 147_456],
    ["Qwen/Qwen3-14B", 163_840],
    ["Qwen/Qwen3-32B", 262_144],
    ["Qwen/Qwen3-30B-A3B", 98_304],
    ["Qwen/Qwen3-235B-A22B", 192_512],
    ["Qwen/Qwen3-Coder-480B-A35B-Instruct", 253_952],
    ["Qwen/Qwen3.5-27B", 65_536],
    ["Qwen/Qwen3.5-397B-A17B", 30_720],
    ["deepseek-ai/DeepSeek-V3", 70_272],
    ["deepseek-ai/DeepSeek-R1", 70_272],
    ["moonshotai/Kimi-K2-Instruct", 70_272],
    ["openai/gpt-oss-20b", 24_576],
    ["openai/gpt-oss-120b", 36_864],
    ["google/gemma-3-27b-it", 81_920],
    ["google/gemma-4-31B-it", 81_920],
    ["google/gemma-4-26B-A4B", 20_480],
    ["mistralai/Mistral-Small-3.2-24B-Instruct-2506", 163_840],
    ["mistralai/Mistral-Large-Instruct-2407", 360_448],
    ["microsoft/phi-4", 204_800],
    ["MiniMaxAI/MiniMax-M2.5", 253_952],
    ["meta-llama/Llama-4-Scout-17B-16E-Instruct", 49_152],
  ])("of %s are %i", (model, expected) => {
    expect(bytesPerToken({ model })).toBe(expected);
  });

  it("are repeated on GPUs where there are fewer heads: 48,128 of Qwen3-235B on each of eight", () => {
    expect(bytesPerToken({ model: "Qwen/Qwen3-235B-A22B", tensorParallelSize: 8 })).toBe(48_128);
  });

  it("of latent attention are whole on every GPU", () => {
    expect(bytesPerToken({ model: "deepseek-ai/DeepSeek-V3", tensorParallelSize: 8 })).toBe(70_272);
  });

  it("are half in FP8", () => {
    expect(bytesPerToken({ kvCacheDtype: "fp8" })).toBe(131_072);
    expect(bytesPerToken({ model: "deepseek-ai/DeepSeek-V3", kvCacheDtype: "fp8" })).toBe(35_136);
  });

  it("count a sparse model's indexer beside the vector: 21 of GLM-5.2's layers, 132 bytes each", () => {
    expect(bytesPerToken({ model: "zai-org/GLM-5.2" })).toBe(89_856 + 21 * 132);
  });

  it("count the layer of a draft model: 410,128 tokens in 51.63 GiB", () => {
    const setup = setupOf({ model: "meta-llama/Llama-3.1-8B-Instruct", draftLayers: 1 });
    const { tokens } = cacheCapacity(setup, layoutOf(setup), 51.63 * gib);
    expect(Math.abs(tokens / 410_128 - 1)).toBeLessThan(0.001);
  });
});

describe("the need of one request", () => {
  it("of gpt-oss-120b at 131,072 tokens is 4.54 GiB, as vLLM printed in issue 27508", () => {
    const setup = setupOf({ model: "openai/gpt-oss-120b", maxModelLen: 131_072, maxNumBatchedTokens: 1024 });
    expect(requestBytes(setup, layoutOf(setup), 131_072) / gib).toBeCloseTo(4.54, 2);
  });

  it("of gemma-4-31B at 32,768 tokens is 27.5 GiB without the hybrid allocator, and an eighth of it with", () => {
    const gemma = { model: "google/gemma-4-31B-it", maxModelLen: 32_768 };
    const off = startUpNeedBytes(setupOf({ ...gemma, hybridAllocator: false }));
    expect(Number(off) / gib).toBe(27.5);
    const on = startUpNeedBytes(setupOf({ ...gemma, maxNumBatchedTokens: 2048 }));
    expect(Number(on) / gib).toBeLessThan(27.5 / 5);
  });

  // Point mem-050 was asked for 6.15 GiB; it records neither the model's size nor the flags, so this agreement is no proof.
  it("of gemma-4-26B at 262,144 tokens is 6.15 GiB with two steps of 2,496 tokens in flight", () => {
    const gemma = { model: "google/gemma-4-26B-A4B", accelerator: "nvidia-l4", maxModelLen: 262_144 };
    const need = startUpNeedBytes(setupOf({ ...gemma, release: [0, 28], maxNumBatchedTokens: 2496 }));
    expect(Number(need) / gib).toBeCloseTo(6.15, 2);
  });

  it("of the old engine is at full length in every layer", () => {
    const gemma = { model: "google/gemma-3-27b-it", maxModelLen: 8192 };
    const layout = layoutOf(setupOf({ ...gemma, core: "v0" }));
    expect(layout.groups).toHaveLength(1);
    expect(layout.bytesPerToken).toBe(62 * 2 * 16 * 128 * 2);
  });

  it.each([
    { model: "Qwen/Qwen3-Coder-30B-A3B-Instruct", maxModelLen: 262_144, stages: 2, needGiB: 24.0 },
    { model: "zai-org/GLM-4.7", maxModelLen: 202_752, stages: 8, needGiB: 71.16 },
  ])("of $model over $stages stages is compared whole: $needGiB GiB", ({ model, maxModelLen, stages, needGiB }) => {
    const need = startUpNeedBytes(setupOf({ model, maxModelLen, pipelineParallelSize: stages }));
    expect(Number(need) / gib).toBeCloseTo(needGiB, 2);
  });

  it("is not computed for a compressed cache", () => {
    const layout = cacheLayout(setupOf({ model: "deepseek-ai/DeepSeek-V4-Flash" }));
    expect(layout).toMatchObject({ kind: "measure", reason: expect.stringContaining("issue 44376") });
  });
});

describe("what a pool holds", () => {
  it.each([
    { model: "Qwen/Qwen3-14B", tensorParallelSize: 1, poolGiB: 11.57, tokens: 75_824 },
    { model: "Qwen/Qwen3-14B-AWQ", tensorParallelSize: 1, poolGiB: 29.63, tokens: 194_192 },
    { model: "Qwen/Qwen3-30B-A3B", tensorParallelSize: 4, poolGiB: 23.74, tokens: 1_037_152 },
    { model: "Qwen/Qwen3-235B-A22B", tensorParallelSize: 8, poolGiB: 10.65, tokens: 238_208 },
    { model: "meta-llama/Llama-3.1-8B-Instruct", tensorParallelSize: 1, poolGiB: 56.21, tokens: 460_496 },
    { model: "Qwen/Qwen2.5-1.5B-Instruct", tensorParallelSize: 1, poolGiB: 2.36, tokens: 88_304 },
  ])("$poolGiB GiB hold $tokens tokens of $model, within 0.3 %", ({ poolGiB, tokens, ...named }) => {
    const setup = setupOf(named);
    const capacity = cacheCapacity(setup, layoutOf(setup), poolGiB * gib);
    expect(Math.abs(capacity.tokens / tokens - 1)).toBeLessThan(0.003);
    expect(capacity.tokens % 16).toBe(0);
  });

  it("is whole blocks, one of which stays empty", () => {
    const setup = setupOf();
    const layout = layoutOf(setup);
    const capacity = cacheCapacity(setup, layout, layout.blockBytes * 10.9);
    expect(capacity).toMatchObject({ blocks: 10, tokens: 160, usableTokens: 144 });
    expect(cacheCapacity(setup, layout, -1)).toMatchObject({ blocks: 0, tokens: 0, usableTokens: 0 });
  });

  it("with a state is blocks as large as a layer's state: 784 tokens of Qwen3.5-27B, 290,864 in the log of issue 40691", () => {
    const setup = setupOf({ model: "Qwen/Qwen3.5-27B", release: [0, 19], maxModelLen: 32_768 });
    const layout = layoutOf(setup);
    expect(layout.groups.map(({ blockTokens }) => blockTokens)).toEqual([784, 784, 784, 784]);
    const capacity = cacheCapacity(setup, layout, layout.blockBytes * 1487);
    expect(capacity.tokens).toBe(290_864);
    expect(capacity.longestRequests).toBeCloseTo(33.04, 2);
  });

  it("is printed as requests times length since 0.20, where layers differ", () => {
    const gemma = { model: "google/gemma-4-31B-it", maxModelLen: 32_768 } as const;
    const setup = setupOf({ ...gemma, release: [0, 25] });
    const { tokens, longestRequests } = cacheCapacity(setup, layoutOf(setup), 40 * gib);
    expect(tokens).toBe(Math.floor(longestRequests * 32_768));
  });
});

it("every model of the catalog has a layout or a reason why not", () => {
  for (const model of Object.keys(catalog.models)) {
    const layout = cacheLayout(setupOf({ model }));
    if (layout.kind === "measure") expect(layout.reason.length).toBeGreaterThan(10);
    else expect(layout.blockBytes).toBeGreaterThan(0);
  }
});
