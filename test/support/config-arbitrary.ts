import fc from "fast-check";
import type { Config, ModelConfig, NodePoolConfig } from "../../config/schema/index.ts";
import { catalog } from "../../decisions/catalog/index.ts";

/** Names the schema accepts, with some that every JavaScript object answers to. */
const name = fc.oneof(
  fc.constantFrom("chat", "embeddings", "a", "a-b", "constructor", "valueof"),
  fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/),
);

const accelerator = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(catalog.accelerators)) },
  { weight: 1, arbitrary: fc.constantFrom("constructor", "__proto__", "nvidia-h100", "") },
);

const pool: fc.Arbitrary<NodePoolConfig> = fc.record(
  {
    accelerator,
    gpusPerNode: fc.integer({ min: 1, max: 72 }),
    nodes: fc.record({ min: fc.integer({ min: 0, max: 1000 }), max: fc.integer({ min: 1, max: 1000 }) }),
    zones: fc.array(fc.stringMatching(/^[a-z0-9-]{1,10}$/), { minLength: 1, maxLength: 3 }),
    labels: fc.dictionary(fc.stringMatching(/^[a-z/.]{1,10}$/), fc.stringMatching(/^[a-z0-9]{0,6}$/)),
  },
  { requiredKeys: ["accelerator", "gpusPerNode", "nodes"] },
);

const version = fc.record(
  {
    weights: fc.record(
      {
        repository: fc.oneof(
          fc.constantFrom(...Object.keys(catalog.models)),
          fc.constantFrom("acme/own", "constructor/prototype"),
        ),
        revision: fc.oneof(fc.constantFrom("main", "0".repeat(40)), fc.string({ minLength: 1 })),
        size: fc.constantFrom("0GiB", "16GiB", "1.5TiB", "512MiB", `${"9".repeat(400)}TiB`),
        tokenSecret: fc.constant("hub-token"),
      },
      { requiredKeys: ["repository", "revision"] },
    ),
    image: fc.oneof(
      fc.constantFrom("docker.io/acme/vllm:v1", "acme/vllm:latest", "@", "UPPER"),
      fc.string({ minLength: 1 }),
    ),
  },
  { requiredKeys: ["weights"] },
);

const model: fc.Arbitrary<ModelConfig> = fc.record(
  {
    engine: fc.constant("vllm" as const),
    task: fc.constantFrom("generate" as const, "embed" as const),
    nodePool: fc.oneof(
      { weight: 4, arbitrary: fc.constant("pool") },
      { weight: 1, arbitrary: fc.constantFrom("none", "constructor") },
    ),
    maxModelLen: fc.integer({ min: 1, max: 1_000_000 }),
    tensorParallelSize: fc.oneof(fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 64 })),
    replicas: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 1000 })),
    gpuMemoryUtilization: fc.double({ min: 0.1, max: 0.98, noNaN: true }),
    drainTimeout: fc.constantFrom("1s", "90s", "59m", "1h", "9999h", `${"9".repeat(400)}s`),
    versions: fc.dictionary(name, version, { maxKeys: 3 }),
    traffic: fc.dictionary(name, fc.integer({ min: 0, max: 100 }), { maxKeys: 3 }),
  },
  {
    requiredKeys: [
      "engine",
      "task",
      "nodePool",
      "maxModelLen",
      "tensorParallelSize",
      "replicas",
      "gpuMemoryUtilization",
      "versions",
      "traffic",
    ],
  },
);

/** Whatever the schema accepts, sensible or not: unknown pools, absurd sizes, names that objects have by themselves. */
export const anyConfig: fc.Arbitrary<Config> = fc.record(
  {
    apiVersion: fc.constant("freehold/v1alpha1" as const),
    name: fc.constantFrom("desk", "constructor"),
    environment: fc.constantFrom("test", "production"),
    silence: fc.dictionary(fc.constantFrom("CAP-107", "LCK-107"), fc.constant("accepted for a trial")),
    state: fc.constant({ backend: "local" as const }),
    cluster: fc.constantFrom(
      { target: "local" as const },
      { target: "existing" as const, existing: { storageClass: "fast-ssd" } },
    ),
    nodePools: fc.record({ pool }),
    models: fc.dictionary(name, model, { maxKeys: 4 }),
  },
  { requiredKeys: ["apiVersion", "name", "environment", "state", "cluster", "nodePools", "models"] },
);

/** Stack files that can be deployed more often than not: known models and accelerators, sizes that divide. */
export const sensibleConfig: fc.Arbitrary<Config> = fc
  .record({
    accelerator: fc.constantFrom("nvidia-h100-sxm", "nvidia-h200-sxm", "nvidia-b200-sxm"),
    gpusPerNode: fc.constantFrom(4, 8),
    min: fc.integer({ min: 0, max: 4 }),
    more: fc.integer({ min: 1, max: 6 }),
    zones: fc.option(fc.subarray(["a", "b"], { minLength: 1 }), { nil: undefined }),
    models: fc.dictionary(
      fc.constantFrom("chat", "coder", "embeddings", "judge"),
      fc.record({
        tensorParallelSize: fc.constantFrom(1, 2, 4),
        replicas: fc.integer({ min: 1, max: 6 }),
        repository: fc.constantFrom("Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B"),
        drainTimeout: fc.constantFrom(undefined, "30s", "10m"),
      }),
      { minKeys: 1, maxKeys: 4 },
    ),
  })
  .map(({ accelerator: kind, gpusPerNode, min, more, zones, models }): Config => {
    return {
      apiVersion: "freehold/v1alpha1",
      name: "desk",
      environment: "test",
      state: { backend: "local" },
      cluster: { target: "local" },
      nodePools: {
        pool: {
          accelerator: kind,
          gpusPerNode,
          nodes: { min, max: min + more },
          ...(zones === undefined ? {} : { zones }),
        },
      },
      models: Object.fromEntries(
        Object.entries(models).map(
          ([key, { tensorParallelSize, replicas, repository, drainTimeout }]): [string, ModelConfig] => [
            key,
            {
              engine: "vllm",
              task: "generate",
              nodePool: "pool",
              maxModelLen: 4096,
              tensorParallelSize,
              replicas,
              gpuMemoryUtilization: 0.9,
              versions: { v1: { weights: { repository, revision: "main" } } },
              traffic: { v1: 100 },
              ...(drainTimeout === undefined ? {} : { drainTimeout }),
            },
          ],
        ),
      ),
    };
  });
