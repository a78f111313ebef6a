/** Engines that Freehold can speak about, `vllm-pooling` being vLLM with a model that answers with vectors; `throughputCoefficients` says which of them were measured. */
export type ServingEngine = "vllm" | "vllm-pooling" | "sglang" | "trtllm" | "tgi";

/** What a model asks of the GPUs. Whole model; nothing here depends on how many GPUs share it. */
export interface ModelWork {
  readonly layers: number;
  readonly hiddenSize: number;
  /**
   * Bytes of weights that every step reads whatever the batch: attention, dense and shared feed-forward parts, output
   * head. The input embedding is not among them: a step looks up a few rows of it.
   */
  readonly denseWeightBytes: number;
  /** Null for a model without experts. */
  readonly experts: {
    readonly count: number;
    /** Experts that one token visits. */
    readonly perToken: number;
    /** Bytes of all experts' weights together. */
    readonly weightBytes: number;
  } | null;
  /** Parameters that one token is multiplied with, without embedding and output head. */
  readonly activeParameters: number;
  /** Operations of attention for one token and one earlier token it looks at, over all layers that look at all of them. */
  readonly attentionFlopsPerTokenPair: number;
  /** Bytes of KV cache that one token adds, in the layers that keep every token. */
  readonly cacheBytesPerToken: number;
  /** Bytes of KV cache of one sequence that do not grow with it: windows that are full, states of linear attention. */
  readonly cacheBytesPerSequence: number;
  /** GPUs that the KV cache can be divided over: the KV heads; 1 where every GPU keeps all of it (MLA). */
  readonly cacheDivisibleBy: number;
  /** Number type in which dense layers are multiplied; weights stored in fewer bits are unpacked to it. */
  readonly arithmetic: "bf16" | "fp8";
}

/** Rates of one accelerator as its maker states them, without sparsity. */
export interface AcceleratorRates {
  readonly memoryBytesPerSecond: number;
  readonly bf16FlopsPerSecond: number;
  /** Null where the accelerator has no FP8 units; such a model is then multiplied in 16 bits. */
  readonly fp8FlopsPerSecond: number | null;
  /** To the other GPUs of the replica, one direction. */
  readonly linkBytesPerSecond: number;
  /** Whether points measured on this kind of accelerator are among those the coefficients were fitted on. */
  readonly measured: boolean;
}

/** A load that does not change: as soon as one request ends, the next one comes. */
export interface SteadyLoad {
  readonly concurrency: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input tokens, those whose KV cache is there already. */
  readonly cachedPrefixTokens: number;
  /** Requests that run at once, from KV memory and the engine's limit; the others wait. Null where it is not known. */
  readonly runningAtMost: number | null;
}

/** One replica under a steady load. */
export interface LoadedReplica {
  readonly model: ModelWork;
  readonly accelerator: AcceleratorRates;
  /** GPUs that share each layer (tensor parallel). */
  readonly gpus: number;
  readonly engine: ServingEngine;
  readonly load: SteadyLoad;
}
