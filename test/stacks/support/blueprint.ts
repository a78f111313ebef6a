import type {
  Blueprint,
  Decided,
  ModelBlueprint,
  ReleaseBlueprint,
  WeightsBlueprint,
} from "../../../decisions/blueprint.ts";

/** A decided value whose reason is the test itself. */
export function decided<T>(value: T): Decided<T> {
  return { value, because: [{ path: "policy", text: "Chosen by the test." }] };
}

/** One model version with everything decided, so that a test states only what it is about. */
export function releaseBlueprint(
  { model = "chat", version = "v1" }: { readonly model?: string; readonly version?: string } = {},
  changes: Partial<ReleaseBlueprint> = {},
): ReleaseBlueprint {
  const release = `${model}-${version}`;
  return {
    release,
    model,
    version,
    engine: "vllm",
    task: "generate",
    image: decided({
      reference: "docker.io/vllm/vllm-openai:v0.11.0",
      digest: null,
      deployed: "docker.io/vllm/vllm-openai:v0.11.0",
    }),
    weights: weightsBlueprint(release),
    nodePool: "h100",
    accelerator: "nvidia-h100-sxm",
    nodeSelector: { "freehold/node-pool": "h100" },
    tolerations: decided([
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    ]),
    priorityClass: "demo-gpus-2",
    spreadOverZones: true,
    replicas: decided(2),
    gpusPerReplica: decided(2),
    cpu: decided({ requestMillicores: 8000 }),
    hostMemoryBytes: decided(64 * 2 ** 30),
    sharedMemoryBytes: decided(8 * 2 ** 30),
    rollout: decided({ strategy: "surge", maxSurge: 1, maxUnavailable: 0, capacityDuringRollout: 1 }),
    drain: decided({ preStopSeconds: 15, shutdownTimeoutSeconds: 120, terminationGracePeriodSeconds: 150 }),
    startup: decided({ budgetSeconds: 600, periodSeconds: 10, failureThreshold: 60 }),
    readiness: decided({ path: "/health", periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 }),
    liveness: decided({ periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 4, stallSeconds: 120 }),
    disruptionBudget: decided({ maxUnavailable: 1 }),
    releaseTimeoutSeconds: decided(1800),
    progressDeadlineSeconds: decided(700),
    engineArguments: [
      { flag: "--tensor-parallel-size", value: "2", because: [] },
      { flag: "--max-model-len", value: "32768", because: [] },
    ],
    environment: [{ name: "HF_HUB_OFFLINE", value: "1", because: [] }],
    ...changes,
  };
}

/** Unlocked weights of a release. */
export function weightsBlueprint(release: string, changes: Partial<WeightsBlueprint> = {}): WeightsBlueprint {
  return {
    repository: "Qwen/Qwen3-32B",
    revision: "main",
    commit: null,
    deployedRevision: "main",
    bytes: decided(65 * 10 ** 9),
    files: [],
    claim: `${release}-weights`,
    claimBytes: decided(80 * 2 ** 30),
    fetchTimeoutSeconds: decided(3600),
    tokenSecret: null,
    ...changes,
  };
}

/** A model whose first version serves. */
export function modelBlueprint(model: string, releases: readonly ReleaseBlueprint[]): ModelBlueprint {
  const [first] = releases;
  if (first === undefined) throw new Error("A model has at least one version.");
  return {
    service: model,
    port: 8000,
    servingVersion: first.version,
    overlap: decided({ gpus: 4, fits: true }),
    versions: Object.fromEntries(releases.map((release) => [release.version, release])),
  };
}

/** A stack of one model, `chat`, in two replicas on one pool. */
export function blueprint(changes: Partial<Blueprint> = {}): Blueprint {
  return {
    name: "demo",
    environment: "trial",
    state: { backend: "local" },
    cluster: {
      target: "local",
      context: null,
      uid: null,
      weightsStorageClass: "standard",
      kubernetes: { min: "1.33", max: "1.35" },
    },
    namespaces: { inference: "demo-inference" },
    gpuQuota: decided(8),
    priorityClasses: [{ name: "demo-gpus-2", gpusPerReplica: 2, value: 1002 }],
    lockHash: null,
    nodePools: {},
    models: { chat: modelBlueprint("chat", [releaseBlueprint()]) },
    silenced: {},
    ...changes,
  };
}
