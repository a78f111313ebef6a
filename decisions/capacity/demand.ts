import type { WorkloadConfig } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import { secondsPerMonth } from "../cost/fleet.ts";

/** What one workload asks of a model in its busiest hour. */
export interface Demand {
  readonly workload: string;
  /** Key of the stack file that it comes from. */
  readonly path: string;
  readonly requestsPerSecond: number;
  /** Averages. Tokens. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Length that 95 of 100 inputs stay within. Tokens. */
  readonly longInputTokens: number;
  /** Leading tokens that all inputs share. Tokens. */
  readonly sharedPrefixTokens: number;
  readonly objectives: Objectives;
}

/** Longest latencies at the 95th percentile; null where there is no limit. Milliseconds. */
export interface Objectives {
  readonly ttftMilliseconds: number | null;
  readonly interTokenMilliseconds: number | null;
}

/** The demand of a workload: its month's tokens over requests of mean length, times its peak over the average. */
export function demandOf(name: string, workload: WorkloadConfig): Demand {
  const { tokensPerMonth, peakToMean, inputTokens, outputTokens, objectives } = workload;
  const { ttft, itl } = objectives ?? {};
  return {
    workload: name,
    path: `workloads.${name}`,
    requestsPerSecond: (tokensPerMonth * peakToMean) / (secondsPerMonth * (inputTokens.mean + outputTokens.mean)),
    inputTokens: inputTokens.mean,
    outputTokens: outputTokens.mean,
    longInputTokens: inputTokens.p95,
    sharedPrefixTokens: inputTokens.sharedPrefix ?? 0,
    objectives: {
      ttftMilliseconds: ttft === undefined ? null : milliseconds(ttft),
      interTokenMilliseconds: itl === undefined ? null : milliseconds(itl),
    },
  };
}
