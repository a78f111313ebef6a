import type { LoadedReplica, ServingEngine } from "./replica.ts";

export const latencyMetrics = ["ttftMilliseconds", "interTokenMilliseconds", "outputTokensPerSecond"] as const;
export type LatencyMetric = (typeof latencyMetrics)[number];

export interface Range {
  readonly low: number;
  readonly central: number;
  readonly high: number;
}

/** Engines whose points were fitted. */
export type MeasuredEngine = Extract<ServingEngine, "vllm" | "trtllm">;

/** By how much a measured value may exceed the predicted one or fall short of it, as a factor of at least 1. */
export type Spread = Readonly<Record<MeasuredEngine, Readonly<Record<LatencyMetric, number>>>>;

/** Logarithmic width of a range against a measured one: Freehold's own policy, there is nothing to measure it on. */
const widthWithoutEnginePoints = 1.5;
const widthWithoutAcceleratorPoints = 1.25;

/** A value with its range; wider where neither the engine nor the accelerator has measured points. */
export function rangeOf(
  central: number,
  metric: LatencyMetric,
  { engine, accelerator }: Pick<LoadedReplica, "engine" | "accelerator">,
  spread: Spread,
): Range {
  const width = accelerator.measured ? 1 : widthWithoutAcceleratorPoints;
  const factor = factorOf(engine, metric, spread) ** width;
  return { low: central / factor, central, high: central * factor };
}

function factorOf(engine: ServingEngine, metric: LatencyMetric, spread: Spread): number {
  if (engine === "vllm" || engine === "trtllm") return spread[engine][metric];
  return Math.max(spread.vllm[metric], spread.trtllm[metric]) ** widthWithoutEnginePoints;
}
