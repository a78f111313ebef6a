import { describe, expect, it } from "vitest";
import type { Finding } from "../../config/diagnostics/finding.ts";
import type { Config } from "../../config/schema/index.ts";
import { stackFile } from "../../config/schema/index.ts";
import { decideFor } from "../support/blueprint.ts";
import { modelConfig, poolConfig, stackConfig, versionConfig } from "../support/config.ts";

type Workload = NonNullable<Config["workloads"]>[string];

function workload(changes: Partial<Workload> = {}): Workload {
  return {
    model: "chat",
    tokensPerMonth: 6e9,
    inputTokens: { mean: 3500, p95: 8000 },
    outputTokens: { mean: 400, p95: 1500 },
    peakToMean: 2.5,
    batchShare: 0,
    escalationShare: 0,
    ...changes,
  };
}

/** One chat model of which the file sets nothing by hand, and one workload. */
function unset(changes: Partial<Config> = {}, model: Partial<Config["models"][string]> = {}): Config {
  const { tensorParallelSize, replicas, gpuMemoryUtilization, ...rest } = modelConfig({
    maxModelLen: 16_384,
    versions: { v1: versionConfig({ repository: "Qwen/Qwen3-32B" }) },
  });
  return stackConfig({ models: { chat: { ...rest, ...model } }, workloads: { support: workload() }, ...changes });
}

/** Without the warnings about hosting, which other tests are about. */
function found(config: Config): Finding[] {
  return decideFor(config).findings.filter(({ code }) => !code.startsWith("CST") && code !== "CAP-124");
}

const shapeOf = (config: Config) => {
  const release = decideFor(config).blueprint?.models.chat?.versions.v1;
  return { replicas: release?.replicas.value, gpus: release?.gpusPerReplica.value };
};

