import { createHash } from "node:crypto";
import { hasEgressProxy } from "../../config/egress.ts";
import { lockedImageKey } from "../../config/lock/image-reference.ts";
import { weightsKey } from "../../config/lock/references.ts";
import type { Lock } from "../../config/lock/schema.ts";
import type { Config, ModelConfig, NodePoolConfig } from "../../config/schema/index.ts";
import { egressProxy } from "../../decisions/catalog/egress-proxy.ts";
import { catalog } from "../../decisions/catalog/index.ts";

type VersionConfig = ModelConfig["versions"][string];

/** One version of a model whose shape and size the catalog knows. */
export function versionConfig(overrides: Partial<VersionConfig["weights"]> & { image?: string } = {}): VersionConfig {
  const { image, ...weights } = overrides;
  return {
    weights: { repository: "Qwen/Qwen3-8B", revision: "main", ...weights },
    ...(image === undefined ? {} : { image }),
  };
}

/** A chat model with one version, two replicas of one GPU each, on the pool `h100`. */
export function modelConfig(overrides: Partial<ModelConfig> = {}): ModelConfig {
  return {
    engine: "vllm",
    task: "generate",
    nodePool: "h100",
    maxModelLen: 8192,
    tensorParallelSize: 1,
    replicas: 2,
    gpuMemoryUtilization: 0.9,
    versions: { v1: versionConfig() },
    traffic: { v1: 100 },
    ...overrides,
  };
}

/** Two nodes of eight H100. */
export function poolConfig(overrides: Partial<NodePoolConfig> = {}): NodePoolConfig {
  return { accelerator: "nvidia-h100-sxm", gpusPerNode: 8, nodes: { min: 2, max: 2 }, ...overrides };
}

/** A whole stack file on the local target: one pool, one model. */
export function stackConfig(overrides: Partial<Config> = {}): Config {
  return {
    apiVersion: "freehold/v1alpha1",
    name: "desk",
    environment: "test",
    state: { backend: "local" },
    cluster: { target: "local" },
    nodePools: { h100: poolConfig() },
    models: { chat: modelConfig() },
    ...overrides,
  };
}

/** A cluster that exists, where everything must be locked. */
export const existingCluster: Config["cluster"] = { target: "existing", existing: { storageClass: "fast-ssd" } };

const resolvedAt = "2026-11-20T08:00:00Z";

/** A lock with an entry for every reference of a stack file. Its digests and commits are hashes of the references, so they name nothing real. */
export function lockFor(config: Config, overrides: Partial<Lock> = {}): Lock {
  const versions = Object.values(config.models).flatMap((model) => Object.values(model.versions));
  const images = [
    ...versions.map(({ image }) => image ?? catalog.engines.vllm.image),
    ...(config.gateway?.image === undefined ? [] : [config.gateway.image]),
    ...(config.agents?.image === undefined ? [] : [config.agents.image]),
    ...(hasEgressProxy(config.residency) ? [config.residency?.egress?.image ?? egressProxy.image] : []),
  ].map((image) => lockedImageKey(image) ?? "");
  return {
    lockVersion: 1,
    stack: `${config.name}/${config.environment}`,
    images: Object.fromEntries(
      images.map((key) => [key, { digest: `sha256:${hash(key)}`, source: "https://registry.test", resolvedAt }]),
    ),
    weights: Object.fromEntries(
      versions.map(({ weights: { repository, revision } }) => {
        const key = weightsKey(repository, revision);
        return [key, lockedWeights(key)];
      }),
    ),
    charts: {},
    ...overrides,
  };
}

/** Locked weights of 16 GiB in two files and a little configuration. */
export function lockedWeights(key: string, files?: Lock["weights"][string]["files"]): Lock["weights"][string] {
  return {
    commit: hash(key).slice(0, 40),
    files: files ?? {
      "config.json": { bytes: 1024 },
      "model-00001-of-00002.safetensors": { bytes: 8 * 2 ** 30, sha256: hash(`${key}/1`) },
      "model-00002-of-00002.safetensors": { bytes: 8 * 2 ** 30, sha256: hash(`${key}/2`) },
    },
    source: "https://hub.test",
    resolvedAt,
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
