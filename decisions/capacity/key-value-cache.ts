import type { ModelFacts } from "../../config/schema/model-facts.ts";
import type { ServingSetup } from "./serving-setup.ts";

/** A cache that cannot be computed, and why. */
export interface MeasureCache {
  readonly kind: "measure";
  readonly reason: string;
}

/** How one GPU's cache is laid out: blocks of equal size, which every group of layers fills in its own way. */
export interface CacheLayout {
  readonly kind: "layout";
  /** Bytes of one block on one GPU. */
  readonly blockBytes: number;
  readonly groups: readonly CacheGroup[];
  /** Bytes that one more token takes on one GPU once every window is full. */
  readonly bytesPerToken: number;
}

/** Layers that share a block table. */
interface CacheGroup {
  /** Tokens that one block holds. */
  readonly blockTokens: number;
  /** Tokens that the layers look back over at most, the batch in flight included; null when all. */
  readonly reachTokens: number | null;
  /** Blocks beside those of the tokens: a window that starts inside a block touches one more. */
  readonly extraBlocks: number;
  /** Blocks of one sequence, whatever its length; null where tokens decide. */
  readonly fixedBlocks: number | null;
}

/** Layers of one kind on one GPU. */
interface LayerKind {
  readonly layers: number;
  readonly bytesPerToken: number;
  /** `window` and `chunk` limit what is kept, `state` keeps one block a sequence. */
  readonly limit: { readonly kind: "window" | "chunk"; readonly tokens: number } | null;
}

/** DeepSeek's sparse attention keeps 512 FP8 values, 16 bytes of scales and 64 16-bit values (fp8_ds_mla). */
const sparseLatentFp8Bytes = 656;
const stateElementBytes = 4;
const convolutionElementBytes = 2;

/**
 * Layout of the cache on one GPU, by the rules of vLLM's kv_cache_utils.py:
 *
 * - grouped heads: layers x 2 x max(1, heads / tensorParallelSize) x headSize x bytes; heads are repeated where fewer than GPUs
 * - latent: layers x (rank + ropeSize) x bytes, whole on every rank
 * - windows beside full layers: equal blocks, equal groups of layers; a windowed group keeps
 *   min(window - 1 + tokens in flight, length) tokens and one block more; in flight are maxNumBatchedTokens, twice since 0.26
 * - allocator off: every layer at full length
 * - linear: a block is as large as one layer's state; each group of those layers holds one block a sequence
 *
 * Source: github.com/vllm-project/vllm vllm/v1/core/kv_cache_utils.py @001cabc1; checked on 22 logs to 0.3 %
 * (reference/capacity-economics.md section 1.1, 2026-11-23). Of linear layouts one log: Qwen3.5-27B, vLLM issue 40691, blocks
 * of 784 tokens in four groups give its 290,864 tokens and 33.04 requests.
 */
export function cacheLayout(setup: ServingSetup): CacheLayout | MeasureCache {
  const { model, pipelineParallelSize } = setup;
  if (model.cache.kind === "measure") return { kind: "measure", reason: model.cache.reason };
  const stage = (layers: number) => Math.ceil(layers / pipelineParallelSize);
  if (model.cache.kind === "linear") return linearLayout(setup, model.cache, stage);
  const kinds = layerKinds(setup).map((kind) => ({ ...kind, layers: stage(kind.layers) }));
  const limited = kinds.filter(({ limit }) => limit !== null);
  const growing = kinds.filter(({ limit }) => limit === null);
  const [window] = limited;
  const [full] = growing;
  if (window === undefined || full === undefined || !setup.hybridAllocator) return uniformLayout(setup, kinds);
  return groupedLayout(setup, full, window);
}

/**
 * Bytes of cache that one request of `tokens` needs on one GPU: blocks x block size. It is also what the engine compares
 * with a GPU's share when it starts, for `maxModelLen`.
 */
export function requestBytes(setup: ServingSetup, layout: CacheLayout, tokens: number): number {
  return requestBlocks(layout, Math.min(tokens, setup.maxModelLen)) * layout.blockBytes;
}

