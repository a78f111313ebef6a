import * as z from "zod";
import { duration, memory, name, repository } from "./primitives.ts";

const weights = z.strictObject({
  repository: repository.meta({ description: "Hugging Face repository, `owner/name`." }),
  revision: z.string().min(1).default("main").meta({
    description:
      "Branch, tag or commit. The lock resolves it to a commit; what is deployed is that commit. Left out: main.",
  }),
  size: memory.optional().meta({
    description: "Size of the weights, such as `64GiB`. Left out: from the lock, else from the model catalog.",
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
  toolCallParser: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/)
    .optional()
    .meta({
      description:
        "How the engine finds calls of tools in what the model writes, as `--tool-call-parser` names it; `none` for no tools. Left out: by the model's family, where the catalog knows it.",
    }),
});

export const model = z.strictObject({
  engine: z.literal("vllm").meta({ description: "Inference server." }),
  task: z.enum(["generate", "embed"]).default("generate").meta({
    description: "`generate` answers chat and completion requests, `embed` returns vectors. Left out: generate.",
  }),
  nodePool: z.string().meta({ description: "The node pool that the replicas run on: a key of `nodePools`." }),
  maxModelLen: z.int().min(1).meta({ description: "Longest prompt plus completion. Tokens." }),
  tensorParallelSize: z.int().min(1).max(64).optional().meta({
    description:
      "How many GPUs one replica spans. Left out: decided, so that the model takes the fewest GPUs in total. GPUs.",
  }),
  replicas: z.int().min(1).max(1000).optional().meta({
    description:
      "How many copies of each version serve at once. Left out: decided from the workloads that name the model, a spare included. Replicas.",
  }),
  maxNumSeqs: z.int().min(1).max(4096).optional().meta({
    description:
      "How many requests one replica runs at once at most; the others wait. Left out: decided from the workloads, 256 where there are none. Requests.",
  }),
  maxNumBatchedTokens: z.int().min(64).max(1_048_576).optional().meta({
    description:
      "How many tokens one step of the engine takes in at most. Left out: the engine's own default for the GPU, written out. Tokens.",
  }),
  gpuMemoryUtilization: z.number().min(0.1).max(0.98).optional().meta({
    description: "Share of each GPU's memory that the engine may take, 0.1 to 0.98. Left out: 0.9. Fraction of 1.",
  }),
  kvCacheDtype: z.enum(["auto", "fp8"]).optional().meta({
    description:
      "How the key-value cache stores its numbers: `auto` in 16 bits as the model computes, `fp8` in 8, which holds twice as much and may cost quality. Left out: auto.",
  }),
  drainTimeout: duration.optional().meta({
    description: "How long a stopping replica may finish what it has begun, such as `90s`. Left out: decided.",
  }),
  versions: z.record(name, version).meta({ description: "Every version that is deployed, by name." }),
  traffic: z.record(z.string(), z.int().min(0).max(100)).meta({
    description:
      "Share of the requests that each version serves; the shares sum to 100. Several shares need the `gateway`; without it one version serves all of them: `{ v1: 100 }`. Percent.",
  }),
});
