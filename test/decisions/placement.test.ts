import { describe, expect, it } from "vitest";
import type { Finding } from "../../config/diagnostics/finding.ts";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { lockedWeights, lockFor, modelConfig, poolConfig, stackConfig, versionConfig } from "../support/config.ts";

const gib = 2 ** 30;
const errors = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity === "error");
const pathOf = ({ place }: Finding) => ("path" in place ? place.path.join(".") : null);

describe("GPUs against the pool", () => {
  it.each([
    { name: "one below the border", replicas: 15, fits: true },
    { name: "on the border", replicas: 16, fits: true },
    { name: "one over the border", replicas: 17, fits: false },
  ])("holds replicas against nodes.max: $name", ({ replicas, fits }) => {
    const { blueprint, findings } = decideFor(stackConfig({ models: { chat: modelConfig({ replicas }) } }));
    expect(errors(findings).map(({ code }) => code)).toEqual(fits ? [] : ["CAP-101"]);
    expect(blueprint === null).toBe(!fits);
  });

  it("rejects more GPUs than the pool can have, and points at both sides", () => {
    const { findings } = decideFor(
      stackConfig({
        models: { chat: modelConfig({ replicas: 4, tensorParallelSize: 4 }), judge: modelConfig({ replicas: 1 }) },
      }),
    );
    const [found] = errors(findings);
    expect(found?.code).toBe("CAP-101");
    expect(found?.title).toBe('The models on node pool "h100" need 17 GPUs, 1 more than the 16 it can have.');
    expect(found && pathOf(found)).toBe("models.chat.replicas");
    expect(found?.also.map(({ path }) => path.join("."))).toEqual([
      "models.judge.replicas",
      "nodePools.h100.nodes.max",
    ]);
  });

  it("rejects replicas that find enough GPUs, but never in one node", () => {
    const { findings } = decideFor(
      stackConfig({
        models: {
          chat: modelConfig({
            replicas: 3,
            tensorParallelSize: 5,
            versions: { v1: versionConfig({ repository: "acme/odd", size: "16GiB" }) },
          }),
        },
      }),
    );
    expect(errors(findings)[0]?.title).toContain(
      "need 15 GPUs of 16, but 5 of them find no node with enough left for a whole replica.",
    );
  });

  it("counts every version in the file, whether it serves or not", () => {
    const blueprint = blueprintFor({
      models: { chat: modelConfig({ replicas: 3, versions: { v1: versionConfig(), v2: versionConfig() } }) },
    });
    expect(blueprint.nodePools.h100?.gpusNeeded.value).toBe(6);
  });

  it("says when more nodes are needed than are always there", () => {
    const blueprint = blueprintFor({
      nodePools: { h100: poolConfig({ nodes: { min: 1, max: 2 } }) },
      models: { chat: modelConfig({ replicas: 9 }) },
    });
    const reasons = blueprint.nodePools.h100?.gpusNeeded.because ?? [];
    expect(reasons.map(({ path }) => path)).toContain("nodePools.h100.nodes.min");
  });

  it.each([
    { name: "both fit", replicas: 8, fits: true },
    { name: "one GPU short", replicas: 9, fits: false },
  ])("says whether a second version fits beside the first: $name", ({ replicas, fits }) => {
    const blueprint = blueprintFor({ models: { chat: modelConfig({ replicas }) } });
    expect(blueprint.models.chat?.overlap.value).toEqual({ gpus: replicas, fits });
  });

  it("gives room for second versions one model after the other, so that all may swap at once", () => {
    const blueprint = blueprintFor({
      models: { chat: modelConfig({ replicas: 5 }), draft: modelConfig({ replicas: 3 }) },
    });
    expect(blueprint.models.chat?.overlap.value).toEqual({ gpus: 5, fits: true });
    expect(blueprint.models.draft?.overlap.value).toEqual({ gpus: 3, fits: true });
    const tighter = blueprintFor({
      models: { chat: modelConfig({ replicas: 6 }), draft: modelConfig({ replicas: 3 }) },
    });
    expect(tighter.models.chat?.overlap.value).toEqual({ gpus: 6, fits: true });
    expect(tighter.models.draft?.overlap.value).toEqual({ gpus: 3, fits: false });
    expect(tighter.models.draft?.overlap.because.at(-1)?.text).toContain("beside a second version of chat");
  });

  it("lets the quota hold both versions of a swap wherever the pool has room for them", () => {
    const blueprint = blueprintFor({
      nodePools: { h100: poolConfig({ nodes: { min: 4, max: 4 } }) },
      models: { chat: modelConfig({ replicas: 8, tensorParallelSize: 2 }) },
    });
    expect(blueprint.models.chat?.overlap.value).toEqual({ gpus: 16, fits: true });
    expect(blueprint.gpuQuota.value).toBeGreaterThanOrEqual(32);
  });

  it.each([
    { name: "spare node", min: 2, max: 2, replicas: 8, survivesAtMin: true, survivesAtMax: true },
    { name: "one replica too many", min: 2, max: 2, replicas: 9, survivesAtMin: false, survivesAtMax: false },
    { name: "a further node may join", min: 2, max: 3, replicas: 9, survivesAtMin: false, survivesAtMax: true },
  ])("says whether all replicas outlive a node: $name", ({ min, max, replicas, survivesAtMin, survivesAtMax }) => {
    const blueprint = blueprintFor({
      nodePools: { h100: poolConfig({ nodes: { min, max } }) },
      models: { chat: modelConfig({ replicas }) },
    });
    expect(blueprint.nodePools.h100?.nodeLoss).toEqual({ survivesAtMin, survivesAtMax });
  });

  it("allows the pods of a lost node to count twice in the quota", () => {
    const blueprint = blueprintFor({ models: { chat: modelConfig({ replicas: 2, tensorParallelSize: 4 }) } });
    // 8 held, 8 of a second version, 4 surging, 4 on their way out, 8 on a lost node.
    expect(blueprint.gpuQuota.value).toBe(32);
  });
});

