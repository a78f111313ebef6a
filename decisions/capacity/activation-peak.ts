import type { ServingSetup } from "./serving-setup.ts";

/** The largest amount of memory that one trial step takes beside weights, and what causes it. */
export interface ActivationPeak {
  readonly bytes: number;
  readonly cause: "sampler" | "forward" | "experts" | "images";
}

/** Bytes for each sequence and entry of the vocabulary: logits, their 32-bit copy, and a sort of values with indexes. */
const samplerBytes = 38.5;
/** Bytes for each patch of the largest image. */
const imagePatchBytes = 113_000;
const elementBytes = 2;

/**
 * Peak of memory that the engine sees when it tries one step with the largest batch, on one GPU. The steps run one after
 * the other, so the largest of them counts:
 *
 * - sampler: 38.5 bytes x min(maxNumSeqs, maxNumBatchedTokens) x vocabularySize. Fitted on 14 logs, of which 10 agree
 *   to 10 %; misses: Mistral-Small 4.81 computed, 2.12 logged (not explained); Qwen2.5-7B-AWQ 1.40 and 1.04.
 * - forward: tokens x (3 x intermediateSize / ranks + 3 x hiddenSize) x 2 bytes, gate, up and their product beside three
 *   copies of the residual. Three logs: Llama-8B with 20,000 tokens 2.06 computed, 2.07 logged; with 29,000 2.99 and
 *   2.99; Qwen2.5-1.5B with 32,768 1.92 and 2.02 (GiB). It decides in V0 without chunked prefill.
 * - experts: tokens x perToken x (max(2 x intermediateSize / ranks, hiddenSize) + intermediateSize / ranks) x 2 bytes, the
 *   three buffers of the fused kernel; in no log is it the largest.
 * - images: 113,000 bytes x patches. Fitted on one log (Qwen2.5-VL-32B, 6.9 GiB at 65,536 patches).
 *
 * Source: data/activation-regularity.json, github.com/vllm-project/vllm issue 10517 and the logs of
 * bench/capacity/points/measured.json, 2026-11-23.
 */
export function activationPeak(setup: ServingSetup): ActivationPeak {
  const { model, tensorParallelSize, maxNumBatchedTokens, maxNumSeqs, isTextOnly } = setup;
  const { experts, hiddenSize } = model;
  const tokens = maxNumBatchedTokens;
  const inner = (model.intermediateSize ?? experts?.sharedIntermediateSize ?? 0) / tensorParallelSize;
  const routed = (experts?.intermediateSize ?? 0) / tensorParallelSize;
  const candidates: readonly ActivationPeak[] = [
    { cause: "sampler", bytes: samplerBytes * Math.min(maxNumSeqs, tokens) * model.vocabularySize },
    { cause: "forward", bytes: tokens * (3 * inner + 3 * hiddenSize) * elementBytes },
    {
      cause: "experts",
      bytes:
        experts === undefined
          ? 0
          : tokens * experts.perToken * (Math.max(2 * routed, hiddenSize) + routed) * elementBytes,
    },
    { cause: "images", bytes: isTextOnly ? 0 : imagePatchBytes * (model.imagePatches ?? 0) },
  ];
  return candidates.reduce((largest, candidate) => (candidate.bytes > largest.bytes ? candidate : largest));
}
