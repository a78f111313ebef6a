import { describe, expect, it } from "vitest";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { lockedWeights, lockFor, modelConfig, poolConfig, stackConfig, versionConfig } from "../support/config.ts";

const gib = 2 ** 30;

/** The release of a model whose locked weights have so many bytes. */
function releaseWith(bytes: number, overrides: Parameters<typeof modelConfig>[0] = {}) {
  const models = { chat: modelConfig({ versions: { v1: versionConfig({ repository: "acme/own" }) }, ...overrides }) };
  const lock = lockFor(stackConfig({ models }), {
    weights: { "acme/own@main": lockedWeights("acme/own@main", { "model.safetensors": { bytes } }) },
  });
  return releaseOf(blueprintFor({ models }, lock));
}

describe("drain", () => {
  it("leaves 15 s for callers, 90 s for requests and 15 s for the process", () => {
    expect(releaseWith(gib).drain.value).toEqual({
      preStopSeconds: 15,
      shutdownTimeoutSeconds: 90,
      terminationGracePeriodSeconds: 120,
    });
  });

  it("takes the file's own time for requests", () => {
    const { drain } = releaseWith(gib, { drainTimeout: "10m" });
    expect(drain.value).toMatchObject({ shutdownTimeoutSeconds: 600, terminationGracePeriodSeconds: 630 });
    expect(drain.because.map(({ path }) => path)).toContain("models.chat.drainTimeout");
  });

  it.each([
    { name: "the longest", drainTimeout: "59m", codes: [] },
    { name: "an hour", drainTimeout: "1h", codes: ["CAP-108"] },
    { name: "more seconds than a number holds", drainTimeout: `${"9".repeat(400)}s`, codes: ["CAP-108"] },
  ])("is bounded by what a node drain waits for: $name", ({ drainTimeout, codes }) => {
    const { findings } = decideFor(stackConfig({ models: { chat: modelConfig({ drainTimeout }) } }));
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});

describe("start-up budget", () => {
  // 600 s = 2 × (60 s of reading + 240 s): 60 s at 125 MiB/s are 7,500 MiB.
  const borderBytes = 7500 * 2 ** 20;
  it.each([
    { name: "small weights", bytes: gib, budgetSeconds: 600 },
    { name: "on the floor's border", bytes: borderBytes, budgetSeconds: 600 },
    { name: "one byte over the floor's border", bytes: borderBytes + 1, budgetSeconds: 610 },
    { name: "61 GiB", bytes: 61 * gib, budgetSeconds: 1480 },
  ])("is twice reading and starting, at least 600 s: $name", ({ bytes, budgetSeconds }) => {
    const { startup } = releaseWith(bytes, { replicas: 1, tensorParallelSize: 1 });
    expect(startup.value.budgetSeconds).toBe(budgetSeconds);
    expect(startup.value.periodSeconds * startup.value.failureThreshold).toBe(budgetSeconds);
  });

  it("waits for the model list, then trusts the engine's own health for readiness", () => {
    const { startup, readiness } = releaseWith(gib);
    expect(startup.value.path).toBe("/v1/models");
    expect(readiness.value.path).toBe("/health");
  });

  it("calls an engine dead that has not stepped for two minutes of work", () => {
    expect(releaseWith(gib).liveness.value).toEqual({
      periodSeconds: 15,
      timeoutSeconds: 10,
      failureThreshold: 2,
      stallSeconds: 120,
    });
  });

  it("ends a stuck roll-out later than any start may take, and Helm's wait later still", () => {
    const { startup, drain, progressDeadlineSeconds, releaseTimeoutSeconds, replicas } = releaseWith(gib);
    expect(progressDeadlineSeconds.value).toBe(
      drain.value.terminationGracePeriodSeconds + 600 + startup.value.budgetSeconds,
    );
    expect(releaseTimeoutSeconds.value).toBe(replicas.value * progressDeadlineSeconds.value + 60);
  });

  it("says what a first install needs, where that is less than a roll-out", () => {
    const reasons = (replicas: number) =>
      releaseOf(blueprintFor({ models: { chat: modelConfig({ replicas }) } }))
        .releaseTimeoutSeconds.because.map(({ text }) => text)
        .join("\n");
    expect(reasons(2)).toContain("A first install starts all replicas at once");
    expect(reasons(1)).not.toContain("A first install");
  });

  it("allows once for nodes that have to join first", () => {
    const models = { chat: modelConfig() };
    const waiting = blueprintFor({ models, nodePools: { h100: poolConfig({ nodes: { min: 0, max: 2 } }) } });
    const ready = blueprintFor({ models });
    expect(releaseOf(waiting).progressDeadlineSeconds.value - releaseOf(ready).progressDeadlineSeconds.value).toBe(900);
    expect(releaseOf(waiting).replicas.value).toBe(2);
    expect(releaseOf(waiting).releaseTimeoutSeconds.value - releaseOf(ready).releaseTimeoutSeconds.value).toBe(900);
  });
});

describe("memory", () => {
  it.each([
    { name: "one GPU", tensorParallelSize: 1, sharedGiB: 1, hostGiB: 6 + 4 + 2 + 1 },
    { name: "two GPUs", tensorParallelSize: 2, sharedGiB: 8, hostGiB: 6 + 2 * (4 + 1) + 8 },
  ])("sizes shared and host memory for its ranks: $name", ({ tensorParallelSize, sharedGiB, hostGiB }) => {
    const release = releaseWith(2 * gib, { tensorParallelSize });
    expect(release.sharedMemoryBytes.value).toBe(sharedGiB * gib);
    expect(release.hostMemoryBytes.value).toBe(hostGiB * gib);
  });

  it("counts at most 5 GiB a GPU to load weights through", () => {
    expect(releaseWith(60 * gib).hostMemoryBytes.value).toBe((6 + 4 + 5 + 1) * gib);
  });

  it("asks for a core each for server, engine and every worker", () => {
    expect(releaseWith(gib, { tensorParallelSize: 4 }).cpu.value.requestMillicores).toBe(6000);
  });
});

describe("node faults", () => {
  it("leaves a dead node after 30 s, which makes about 80 s in all", () => {
    const blueprint = blueprintFor();
    expect(releaseOf(blueprint).tolerations.value).toEqual([
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    ]);
    expect(blueprint.rescheduleSeconds).toBe(80);
  });

  it.each([1, 2, 5])(
    "lets one replica of %i be evicted at a time, so that a node can always be drained",
    (replicas) => {
      expect(releaseWith(gib, { replicas }).disruptionBudget.value).toEqual({ maxUnavailable: 1 });
    },
  );

  it("spreads over zones only where there are several", () => {
    const spread = (zones: string[]) =>
      releaseOf(blueprintFor({ nodePools: { h100: poolConfig({ zones }) } })).spreadOverZones;
    expect(spread(["a", "b"])).toBe(true);
    expect(spread(["a"])).toBe(false);
    expect(releaseOf(blueprintFor()).spreadOverZones).toBe(false);
  });

  it("selects nodes by the file's labels, or by the label Freehold asks for", () => {
    const labelled = blueprintFor({ nodePools: { h100: poolConfig({ labels: { gpu: "h100", tier: "prod" } }) } });
    expect(releaseOf(labelled).nodeSelector).toEqual({ gpu: "h100", tier: "prod" });
    expect(releaseOf(blueprintFor()).nodeSelector).toEqual({ "freehold/node-pool": "h100" });
  });
});
