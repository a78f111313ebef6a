import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../config/schema/index.ts";
import type { Blueprint, Reason } from "../../decisions/blueprint.ts";
import { toDecisionRecord } from "../../decisions/decision-record.ts";
import { pack } from "../../decisions/packing.ts";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { lockFor, modelConfig, poolConfig, stackConfig, versionConfig } from "../support/config.ts";
import { anyConfig, sensibleConfig } from "../support/config-arbitrary.ts";

const releasesOf = ({ models }: Blueprint) => Object.values(models).flatMap(({ versions }) => Object.values(versions));

/** Every reason in a Blueprint, wherever it hangs. */
function reasonsIn(value: unknown): Reason[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => (key === "because" ? [child as Reason[]] : reasonsIn(child)));
}

function pathExists(config: Config, path: string): boolean {
  let node: unknown = config;
  for (const key of path.split(".")) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Record<string, unknown>)[key];
  }
  return true;
}

/** Replicas of every release, and one more of each that surges. */
function groupsOf(blueprint: Blueprint, surging: boolean) {
  return releasesOf(blueprint).flatMap(({ gpusPerReplica, replicas, rollout }) => [
    { gpus: gpusPerReplica.value, replicas: replicas.value },
    ...(surging && rollout.value.strategy === "surge" ? [{ gpus: gpusPerReplica.value, replicas: 1 }] : []),
  ]);
}