/** Blocks that one request of `tokens` holds. */
function requestBlocks(layout: CacheLayout, tokens: number): number {
  return layout.groups.reduce((sum, group) => {
    if (group.fixedBlocks !== null) return sum + group.fixedBlocks;
    const kept = group.reachTokens === null ? tokens : Math.min(group.reachTokens, tokens);
    return sum + Math.ceil(kept / group.blockTokens) + group.extraBlocks;
  }, 0);
}

/** What a pool holds. */
export interface CacheCapacity {
  readonly blocks: number;
  /** The figure of the engine's log: `GPU KV cache size`. */
  readonly tokens: number;
  /** Requests of `maxModelLen` that fit at once. */
  readonly longestRequests: number;
  /** Tokens that requests can use: one block stays empty by design. */
  readonly usableTokens: number;
}

/** What a pool of `poolBytes` on the poorest GPU holds: whole blocks, rounded down. */
export function cacheCapacity(setup: ServingSetup, layout: CacheLayout, poolBytes: number): CacheCapacity {
  const blocks = Math.max(0, Math.floor(poolBytes / layout.blockBytes));
  const perRequest = requestBlocks(layout, setup.maxModelLen);
  const tokensOf = (count: number) => {
    const [only] = layout.groups;
    if (layout.groups.length === 1 && only !== undefined) return count * only.blockTokens;
    if (setup.hybridTokenLine === "concurrency-times-length") {
      return Math.floor((count / perRequest) * setup.maxModelLen);
    }
    const smallest = Math.min(...layout.groups.map(({ blockTokens }) => blockTokens));
    return Math.floor(count / layout.groups.length) * smallest;
  };
  return {
    blocks,
    tokens: tokensOf(blocks),
    longestRequests: blocks / perRequest,
    usableTokens: tokensOf(Math.max(0, blocks - 1)),
  };
}

/**
 * What the engine compares with one GPU's share when it starts: the need of one request of `maxModelLen`. With pipeline
 * stages it takes all layers of the model, although a stage holds only its own.
 * Source: github.com/vllm-project/vllm issues 34076 and 32105.
 */
export function startUpNeedBytes(setup: ServingSetup): number | MeasureCache {
  const layout = cacheLayout({ ...setup, pipelineParallelSize: 1 });
  return layout.kind === "measure" ? layout : requestBytes(setup, layout, setup.maxModelLen);
}

function layerKinds(setup: ServingSetup): LayerKind[] {
  const { model, tensorParallelSize, kvCacheDtype, draftLayers } = setup;
  const { cache, layers, keyValueHeads, headSize } = model;
  const elementBytes = kvCacheDtype === "fp8" ? 1 : 2;
  const rate = (heads: number, size: number) =>
    2 * Math.max(1, Math.ceil(heads / tensorParallelSize)) * size * elementBytes;
  const own = rate(keyValueHeads, headSize);
  const draft: LayerKind[] = draftLayers === 0 ? [] : [{ layers: draftLayers, bytesPerToken: own, limit: null }];
  switch (cache.kind) {
    case "full":
      return [{ layers, bytesPerToken: own, limit: null }, ...draft];
    case "latent":
      return [...latentKinds(model, cache, kvCacheDtype), ...draft];
    case "windowed":
    case "chunked": {
      const limited = cache.kind === "windowed" ? cache.windowedLayers : cache.chunkedLayers;
      const limit =
        cache.kind === "windowed"
          ? { kind: "window" as const, tokens: cache.windowTokens }
          : { kind: "chunk" as const, tokens: cache.chunkTokens };
      const heads = (cache.kind === "windowed" ? cache.fullKeyValueHeads : undefined) ?? keyValueHeads;
      const size = (cache.kind === "windowed" ? cache.fullHeadSize : undefined) ?? headSize;
      return [
        { layers: layers - limited + draftLayers, bytesPerToken: rate(heads, size), limit: null },
        { layers: limited, bytesPerToken: own, limit },
      ];
    }
    default:
      return [];
  }
}

