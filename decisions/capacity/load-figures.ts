import { mapRange } from "../range.ts";
import { throughputCoefficients } from "./coefficients.ts";
import { concurrency } from "./concurrency.ts";
import type { Demand } from "./demand.ts";
import type { CacheCapacity } from "./key-value-cache.ts";
import { basisOf, firstTokenOf, latencyOf } from "./latency.ts";
import type { SpeedModel } from "./loaded-replica.ts";
import type { Admission, LoadFigures } from "./operating-point.ts";
import type { SteadyLoad } from "./replica.ts";
import type { ServingSetup } from "./serving-setup.ts";
import { rangeOf } from "./spread.ts";
import { passMilliseconds } from "./step-time.ts";

/** How a model answers: token by token, or with one vector. */
export type Task = "generate" | "embed";

/** Requests that a replica runs at once: as its cache and the engine's limit allow, at least one. */
export function admissionOf(
  { maxNumSeqs, maxNumBatchedTokens }: ServingSetup,
  capacity: CacheCapacity,
  demand: Demand,
  task: Task,
): Admission {
  const cached = concurrency(capacity, demand, Number.POSITIVE_INFINITY).usable;
  // Vectors come out of one pass: what does not fit into it waits, and holds no cache meanwhile.
  const most = task === "embed" ? Math.max(1, Math.floor(maxNumBatchedTokens / uncachedTokens(demand))) : cached;
  return most < maxNumSeqs
    ? { requests: Math.max(1, most), limit: "cache" }
    : { requests: maxNumSeqs, limit: "maxNumSeqs" };
}

/** What a replica delivers at any number of requests. */
export function figuresOf(
  speed: SpeedModel,
  setup: ServingSetup,
  demand: Demand,
  task: Task,
): (requests: number) => LoadFigures {
  return task === "embed"
    ? (requests) => embedding(speed, setup, demand, requests)
    : (requests) => generating(speed, demand, requests);
}

function generating(speed: SpeedModel, demand: Demand, requests: number): LoadFigures {
  const replica = speed.under(loadOf(demand, requests));
  const { outputTokensPerSecond, interTokenMilliseconds, basis } = latencyOf(replica);
  return {
    ttftMilliseconds: firstTokenOf(replica, demand.longInputTokens),
    interTokenMilliseconds,
    requestsPerSecond: mapRange(outputTokensPerSecond, (tokens) => tokens * (1 / demand.outputTokens)),
    basis,
  };
}

/**
 * Vectors of `requests` inputs in one pass through the layers. A request waits for the pass that runs and is done with its
 * own, or with as many as its length takes: (1 + ceil(long input / maxNumBatchedTokens)) passes.
 */
function embedding(speed: SpeedModel, setup: ServingSetup, demand: Demand, requests: number): LoadFigures {
  const { spread, step } = throughputCoefficients;
  const replica = speed.under(loadOf({ ...demand, outputTokens: 1 }, requests));
  const tokens = Math.max(1, requests * uncachedTokens(demand));
  const pass = passMilliseconds(replica, step, tokens);
  const passes = 1 + Math.ceil(demand.longInputTokens / setup.maxNumBatchedTokens);
  return {
    ttftMilliseconds: rangeOf(passes * pass, "ttftMilliseconds", replica, spread),
    interTokenMilliseconds: null,
    requestsPerSecond: rangeOf((requests * 1000) / pass, "outputTokensPerSecond", replica, spread),
    basis: basisOf(replica),
  };
}

function uncachedTokens({ inputTokens, sharedPrefixTokens }: Demand): number {
  return Math.max(1, inputTokens - sharedPrefixTokens);
}

/** A steady load of so many requests with the workload's mean lengths. */
function loadOf({ inputTokens, outputTokens, sharedPrefixTokens }: Demand, requests: number): SteadyLoad {
  return {
    concurrency: requests,
    inputTokens,
    outputTokens,
    cachedPrefixTokens: Math.min(sharedPrefixTokens, inputTokens),
    runningAtMost: null,
  };
}
