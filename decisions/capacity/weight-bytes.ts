import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { type RecipeFacts, weightRecipes } from "../catalog/weight-recipes.ts";
import type { ServingSetup } from "./serving-setup.ts";

/** Parameters of a model by what happens to them: how they are stored, and how ranks share them. */
interface ParameterParts {
  /** Input embeddings, and the output head where it is a tensor of its own. Split over ranks. */
  readonly embedding: number;
  readonly head: number;
  /** Query and output projections, and everything else of attention that ranks split. */
  readonly attention: number;
  /** Key and value projections: split too, but no further than there are heads. */
  readonly keyValue: number;
  readonly feedForward: number;
  readonly experts: number;
  /** Narrow projections of latent attention: whole on every rank. */
  readonly narrow: number;
  /** Routers and norms: whole on every rank, in 16 bits. */
  readonly replicated: number;
  readonly vision: number;
}

const bitsPerByte = 8;
/** What the inner width of MXFP4 experts is rounded up to. Elements. */
const paddedTo: Readonly<Record<AcceleratorFacts["generation"], number>> = {
  turing: 128,
  ampere: 128,
  ada: 128,
  hopper: 1,
  blackwell: 256,
  cdna3: 256,
  cdna4: 256,
  gaudi3: 1,
};

/**
 * Size of the weights as stored, or null where the catalog has no parameter count: the published size if there is one,
 * else the sum over parts of parameters x bits / 8, with the bits of the recipe.
 */
export function storedWeightBytes(model: ModelFacts): number | null {
  if (model.weights.bytes !== undefined) return model.weights.bytes;
  const parts = parameterParts(model);
  if (parts === null) return null;
  return Math.round(sumBytes(model, parts, { layerShare: 1, ranks: 1, embedding: true, head: true, vision: true }));
}

/** How `storedWeightBytes` was got, as a clause. */
export function storedWeightBasis({ weights, parameters }: ModelFacts): string {
  if (weights.bytes !== undefined) return "the published size of all tensors";
  const all = (parameters?.total ?? 0) + (parameters?.vision ?? 0);
  const billions = `${(all / 1e9).toFixed(2)} billion parameters counted from the configuration's fields`;
  return weights.recipe === "bf16" ? `${billions}, 2 bytes each` : `${billions}, stored as ${weights.recipe}`;
}

/**
 * Bytes of weights on one GPU, or null where the catalog has no parameter count. Ranks split all matrices evenly but for
 * key and value projections (no further than there are heads), routers, norms and the narrow projections of latent
 * attention (whole on every rank). Of several pipeline stages it is the largest: `ceil(layers / stages)` layers and the
 * larger of embeddings and output head.
 *
 * Checked against logs: Llama-3.1-8B 14.96 computed, 14.99 logged; Qwen3-32B 61.02 and 61.03; Llama-3.3-70B FP8 67.66
 * and 67.72; Qwen3-235B FP8 on eight GPUs 221.1 and 221.8 (GiB).
 * Source: reference/capacity-economics.md section 1.1, 2026-11-23.
 */
export function rankWeightBytes(setup: ServingSetup): number | null {
  const { model, tensorParallelSize, pipelineParallelSize, isTextOnly } = setup;
  const unpadded = parameterParts(model);
  if (unpadded === null) return null;
  const parts = { ...unpadded, experts: unpadded.experts * expertPadding(setup) };
  const stageLayers = Math.ceil(model.layers / pipelineParallelSize);
  const layerShare = stageLayers / model.layers;
  const shared = { layerShare, ranks: tensorParallelSize, vision: !isTextOnly };
  const counted =
    pipelineParallelSize === 1
      ? sumBytes(model, parts, { ...shared, embedding: true, head: true })
      : Math.max(
          sumBytes(model, parts, { ...shared, embedding: true, head: false }),
          sumBytes(model, parts, { ...shared, embedding: model.tiedEmbeddings, head: true }),
        );
  return counted + absorbedBytes(setup) + draftBytes(setup, parts) + loraBytes(setup);
}

/**
 * Bytes of latent attention's second copy on one GPU: beside the projection from the compressed vector the engine keeps
 * it in 16 bits, split into the half for keys and the half for values.
 * Source: vllm/v1/attention/backends/mla/common.py process_weights_after_loading (W_UK_T, W_UV), 2025 to 2026.
 */
