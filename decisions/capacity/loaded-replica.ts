import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { WeightRecipe } from "../../config/schema/model-facts.ts";
import { cacheLayout } from "./key-value-cache.ts";
import type { AcceleratorRates, LoadedReplica, ModelWork, ServingEngine, SteadyLoad } from "./replica.ts";
import type { ServingSetup } from "./serving-setup.ts";
import { matrixParameters, readWeightBytes } from "./weight-bytes.ts";

/** A replica whose speed cannot be predicted, and what is missing. */
export interface UnknownSpeed {
  readonly kind: "unknown-speed";
  readonly reason: string;
}

/** A replica whose speed can be predicted under any load. */
export interface SpeedModel {
  readonly kind: "speed";
  under(load: SteadyLoad): LoadedReplica;
}

/** Accelerators with at least ten measured points among those that the coefficients were fitted on. */
export const measuredAccelerators: ReadonlySet<string> = new Set(["nvidia-h100-sxm", "nvidia-h200-sxm"]);

const stateElementBytes = 4;
const convolutionElementBytes = 2;

/** What the predictor of speed needs of a replica, from the same facts as its memory. `acceleratorKey` is its name in the catalog. */
export function speedModel(
  setup: ServingSetup,
  engine: ServingEngine,
  acceleratorKey: string | null,
): SpeedModel | UnknownSpeed {
  const { model, accelerator, tensorParallelSize, pipelineParallelSize } = setup;
  if (pipelineParallelSize > 1) return unknown("the speed of pipeline stages is not modelled");
  const bytes = readWeightBytes(model);
  const parameters = matrixParameters(model);
  if (bytes === null || parameters === null) return unknown("the catalog has no parameter count for this model");
  const rates = acceleratorRates(accelerator, tensorParallelSize, measuredAccelerators.has(acceleratorKey ?? ""));
  if ("kind" in rates) return rates;
  const cache = cacheReads(setup);
  if ("kind" in cache) return cache;
  const { experts } = model;
  const work: Omit<ModelWork, "cacheBytesPerSequence"> = {
    layers: model.layers,
    hiddenSize: model.hiddenSize,
    denseWeightBytes: bytes.dense,
    experts:
      experts === undefined ? null : { count: experts.count, perToken: experts.perToken, weightBytes: bytes.experts },
    activeParameters:
      parameters.dense + (experts === undefined ? 0 : (parameters.experts * experts.perToken) / experts.count),
    attentionFlopsPerTokenPair: attentionFlops(setup),
    cacheBytesPerToken: cache.bytesPerToken,
    cacheDivisibleBy: model.cache.kind === "latent" ? 1 : model.keyValueHeads,
    arithmetic: arithmeticOf(model.weights.recipe, rates),
  };
  return {
    kind: "speed",
    under: (load) => ({
      model: { ...work, cacheBytesPerSequence: cache.bytesPerSequence(load.inputTokens + load.outputTokens / 2) },
      accelerator: rates,
      gpus: tensorParallelSize,
      engine,
      load,
    }),
  };
}

function unknown(reason: string): UnknownSpeed {
  return { kind: "unknown-speed", reason };
}

function acceleratorRates(
  { memoryGigabytesPerSecond, denseTeraflops, link }: AcceleratorFacts,
  gpus: number,
  measured: boolean,
): AcceleratorRates | UnknownSpeed {
  const { bf16, fp8 } = denseTeraflops;
  if (bf16 === undefined) return unknown("the arithmetic speed of the GPU is not known");
  if (link.gigabytesPerSecond === undefined && gpus > 1) {
    return unknown("the speed of the link between the GPUs is not known");
  }
  return {
    memoryBytesPerSecond: memoryGigabytesPerSecond * 1e9,
    bf16FlopsPerSecond: bf16 * 1e12,
    fp8FlopsPerSecond: fp8 === undefined ? null : fp8 * 1e12,
    // Alone, a GPU exchanges nothing.
    linkBytesPerSecond: (link.gigabytesPerSecond ?? 1) * 1e9,
    measured,
  };
}

/** Bytes of cache that a step reads of one sequence: a window is read no further back, however it is kept. */
function cacheReads(
  setup: ServingSetup,
): { readonly bytesPerToken: number; bytesPerSequence(tokens: number): number } | UnknownSpeed {
  const { model } = setup;
  const whole = { ...setup, tensorParallelSize: 1, hybridAllocator: true };
  const growing = cacheLayout(whole);
  const all = cacheLayout({ ...whole, hybridAllocator: false });
  if (growing.kind === "measure") return unknown(`its cache has to be measured: ${growing.reason}`);
  if (all.kind === "measure") return unknown(`its cache has to be measured: ${all.reason}`);
  const { cache } = model;
  if (cache.kind === "linear") {
    const state = cache.stateElements * stateElementBytes + (cache.convolutionElements ?? 0) * convolutionElementBytes;
    return { bytesPerToken: growing.bytesPerToken, bytesPerSequence: () => state };
  }
  const limited = all.bytesPerToken - growing.bytesPerToken;
  const reach = cache.kind === "windowed" ? cache.windowTokens : cache.kind === "chunked" ? cache.chunkTokens : 0;
  return {
    bytesPerToken: growing.bytesPerToken,
    bytesPerSequence: (tokens) => limited * Math.min(reach, tokens),
  };
}

/** Operations for one token and one earlier one: scores and weighted sum, 2 each, over the layers that see all tokens. */
function attentionFlops({ model }: ServingSetup): number {
  const { cache, layers, attentionHeads, headSize } = model;
  const width = cache.kind === "latent" ? 2 * headSize + cache.ropeSize : 2 * headSize;
  const full =
    cache.kind === "windowed"
      ? layers - cache.windowedLayers
      : cache.kind === "chunked"
        ? layers - cache.chunkedLayers
        : cache.kind === "linear"
          ? cache.fullAttentionLayers
          : layers;
  return 2 * attentionHeads * width * full;
}

const eightBit: ReadonlySet<WeightRecipe> = new Set(["fp8", "fp8-block", "fp8-ffn", "int8"]);

/** FP4 units are taken to be no faster than FP8 ones: there is no measured point that would say by how much. */
function arithmeticOf(recipe: WeightRecipe, { fp8FlopsPerSecond }: AcceleratorRates): ModelWork["arithmetic"] {
  return fp8FlopsPerSecond !== null && (eightBit.has(recipe) || recipe === "nvfp4") ? "fp8" : "bf16";
}