describe("the shape of a model", () => {
  it("is decided from its workloads", () => {
    expect(found(unset())).toEqual([]);
    expect(shapeOf(unset())).toEqual({ replicas: 4, gpus: 1 });
  });

  it("is what the file says where it says something", () => {
    expect(shapeOf(unset({}, { tensorParallelSize: 4 })).gpus).toBe(4);
    expect(shapeOf(unset({}, { replicas: 5 }))).toEqual({ replicas: 5, gpus: 1 });
  });

  it("has the ground for every value: the key where it is set, else the model and its workloads", () => {
    const paths = (config: Config) =>
      decideFor(config).blueprint?.models.chat?.versions.v1?.replicas.because.map(({ path }) => path);
    expect(paths(unset())?.[0]).toBe("workloads.support");
    expect(paths(unset({}, { replicas: 5 }))?.[0]).toBe("models.chat.replicas");
  });

  it("is written out for the engine, so that its defaults cannot move it", () => {
    const flags = decideFor(unset()).blueprint?.models.chat?.versions.v1?.engineArguments.map(({ flag }) => flag);
    expect(flags).toEqual(
      expect.arrayContaining([
        "--tensor-parallel-size",
        "--max-num-seqs",
        "--max-num-batched-tokens",
        "--gpu-memory-utilization",
        "--kv-cache-dtype",
        "--max-model-len",
      ]),
    );
  });

  it("rejects a model that no workload names and whose replicas are not set: CAP-131", () => {
    const [only, ...others] = found(unset({ workloads: undefined } as Partial<Config>));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ code: "CAP-131", place: { path: ["models", "chat"] } });
    expect(only?.fix).toContain("`model: chat`");
  });

  it("decides the size alone where only replicas are set", () => {
    const config = unset({ workloads: undefined } as Partial<Config>, { replicas: 3 });
    expect(shapeOf(config)).toEqual({ replicas: 3, gpus: 1 });
  });

  it("rejects a cache that cannot hold one request, with the cheapest ways out: CAP-132", () => {
    const config = unset({}, { maxModelLen: 40_960, tensorParallelSize: 1 });
    const [only] = found(config);
    expect(only).toMatchObject({ code: "CAP-132", place: { path: ["models", "chat", "tensorParallelSize"] } });
    expect(only?.title).toMatch(/lacks 1\.\d GiB a GPU for one request of its longest length\.$/);
    expect(only?.fix).toMatch(/^The cheapest ways to make it fit: \(1\) .+; \(2\) .+; \(3\) .+\.$/);
    expect(only?.fix).toContain("set kvCacheDtype to fp8");
  });

  it("rejects weights that no size holds, with the cheapest ways out: CAP-104", () => {
    const config = unset({ nodePools: { h100: poolConfig({ accelerator: "nvidia-l4", gpusPerNode: 2 }) } });
    const [only] = found(config).filter(({ severity }) => severity === "error");
    expect(only?.code).toBe("CAP-104");
    expect(only?.fix).toMatch(/use [a-z0-9-]+, \d GPUs? a replica/);
  });

  it("rejects an objective that no size keeps, and says the best that can be had: CAP-133", () => {
    const config = unset({ workloads: { support: workload({ objectives: { ttft: "100ms" } }) } });
    const [only] = found(config);
    expect(only).toMatchObject({
      code: "CAP-133",
      place: { path: ["workloads", "support", "objectives", "ttft"] },
    });
    expect(only?.why).toMatch(/The best is 8 GPUs a replica, .* may take \d{3} ms with a single request/);
    expect(only?.fix).toMatch(/no GPU of the catalog keeps it; the best is [a-z0-9-]+ with \d+ ms\.$/);
  });

  it("names the GPU that keeps an objective which the pool's cannot", () => {
    const config = unset({ workloads: { support: workload({ objectives: { ttft: "300ms" } }) } });
    expect(found(config)[0]?.fix).toMatch(/use other GPUs: [a-z0-9-]+ would keep it with \d GPUs? a replica\.$/);
  });

  it("warns of fewer replicas than the busiest hour needs: CAP-134", () => {
    const [only] = found(unset({}, { replicas: 2 }));
    expect(only).toMatchObject({
      code: "CAP-134",
      severity: "warning",
      place: { path: ["models", "chat", "replicas"] },
    });
    expect(found(unset({}, { replicas: 4 }))).toEqual([]);
  });

  it("tells a missing spare from missing work", () => {
    expect(found(unset({}, { replicas: 3 }))[0]?.why).toContain("not when a replica or its node is lost");
    expect(found(unset({}, { replicas: 2 }))[0]?.why).toContain("wait longer than the objectives allow");
  });

  it("rejects what nobody can compute unless it is set by hand: CAP-135", () => {
    const versions = { v1: versionConfig({ repository: "acme/own", size: "16GiB" }) };
    const [only] = found(unset({}, { versions }));
    expect(only).toMatchObject({ code: "CAP-135" });
    expect(only?.fix).toContain("models.chat.tensorParallelSize and models.chat.replicas");
    expect(found(unset({}, { versions, tensorParallelSize: 1 }))[0]?.fix).toContain("set models.chat.replicas by hand");
    expect(found(unset({}, { versions, tensorParallelSize: 1, replicas: 2 }))).toEqual([]);
  });

  it("rejects a cache that has to be measured unless it is set by hand", () => {
    const versions = { v1: versionConfig({ repository: "deepseek-ai/DeepSeek-V4-Flash", size: "150GiB" }) };
    expect(found(unset({}, { versions })).find(({ code }) => code === "CAP-135")?.why).toMatch(/^Measure it: /);
  });

  it("says once what holds for all versions of a model", () => {
    const versions = { v1: versionConfig(), v2: versionConfig({ repository: "Qwen/Qwen3-14B" }) };
    const codes = found(unset({ workloads: undefined } as Partial<Config>, { versions })).map(({ code }) => code);
    expect(codes).toEqual(["CAP-131"]);
  });

  it("sizes each version for all that is asked of the model, because it may come to serve all of it", () => {
    const versions = {
      v1: versionConfig({ repository: "Qwen/Qwen3-32B" }),
      v2: versionConfig({ repository: "Qwen/Qwen3-8B" }),
    };
    const config = unset({}, { versions });
    const { blueprint } = decideFor(config);
    expect(blueprint?.models.chat?.versions.v2?.sizing?.points[0]?.workload).toBe("support");
  });
});

describe("a verdict", () => {
  it("warns that an API is cheaper, and deploys all the same: CST-119", () => {
    const config = stackFile.parse(
      unset({
        workloads: {
          support: workload({
            tokensPerMonth: 400e6,
            alternative: { provider: "anthropic", model: "claude-haiku-4-5" },
          }),
        },
        nodePools: {
          h100: poolConfig({
            price: { usd: 23.6, per: "node-hour", asOf: "2026-11-01", source: "our quote", commitment: "on-demand" },
          }),
        },
      }),
    );
    const { blueprint, hosting, findings } = decideFor(config);
    expect(findings.find(({ code }) => code === "CST-119")).toMatchObject({ severity: "warning" });
    expect(hosting?.workloads[0]?.verdict.value).toBe("api");
    expect(blueprint).not.toBeNull();
  });

  it("is there also when nothing can be deployed", () => {
    const config = unset({ nodePools: { h100: poolConfig({ nodes: { min: 1, max: 1 }, gpusPerNode: 1 }) } });
    const { blueprint, hosting } = decideFor(config);
    expect(blueprint).toBeNull();
    expect(hosting?.workloads).toHaveLength(1);
  });
});
