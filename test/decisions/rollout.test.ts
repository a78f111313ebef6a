import { describe, expect, it } from "vitest";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { modelConfig, poolConfig, stackConfig } from "../support/config.ts";

const oneNode = { h100: poolConfig({ nodes: { min: 1, max: 1 } }) };

describe("roll-out", () => {
  it("surges when one more replica fits a node", () => {
    const blueprint = blueprintFor({ nodePools: oneNode, models: { chat: modelConfig({ replicas: 7 }) } });
    expect(releaseOf(blueprint).rollout.value).toEqual({
      strategy: "surge",
      maxSurge: 1,
      maxUnavailable: 0,
      capacityDuringRollout: 1,
    });
    expect(blueprint.nodePools.h100?.gpusDuringRollout.value).toBe(8);
  });

  it("replaces in place when no GPU is spare, and says what it costs", () => {
    const blueprint = blueprintFor({ nodePools: oneNode, models: { chat: modelConfig({ replicas: 8 }) } });
    const { value, because } = releaseOf(blueprint).rollout;
    expect(value).toEqual({
      strategy: "replace-in-place",
      maxSurge: 0,
      maxUnavailable: 1,
      capacityDuringRollout: 0.875,
    });
    expect(because.map(({ text }) => text).join(" ")).toContain("7 of 8 serve meanwhile, 87 % of the capacity");
    expect(blueprint.nodePools.h100?.gpusDuringRollout.value).toBe(8);
  });

  it("replaces in place when GPUs are spare, but in no node together", () => {
    const blueprint = blueprintFor({
      models: { chat: modelConfig({ replicas: 2, tensorParallelSize: 4 }), filler: modelConfig({ replicas: 6 }) },
      nodePools: { h100: poolConfig({ gpusPerNode: 7 }) },
    });
    // 4 + 3 on each node: nothing of four GPUs is left, although no node count says so.
    expect(releaseOf(blueprint, "chat").rollout.value.strategy).toBe("replace-in-place");
  });

  it("gives spare GPUs to releases in order of their names", () => {
    const blueprint = blueprintFor({
      nodePools: oneNode,
      models: { b: modelConfig({ replicas: 3 }), a: modelConfig({ replicas: 4 }), c: modelConfig({ replicas: 1 }) },
    });
    // All eight GPUs are held.
    expect(["a", "b", "c"].map((model) => releaseOf(blueprint, model).rollout.value.strategy)).toEqual([
      "replace-in-place",
      "replace-in-place",
      "replace-in-place",
    ]);
    const spare = blueprintFor({
      nodePools: oneNode,
      models: { b: modelConfig({ replicas: 3 }), a: modelConfig({ replicas: 4 }) },
    });
    expect(["a", "b"].map((model) => releaseOf(spare, model).rollout.value.strategy)).toEqual([
      "surge",
      "replace-in-place",
    ]);
  });

  it("lets a smaller release surge where a larger one before it cannot", () => {
    const blueprint = blueprintFor({
      nodePools: oneNode,
      models: { big: modelConfig({ replicas: 1, tensorParallelSize: 4 }), small: modelConfig({ replicas: 2 }) },
    });
    expect(releaseOf(blueprint, "big").rollout.value.strategy).toBe("replace-in-place");
    expect(releaseOf(blueprint, "small").rollout.value.strategy).toBe("surge");
  });

  it("says when a surge waits for a further node", () => {
    const blueprint = blueprintFor({
      nodePools: { h100: poolConfig({ nodes: { min: 1, max: 2 } }) },
      models: { chat: modelConfig({ replicas: 8 }) },
    });
    const { rollout, progressDeadlineSeconds } = releaseOf(blueprint);
    expect(rollout.value.strategy).toBe("surge");
    expect(rollout.because.map(({ path }) => path)).toContain("nodePools.h100.nodes.min");
    expect(progressDeadlineSeconds.because[0]?.text).toContain("a node joins");
  });

  it("warns when nothing serves while the only replica is replaced", () => {
    const models = { chat: modelConfig({ replicas: 1, tensorParallelSize: 8 }) };
    const { blueprint, findings } = decideFor(stackConfig({ nodePools: oneNode, models }));
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["CAP-107", "warning"]]);
    expect(findings[0]?.title).toBe('Nothing serves "chat" v1 while its only replica is replaced during a roll-out.');
    expect(blueprint && releaseOf(blueprint).rollout.value.capacityDuringRollout).toBe(0);
  });

  it("does not warn about a single replica that can surge", () => {
    expect(decideFor(stackConfig({ models: { chat: modelConfig({ replicas: 1 }) } })).findings).toEqual([]);
  });
});
