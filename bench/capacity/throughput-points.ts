import type { LoadedReplica, ServingEngine } from "../../decisions/capacity/replica.ts";
import { factsOf } from "./facts.ts";

/** A throughput record of the points file, as far as it is read. */
export interface ThroughputRecord {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly weight_dtype: string;
  readonly gpu: string;
  readonly gpus: number | null;
  readonly pp?: number | null;
  readonly engine: string;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly concurrency?: number | null;
  readonly measured: Readonly<Record<string, number>>;
  readonly derived_by_littles_law?: Readonly<Record<string, number>>;
  readonly source: string;
  readonly notes?: string;
}

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

/** Share of visible memory that an engine takes by default, and what of it is neither weights nor cache. */
const memoryShare = 0.9;
const otherBytesPerGpu = 5 * 2 ** 30;

/** The point in the predictor's terms, or why it cannot be computed. */
export function throughputPoint(record: ThroughputRecord): ThroughputPoint | { id: string; refused: string } {
  const refused = (why: string) => ({ id: record.id, refused: why });
  const { id, concurrency, gpus } = record;
  const engine = engines[record.engine.toLowerCase()];
  if (engine === undefined) return refused(`engine ${record.engine} not known`);
  if (!gpus) return refused("number of GPUs not recorded");
  if (!concurrency) return refused("concurrency not recorded");
  const { inputTokens, outputTokens } = tokensOf(record);
  if (!inputTokens || !outputTokens) return refused("input or output tokens not recorded");
  if ((record.pp ?? 1) > 1) return refused("pipeline parallel is not modelled");
  const fp8 = /fp8/i.test(record.weight_dtype);
  const facts = factsOf({
    model: record.model,
    gpu: record.gpu,
    weightDtype: record.weight_dtype,
    // The FP8 checkpoints that TensorRT-LLM and NIM serve keep their cache in FP8 too; vLLM's default is 16 bits.
    cacheElementBytes: engine === "trtllm" && fp8 ? 1 : 2,
  });
  if ("refused" in facts) return refused(facts.refused);
  const { model, accelerator } = facts;
  const pool = gpus * (facts.acceleratorBytes * memoryShare - otherBytesPerGpu) - facts.weightBytes;
  if (pool <= 0) return refused(`weights do not fit ${gpus} × ${record.gpu}`);
  const copies = Math.max(1, gpus / model.cacheDivisibleBy);
  const held =
    (inputTokens + outputTokens / 2) * model.cacheBytesPerToken * copies + model.cacheBytesPerSequence * copies;
  const measured = record.measured;
  return {
    id,
    group: { model: familyOf(record.model), gpu: gpuOf(record.gpu), engine: record.engine.toLowerCase() },
    source: record.source,
    replica: {
      model,
      accelerator,
      gpus,
      engine,
      load: {
        concurrency,
        inputTokens,
        outputTokens,
        cachedPrefixTokens: 0,
        runningAtMost: Math.max(1, pool / held),
      },
    },
    measured: {
      ttftMilliseconds: measured.ttft_ms ?? null,
      interTokenMilliseconds: measured.tpot_ms ?? null,
      outputTokensPerSecond: measured.output_tok_s ?? record.derived_by_littles_law?.output_tok_s ?? null,
    },
  };
}

/** Means of ShareGPT's conversations as vLLM's benchmark draws them; own knowledge, not stated by the sources. */
const shareGpt = { inputTokens: 220, outputTokens: 200 };
/** Alone on the replica, a request's latencies hardly depend on how many tokens it goes on to make. */
const outputTokensAlone = 256;

function tokensOf({ input_tokens, output_tokens, concurrency, notes }: ThroughputRecord) {
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