describe("decide", () => {
  it("never throws, whatever the schema accepts", () => {
    fc.assert(
      fc.property(anyConfig, fc.boolean(), (config, locked) => {
        const { blueprint, findings } = decideFor(config, locked ? lockFor(config) : null);
        if (findings.some(({ severity }) => severity === "error")) expect(blueprint).toBeNull();
        // Words that the file itself holds come back in a finding that quotes it.
        const ownWords = JSON.stringify(config);
        const slips = ["undefined", "NaN", "[object"].filter((word) => !ownWords.includes(word));
        for (const { title, why, fix } of findings)
          expect(slips.filter((word) => `${title}${why}${fix}`.includes(word))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same Blueprint in whatever order the file is written", () => {
    const models = { a: modelConfig(), b: modelConfig(), c: modelConfig({ tensorParallelSize: 2 }) };
    const reversed = Object.fromEntries(Object.entries(models).reverse());
    expect(JSON.stringify(blueprintFor({ models: reversed }))).toBe(JSON.stringify(blueprintFor({ models })));
  });

  it("gives a ground for every value, and names only keys that the file has", () => {
    fc.assert(
      fc.property(sensibleConfig, (config) => {
        const { blueprint } = decideFor(config, null);
        for (const because of reasonsIn(blueprint)) {
          expect(because.length).toBeGreaterThan(0);
          for (const { path, text } of because) {
            expect(text).toMatch(/[.:]$|[)]$/);
            const outside =
              path === "policy" || path.startsWith("catalog.") || path === "lock" || path.startsWith("lock.");
            expect(outside || path === "catalog.models" || pathExists(config, path)).toBe(true);
          }
        }
      }),
    );
  });

  it("asks for no more than the nodes hold, surges included", () => {
    fc.assert(
      fc.property(sensibleConfig, (config) => {
        const { blueprint } = decideFor(config, null);
        const pool = blueprint?.nodePools.pool;
        if (!blueprint || !pool) return;
        expect(pool.gpusDuringRollout.value).toBeLessThanOrEqual(pool.gpusAtMax);
        expect(pool.gpusNeeded.value).toBeLessThanOrEqual(pool.gpusDuringRollout.value);
        expect(blueprint.gpuQuota.value).toBeGreaterThanOrEqual(pool.gpusDuringRollout.value);
        expect(pack(groupsOf(blueprint, true), pool.nodes.max, pool.gpusPerNode).fits).toBe(true);
      }),
    );
  });

  it("refuses a surge only where it would not fit beside the others", () => {
    fc.assert(
      fc.property(sensibleConfig, (config) => {
        const { blueprint } = decideFor(config, null);
        const pool = blueprint?.nodePools.pool;
        if (!blueprint || !pool) return;
        for (const { rollout, gpusPerReplica } of releasesOf(blueprint)) {
          if (rollout.value.strategy === "surge") continue;
          const wanted = [...groupsOf(blueprint, true), { gpus: gpusPerReplica.value, replicas: 1 }];
          expect(pack(wanted, pool.nodes.max, pool.gpusPerNode).fits).toBe(false);
        }
      }),
    );
  });

  it("never needs fewer GPUs for more replicas", () => {
    const needed = (replicas: number, tensorParallelSize: number) => {
      const nodePools = { h100: poolConfig({ nodes: { min: 64, max: 64 } }) };
      const blueprint = blueprintFor({ nodePools, models: { chat: modelConfig({ replicas, tensorParallelSize }) } });
      return blueprint.nodePools.h100?.gpusNeeded.value ?? Number.NaN;
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 2, 4, 8), (replicas, size) => {
        expect(needed(replicas + 1, size)).toBe(needed(replicas, size) + size);
      }),
    );
  });

  it("always lets a pod live longer than its drain, and a start take longer than reading the weights", () => {
    fc.assert(
      fc.property(sensibleConfig, (config) => {
        const { blueprint } = decideFor(config, null);
        for (const { drain, startup, weights, progressDeadlineSeconds, engineArguments } of blueprint
          ? releasesOf(blueprint)
          : []) {
          const { preStopSeconds, shutdownTimeoutSeconds, terminationGracePeriodSeconds } = drain.value;
          expect(terminationGracePeriodSeconds).toBeGreaterThan(preStopSeconds + shutdownTimeoutSeconds);
          expect(engineArguments.find(({ flag }) => flag === "--shutdown-timeout")?.value).toBe(
            String(shutdownTimeoutSeconds),
          );
          expect(startup.value.budgetSeconds).toBeGreaterThanOrEqual(600);
          expect(startup.value.budgetSeconds).toBeGreaterThan(weights.bytes.value / (125 * 2 ** 20));
          expect(progressDeadlineSeconds.value).toBeGreaterThan(startup.value.budgetSeconds);
        }
      }),
    );
  });

  it("never gives larger weights a shorter start-up budget or a smaller volume", () => {
    const sized = (gib: number) => {
      const versions = { v1: versionConfig({ repository: "acme/own", size: `${gib}GiB` }) };
      return releaseOf(
        blueprintFor({ models: { chat: modelConfig({ replicas: 1, tensorParallelSize: 8, versions }) } }, null),
      );
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 100 }), (gib, more) => {
        const [smaller, larger] = [sized(gib), sized(gib + more)];
        expect(larger.startup.value.budgetSeconds).toBeGreaterThanOrEqual(smaller.startup.value.budgetSeconds);
        expect(larger.weights.claimBytes.value).toBeGreaterThanOrEqual(smaller.weights.claimBytes.value);
        expect(larger.hostMemoryBytes.value).toBeGreaterThanOrEqual(smaller.hostMemoryBytes.value);
      }),
      { numRuns: 50 },
    );
  });

  it("has no Blueprint for a model whose node pool nobody defined, which the file's checks report", () => {
    const { blueprint, findings } = decideFor(stackConfig({ models: { chat: modelConfig({ nodePool: "none" }) } }));
    expect(blueprint).toBeNull();
    expect(findings).toEqual([]);
  });

  it("points the stable Service at the version that has the traffic", () => {
    const models = {
      chat: modelConfig({ versions: { v1: versionConfig(), v2: versionConfig() }, traffic: { v1: 0, v2: 100 } }),
    };
    const { chat } = blueprintFor({ models }).models;
    expect(chat).toMatchObject({ service: "chat", port: 8000, servingVersion: "v2" });
  });

  it("uses the file's storage class on an existing cluster, and its own on the local one", () => {
    const cluster = { target: "existing" as const, existing: { context: "prod", storageClass: "fast-ssd" } };
    expect(blueprintFor({ cluster }).cluster).toMatchObject({ context: "prod", weightsStorageClass: "fast-ssd" });
    expect(blueprintFor().cluster).toMatchObject({ context: null, weightsStorageClass: "freehold-local" });
  });
});

describe("decision record", () => {
  it("says of each release what runs, on what, and by which lock", () => {
    const blueprint = blueprintFor();
    const { weights, image } = releaseOf(blueprint);
    expect(toDecisionRecord(blueprint)).toEqual({
      stack: "desk/test",
      lockHash: "f".repeat(64),
      releases: {
        "chat-v1": {
          model: "chat",
          version: "v1",
          repository: "Qwen/Qwen3-8B",
          revision: "main",
          commit: weights.commit,
          image: "docker.io/vllm/vllm-openai:v0.33.0",
          imageDigest: image.value.digest,
          accelerator: "nvidia-h100-sxm",
          gpusPerReplica: 1,
          replicas: 2,
          strategy: "surge",
        },
      },
    });
  });
});