function latentKinds(
  { layers }: ModelFacts,
  cache: Extract<ModelFacts["cache"], { kind: "latent" }>,
  kvCacheDtype: ServingSetup["kvCacheDtype"],
): LayerKind[] {
  const { rank, ropeSize, indexerHeadSize } = cache;
  const isSparse = indexerHeadSize !== undefined;
  const eightBits = isSparse ? sparseLatentFp8Bytes : rank + ropeSize;
  const vector = { layers, bytesPerToken: kvCacheDtype === "fp8" ? eightBits : 2 * (rank + ropeSize), limit: null };
  if (!isSparse) return [vector];
  const indexerBytes = indexerHeadSize + 4 * Math.ceil(indexerHeadSize / 128);
  return [vector, { layers: cache.indexerLayers ?? layers, bytesPerToken: indexerBytes, limit: null }];
}

function uniformLayout({ blockTokens }: ServingSetup, kinds: readonly LayerKind[]): CacheLayout {
  const bytesPerToken = kinds.reduce((sum, { layers, bytesPerToken }) => sum + layers * bytesPerToken, 0);
  return {
    kind: "layout",
    blockBytes: bytesPerToken * blockTokens,
    groups: [{ blockTokens, reachTokens: null, extraBlocks: 0, fixedBlocks: null }],
    bytesPerToken,
  };
}

/** Groups of equally many layers, and pages of equal size: smaller pages hold more tokens. */
function groupedLayout(setup: ServingSetup, full: LayerKind, limited: LayerKind): CacheLayout {
  const { blockTokens, inFlightTokens } = setup;
  const fewest = Math.min(full.layers, limited.layers);
  const most = Math.max(full.layers, limited.layers);
  const groupLayers = most < fewest * 1.5 ? most : fewest;
  const pageRate = Math.max(full.bytesPerToken, limited.bytesPerToken);
  const groupsOf = (kind: LayerKind): CacheGroup[] =>
    Array.from({ length: Math.ceil(kind.layers / groupLayers) }, () => ({
      blockTokens: blockTokens * Math.floor(pageRate / kind.bytesPerToken),
      reachTokens: reachOf(kind.limit, inFlightTokens),
      extraBlocks: kind.limit?.kind === "window" ? 1 : 0,
      fixedBlocks: null,
    }));
  return {
    kind: "layout",
    blockBytes: groupLayers * pageRate * blockTokens,
    groups: [...groupsOf(full), ...groupsOf(limited)],
    bytesPerToken: full.layers * full.bytesPerToken,
  };
}

function reachOf(limit: LayerKind["limit"], inFlightTokens: number): number | null {
  if (limit === null) return null;
  return limit.kind === "window" ? limit.tokens - 1 + inFlightTokens : limit.tokens + inFlightTokens;
}

function linearLayout(
  setup: ServingSetup,
  cache: Extract<ModelFacts["cache"], { kind: "linear" }>,
  stage: (layers: number) => number,
): CacheLayout {
  const { model, tensorParallelSize, kvCacheDtype, blockTokens } = setup;
  const elementBytes = kvCacheDtype === "fp8" ? 1 : 2;
  const heads = Math.max(1, Math.ceil(model.keyValueHeads / tensorParallelSize));
  const rate = 2 * heads * model.headSize * elementBytes;
  const full = stage(cache.fullAttentionLayers + setup.draftLayers);
  const stateLayers = model.layers - cache.fullAttentionLayers;
  const allStateBytes =
    cache.stateElements * stateElementBytes + (cache.convolutionElements ?? 0) * convolutionElementBytes;
  const stateBytes = allStateBytes / stateLayers / tensorParallelSize;
  const pageTokens = Math.ceil(stateBytes / rate / blockTokens) * blockTokens;
  const stated = stage(stateLayers);
  const groupLayers = Math.min(full, stated);
  const repeat = (layers: number, group: CacheGroup) =>
    Array.from({ length: Math.ceil(layers / groupLayers) }, () => group);
  const tokens = { blockTokens: pageTokens, reachTokens: null, extraBlocks: 0 };
  return {
    kind: "layout",
    blockBytes: groupLayers * pageTokens * rate,
    groups: [...repeat(full, { ...tokens, fixedBlocks: null }), ...repeat(stated, { ...tokens, fixedBlocks: 1 })],
    bytesPerToken: full * rate,
  };
}
