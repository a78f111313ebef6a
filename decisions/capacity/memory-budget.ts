import { countText, gibText } from "../figures.ts";
import { activationPeak } from "./activation-peak.ts";
import { type CacheCapacity, cacheCapacity, cacheLayout, startUpNeedBytes } from "./key-value-cache.ts";
import type { ServingSetup } from "./serving-setup.ts";
import { rankWeightBytes } from "./weight-bytes.ts";

const gib = 2 ** 30;
const mib = 2 ** 20;
/** Memory outside PyTorch on one GPU: 0.01 to 0.35 GiB logged alone (0.13 on H100), 0.54 with a second GPU. */
const nonTorchBytesAlone = 0.15 * gib;
const nonTorchBytesTogether = 0.55 * gib;
/** CUDA graphs that the engine sets aside since 0.21: 0.23 GiB on A100, and 0.2 to 0.25 left over on L40S. Three logs. */
const cudaGraphBytes = 0.25 * gib;
/** How far the terms that are fits may be off: a fifth of the peak, and 0.2 GiB. */
const peakUncertainty = 0.2;
const restUncertaintyBytes = 0.2 * gib;

/** One thing that takes memory on a GPU. */
export interface MemoryTerm {
  readonly name: "weights" | "non-torch" | "activation" | "cuda-graphs";
  readonly bytes: number;
  readonly because: string;
}

interface Reckoning {
  readonly visibleBytes: number;
  /** What the engine may take: visible x gpuMemoryUtilization. */
  readonly usableBytes: number;
  readonly terms: readonly MemoryTerm[];
  /** What is left for the cache; negative when the terms alone do not fit. */
  readonly poolBytes: number;
  /** How far `poolBytes` may be off either way. */
  readonly uncertaintyBytes: number;
}

/** The memory of one GPU of a replica, or why there is no such thing. */
export type MemoryBudget =
  | (Reckoning & { readonly kind: "fits"; readonly needBytes: number; readonly capacity: CacheCapacity })
  /** `what`: the terms alone, or one request of `maxModelLen` in what they leave. */
  | (Reckoning & {
      readonly kind: "does-not-fit";
      readonly what: "terms" | "cache";
      readonly missingBytes: number;
      readonly reason: string;
    })
  /** The pool is known, what it holds is not. */
  | (Reckoning & { readonly kind: "measure"; readonly reason: string })
  | { readonly kind: "unknown-weights"; readonly reason: string };

/**
 * Memory of the fullest GPU of a replica, as the engine divides it when it starts:
 * pool = visible x gpuMemoryUtilization - weights - non-torch - activation peak - CUDA graphs.
 * Source: vllm/v1/worker/gpu_worker.py determine_available_memory; reference/capacity-economics.md section 1.1.
 */
export function memoryBudget(setup: ServingSetup): MemoryBudget {
  const weights = rankWeightBytes(setup);
  if (weights === null) {
    return { kind: "unknown-weights", reason: "The catalog has no parameter count for this model." };
  }
  const reckoning = reckon(setup, weights);
  const { poolBytes } = reckoning;
  if (poolBytes <= 0) {
    return {
      ...reckoning,
      kind: "does-not-fit",
      what: "terms",
      missingBytes: -poolBytes,
      reason: `Weights and what the engine needs beside them are ${gibText(-poolBytes)} a GPU more than it may take, so no cache is left.`,
    };
  }
  const layout = cacheLayout(setup);
  const needBytes = startUpNeedBytes(setup);
  if (layout.kind === "measure" || typeof needBytes !== "number") {
    const reason = layout.kind === "measure" ? layout.reason : "";
    return { ...reckoning, kind: "measure", reason: `Measure it: ${reason}.` };
  }
  if (needBytes > poolBytes) {
    const stages = setup.pipelineParallelSize;
    return {
      ...reckoning,
      kind: "does-not-fit",
      what: "cache",
      missingBytes: needBytes - poolBytes,
      reason: `One request of ${setup.maxModelLen} tokens needs ${gibText(needBytes)} of cache a GPU, and ${gibText(poolBytes)} are left.${stages > 1 ? ` The engine compares the need of all layers with one of ${stages} stages.` : ""}`,
    };
  }
  return { ...reckoning, kind: "fits", needBytes, capacity: cacheCapacity(setup, layout, poolBytes) };
}

/** Memory that one GPU shows to the engine: PyTorch's figure where it is known, the driver's otherwise. */
export function visibleBytes({ accelerator }: Pick<ServingSetup, "accelerator">): number {
  const { engineVisibleGiB, visibleMiB } = accelerator;
  return engineVisibleGiB === undefined ? visibleMiB * mib : engineVisibleGiB * gib;
}

function reckon(setup: ServingSetup, weightBytes: number): Reckoning {
  const { tensorParallelSize, pipelineParallelSize, gpuMemoryUtilization } = setup;
  const gpus = tensorParallelSize * pipelineParallelSize;
  const peak = activationPeak(setup);
  const visible = visibleBytes(setup);
  const usable = visible * gpuMemoryUtilization;
  const terms: MemoryTerm[] = [
    {
      name: "weights",
      bytes: weightBytes,
      because: `${setup.model.weights.recipe} over ${countText(gpus, "GPU")}; parts that ranks do not split are on each.`,
    },
    {
      name: "non-torch",
      bytes: gpus === 1 ? nonTorchBytesAlone : nonTorchBytesTogether,
      because: gpus === 1 ? "CUDA's own memory." : "CUDA's own memory and the buffers between ranks.",
    },
    { name: "activation", bytes: peak.bytes, because: causes[peak.cause](setup) },
  ];
  if (setup.countsCudaGraphs) {
    terms.push({
      name: "cuda-graphs",
      bytes: cudaGraphBytes,
      because: "Since 0.21 the engine sets aside what it expects CUDA graphs to take.",
    });
  }
  return {
    visibleBytes: visible,
    usableBytes: usable,
    terms,
    poolBytes: usable - terms.reduce((sum, { bytes }) => sum + bytes, 0),
    uncertaintyBytes: peak.bytes * peakUncertainty + restUncertaintyBytes,
  };
}

const causes = {
  sampler: ({ maxNumSeqs, model }: ServingSetup) =>
    `The engine tries to sample for ${maxNumSeqs} sequences over a vocabulary of ${model.vocabularySize}; fewer sequences (maxNumSeqs) take less.`,
  forward: ({ maxNumBatchedTokens }: ServingSetup) =>
    `The engine tries one step of ${maxNumBatchedTokens} tokens; a smaller step (maxNumBatchedTokens) takes less.`,
  experts: ({ maxNumBatchedTokens }: ServingSetup) =>
    `The engine tries one step of ${maxNumBatchedTokens} tokens through the experts; a smaller step takes less.`,
  images: ({ model }: ServingSetup) =>
    `The engine tries the largest image, ${model.imagePatches ?? 0} patches; with images off it takes less.`,
} as const;
