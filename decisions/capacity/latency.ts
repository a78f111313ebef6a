import type { Range } from "../range.ts";
import { type ThroughputCoefficients, throughputCoefficients } from "./coefficients.ts";
import { firstTokenMilliseconds, longerPromptMilliseconds } from "./first-token-time.ts";
import type { LoadedReplica } from "./replica.ts";
import { type LatencyMetric, rangeOf } from "./spread.ts";
import { runningRequests, stepMilliseconds } from "./step-time.ts";

/** What a replica delivers under a load. */
export interface Latency {
  /** From the request's arrival to its first token, waiting for admission included. */
  readonly ttftMilliseconds: Range;
  /** Between two tokens of one request. */
  readonly interTokenMilliseconds: Range;
  /** Of all requests together. */
  readonly outputTokensPerSecond: Range;
  /** What the ranges rest on, a sentence each. */
  readonly basis: readonly string[];
}

/**
 * Time to first token, inter-token latency and output tokens per second of one replica, each with the range that holds
 * four of five measured points.
 *
 *     tokens per second = r O / (f + s (O - 1))          Little's law over the r requests that run
 *     TTFT = f + (c - r) / r (f + s (O - 1))             those that do not run wait for r places to come free
 *
 * f time to first token once admitted, s inter-token latency, O output tokens, c requests, r of them running.
 */
export function latencyOf(
  replica: LoadedReplica,
  coefficients: ThroughputCoefficients = throughputCoefficients,
): Latency {
  const central = centralLatency(replica, coefficients);
  const range = (metric: LatencyMetric) => rangeOf(central[metric], metric, replica, coefficients.spread);
  return {
    ttftMilliseconds: range("ttftMilliseconds"),
    interTokenMilliseconds: range("interTokenMilliseconds"),
    outputTokensPerSecond: range("outputTokensPerSecond"),
    basis: basisOf(replica, coefficients),
  };
}

/** Time to first token of a prompt of `inputTokens` among requests of the load's mean lengths. */
export function firstTokenOf(
  replica: LoadedReplica,
  inputTokens: number,
  coefficients: ThroughputCoefficients = throughputCoefficients,
): Range {
  const { step, firstToken } = coefficients;
  const value =
    centralLatency(replica, coefficients).ttftMilliseconds +
    longerPromptMilliseconds(replica, step, firstToken, inputTokens);
  return rangeOf(value, "ttftMilliseconds", replica, coefficients.spread);
}

/** The values in the middle of the ranges. */
export function centralLatency(
  replica: LoadedReplica,
  { step, firstToken }: Pick<ThroughputCoefficients, "step" | "firstToken">,
): Record<LatencyMetric, number> {
  const { concurrency, outputTokens } = replica.load;
  const running = runningRequests(replica);
  const interTokenMilliseconds = stepMilliseconds(replica, step);
  const admittedMilliseconds = firstTokenMilliseconds(replica, step, firstToken);
  const requestMilliseconds = admittedMilliseconds + interTokenMilliseconds * (outputTokens - 1);
  return {
    ttftMilliseconds: admittedMilliseconds + ((concurrency - running) / running) * requestMilliseconds,
    interTokenMilliseconds,
    outputTokensPerSecond: (running * outputTokens * 1000) / requestMilliseconds,
  };
}

/** What the ranges of a prediction rest on, a sentence each. */
export function basisOf(
  { engine, accelerator, load }: LoadedReplica,
  { fit }: ThroughputCoefficients = throughputCoefficients,
): string[] {
  const measured = engine === "vllm" || engine === "trtllm";
  const basis = [
    measured
      ? `The ranges hold four of five measured points of ${engine === "vllm" ? "vLLM" : "TensorRT-LLM and NIM"} whose model, GPU and engine together were left out of the fit; ${fit.points} points in all.`
      : "No measured points of this engine: vLLM's coefficients, and ranges made wider by Freehold's own judgement. Measure before you rely on it.",
  ];
  if (!accelerator.measured) {
    basis.push("No measured points on this accelerator: its stated rates are used, and the ranges are made wider.");
  }
  if (load.runningAtMost !== null && load.concurrency > load.runningAtMost) {
    basis.push(`Only ${Math.floor(load.runningAtMost)} requests run at once; the others wait, which TTFT counts.`);
  }
  return basis;
}