describe("tensor parallel size", () => {
  it.each([
    { name: "fits a node", tensorParallelSize: 8, codes: [] },
    { name: "exceeds a node", tensorParallelSize: 9, codes: ["CAP-102"] },
    { name: "divides 32 heads", tensorParallelSize: 4, codes: [] },
    { name: "does not divide 32 heads", tensorParallelSize: 3, codes: ["CAP-103"] },
  ])("is held against node and heads: $name", ({ tensorParallelSize, codes }) => {
    const { findings } = decideFor(stackConfig({ models: { chat: modelConfig({ replicas: 1, tensorParallelSize }) } }));
    expect(errors(findings).map(({ code }) => code)).toEqual(codes);
  });

  it("rejects a size that does not divide the attention heads, and names those that do", () => {
    const { findings } = decideFor(stackConfig({ models: { chat: modelConfig({ tensorParallelSize: 3 }) } }));
    const [found] = errors(findings);
    expect(found?.title).toBe(
      'tensorParallelSize 3 of "chat" does not divide the 32 attention heads of Qwen/Qwen3-8B.',
    );
    expect(found?.fix).toBe("Sizes that divide the heads and fit a node: 1, 2, 4, 8.");
  });

  it("reports a fault that two versions share once", () => {
    const { findings } = decideFor(
      stackConfig({
        models: {
          chat: modelConfig({ tensorParallelSize: 3, versions: { v1: versionConfig(), v2: versionConfig() } }),
        },
      }),
    );
    expect(errors(findings).map(({ code }) => code)).toEqual(["CAP-103"]);
  });

  it("lets key and value heads be fewer than GPUs, because the engine repeats them", () => {
    const config = stackConfig({
      models: {
        chat: modelConfig({
          replicas: 1,
          tensorParallelSize: 8,
          versions: { v1: versionConfig({ repository: "Qwen/Qwen3-30B-A3B" }) },
        }),
      },
    });
    expect(errors(decideFor(config).findings)).toEqual([]);
  });

  it("says what it could not check for a model the catalog does not know", () => {
    const blueprint = blueprintFor({
      models: { chat: modelConfig({ versions: { v1: versionConfig({ repository: "acme/own" }) } }) },
    });
    expect(
      releaseOf(blueprint)
        .gpusPerReplica.because.map(({ text }) => text)
        .join(" "),
    ).toContain("could not be checked");
  });
});

