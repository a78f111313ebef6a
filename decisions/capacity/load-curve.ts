import type { Range } from "../range.ts";
import type { Demand, Objectives } from "./demand.ts";
import { admissionOf, figuresOf } from "./load-figures.ts";
import { speedModel } from "./loaded-replica.ts";
import type { LoadLimit } from "./operating-point.ts";
import { engineKind, type Sizing, type SizingRequest } from "./sizing.ts";

/** What one replica does with so many requests at once. */
export interface LoadCurvePoint {
  readonly requests: number;
  /** Milliseconds, of an input at the 95th percentile of the lengths. */
  readonly ttftMilliseconds: Range;
  /** Null where nothing is generated. Milliseconds. */
  readonly interTokenMilliseconds: Range | null;
  readonly requestsPerSecond: Range;
}

/** Latency and throughput of one replica from a single request to as many as it takes in. */
export interface LoadCurve {
  readonly workload: string;
  /** By requests at once, rising; the first is 1, the last what the cache or the engine's limit lets in. */
  readonly points: readonly LoadCurvePoint[];
  /** The most requests at once that keep the objectives; one of `points` stands there. */
  readonly keptRequests: number;
  readonly limit: LoadLimit;
  readonly objectives: Objectives;
}

/** More points than this cannot be told apart on a page. */
const mostPoints = 30;

/**
 * How one sized replica answers a workload as its load grows, by the same figures that the size was decided from. Null
 * when the workload is not among those it was sized for, or its speed is not known.
 */
export function loadCurve(request: SizingRequest, sizing: Sizing, demand: Demand): LoadCurve | null {
  const { setup, budget } = sizing;
  const point = sizing.points.find(({ workload }) => workload === demand.workload);
  const speed = speedModel(setup, engineKind(request), request.acceleratorKey);
  if (point === undefined || speed.kind === "unknown-speed") return null;
  const figuresAt = figuresOf(speed, setup, demand, request.task);
  const most = Math.max(point.concurrency, admissionOf(setup, budget.capacity, demand, request.task).requests);
  return {
    workload: demand.workload,
    points: loads(most, point.concurrency).map((requests) => {
      const { ttftMilliseconds, interTokenMilliseconds, requestsPerSecond } = figuresAt(requests);
      return { requests, ttftMilliseconds, interTokenMilliseconds, requestsPerSecond };
    }),
    keptRequests: point.concurrency,
    limit: point.limit,
    objectives: demand.objectives,
  };
}

/** Whole numbers from 1 to `most`, evenly apart, with `kept` among them. */
function loads(most: number, kept: number): number[] {
  const count = Math.min(most, mostPoints);
  const even = Array.from({ length: count }, (_, index) =>
    count === 1 ? 1 : Math.round(1 + ((most - 1) * index) / (count - 1)),
  );
  return [...new Set([...even, kept])].sort((a, b) => a - b);
}
