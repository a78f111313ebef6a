import { describe, expect, it } from "vitest";
import { measuredPoints } from "../../../bench/capacity/measured-points.ts";
import { measuredAccelerators, type SpeedModel, speedModel } from "../../../decisions/capacity/loaded-replica.ts";
import { modelOf, setupOf } from "../../support/capacity.ts";

const load = { concurrency: 8, inputTokens: 1000, outputTokens: 200, cachedPrefixTokens: 0, runningAtMost: null };

function speedOf(...named: Parameters<typeof setupOf>): SpeedModel {
  const speed = speedModel(setupOf(...named), "vllm", "nvidia-h100-sxm");
  if (speed.kind !== "speed") throw new Error(speed.reason);
  return speed;
}

describe("speedModel", () => {
  it("reads 16-bit weights at two bytes, without the input embeddings", () => {
    const { model } = speedOf().under(load);
    const { parameters, vocabularySize, hiddenSize } = modelOf("Qwen/Qwen3-32B");
    expect(model.denseWeightBytes).toBe(2 * ((parameters?.total ?? 0) - vocabularySize * hiddenSize));
    expect(model.experts).toBeNull();
    expect(model.cacheBytesPerToken).toBe(262_144);
  });

  it("counts the active parameters of a mixture of experts as published, embeddings and head aside", () => {
    const facts = modelOf("Qwen/Qwen3-235B-A22B-FP8");
    const { model } = speedOf({ model: "Qwen/Qwen3-235B-A22B-FP8", tensorParallelSize: 8 }).under(load);
    const outside = 2 * facts.vocabularySize * facts.hiddenSize;
    expect(model.activeParameters / ((facts.parameters?.active ?? 0) - outside)).toBeCloseTo(1, 2);
  });

  it("reads a window no further back than it reaches, and no further than the request is long", () => {
    const speed = speedOf({ model: "openai/gpt-oss-120b" });
    const far = speed.under({ ...load, inputTokens: 8000 }).model.cacheBytesPerSequence;
    expect(far).toBe(18 * 2 * 8 * 64 * 2 * 128);
    const near = speed.under({ ...load, inputTokens: 50, outputTokens: 28 }).model.cacheBytesPerSequence;
    expect(near).toBe(far / 2);
  });

  it("multiplies in 8 bits only where the GPU can", () => {
    const fp8 = "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic";
    expect(speedOf({ model: fp8, tensorParallelSize: 2 }).under(load).model.arithmetic).toBe("fp8");
    expect(
      speedOf({ model: fp8, tensorParallelSize: 2, accelerator: "nvidia-a100-80gb-sxm" }).under(load).model.arithmetic,
    ).toBe("bf16");
  });

  it.each([
    [{ pipelineParallelSize: 2 }, /pipeline/],
    [{ model: "deepseek-ai/DeepSeek-V4-Flash" }, /measured|parameter count/],
  ] as const)("says why nothing can be said of %j", (named, why) => {
    expect(speedModel(setupOf(named), "vllm", null)).toEqual({
      kind: "unknown-speed",
      reason: expect.stringMatching(why),
    });
  });

  it("takes for measured the GPUs that have ten points or more", () => {
    const byGpu = new Map<string, number>();
    for (const { group } of measuredPoints().points) byGpu.set(group.gpu, (byGpu.get(group.gpu) ?? 0) + 1);
    const many = [...byGpu].filter(([, count]) => count >= 10).map(([gpu]) => `nvidia-${gpu}-sxm`);
    expect(new Set(many)).toEqual(measuredAccelerators);
  });
});
