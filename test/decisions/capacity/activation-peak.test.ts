// Proves: the activation peak against logs (data/activation-regularity.json), misses named.
import { describe, expect, it } from "vitest";
import { activationPeak } from "../../../decisions/capacity/activation-peak.ts";
import { gib, setupOf } from "../../support/capacity.ts";

describe("the activation peak", () => {
  it.each([
    { model: "Qwen/Qwen3-0.6B", accelerator: "nvidia-h100-sxm", loggedGiB: 5.56 },
    { model: "Qwen/Qwen3-32B", accelerator: "nvidia-h100-sxm", loggedGiB: 5.64 },
    { model: "meta-llama/Llama-3.1-8B-Instruct", accelerator: "nvidia-h100-sxm", loggedGiB: 4.76 },
    { model: "Qwen/Qwen3-14B", accelerator: "nvidia-l40s", loggedGiB: 1.4 },
  ])("of $model on $accelerator is the sampler's, within 10 %", ({ loggedGiB, ...named }) => {
    const peak = activationPeak(setupOf(named));
    expect(peak.cause).toBe("sampler");
    expect(Math.abs(peak.bytes / gib / loggedGiB - 1)).toBeLessThan(0.1);
  });

  it.each([
    { maxModelLen: 20_000, loggedGiB: 2.07 },
    { maxModelLen: 29_000, loggedGiB: 2.99 },
  ])(
    "of the old engine without chunked prefill follows the length: $maxModelLen tokens",
    ({ maxModelLen, loggedGiB }) => {
      const model = "meta-llama/Llama-3.1-8B-Instruct";
      const peak = activationPeak(setupOf({ model, accelerator: "nvidia-rtx-3090", core: "v0", maxModelLen }));
      expect(peak.cause).toBe("forward");
      expect(Math.abs(peak.bytes / gib / loggedGiB - 1)).toBeLessThan(0.01);
    },
  );

  it("misses Mistral-Small-3.2 by more than twice, on the side of caution", () => {
    const peak = activationPeak(setupOf({ model: "mistralai/Mistral-Small-3.2-24B-Instruct-2506" }));
    expect(peak.bytes / gib / 2.12).toBeGreaterThan(2);
  });

  it("gives back 4 GiB when the engine runs 256 sequences in place of 1,024", () => {
    const many = activationPeak(setupOf()).bytes;
    const few = activationPeak(setupOf({ maxNumSeqs: 256 })).bytes;
    expect((many - few) / gib).toBeGreaterThan(4);
  });

  it("is an image's where one is tried that is larger than all the rest", () => {
    const vision = { model: "Qwen/Qwen2.5-VL-32B-Instruct", accelerator: "nvidia-a100-80gb-sxm" };
    expect(activationPeak(setupOf(vision))).toMatchObject({ cause: "images" });
    expect(activationPeak(setupOf({ ...vision, isTextOnly: true })).cause).toBe("sampler");
  });
});
