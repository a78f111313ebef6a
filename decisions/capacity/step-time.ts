import type { LoadedReplica } from "./replica.ts";

/** What a step of the engine spends its time on. */
export const stepTerms = [
  "weightReads",
  "cacheReads",
  "layers",
  "engineLayers",
  "expertLayers",
  "denseArithmetic",
  "expertArithmetic",
  "exchange",
  "sequences",
] as const;
export type StepTerm = (typeof stepTerms)[number];

/** Share of the hardware's time, or milliseconds, that one unit of a term costs. All are at least zero. */
export type StepCoefficients = Readonly<Record<StepTerm, number>>;

const bytesPerActivation = 2;
/** A layer adds up the ranks' results after attention and after the feed-forward part. */
const exchangesPerLayer = 2;

/** Requests that run at once; those over the limit wait. */
export function runningRequests({ load }: LoadedReplica): number {
  return Math.min(load.concurrency, load.runningAtMost ?? load.concurrency);
}

/**
 * The units of each term in the mean step of a steady load. A step makes one token for each of c running requests and
 * takes in its share of their prompts, for chunked prefill mixes both: over the O steps of a request the other c - 1
 * requests bring one prompt of P uncached tokens each, so a step holds t = c + (c - 1) P / O tokens.
 *
 *     weightReads      ms     (D + X (1 - (1 - k/E)^c)) / (n B)      experts that no token of c visits are not read
 *     cacheReads       ms     c ((I + O/2) K + S) / (min(n, h) B)
 *     layers           count  L                                       launches and waiting between kernels
 *     engineLayers     count  L with vLLM and engines never measured, else 0
 *     expertLayers     count  L of a model with experts, else 0       routing, sorting, more kernels
 *     denseArithmetic  ms     t 2 A / (n F), without experts; and attention, (c - 1) P/O a (I - P/2) / (n F16)
 *     expertArithmetic ms     t 2 A / (n F16), with experts           small matrices keep FP8 from paying off
 *     exchange         ms     t 2 L H 2 bytes 2 (n - 1)/n / R         ring all-reduce
 *     sequences        count  c                                       scheduling and sampling on the host
 *
 * D dense weight bytes; X experts' weight bytes, E experts, k of them for a token; n GPUs; B memory bandwidth; I input
 * and O output tokens; K cache bytes per token, S per sequence; h KV heads; L layers; H hidden size; A active
 * parameters; a attention operations per pair of tokens; F FLOPS of the arithmetic, F16 of 16 bits; R link bandwidth.
 *
 * Source: roofline terms as in Freehold's baseline of 2026-11-23, extended; expert coverage is the expected share of
 * E that c draws of k reach. Fit: coefficients.ts.
 */
export function stepUnits(replica: LoadedReplica): Record<StepTerm, number> {
  const { model, accelerator, gpus, engine, load } = replica;
  const running = runningRequests(replica);
  const uncached = load.inputTokens - load.cachedPrefixTokens;
  const promptTokens = (Math.max(0, running - 1) * uncached) / load.outputTokens;
  const prefill = prefillUnits(replica, running + promptTokens, promptTokens);
  const held = (load.inputTokens + load.outputTokens / 2) * model.cacheBytesPerToken + model.cacheBytesPerSequence;
  const cacheShares = Math.min(gpus, model.cacheDivisibleBy);
  return {
    weightReads: milliseconds(
      (model.denseWeightBytes + expertBytesRead(replica, running)) / gpus,
      accelerator.memoryBytesPerSecond,
    ),
    cacheReads: milliseconds((running * held) / cacheShares, accelerator.memoryBytesPerSecond),
    layers: model.layers,
    engineLayers: engine === "trtllm" ? 0 : model.layers,
    expertLayers: model.experts === null ? 0 : model.layers,
    ...prefill,
    sequences: running,
  };
}

/** The terms that grow with tokens, for `tokens` through the layers of which `promptTokens` look back at their prompt. */
export function prefillUnits(
  { model, accelerator, gpus, load }: LoadedReplica,
  tokens: number,
  promptTokens: number,
): Pick<Record<StepTerm, number>, "denseArithmetic" | "expertArithmetic" | "exchange"> {
  const { bf16FlopsPerSecond, fp8FlopsPerSecond } = accelerator;
  const denseRate = model.arithmetic === "fp8" ? (fp8FlopsPerSecond ?? bf16FlopsPerSecond) : bf16FlopsPerSecond;
  const flops = (tokens * 2 * model.activeParameters) / gpus;
  const lookedAt = load.inputTokens - (load.inputTokens - load.cachedPrefixTokens) / 2;
  const attentionFlops = (promptTokens * model.attentionFlopsPerTokenPair * lookedAt) / gpus;
  const exchanged =
    tokens * exchangesPerLayer * model.layers * model.hiddenSize * bytesPerActivation * ((2 * (gpus - 1)) / gpus);
  return {
    denseArithmetic:
      (model.experts === null ? milliseconds(flops, denseRate) : 0) + milliseconds(attentionFlops, bf16FlopsPerSecond),
    expertArithmetic: model.experts === null ? 0 : milliseconds(flops, bf16FlopsPerSecond),
    exchange: milliseconds(exchanged, accelerator.linkBytesPerSecond),
  };
}

/** Milliseconds of the mean step: what passes between two tokens of a request. */
export function stepMilliseconds(replica: LoadedReplica, coefficients: StepCoefficients): number {
  const units = stepUnits(replica);
  return stepTerms.reduce((sum, term) => sum + coefficients[term] * units[term], 0);
}

/** Milliseconds of one pass of `tokens` prompt tokens through all layers, without any decoding beside it. */
export function passMilliseconds(replica: LoadedReplica, coefficients: StepCoefficients, tokens: number): number {
  const { model, accelerator, gpus } = replica;
  const visited = expertBytesRead(replica, tokens);
  const units = {
    ...stepUnits(replica),
    ...prefillUnits(replica, tokens, tokens),
    weightReads: milliseconds((model.denseWeightBytes + visited) / gpus, accelerator.memoryBytesPerSecond),
    cacheReads: 0,
  };
  return stepTerms.reduce((sum, term) => sum + coefficients[term] * units[term], 0);
}

function expertBytesRead({ model }: LoadedReplica, running: number): number {
  if (model.experts === null) return 0;
  const { count, perToken, weightBytes } = model.experts;
  return weightBytes * (1 - (1 - perToken / count) ** running);
}

function milliseconds(amount: number, perSecond: number): number {
  return (amount / perSecond) * 1000;
}
