import * as z from "zod";
import { bytes, cpu, labelValue, namespaceName, natural, objectName, positive } from "./forms.ts";

const labels = z.record(z.string().min(1), labelValue);
const httpPath = z.string().regex(/^\/[!-~]*$/);
/** PSS `restricted` refuses user 0; group 0 owns the image's own files. */
const nonRootId = z.int().min(1).max(2_147_483_647);

/** What stands between the engine and the machine's default: nothing is fetched, nothing is reported. */
const quietEnvironment = {
  DO_NOT_TRACK: "1",
  HF_HUB_DISABLE_TELEMETRY: "1",
  HF_HUB_OFFLINE: "1",
  TRANSFORMERS_OFFLINE: "1",
  VLLM_NO_USAGE_STATS: "1",
} as const;

const toleration = z.strictObject({
  key: z.string().min(1).meta({ description: "Key of the taint." }),
  operator: z.literal("Exists").meta({ description: "Any value of the taint." }),
  effect: z.enum(["NoSchedule", "NoExecute"]).meta({ description: "Effect of the taint." }),
  tolerationSeconds: natural.optional().meta({
    description: "How long a pod stays once the taint appears; only with NoExecute. Left out: for good. Seconds.",
  }),
});

const resources = z.strictObject({
  gpus: positive.meta({ description: "GPUs of one replica." }),
  cpu: cpu.meta({ description: "CPU request, such as `8` or `7500m`; there is no CPU limit." }),
  memory: bytes.meta({
    description:
      "Memory request and limit of the container; shared memory counts against it. Quantity, such as `64Gi`.",
  }),
  sharedMemory: bytes.meta({
    description: "Size of `/dev/shm`, through which the ranks of one replica talk. Quantity.",
  }),
  ephemeralStorage: bytes.default("16Gi").meta({
    description:
      "Local storage request and limit: both scratch volumes, the container's own layer and its logs. Quantity.",
  }),
});

const scratch = z.strictObject({
  home: bytes.default("10Gi").meta({
    description: "Largest size of the home directory, where compiled kernels are cached until the pod goes. Quantity.",
  }),
  tmp: bytes.default("2Gi").meta({ description: "Largest size of `/tmp`. Quantity." }),
});

const weights = z.strictObject({
  claim: objectName.meta({
    description: "Claim with the weights, mounted read-only as the hub's cache at `/weights`.",
  }),
  revision: z
    .string()
    .min(1)
    .max(255)
    .meta({ description: "Commit that is served: 40 hexadecimal digits. `args` must name it too." }),
});

const rollout = z.strictObject({
  maxSurge: natural.meta({ description: "Replicas that may exist beyond `replicas` during a roll-out." }),
  maxUnavailable: natural.meta({ description: "Replicas that may be missing during a roll-out." }),
  progressDeadlineSeconds: positive.meta({
    description: "How long a roll-out may stand still before it counts as failed. Seconds.",
  }),
  minReadySeconds: natural.default(5).meta({
    description: "How long a new replica must stay ready before the next one is replaced. Seconds.",
  }),
  revisionHistoryLimit: natural.default(3).meta({ description: "Old ReplicaSets that are kept." }),
});

const drain = z.strictObject({
  preStopSeconds: natural.meta({
    description: "How long a stopping replica still answers while callers learn that it goes. Seconds.",
  }),
  terminationGracePeriodSeconds: positive.meta({
    description: "All the time a stopping replica has, `preStopSeconds` included. Seconds.",
  }),
});

const probes = z.strictObject({
  startup: z
    .strictObject({
      path: httpPath.meta({ description: "Path that answers 200 only once the model is loaded." }),
      periodSeconds: positive.meta({ description: "Time between two startup probes. Seconds." }),
      failureThreshold: positive.meta({
        description: "Startup probes that may fail; times the period, it is the time an engine has to start.",
      }),
      timeoutSeconds: positive.default(5).meta({ description: "Time for one answer. Seconds." }),
    })
    .meta({ description: "Until it has succeeded once, the other two probes wait." }),
  readiness: z
    .strictObject({
      path: httpPath.meta({ description: "Path on the engine's port." }),
      periodSeconds: positive.meta({ description: "Time between two readiness probes. Seconds." }),
      failureThreshold: positive.meta({
        description: "Failures in a row that take a replica out of the Services.",
      }),
      timeoutSeconds: positive.meta({ description: "Time for one answer. Seconds." }),
    })
    .meta({ description: "A replica that fails it gets no requests." }),
  liveness: z
    .strictObject({
      periodSeconds: positive.meta({ description: "Time between two liveness probes. Seconds." }),
      failureThreshold: positive.meta({ description: "Failures in a row that restart the engine." }),
      timeoutSeconds: positive.min(3).meta({
        description:
          "Time for one run of the probe script: two seconds to start, the rest for the engine's metrics. Seconds.",
      }),
      stallSeconds: positive.meta({
        description: "How long an engine with work may make no step, or its server give no answer. Seconds.",
      }),
      killAfterSeconds: positive.default(10).meta({
        description:
          "How long a stalled engine has to stop before it is killed, the pause before stopping included. Seconds.",
      }),
    })
    .meta({ description: "An engine that holds requests and makes no step is restarted; a busy one never is." }),
});

