import { concurrency as admitted } from "../../decisions/capacity/concurrency.ts";
import { cacheCapacity, cacheLayout } from "../../decisions/capacity/key-value-cache.ts";
import { speedModel } from "../../decisions/capacity/loaded-replica.ts";
import { memoryBudget } from "../../decisions/capacity/memory-budget.ts";
import type { LoadedReplica, ServingEngine } from "../../decisions/capacity/replica.ts";
import type { ServingSetup } from "../../decisions/capacity/serving-setup.ts";
import { adapt } from "./adapt.ts";
import type { PointRecord } from "./record.ts";

export interface ThroughputPoint {
  readonly id: string;
  /** Model family, GPU and engine: what is left out of a fit as a whole. */
  readonly group: { readonly model: string; readonly gpu: string; readonly engine: string };
  readonly replica: LoadedReplica;
  readonly measured: {
    readonly ttftMilliseconds: number | null;
    readonly interTokenMilliseconds: number | null;
    readonly outputTokensPerSecond: number | null;
  };
  readonly source: string;
}

const engines: Readonly<Record<string, ServingEngine>> = {
  vllm: "vllm",
  trtllm: "trtllm",
  "tensorrt-llm": "trtllm",
  nim: "trtllm",
  sglang: "sglang",
  tgi: "tgi",
};

/** The point in the predictor's terms, or why it cannot be computed. */
export function throughputPoint(record: PointRecord): ThroughputPoint | { id: string; refused: string } {
  const refused = (why: string) => ({ id: record.id, refused: why });
  const { id, concurrency, gpus } = record;
  const engine = engines[record.engine.toLowerCase()];
  if (engine === undefined) return refused(`engine ${record.engine} not known`);
  if (!gpus) return refused("number of GPUs not recorded");
  if (!concurrency) return refused("concurrency not recorded");
  const { inputTokens, outputTokens } = tokensOf(record);
  if (!inputTokens || !outputTokens) return refused("input or output tokens not recorded");
  const read = adapt({ ...record, max_model_len: record.max_model_len ?? Math.ceil(inputTokens + outputTokens) });
  if ("unreadable" in read) return refused(read.unreadable);
  if (!read.isShapeKnown) return refused("the catalog has no parameter count for this model");
  if (read.gpuUnknown !== null) return refused(read.gpuUnknown);
  const setup = servedSetup(read.setup, record, engine);
  const speed = speedModel(setup, engine, read.acceleratorKey);
  if (speed.kind === "unknown-speed") return refused(speed.reason);
  const runningAtMost = runningOf(setup, inputTokens, outputTokens);
  if (runningAtMost === null) return refused(`weights do not fit ${gpus} × ${record.gpu}`);
  const { measured } = record;
  return {
    id,
    group: { model: familyOf(record.model), gpu: gpuOf(record.gpu), engine: record.engine.toLowerCase() },
    source: record.source,
    replica: speed.under({ concurrency, inputTokens, outputTokens, cachedPrefixTokens: 0, runningAtMost }),
    measured: {
      ttftMilliseconds: measured.ttft_ms ?? null,
      interTokenMilliseconds: measured.tpot_ms ?? null,
      outputTokensPerSecond: measured.output_tok_s ?? record.derived_by_littles_law?.output_tok_s ?? null,
    },
  };
}

/**
 * The FP8 checkpoints that TensorRT-LLM and NIM serve keep their cache in FP8 too; vLLM's default is 16 bits. Ranks are
 * all GPUs of the record, where it does not say how many share a layer.
 */
function servedSetup(setup: ServingSetup, { weight_dtype, gpus }: PointRecord, engine: ServingEngine): ServingSetup {
  const keepsFp8 = engine === "trtllm" && /fp8/i.test(weight_dtype ?? "");
  return {
    ...setup,
    tensorParallelSize:
      setup.tensorParallelSize * setup.pipelineParallelSize === gpus ? setup.tensorParallelSize : (gpus ?? 1),
    kvCacheDtype: keepsFp8 ? "fp8" : setup.kvCacheDtype,
  };
}

/** Requests that run at once; null when the weights leave no cache. */
function runningOf(setup: ServingSetup, inputTokens: number, outputTokens: number): number | null {
  const budget = memoryBudget(setup);
  if (budget.kind === "unknown-weights" || budget.poolBytes <= 0) return null;
  const layout = cacheLayout(setup);
  if (layout.kind === "measure") return null;
  const capacity = cacheCapacity(setup, layout, budget.poolBytes);
  return Math.max(1, admitted(capacity, { inputTokens, outputTokens }, setup.maxNumSeqs).usable);
}

/** Means of ShareGPT's conversations as vLLM's benchmark draws them; own knowledge, not stated by the sources. */
const shareGpt = { inputTokens: 220, outputTokens: 200 };
/** Alone on the replica, a request's latencies hardly depend on how many tokens it goes on to make. */
const outputTokensAlone = 256;

function tokensOf({ input_tokens, output_tokens, concurrency, notes }: PointRecord) {
  if (!input_tokens && /sharegpt/i.test(notes ?? "")) return shareGpt;
  const alone = concurrency === 1 ? outputTokensAlone : null;
  return { inputTokens: input_tokens ?? null, outputTokens: output_tokens ?? alone };
}

/** Models that differ in their training only count as one when a model is left out. */
function familyOf(model: string): string {
  const name = model.split("/").at(-1) ?? model;
  return name.replace(/-?(Instruct|FP8|FP4|NVFP4|AWQ).*$/i, "").replace(/^Llama-3\.3-70B/, "Llama-3.1-70B");
}

function gpuOf(gpu: string): string {
  return gpu.toLowerCase().replace(/[ _-]?(sxm|80gb).*$/, "");
}
