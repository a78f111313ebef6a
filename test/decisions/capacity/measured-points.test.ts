// Proves: the errors on measured points stay within their bounds. `npm run bench:capacity` shows them one by one.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { summarize } from "../../../bench/capacity/errors.ts";
import { memoryQuantities } from "../../../bench/capacity/memory-quantities.ts";
import type { Metric, PointRecord, Quantity } from "../../../bench/capacity/record.ts";

const file = new URL("../../../bench/capacity/points/measured.json", import.meta.url);
const { records } = JSON.parse(readFileSync(file, "utf8")) as { records: PointRecord[] };
const quantities = records.flatMap(memoryQuantities);
const of = (metric: Metric) => quantities.filter((quantity) => quantity.metric === metric);

function only(record: Partial<PointRecord>): Quantity[] {
  const point: PointRecord = {
    id: "own",
    kind: "memory",
    model: "Qwen3-32B",
    gpu: "H100-80GB",
    engine: "vllm",
    measured: {},
    source: "a test",
    ...record,
  };
  return [...memoryQuantities(point)];
}

describe("measured points", () => {
  it.each([
    { metric: "weightsGiB", median: 0.5, p90: 1.2, refused: 1 },
    { metric: "kvPoolGiB", median: 2, p90: 10, refused: 5 },
    { metric: "kvTokens", median: 0.1, p90: 1, refused: 7 },
    { metric: "fits", median: 0, p90: 0, refused: 1 },
  ] as const)("$metric: median $median %, p90 $p90 %, $refused refused", ({ metric, median, p90, refused }) => {
    const summary = summarize(of(metric));
    expect(summary.median ?? 100).toBeLessThanOrEqual(median);
    expect(summary.p90 ?? 100).toBeLessThanOrEqual(p90);
    expect(summary.refused).toBeLessThanOrEqual(refused);
  });

  it("tokens in a logged pool are right to 1 %, each of them", () => {
    const worst = summarize(of("kvTokens").filter(({ basis }) => basis === "logged pool")).worst;
    expect(worst ?? 100).toBeLessThan(1);
  });

  it("every refusal says why", () => {
    for (const { predicted, refused } of quantities) expect(predicted === null).toBe((refused ?? "").length > 5);
  });
});

describe("a record's free text", () => {
  const pool = { kv_gib: 10 };
  it.each([
    { model: "gpt-oss-120b", arch: "gpt_oss 36L/8kv/64 (half windowed)", weight_dtype: "mxfp4" },
    { model: "Gemma-4-31B-IT", arch: "gemma4 hybrid", weight_dtype: "bf16" },
    { model: "DeepSeek-V3/R1", arch: "deepseek_v3 61L MLA 512+64", weight_dtype: "fp8" },
    { model: "moonshotai/Kimi-K2-Instruct", weight_dtype: "fp8" },
    { model: "Qwen3.5-27B", weight_dtype: "n/s" },
    { model: "Meta-Llama-3.1-405B-Instruct-FP8", arch: "llama 126L/8kv/128", weight_dtype: "fp8" },
    { model: "DeepSeek-R1-Distill-Qwen-14B", arch: "qwen2 48L/8kv/128", weight_dtype: "bf16" },
    { model: "some fine-tune", arch: "llama 80L/8kv/128", weight_dtype: "bf16" },
  ])("finds $model", (record) => {
    const found = only({
      ...record,
      gpu_memory_utilization: 0.9,
      measured: { ...pool, weights_gib: 50 },
      gpus: 8,
      tp: 8,
    });
    expect(found.map(({ refused }) => refused)).toEqual([null, null]);
  });

  it("takes the cache from `arch` alone, and refuses what it does not tell", () => {
    const found = only({
      model: "acme-7b",
      arch: "mystery 33L/5kv/96",
      max_model_len: 4096,
      measured: { weights_gib: 14, kv_gib: 5, kv_tokens: 84_720 },
    });
    expect(found.map(({ metric, predicted }) => [metric, predicted])).toEqual([
      ["weightsGiB", null],
      ["kvPoolGiB", null],
      ["kvTokens", 84_720],
    ]);
  });

  it("does not take a model of another size for one of the same layers and heads", () => {
    const [weights] = only({ model: "acme-13b", arch: "llama 32L/8kv/128", measured: { weights_gib: 26 } });
    expect(weights?.refused).toContain("parameter count");
  });

  it.each([
    ["--disable-hybrid-kv-cache-manager", false],
    ["hybrid allocator off", false],
    ["defaults", true],
  ])("reads %j: gemma-4-31b with 10 GiB left fits 32,768 tokens: %s", (other_flags, fits) => {
    const found = only({
      model: "gemma-4-31b",
      other_flags,
      max_model_len: 32_768,
      outcome: fits ? "fits" : "fails: need 27.5",
      measured: { available_kv_gib: 10 },
    });
    expect(found.find(({ metric }) => metric === "fits")?.predicted).toBe(fits);
  });

  it.each(["RTX 5070 Ti + RTX 5090 D", "n/s", "48GB-class"])("refuses a pool on %j", (gpu) => {
    expect(only({ gpu, gpu_memory_utilization: 0.9, measured: pool })[0]?.refused).not.toBeNull();
  });
});
