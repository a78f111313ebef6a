import * as z from "zod";
import { duration, memory, name } from "./primitives.ts";

const weights = z.strictObject({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .meta({ description: "Hugging Face repository, `owner/name`." }),
  revision: z.string().min(1).default("main").meta({
    description:
      "Branch, tag or commit. The lock resolves it to a commit; what is deployed is that commit. Default: main.",
  }),
  size: memory.optional().meta({
    description: "Size of the weights. Left out: from the lock, else from the model catalog.",
  }),
  tokenSecret: z.string().min(1).max(253).optional().meta({
    description:
      "Name of an existing Secret whose key `token` opens a gated repository. Left out: the repository is public.",
  }),
});

const version = z.strictObject({
  weights: weights.meta({ description: "What is served." }),
  image: z.string().min(1).optional().meta({
    description:
      "Engine image with its tag, resolved to a digest by the lock. Left out: the release Freehold is tested with.",
  }),
});

export const model = z.strictObject({
  engine: z.literal("vllm").meta({ description: "Inference server." }),
  task: z.enum(["generate", "embed"]).default("generate").meta({
    description: "`generate` answers chat and completion requests, `embed` returns vectors. Default: generate.",
  }),
  nodePool: z.string().meta({ description: "A key of `nodePools`." }),
  maxModelLen: z.int().min(1).meta({ description: "Longest prompt plus completion. Tokens." }),
  tensorParallelSize: z.int().min(1).max(64).meta({ description: "GPUs that one replica spans. GPUs." }),
  replicas: z.int().min(1).max(1000).meta({ description: "Replicas of each version. Replicas." }),
  gpuMemoryUtilization: z.number().min(0.1).max(0.98).default(0.9).meta({
    description: "Share of each GPU's memory that the engine may take, 0.1 to 0.98. Default: 0.9.",
  }),
  drainTimeout: duration.optional().meta({
    description: "How long a stopping replica may finish what it has begun, such as `90s`. Left out: decided.",
  }),
  versions: z.record(name, version).meta({ description: "Every version that is deployed, by name." }),
  traffic: z.record(z.string(), z.int().min(0).max(100)).meta({
    description:
      "Share of the requests each version serves, in percent. One version serves all of them for now: `{ v1: 100 }`.",
  }),
});
