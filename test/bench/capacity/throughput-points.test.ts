import { describe, expect, it } from "vitest";
import { measuredPoints } from "../../../bench/capacity/measured-points.ts";
import type { PointRecord } from "../../../bench/capacity/record.ts";
import { throughputPoint } from "../../../bench/capacity/throughput-points.ts";

const record: PointRecord = {
  id: "point",
  kind: "throughput",
  model: "meta-llama/Llama-3.1-70B",
  weight_dtype: "fp8",
  gpu: "h100_sxm",
  gpus: 2,
  engine: "vllm",
  input_tokens: 1024,
  output_tokens: 512,
  concurrency: 8,
  measured: { ttft_ms: 150, tpot_ms: 18 },
  derived_by_littles_law: { output_tok_s: 430 },
  source: "a test",
};

function replicaOf(change: Partial<PointRecord>) {
  const point = throughputPoint({ ...record, ...change });
  if ("refused" in point) throw new Error(point.refused);
  return point.replica;
}

describe("throughputPoint", () => {
  it("reads the load, the engine and what was measured", () => {
    expect(throughputPoint(record)).toMatchObject({
      group: { model: "Llama-3.1-70B", gpu: "h100", engine: "vllm" },
      replica: { gpus: 2, engine: "vllm", load: { concurrency: 8, inputTokens: 1024, outputTokens: 512 } },
      measured: { ttftMilliseconds: 150, interTokenMilliseconds: 18, outputTokensPerSecond: 430 },
    });
  });

  it("takes NIM for TensorRT-LLM, whose FP8 checkpoints keep their cache in FP8", () => {
    const nim = replicaOf({ engine: "NIM" });
    expect(nim.engine).toBe("trtllm");
    expect(nim.model.cacheBytesPerToken).toBe(replicaOf({}).model.cacheBytesPerToken / 2);
  });

  it.each([
    ["h100_sxm", 3.35e12],
    ["H100 SXM", 3.35e12],
    ["H100 (as listed)", 3.35e12],
    ["h200_sxm", 4.8e12],
    ["b200_sxm", 8e12],
    ["gb200", 8e12],
    ["A100-80GB", 2.039e12],
    ["L40S", 0.864e12],
  ])("finds the rates of %s", (gpu, memoryBytesPerSecond) => {
    expect(replicaOf({ gpu, gpus: 8 }).accelerator.memoryBytesPerSecond).toBe(memoryBytesPerSecond);
  });

  it.each([
    ["meta-llama/Llama-3.1-70B", 80],
    ["Llama-3.3-70B-Instruct", 80],
    ["nvidia/Llama-3.3-70B-Instruct-FP8", 80],
    ["Llama-3.1-8B-Instruct", 32],
    ["meta-llama/Meta-Llama-3.1-405B-Instruct-FP8", 126],
    ["Qwen/Qwen3-235B-A22B-FP8", 94],
    ["Qwen3-14B-AWQ", 40],
    ["deepseek-ai/DeepSeek-V3", 61],
    ["deepseek-ai/DeepSeek-R1-0528", 61],
    ["openai/gpt-oss-20b", 24],
    ["openai/gpt-oss-120b", 36],
    ["moonshotai/Kimi-K2-Instruct", 61],
    ["MiniMaxAI/MiniMax-M2.5", 62],
  ])("finds the shape of %s", (model, layers) => {
    expect(replicaOf({ model, gpu: "gb300", gpus: 8 }).model.layers).toBe(layers);
  });

  it.each([
    ["moonshotai/Kimi-K2-Instruct", 1026.4e9],
    ["deepseek-ai/DeepSeek-V3", 671e9],
    ["meta-llama/Llama-4-Maverick-17B-128E-Instruct", 400.7e9],
    ["MiniMaxAI/MiniMax-M2.5", 228.7e9],
    ["meta-llama/Llama-3.1-70B", 70.55e9],
  ])("reads all weights of %s but the input embeddings, when all experts are visited", (model, parameters) => {
    const { denseWeightBytes, experts, layers, hiddenSize } = replicaOf({
      model,
      gpu: "gb300",
      gpus: 16,
      weight_dtype: "bf16",
    }).model;
    expect(layers * hiddenSize).toBeGreaterThan(0);
    const read = (denseWeightBytes + (experts?.weightBytes ?? 0)) / 2;
    expect(read / parameters).toBeGreaterThan(0.97);
    expect(read / parameters).toBeLessThanOrEqual(1.001);
  });

  it("takes the weight type from the name or the configuration where the point does not say it", () => {
    const arithmeticOf = (model: string) => replicaOf({ model, weight_dtype: "n/s", gpus: 8 }).model.arithmetic;
    expect(arithmeticOf("Qwen/Qwen3-235B-A22B-FP8")).toBe("fp8");
    expect(arithmeticOf("MiniMaxAI/MiniMax-M2.5")).toBe("fp8");
    expect(arithmeticOf("Llama-3.1-8B-Instruct")).toBe("bf16");
    expect(arithmeticOf("openai/gpt-oss-120b")).toBe("bf16");
  });

  it.each<[Partial<PointRecord>, RegExp]>([
    [{ gpu: "n/s ($4.47/h)" }, /does not tell the GPU/],
    [{ model: "Llama-2-71B" }, /does not tell which model/],
    [{ model: "deepseek-ai/DeepSeek-V4-Flash" }, /measure|parameter count/],
    [{ engine: "in-house" }, /engine/],
    [{ gpus: null }, /number of GPUs/],
    [{ output_tokens: null }, /tokens not recorded/],
    [{ concurrency: null }, /concurrency/],
    [{ pp: 2 }, /pipeline stages/],
    [{ weight_dtype: "bf16", gpus: 1 }, /do not fit/],
  ])("refuses %j and says why", (change, why) => {
    expect(throughputPoint({ ...record, ...change })).toEqual({ id: "point", refused: expect.stringMatching(why) });
  });

  it("reads nearly all points that the repository carries", () => {
    const { points, refused } = measuredPoints();
    expect(points.length).toBe(189);
    expect(refused.length).toBe(13);
  });
});