describe("context length", () => {
  it.each([
    { name: "on the border", maxModelLen: 40_960, codes: [] },
    { name: "one token over", maxModelLen: 40_961, codes: ["CAP-112"] },
  ])("is held against the model's own: $name", ({ maxModelLen, codes }) => {
    const { findings } = decideFor(stackConfig({ models: { chat: modelConfig({ maxModelLen }) } }));
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  it("rejects a length that the model cannot take, and names the longest", () => {
    const { findings } = decideFor(stackConfig({ models: { chat: modelConfig({ maxModelLen: 65_536 }) } }));
    expect(findings[0]?.title).toBe(
      'maxModelLen 65536 of "chat" is longer than the 40960 tokens that Qwen/Qwen3-8B can take.',
    );
  });
});

describe("weights in GPU memory", () => {
  // 79.18 GiB that vLLM sees of an H100, times 0.9.
  const usableBytes = Math.floor(79.18 * gib * 0.9);
  const withBytes = (bytes: number, tensorParallelSize = 1) => {
    const config = stackConfig({
      models: {
        chat: modelConfig({
          replicas: 1,
          tensorParallelSize,
          versions: { v1: versionConfig({ repository: "acme/own" }) },
        }),
      },
    });
    const lock = lockFor(config, {
      weights: { "acme/own@main": lockedWeights("acme/own@main", { "model.safetensors": { bytes } }) },
    });
    return decideFor(config, lock);
  };

  it.each([
    { name: "on the border", bytes: usableBytes, size: 1, codes: [] },
    { name: "one byte over", bytes: usableBytes + 1, size: 1, codes: ["CAP-104"] },
    { name: "twice as much on two GPUs", bytes: usableBytes * 2, size: 2, codes: [] },
    { name: "a little more on two GPUs", bytes: usableBytes * 2 + 2, size: 2, codes: ["CAP-104"] },
  ])("must leave room: $name", ({ bytes, size, codes }) => {
    expect(errors(withBytes(bytes, size).findings).map(({ code }) => code)).toEqual(codes);
  });

  it("rejects weights that are too large, and names the smallest size that holds them", () => {
    const [found] = errors(withBytes(130 * gib).findings);
    expect(found?.code).toBe("CAP-104");
    expect(found?.title).toBe(
      'The weights of "chat" v1 are 58.7 GiB a GPU too large for the memory that the engine may take.',
    );
    expect(found?.fix).toContain(
      "The way that makes it fit: set tensorParallelSize to 2, the smallest size that holds the weights.",
    );
  });

  it("rejects weights that no size on a node holds", () => {
    expect(errors(withBytes(700 * gib).findings)[0]?.fix).toContain("no size of a replica that fits a node holds it");
  });

  it("counts one of two copies of the tensors, as the engine reads one", () => {
    const config = stackConfig({
      models: { chat: modelConfig({ replicas: 1, versions: { v1: versionConfig({ repository: "acme/own" }) } }) },
    });
    const lock = lockFor(config, {
      weights: {
        "acme/own@main": lockedWeights("acme/own@main", {
          "consolidated.safetensors": { bytes: 40 * gib },
          "model-00001-of-00001.safetensors": { bytes: 40 * gib },
        }),
      },
    });
    expect(errors(decideFor(config, lock).findings)).toEqual([]);
  });
});

describe("accelerators", () => {
  it("rejects an accelerator that the catalog does not know, and names the nearest", () => {
    const { blueprint, findings } = decideFor(
      stackConfig({ nodePools: { h100: poolConfig({ accelerator: "nvidia-h100-smx" }) } }),
    );
    expect(blueprint).toBeNull();
    expect(findings.map(({ code, fix }) => [code, fix])).toEqual([["CAP-106", 'Did you mean "nvidia-h100-sxm"?']]);
  });

  it("rejects an accelerator that only looks known because objects have such a key", () => {
    const { findings } = decideFor(stackConfig({ nodePools: { h100: poolConfig({ accelerator: "constructor" }) } }));
    expect(findings.map(({ code }) => code)).toEqual(["CAP-106"]);
  });
});

describe("priority classes", () => {
  it("rank larger replicas higher, one class for each size, named for stack and environment", () => {
    const blueprint = blueprintFor({
      models: {
        small: modelConfig({ replicas: 1 }),
        other: modelConfig({ replicas: 1 }),
        large: modelConfig({ replicas: 1, tensorParallelSize: 8 }),
      },
    });
    expect(blueprint.priorityClasses).toEqual([
      { name: "desk-test-inference-1gpu", gpusPerReplica: 1, value: 10_001 },
      { name: "desk-test-inference-8gpu", gpusPerReplica: 8, value: 10_008 },
    ]);
    expect(releaseOf(blueprint, "large").priorityClass).toBe("desk-test-inference-8gpu");
  });
});