function absorbedBytes({ model, tensorParallelSize, pipelineParallelSize }: ServingSetup): number {
  if (model.cache.kind !== "latent") return 0;
  const stageLayers = Math.ceil(model.layers / pipelineParallelSize);
  const elements = stageLayers * model.cache.rank * model.attentionHeads * 2 * model.headSize;
  return (elements * 2) / tensorParallelSize;
}

/** Bytes of one GPU's draft layers: as many parameters a layer as the model itself, in 16 bits, and the joining projection. */
function draftBytes(setup: ServingSetup, parts: ParameterParts): number {
  const { model, draftLayers, tensorParallelSize } = setup;
  if (draftLayers === 0) return 0;
  const layer = (parts.attention + parts.keyValue + parts.feedForward) / model.layers;
  return ((draftLayers * layer + 2 * model.hiddenSize ** 2) * 2) / tensorParallelSize;
}

/**
 * Bytes that slots for adapters take on one GPU, in 16 bits: for each projection `rank x (width in + width out)`. The
 * half that meets the split side of a projection is split over ranks, the other is whole. Experts carry no adapters.
 * @see https://docs.vllm.ai/en/latest/features/lora.html
 */
function loraBytes({ model, lora, tensorParallelSize }: ServingSetup): number {
  if (lora.count === 0) return 0;
  const queryWidth = model.attentionHeads * model.headSize;
  const keyValueWidth = model.keyValueHeads * model.headSize;
  const inner = model.experts === undefined ? (model.intermediateSize ?? 0) : 0;
  const whole = (inner > 0 ? 7 : 4) * model.hiddenSize;
  const split = 2 * queryWidth + 2 * keyValueWidth + 3 * inner;
  return lora.count * lora.maxRank * model.layers * (whole + split / tensorParallelSize) * 2;
}

interface Share {
  readonly layerShare: number;
  readonly ranks: number;
  readonly embedding: boolean;
  readonly head: boolean;
  readonly vision: boolean;
}

function sumBytes(model: ModelFacts, parts: ParameterParts, share: Share): number {
  const recipe = weightRecipes[model.weights.recipe];
  const { layerShare, ranks } = share;
  const keyValueRanks = Math.min(ranks, Math.max(1, model.keyValueHeads));
  const quantised = Math.max(0, 1 - recipe.edgeLayers16Bit / model.layers);
  const bits = (part: keyof Pick<RecipeFacts, "attentionBits" | "feedForwardBits" | "expertBits">) =>
    recipe[part] * quantised + 16 * (1 - quantised);
  const inLayers =
    (parts.attention * bits("attentionBits")) / ranks +
    (parts.keyValue * bits("attentionBits")) / keyValueRanks +
    (parts.feedForward * bits("feedForwardBits")) / ranks +
    (parts.experts * bits("expertBits")) / ranks +
    parts.narrow * bits("attentionBits") +
    parts.replicated * 16;
  const outside =
    ((share.embedding ? parts.embedding : 0) + (share.head ? parts.head : 0)) * recipe.embeddingBits +
    (share.vision ? parts.vision : 0) * 16;
  return (inLayers * layerShare + outside / ranks) / bitsPerByte;
}

/**
 * What the kernels add to MXFP4 experts, as a factor: widths rounded up, by what the engine picks on the GPU (both to 256
 * on Blackwell; 256 and 128 with Marlin on Ada and before). On Hopper one width is taken as rounded to 256, which is on the
 * safe side: which kernel runs there has changed between releases, and no log was at hand.
 * Source: vllm/model_executor/layers/quantization/mxfp4.py, Mxfp4MoEMethod.create_weights, 2025 to 2026.
 */
