import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { Sourced } from "./sourced.ts";

/** vLLM's releases before 0.8 ran the V0 engine unless told otherwise. */
type Core = "v0" | "v1";

/** What an engine does when nobody says otherwise. */
export interface EngineDefaults extends Sourced {
  readonly core: Core;
  readonly gpuMemoryUtilization: number;
  readonly maxNumSeqs: number;
  /** Null: as long as the longest sequence (V0 without chunked prefill). Tokens. */
  readonly maxNumBatchedTokens: number | null;
  /** Whether the profiled size of CUDA graphs is taken from the cache's share. */
  readonly countsCudaGraphs: boolean;
  /** Steps that the scheduler may have under way at once; a window keeps the tokens of all of them. Steps. */
  readonly stepsInFlight: number;
  readonly blockTokens: number;
  /** What the log's token line says of models with several kinds of layers. */
  readonly hybridTokenLine: "blocks-per-group" | "concurrency-times-length";
}

/** V0 switched chunked prefill on above this length. Tokens. */
const chunkedPrefillFrom = 32_768;
const largeMemoryMiB = 70 * 1024;
const hugeMemoryMiB = 160 * 1024;

const source =
  "vllm/engine/arg_utils.py get_batch_defaults (70 GiB and no A100: 8,192 batched tokens and 1,024 sequences for the server; others 2,048 and 256; A100 by pull 17885); gpu_memory_utilization 0.92 since 0.22 and CUDA graph profiling since 0.21 (engine log lines); 16,384 batched tokens from 160 GiB on and twice the batched tokens in a window since async scheduling: issue 54703 (0.28) and tenstorrent/tt-xla pull 5908 (renamed in 0.26); token line: vLLM issue 40691 (0.19 the old way) and pull 40694";

/**
 * Defaults of vLLM's server by release and GPU. `version` is `[0, minor]`, or null for an unknown release, which is
 * taken for one between 0.8 and 0.20.
 */
export function vllmDefaults(
  version: readonly [major: number, minor: number] | null,
  core: Core,
  gpu: Pick<AcceleratorFacts, "visibleMiB" | "generation">,
  maxModelLen: number,
): EngineDefaults {
  const minor = version === null ? null : version[0] > 0 ? Number.POSITIVE_INFINITY : version[1];
  const isLarge = core === "v1" && gpu.visibleMiB >= largeMemoryMiB && gpu.generation !== "ampere";
  const isHuge = isLarge && minor !== null && minor >= 28 && gpu.visibleMiB >= hugeMemoryMiB;
  const batched = isHuge ? 16_384 : isLarge ? 8192 : 2048;
  const chunks = core === "v1" || maxModelLen > chunkedPrefillFrom;
  return {
    core,
    gpuMemoryUtilization: minor !== null && minor >= 22 ? 0.92 : 0.9,
    maxNumSeqs: isLarge ? 1024 : 256,
    maxNumBatchedTokens: chunks ? batched : null,
    countsCudaGraphs: minor !== null && minor >= 21,
    stepsInFlight: minor !== null && minor >= 26 ? 2 : 1,
    blockTokens: 16,
    hybridTokenLine: minor === null || minor >= 20 ? "concurrency-times-length" : "blocks-per-group",
    source,
    asOf: "2026-11-23",
  };
}
