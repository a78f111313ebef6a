import type { Decided, ReleaseBlueprint } from "../../decisions/blueprint.ts";

const gib = 2 ** 30;

function decided<T>(value: T): Decided<T> {
  return { value, because: [{ path: "policy", text: "Chosen by the test." }] };
}

export const exampleCommit = "0123456789abcdef0123456789abcdef01234567";
export const exampleDigest = `sha256:${"5f".repeat(32)}`;

/** One model version as `decide` would leave it; a test states only what it is about. */
export function releaseBlueprint(changes: Partial<ReleaseBlueprint> = {}): ReleaseBlueprint {
  return {
    release: "chat-v1",
    model: "chat",
    version: "v1",
    engine: "vllm",
    task: "generate",
    image: decided({
      reference: "registry.example.com/vllm/vllm-openai:v0.33.0",
      digest: exampleDigest,
      deployed: `registry.example.com/vllm/vllm-openai@${exampleDigest}`,
      bytes: null,
    }),
    weights: {
      repository: "Qwen/Qwen3-32B",
      revision: "main",
      commit: exampleCommit,
      deployedRevision: exampleCommit,
      bytes: decided(65 * gib),
      files: [],
      claim: "chat-v1-weights",
      claimBytes: decided(80 * gib),
      fetchTimeoutSeconds: decided(3600),
      tokenSecret: null,
    },
    nodePool: "h100",
    accelerator: "nvidia-h100-sxm",
    nodeSelector: { "freehold/node-pool": "h100" },
    tolerations: decided([
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    ]),
    priorityClass: "support-agents-gpus-2",
    spreadOverZones: true,
    replicas: decided(3),
    sizing: null,
    gpusPerReplica: decided(2),
    cpu: decided({ requestMillicores: 7500 }),
    hostMemoryBytes: decided(96 * gib),
    sharedMemoryBytes: decided(11 * gib),
    rollout: decided({ strategy: "surge", maxSurge: 1, maxUnavailable: 0, capacityDuringRollout: 1 }),
    drain: decided({ preStopSeconds: 17, shutdownTimeoutSeconds: 90, terminationGracePeriodSeconds: 122 }),
    startup: decided({ path: "/v1/models", budgetSeconds: 1130, periodSeconds: 10, failureThreshold: 113 }),
    readiness: decided({ path: "/health", periodSeconds: 6, failureThreshold: 4, timeoutSeconds: 7 }),
    liveness: decided({ periodSeconds: 19, failureThreshold: 2, timeoutSeconds: 12, stallSeconds: 137 }),
    disruptionBudget: decided({ maxUnavailable: 1 }),
    releaseTimeoutSeconds: decided(2400),
    progressDeadlineSeconds: decided(2_300_000),
    engineArguments: [
      { flag: "--revision", value: exampleCommit, because: [] },
      { flag: "--tensor-parallel-size", value: "2", because: [] },
      { flag: "--disable-log-requests", value: null, because: [] },
    ],
    environment: [{ name: "VLLM_LOGGING_LEVEL", value: "WARNING", because: [] }],
    ...changes,
  };
}