const user = z.strictObject({
  runAsUser: nonRootId.default(2000).meta({ description: "User of the engine. 2000 is the image's own user `vllm`." }),
  runAsGroup: nonRootId.default(2000).meta({
    description: "Group of the engine. Not 0: that group owns files of the image, and could change them.",
  }),
  fsGroup: nonRootId.default(2000).meta({ description: "Group that owns the volumes." }),
});

/** Values of `charts/model-server`: `values.schema.json`, `values.yaml` and the chart's README are made from this. */
export const modelServerSchema = z.strictObject({
  stack: labelValue.meta({
    description: "Name of the stack; namespaces with the label `freehold/stack` of this value may hold callers.",
  }),
  environment: labelValue.meta({
    description:
      "Environment of the stack; namespaces of callers also carry the label `freehold/environment` of this value, so that a rehearsal cannot call production.",
  }),
  callers: z
    .strictObject({
      namespaceLabels: labels.default({}).meta({ description: "Labels of the namespaces that hold callers." }),
      podLabels: labels.default({}).meta({ description: "Labels of the callers' pods." }),
    })
    .prefault({})
    .meta({
      description:
        'Who alone may call the engine. Empty: pods with the label `freehold/inference-client: "true"` in namespaces of the stack and environment.',
    }),
  model: labelValue.meta({ description: "Name of the model, as the label `freehold/model`." }),
  version: labelValue.meta({ description: "Name of the version, as the label `freehold/version`." }),
  image: z
    .string()
    .regex(/^[!-~]+$/)
    .max(512)
    .meta({
      description: "Engine image by digest, `registry/repository@sha256:<64 hexadecimal digits>`.",
    }),
  weights: weights.meta({ description: "What is served, and where it lies." }),
  allowUnlocked: z.boolean().default(false).meta({
    description: "Accepts an image by tag and a revision that is no commit. For clusters with simulated containers.",
  }),
  args: z.array(z.string()).min(1).meta({
    description: "Arguments of `vllm serve`: the repository first. Taken literally, `$(NAME)` included.",
  }),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .default(quietEnvironment)
    .meta({
      description:
        "Environment of the engine, by name; entries are added to these. Where files lie is the chart's affair.",
    }),
  replicas: positive.meta({ description: "Replicas of this version." }),
  resources: resources.meta({ description: "What one replica takes from its node." }),
  scratch: scratch.prefault({}).meta({ description: "Writable volumes that live as long as the pod." }),
  nodeSelector: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: "Labels of the nodes that replicas may run on. Empty: any node." }),
  tolerations: z.array(toleration).default([]).meta({ description: "Taints that replicas put up with." }),
  priorityClassName: objectName.meta({ description: "Priority class of the pods; it must exist." }),
  spreadOverZones: z.boolean().meta({
    description: "Spreads replicas over zones where it can; over nodes it always does.",
  }),
  rollout: rollout.meta({ description: "How replicas are replaced." }),
  drain: drain.meta({ description: "How a replica stops." }),
  probes: probes.meta({ description: "How the kubelet learns what state the engine is in." }),
  disruptionBudget: z
    .strictObject({
      maxUnavailable: positive.meta({ description: "Ready replicas that a node drain may take at a time." }),
    })
    .meta({ description: "What drains of nodes must leave running." }),
  user: user.prefault({}).meta({ description: "Who the engine runs as." }),
  readOnlyRootFilesystem: z.boolean().default(false).meta({
    description:
      "Mounts the image read-only. Off: the container toolkit's hooks write to it before the engine starts, and fail on some nodes if they cannot.",
  }),
  metricsNamespaces: z
    .array(namespaceName)
    .default([])
    .meta({ description: "Namespaces whose pods may scrape the engine's port. Empty: none." }),
  serviceMonitor: z
    .strictObject({
      enabled: z.boolean().default(false).meta({
        description: "Adds a ServiceMonitor. It needs the Prometheus Operator's resource definitions.",
      }),
      intervalSeconds: positive.default(15).meta({ description: "Time between two scrapes. Seconds." }),
    })
    .prefault({})
    .meta({ description: "Scraping by the Prometheus Operator." }),
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type ModelServerValues = z.input<typeof modelServerSchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function modelServerJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(modelServerSchema, { io: "input", target: "draft-7" });
}
