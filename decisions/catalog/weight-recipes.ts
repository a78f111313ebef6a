import type { WeightRecipe } from "../../config/schema/model-facts.ts";
import type { Sourced } from "./sourced.ts";

/** Bits that one parameter of each part takes, scales included. Norms, routers, biases and vision parts stay at 16. */
export interface RecipeFacts extends Sourced {
  readonly embeddingBits: number;
  readonly attentionBits: number;
  readonly feedForwardBits: number;
  readonly expertBits: number;
  /** First and last layers that stay at 16 bits whole. Layers. */
  readonly edgeLayers16Bit: number;
}

const eight = { embeddingBits: 16, attentionBits: 8, feedForwardBits: 8, expertBits: 8, edgeLayers16Bit: 0 } as const;
/** One 32-bit scale for each block of 128 x 128. */
const block = 8 + 32 / (128 * 128);
/** Four bits, and for each group of 128 a 16-bit scale and a 16-bit zero point. */
const int4 = 4 + 32 / 128;
/** Four bits and an 8-bit scale for each 32. */
const mxfp4 = 4 + 8 / 32;
/** Four bits and an 8-bit scale for each 16. */
const nvfp4 = 4 + 8 / 16;

export const weightRecipes: Readonly<Record<WeightRecipe, RecipeFacts>> = {
  bf16: {
    embeddingBits: 16,
    attentionBits: 16,
    feedForwardBits: 16,
    expertBits: 16,
    edgeLayers16Bit: 0,
    source: "torch_dtype of the configurations: two bytes a parameter",
    asOf: "2026-08-21",
  },
  fp8: {
    ...eight,
    source:
      "github.com/llm-d-incubation/llm-d-planner docs/empirical-vllm-memory-results.md @e50305af: 67.72 GiB logged for Llama-3.3-70B-Instruct-FP8-dynamic, 67.66 counted; the scales, one for each row or tensor, are below 0.1 %",
    asOf: "2026-04-27",
  },
  "fp8-block": {
    ...eight,
    attentionBits: block,
    feedForwardBits: block,
    expertBits: block,
    source: "weight_block_size [128, 128] of the configurations in github.com/ai-dynamo/aiconfigurator @095f58a5",
    asOf: "2026-08-21",
  },
  "fp8-ffn": {
    ...eight,
    attentionBits: 16,
    edgeLayers16Bit: 2,
    source: "github.com/vllm-project/vllm issue 6746: 57.75 GiB a GPU of eight for Llama-3.1-405B-FP8, agrees to 0.1 %",
    asOf: "2024-07-24",
  },
  int8: {
    ...eight,
    source: "github.com/vllm-project/vllm pull 12569: 67.72 GiB logged for Llama-3.1-70B-Instruct w8a8",
    asOf: "2025-01-30",
  },
  int4: {
    embeddingBits: 16,
    attentionBits: int4,
    feedForwardBits: int4,
    expertBits: int4,
    edgeLayers16Bit: 0,
    source:
      "AWQ and GPTQ in groups of 128; the width of the zero point is a fit on three logs (Qwen3-14B 9.44 GiB, Qwen2.5-7B 5.29, Qwen2.5-1.5B 1.10), where 4 bits of it would give 1.5 to 3 % too little",
    asOf: "2026-09-06",
  },
  "int4-experts": {
    embeddingBits: 16,
    attentionBits: 16,
    feedForwardBits: 16,
    expertBits: 4 + 16 / 32,
    edgeLayers16Bit: 0,
    source: "compressed-tensors in groups of 32 with a 16-bit scale; not checked against a log",
    asOf: "unknown",
  },
  "mxfp4-experts": {
    embeddingBits: 16,
    attentionBits: 16,
    feedForwardBits: 16,
    expertBits: mxfp4,
    edgeLayers16Bit: 0,
    source:
      "quant_method mxfp4 of openai/gpt-oss in github.com/ai-dynamo/aiconfigurator @095f58a5: experts alone, blocks of 32",
    asOf: "2026-08-21",
  },
  nvfp4: {
    embeddingBits: 16,
    attentionBits: nvfp4,
    feedForwardBits: nvfp4,
    expertBits: nvfp4,
    edgeLayers16Bit: 0,
    source: "NVFP4: blocks of 16 with an FP8 scale; not checked against a log",
    asOf: "unknown",
  },
  "nvfp4-ffn": {
    embeddingBits: 16,
    attentionBits: 16,
    feedForwardBits: nvfp4,
    expertBits: nvfp4,
    edgeLayers16Bit: 0,
    source:
      "quantization_config of nvidia/Gemma-4-31B-IT-NVFP4 as reported in a public note, code-index id 53263734645: feed-forward layers alone",
    asOf: "2026-04-09",
  },
};
