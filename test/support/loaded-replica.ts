import type { AcceleratorRates, LoadedReplica, ModelWork, SteadyLoad } from "../../decisions/capacity/replica.ts";

/** Llama-3.1-70B in FP8 with its output head in 16 bits and its KV cache in 16 bits. */
export const denseModel: ModelWork = {
  layers: 80,
  hiddenSize: 8192,
  denseWeightBytes: 70.55e9,
  experts: null,
  activeParameters: 68.45e9,
  attentionFlopsPerTokenPair: 2_621_440,
  cacheBytesPerToken: 327_680,
  cacheBytesPerSequence: 0,
  cacheDivisibleBy: 8,
  arithmetic: "fp8",
};

/** gpt-oss-120b in MXFP4. */
export const expertModel: ModelWork = {
  layers: 36,
  hiddenSize: 2880,
  denseWeightBytes: 3.07e9,
  experts: { count: 128, perToken: 4, weightBytes: 60.9e9 },
  activeParameters: 4.55e9,
  attentionFlopsPerTokenPair: 294_912,
  cacheBytesPerToken: 36_864,
  cacheBytesPerSequence: 4_718_592,
  cacheDivisibleBy: 8,
  arithmetic: "bf16",
};

export const h100: AcceleratorRates = {
  memoryBytesPerSecond: 3.35e12,
  bf16FlopsPerSecond: 989e12,
  fp8FlopsPerSecond: 1979e12,
  linkBytesPerSecond: 450e9,
  measured: true,
};

interface Wanted extends Partial<Omit<LoadedReplica, "load">> {
  readonly load?: Partial<SteadyLoad>;
}

/** A replica of the dense model on two H100 with vLLM, 8 requests of 1,024 tokens in and out. */
export function loadedReplica({ load, ...rest }: Wanted = {}): LoadedReplica {
  return {
    model: denseModel,
    accelerator: h100,
    gpus: 2,
    engine: "vllm",
    ...rest,
    load: {
      concurrency: 8,
      inputTokens: 1024,
      outputTokens: 1024,
      cachedPrefixTokens: 0,
      runningAtMost: null,
      ...load,
    },
  };
}
