import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { type EngineDefaults, vllmDefaults } from "../catalog/engine-defaults.ts";

/** The release of an engine: `[0, 33]` for 0.33; null where it is not known. */
export type EngineRelease = readonly [major: number, minor: number] | null;

/** What is known of a replica before the engine's defaults are filled in. */
export interface SetupInput {
  readonly model: ModelFacts;
  readonly accelerator: AcceleratorFacts;
  readonly release: EngineRelease;
  /** Left out: V0 before release 0.8, V1 since. */
  readonly core?: "v0" | "v1";
  readonly maxModelLen: number;
  readonly tensorParallelSize?: number;
  readonly pipelineParallelSize?: number;
  readonly gpuMemoryUtilization?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  /** `auto`: 16 bits. */
  readonly kvCacheDtype?: "auto" | "fp8";
  readonly blockTokens?: number;
  /** Left out: on, where the engine has one. */
  readonly hybridAllocator?: boolean;
  readonly lora?: { readonly maxRank: number; readonly count: number };
  /** Layers of a draft model for speculative decoding that has the model's own widths, as EAGLE. */
  readonly draftLayers?: number;
  /** True when the engine is told to load and profile no vision part. */
  readonly isTextOnly?: boolean;
  readonly cudaGraphs?: boolean;
}

/** One replica as it would be started, nothing left to a default. */
export interface ServingSetup {
  readonly model: ModelFacts;
  readonly accelerator: AcceleratorFacts;
  readonly core: "v0" | "v1";
  readonly maxModelLen: number;
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
  readonly gpuMemoryUtilization: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  /** Tokens that may be under way at once: those of every step that the scheduler has in flight. */
  readonly inFlightTokens: number;
  readonly kvCacheDtype: "auto" | "fp8";
  readonly blockTokens: number;
  readonly hybridAllocator: boolean;
  readonly hybridTokenLine: EngineDefaults["hybridTokenLine"];
  readonly lora: { readonly maxRank: number; readonly count: number };
  readonly draftLayers: number;
  readonly isTextOnly: boolean;
  /** Whether the profiled size of CUDA graphs is taken from the cache's share. */
  readonly countsCudaGraphs: boolean;
}

/** A replica with the defaults of its engine release and GPU filled in. */
export function servingSetup(input: SetupInput): ServingSetup {
  const { model, accelerator, release, maxModelLen } = input;
  const core = input.core ?? (release !== null && release[0] === 0 && release[1] < 8 ? "v0" : "v1");
  const defaults = vllmDefaults(release, core, accelerator, maxModelLen);
  const maxNumBatchedTokens = input.maxNumBatchedTokens ?? defaults.maxNumBatchedTokens ?? Math.max(2048, maxModelLen);
  return {
    model,
    accelerator,
    core,
    maxModelLen,
    tensorParallelSize: input.tensorParallelSize ?? 1,
    pipelineParallelSize: input.pipelineParallelSize ?? 1,
    gpuMemoryUtilization: input.gpuMemoryUtilization ?? defaults.gpuMemoryUtilization,
    maxNumSeqs: input.maxNumSeqs ?? defaults.maxNumSeqs,
    maxNumBatchedTokens,
    inFlightTokens: maxNumBatchedTokens * defaults.stepsInFlight,
    kvCacheDtype: input.kvCacheDtype ?? "auto",
    blockTokens: input.blockTokens ?? defaults.blockTokens,
    // V0 keeps every layer at full length.
    hybridAllocator: core === "v1" && (input.hybridAllocator ?? true),
    hybridTokenLine: defaults.hybridTokenLine,
    lora: input.lora ?? { maxRank: 0, count: 0 },
    draftLayers: input.draftLayers ?? 0,
    isTextOnly: input.isTextOnly ?? false,
    countsCudaGraphs: defaults.countsCudaGraphs && (input.cudaGraphs ?? true),
  };
}
