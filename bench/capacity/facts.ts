import type { AcceleratorRates, ModelWork } from "../../decisions/capacity/replica.ts";
import gpuFile from "./points/gpus.json" with { type: "json" };
import modelFile from "./points/models.json" with { type: "json" };

/** What a point says of its model and GPU, in the spellings of its source. */
export interface PointNames {
  readonly model: string;
  readonly gpu: string;
  /** `bf16`, `fp8`, `fp4`, `int4` or `n/s` (not stated). */
  readonly weightDtype: string;
  /** Bytes of one element of the KV cache. */
  readonly cacheElementBytes: number;
}

export interface PointFacts {
  readonly model: ModelWork;
  readonly accelerator: AcceleratorRates;
  readonly acceleratorBytes: number;
  readonly weightBytes: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Facts of a point's model and GPU, or why there are none. */
export function factsOf(names: PointNames): PointFacts | { readonly refused: string } {
  const gpu = findGpu(names.gpu);
  if (gpu === undefined) return { refused: `no rates of GPU ${names.gpu}` };
  const entry = findModel(names.model);
  if (entry === undefined) return { refused: `no shape of model ${names.model}` };
  if (numberOf(entry, "params_total_computed_b") === null) {
    return { refused: `${names.model}: layer layout not covered by the count of parameters` };
  }
  const dtype = weightType(names, entry);
  if (dtype === null) return { refused: `${names.model}: weight type ${names.weightDtype} not known` };
  const bf16 = numberOf(gpu, "dense_bf16_tflops");
  const link = numberOf(gpu, "scale_up_gb_s_per_direction");
  if (bf16 === null || link === null) return { refused: `FLOPS or link speed of GPU ${names.gpu} not known` };
  const fp8 = numberOf(gpu, "dense_fp8_tflops");
  const { model, weightBytes } = workOf(
    entry,
    dtype,
    names.cacheElementBytes,
    numberOf(gpu, "dense_fp4_tflops") !== null,
  );
  return {
    model,
    weightBytes,
    acceleratorBytes:
      numberOf(gpu, "visible_mib") === null
        ? (numberOf(gpu, "memory_gb") ?? 0) * 1e9
        : (numberOf(gpu, "visible_mib") ?? 0) * 2 ** 20,
    accelerator: {
      memoryBytesPerSecond: (numberOf(gpu, "mem_bw_gb_s") ?? 0) * 1e9,
      bf16FlopsPerSecond: bf16 * 1e12,
      fp8FlopsPerSecond: fp8 === null ? null : fp8 * 1e12,
      linkBytesPerSecond: link * 1e9,
      measured: ["H100 SXM", "H200 SXM"].includes(String(gpu.id)),
    },
  };
}

type WeightType = "bf16" | "fp8" | "fp4" | "int4";

/** Bytes of an expert's or a dense layer's parameter; MXFP4 and group-wise INT4 carry a scale for each block of 32. */
const expertBytes: Readonly<Record<WeightType, number>> = { bf16: 2, fp8: 1, fp4: 0.531_25, int4: 0.531_25 };

function workOf(
  entry: Json,
  dtype: WeightType,
  cacheElementBytes: number,
  hasFp4: boolean,
): { model: ModelWork; weightBytes: number } {
  const config = entry.config as Json;
  const read = (...keys: string[]) => keys.map((key) => numberOf(config, key)).find((value) => value !== null) ?? 0;
  const hiddenSize = read("hidden_size");
  const layers = read("num_hidden_layers");
  const heads = read("num_attention_heads");
  const count = read("num_local_experts", "n_routed_experts", "num_experts");
  const perToken = read("num_experts_per_tok");
  const denseLayers = read("first_k_dense_replace");
  const expertLayers = (layers - denseLayers) / (read("interleave_moe_layer_step") || 1);
  const expertParameters =
    3 * hiddenSize * read("moe_intermediate_size", "intermediate_size") * count * (count === 0 ? 0 : expertLayers);
  const headParameters = read("vocab_size") * hiddenSize;
  const embeddingParameters = config.tie_word_embeddings === true ? 0 : headParameters;
  const billion = (key: string) => (numberOf(entry, key) ?? 0) * 1e9;
  const dense = Math.max(
    0,
    billion("params_total_computed_b") - expertParameters - headParameters - embeddingParameters,
  );
  // MXFP4 quantises the experts of gpt-oss and nothing else; a dense model in 4 bits is 4 bits throughout.
  const denseBytes = dtype === "fp4" && count > 0 ? 2 : expertBytes[dtype];
  const denseWeightBytes = dense * denseBytes + headParameters * 2;
  const weightBytes = denseWeightBytes + expertParameters * expertBytes[dtype] + embeddingParameters * 2;
  const kv = entry.kv as Json;
  const scale = cacheElementBytes / 2;
  const isLatent = kv.kind === "mla";
  const types = config.layer_types as Json | undefined;
  const fullLayers = (types === undefined ? null : numberOf(types, "full_attention")) ?? layers;
  const headDim = read("head_dim") || hiddenSize / heads;
  const pairWidth = isLatent ? read("qk_nope_head_dim") + read("qk_rope_head_dim") + read("v_head_dim") : 2 * headDim;
  return {
    weightBytes,
    model: {
      layers,
      hiddenSize,
      denseWeightBytes,
      experts: count === 0 ? null : { count, perToken, weightBytes: expertParameters * expertBytes[dtype] },
      activeParameters: dense + (count === 0 ? 0 : (expertParameters * perToken) / count),
      attentionFlopsPerTokenPair: 2 * heads * pairWidth * fullLayers,
      cacheBytesPerToken: (numberOf(kv, "bytes_per_token_16bit", "bytes_per_token_16bit_upper") ?? 0) * scale,
      cacheBytesPerSequence: (numberOf(kv, "bytes_per_sequence_window_16bit") ?? 0) * scale,
      cacheDivisibleBy: isLatent ? 1 : read("num_key_value_heads"),
      // FP4 units are taken to be no faster than FP8 ones: there is no measured point that would say by how much.
      arithmetic: dtype === "fp8" || (dtype === "fp4" && count === 0 && hasFp4) ? "fp8" : "bf16",
    },
  };
}

function weightType({ weightDtype, model }: PointNames, entry: Json): WeightType | null {
  const said = weightDtype.toLowerCase();
  for (const text of said === "n/s" || said === "" ? [model.toLowerCase()] : [said]) {
    if (/fp8/.test(text)) return "fp8";
    if (/fp4/.test(text)) return "fp4";
    if (/int4|awq|gptq|w4a16/.test(text)) return "int4";
    if (/bf16|bfloat16|fp16|float16/.test(text)) return "bf16";
  }
  if (said !== "n/s" && said !== "") return null;
  const stored = (entry.config as Json).quant as Json | undefined;
  if (stored === undefined) return "bf16";
  return stored.quant_method === "fp8" ? "fp8" : stored.quant_method === "mxfp4" ? "fp4" : null;
}

/** Ids of `gpus.json` by what a spelling contains once case and punctuation are gone; the first that fits. */
const gpuSpellings: readonly (readonly [RegExp, string])[] = [
  [/gb300/, "GB300"],
  [/gb200/, "GB200"],
  [/b300/, "B300 SXM"],
  [/b200/, "B200 SXM"],
  [/h200/, "H200 SXM"],
  [/h100pcie/, "H100 PCIe"],
  [/h100nvl/, "H100 NVL"],
  [/h100/, "H100 SXM"],
  [/a100.*pcie/, "A100-80 PCIe"],
  [/a10040/, "A100-40 SXM"],
  [/a100/, "A100-80 SXM"],
  [/l40s/, "L40S"],
  [/l4$/, "L4"],
  [/a10g/, "A10G"],
  [/mi300x/, "MI300X"],
  [/mi325x/, "MI325X"],
  [/mi355x/, "MI355X"],
  [/rtxpro6000/, "RTX PRO 6000 Server"],
];

function findGpu(spelling: string): Json | undefined {
  const plain = plainName(spelling);
  const id = gpuSpellings.find(([pattern]) => pattern.test(plain))?.[1];
  return (gpuFile.gpus as readonly Json[]).find((gpu) => gpu.id === id);
}

/** Names of models with the shape of another. */
const sameShape: readonly (readonly [RegExp, string])[] = [
  [/^(meta)?llama3[13]/, "metallama31"],
  [/^(deepseek)?r1/, "deepseekr1"],
];

function findModel(spelling: string): Json | undefined {
  let plain = plainName(spelling.split("/").at(-1) ?? spelling);
  for (const [pattern, replacement] of sameShape) plain = plain.replace(pattern, replacement);
  return (modelFile.models as readonly Json[])
    .map((entry) => ({
      entry,
      key: plainName(String(entry.id).split("/").at(-1) ?? "").replace(/(instruct|it).*$/, ""),
    }))
    .filter(({ key }) => plain.startsWith(key))
    .sort((a, b) => b.key.length - a.key.length)[0]?.entry;
}

function plainName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function numberOf(entry: Json, ...keys: string[]): number | null {
  for (const key of keys) {
    const value = entry[key];
    if (typeof value === "number") return value;
  }
  return null;
}
