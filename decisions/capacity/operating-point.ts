import { mapRange, type Range } from "../range.ts";
import type { Demand } from "./demand.ts";

/** What keeps a replica from more load. */
export type LoadLimit = "ttft" | "itl" | "cache" | "maxNumSeqs";

/** What a replica does with so many requests at once. */
export interface LoadFigures {
  /** Time to the first token, or to the vector, of an input at the 95th percentile of the lengths. Milliseconds. */
  readonly ttftMilliseconds: Range;
  /** Null where nothing is generated. Milliseconds. */
  readonly interTokenMilliseconds: Range | null;
  readonly requestsPerSecond: Range;
  /** What the ranges rest on, a sentence each. */
  readonly basis: readonly string[];
}

/** The highest load under which one replica keeps a workload's objectives, and what it then delivers. */
export interface OperatingPoint extends LoadFigures {
  readonly kind: "load";
  readonly workload: string;
  /** Key of the stack file that the workload comes from. */
  readonly path: string;
  /** Requests that run at once on one replica. */
  readonly concurrency: number;
  readonly limit: LoadLimit;
  /** Input and output together. */
  readonly totalTokensPerSecond: Range;
}

/** A replica that misses an objective even with a single request. */
export interface MissedObjective {
  readonly kind: "missed";
  readonly workload: string;
  readonly objective: "ttft" | "itl";
  readonly wantedMilliseconds: number;
  /** Upper end of its range with one request. */
  readonly bestMilliseconds: number;
}

/** Requests that run at once at most, and what sets that limit. */
export interface Admission {
  readonly requests: number;
  readonly limit: "cache" | "maxNumSeqs";
}

/**
 * The operating point of a replica for one workload. An objective is kept when the upper end of the range keeps it: what
 * is predicted is a mean, what is asked is a 95th percentile, and four of five measured means lie inside the range, so
 * nine of ten lie below its upper end. Latencies grow with the load, so the highest load is found by halving.
 */
export function operatingPoint(
  figuresAt: (requests: number) => LoadFigures,
  demand: Demand,
  admission: Admission,
): OperatingPoint | MissedObjective {
  const missedAt = (requests: number) => missed(figuresAt(requests), demand);
  const missedAtOne = missedAt(1);
  if (missedAtOne !== null) return missedAtOne;
  let kept = 1;
  let over = admission.requests + 1;
  while (over - kept > 1) {
    const middle = Math.floor((kept + over) / 2);
    if (missedAt(middle) === null) kept = middle;
    else over = middle;
  }
  const figures = figuresAt(kept);
  const tokens = demand.inputTokens + demand.outputTokens;
  return {
    ...figures,
    kind: "load",
    workload: demand.workload,
    path: demand.path,
    concurrency: kept,
    limit: kept < admission.requests ? (missedAt(kept + 1)?.objective ?? admission.limit) : admission.limit,
    totalTokensPerSecond: mapRange(figures.requestsPerSecond, (requests) => requests * tokens),
  };
}

/** The first objective that the upper end of a range exceeds; null when all are kept. */
function missed({ ttftMilliseconds, interTokenMilliseconds }: LoadFigures, demand: Demand): MissedObjective | null {
  const { workload, objectives } = demand;
  const against = (objective: MissedObjective["objective"], wanted: number | null, got: Range | null) =>
    wanted !== null && got !== null && got.high > wanted
      ? ({
          kind: "missed",
          workload,
          objective,
          wantedMilliseconds: wanted,
          bestMilliseconds: got.high,
        } as const)
      : null;
  return (
    against("ttft", objectives.ttftMilliseconds, ttftMilliseconds) ??
    against("itl", objectives.interTokenMilliseconds, interTokenMilliseconds)
  );
}
