import type { Range } from "../range.ts";
import type { LoadedReplica, ServingEngine } from "./replica.ts";

export const latencyMetrics = ["ttftMilliseconds", "interTokenMilliseconds", "outputTokensPerSecond"] as const;
export type LatencyMetric = (typeof latencyMetrics)[number];

/** Engines whose points were fitted. */
export type MeasuredEngine = Extract<ServingEngine, "vllm" | "trtllm">;

/** By how much a measured value may exceed the predicted one or fall short of it, as a factor of at least 1. */
export type Spread = Readonly<Record<MeasuredEngine, Readonly<Record<LatencyMetric, number>>>>;

/** Logarithmic width of a range against a measured one: Freehold's own policy, there is nothing to measure it on. */
const widthWithoutEnginePoints = 1.5;
const widthWithoutAcceleratorPoints = 1.25;

/** Vectors leave the GPU through other code than tokens, of which no point was found: half to double at least. */
const leastPoolingFactor = 2;

/** A value with its range; wider where neither the engine nor the accelerator has measured points. */
export function rangeOf(
  value: number,
  metric: LatencyMetric,
  { engine, accelerator }: Pick<LoadedReplica, "engine" | "accelerator">,
  spread: Spread,
): Range {
  const width = accelerator.measured ? 1 : widthWithoutAcceleratorPoints;
  const factor = factorOf(engine, metric, spread) ** width;
  return { low: value / factor, value, high: value * factor };
}

function factorOf(engine: ServingEngine, metric: LatencyMetric, spread: Spread): number {
  if (engine === "vllm" || engine === "trtllm") return spread[engine][metric];
  const wider = Math.max(spread.vllm[metric], spread.trtllm[metric]) ** widthWithoutEnginePoints;
  return engine === "vllm-pooling" ? Math.max(wider, leastPoolingFactor) : wider;
}