function expertPadding({ model, accelerator, tensorParallelSize }: ServingSetup): number {
  const { experts, hiddenSize, weights } = model;
  if (experts === undefined || weights.recipe !== "mxfp4-experts") return 1;
  const multiple = paddedTo[accelerator.generation];
  const perRank = experts.intermediateSize / tensorParallelSize;
  return ((roundUp(perRank, multiple) / perRank) * roundUp(hiddenSize, 256)) / hiddenSize;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * Bytes of weights that steps read, whole model: `dense` by every step (attention, ordinary and shared feed-forward parts,
 * output head; of the input embeddings a step looks up a few rows), `experts` as far as tokens visit them. Null where the
 * catalog has no parameter count.
 */
export function readWeightBytes(model: ModelFacts): { readonly dense: number; readonly experts: number } | null {
  const parts = parameterParts(model);
  if (parts === null) return null;
  const share = { layerShare: 1, ranks: 1, vision: false };
  const none = {
    embedding: 0,
    head: 0,
    attention: 0,
    keyValue: 0,
    feedForward: 0,
    narrow: 0,
    replicated: 0,
    vision: 0,
  };
  return {
    dense: sumBytes(model, { ...parts, experts: 0 }, { ...share, embedding: model.tiedEmbeddings, head: true }),
    experts: sumBytes(model, { ...none, experts: parts.experts }, { ...share, embedding: false, head: false }),
  };
}

/** Parameters that tokens are multiplied with, without embeddings and output head; null where the catalog has no count. */
export function matrixParameters(model: ModelFacts): { readonly dense: number; readonly experts: number } | null {
  const parts = parameterParts(model);
  if (parts === null) return null;
  const { attention, keyValue, feedForward, narrow, replicated, experts } = parts;
  return { dense: attention + keyValue + feedForward + narrow + replicated, experts };
}

/** Parameters by part; what the shape does not explain of the total counts as feed-forward. */
function parameterParts(model: ModelFacts): ParameterParts | null {
  const { parameters, experts, layers, hiddenSize, vocabularySize, cache } = model;
  if (parameters === undefined) return null;
  const embedding = vocabularySize * hiddenSize;
  const head = model.tiedEmbeddings ? 0 : embedding;
  const expertLayers = experts === undefined ? 0 : layers - (experts.denseLayers ?? 0);
  const routed = expertLayers * (experts?.count ?? 0) * 3 * hiddenSize * (experts?.intermediateSize ?? 0);
  const router = expertLayers * (experts?.count ?? 0) * hiddenSize;
  const narrow =
    cache.kind === "latent" ? layers * hiddenSize * ((cache.queryRank ?? 0) + cache.rank + cache.ropeSize) : 0;
  const replicated = router + narrow + 2 * layers * hiddenSize;
  const { query, keyValue } = attentionParameters(model);
  const explained = embedding + head + routed + query + keyValue + narrow + replicated;
  return {
    embedding,
    head,
    attention: query,
    keyValue,
    experts: routed,
    feedForward: Math.max(0, parameters.total - explained),
    narrow,
    replicated,
    vision: parameters.vision ?? 0,
  };
}

/** Parameters that embeddings, attention, experts and narrow parts make up; the rest is feed-forward. */
export function explainedParameters(model: ModelFacts): number {
  const parts = parameterParts(model);
  if (parts === null) return 0;
  const { embedding, head, attention, keyValue, experts, narrow, replicated } = parts;
  return embedding + head + attention + keyValue + experts + narrow + replicated;
}

/** Attention's projections where heads tell their size; none where they do not, so that they count as feed-forward. */
function attentionParameters(model: ModelFacts): { query: number; keyValue: number } {
  const { layers, hiddenSize, attentionHeads, keyValueHeads, headSize, cache } = model;
  const of = (count: number, heads: number, size: number, projections: number) => ({
    query: count * 2 * hiddenSize * attentionHeads * size,
    keyValue: count * projections * hiddenSize * heads * size,
  });
  if (cache.kind === "full" || cache.kind === "chunked") return of(layers, keyValueHeads, headSize, 2);
  if (cache.kind === "latent") {
    const fromQuery = (cache.queryRank ?? hiddenSize) * attentionHeads * (headSize + cache.ropeSize);
    const fromVector = cache.rank * attentionHeads * 2 * headSize;
    const out = attentionHeads * headSize * hiddenSize;
    return { query: layers * (fromQuery + fromVector + out), keyValue: 0 };
  }
  if (cache.kind !== "windowed") return { query: 0, keyValue: 0 };
  const windowed = of(cache.windowedLayers, keyValueHeads, headSize, 2);
  const fullLayers = layers - cache.windowedLayers;
  // Gemma 4 computes keys and values of the layers without window in one projection.
  const projections = cache.fullHeadSize === undefined ? 2 : 1;
  const full = of(fullLayers, cache.fullKeyValueHeads ?? keyValueHeads, cache.fullHeadSize ?? headSize, projections);
  return { query: windowed.query + full.query, keyValue: windowed.keyValue + full.keyValue };
}
