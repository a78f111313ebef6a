import type { LoadedReplica } from "./replica.ts";
import { prefillUnits, runningRequests, type StepCoefficients, stepMilliseconds } from "./step-time.ts";

/** What the first token waits for. */
export const firstTokenTerms = ["layers", "steps", "prefill"] as const;
export type FirstTokenTerm = (typeof firstTokenTerms)[number];
export type FirstTokenCoefficients = Readonly<Record<FirstTokenTerm, number>>;

/**
 * Share of a prompt that each other request puts before one's own. Benchmarks start all requests at once and go on with
 * ten times as many: one request in ten waits for half of the others, which would make 0.05.
 */
const queuedShare = 0.06;
/**
 * Share of the exchange's cost in a step that a prompt's exchange has: the step pays mostly the latency of many small
 * exchanges, a prompt's large ones run at the link's speed or, summed up in the switch, at twice that.
 */
const exchangeShare = 0.25;

/**
 * The units of each term of the time from a request that is admitted at once to its first token.
 *
 *     layers   count  L                        a step with a prompt in it is launched kernel by kernel
 *     steps    ms     mean step                the request waits for the running step, and its own step serves others
 *     prefill  ms     p (1 + q (c - 1))        p: arithmetic and exchange of its P uncached tokens, as in a step
 *
 * q is `queuedShare`. Source: measured points; TTFT there does not depend on the output's length and grows nearly
 * linearly with c, which is what a start of all requests at once leaves. Fit: coefficients.ts.
 */
export function firstTokenUnits(replica: LoadedReplica, step: StepCoefficients): Record<FirstTokenTerm, number> {
  const prefill = promptMilliseconds(replica, step);
  return {
    layers: replica.model.layers,
    steps: stepMilliseconds(replica, step),
    prefill: prefill * (1 + queuedShare * Math.max(0, runningRequests(replica) - 1)),
  };
}

/** Arithmetic and exchange of the uncached part of one prompt of `inputTokens`; of the load's mean prompt when left out. */
function promptMilliseconds(
  replica: LoadedReplica,
  step: StepCoefficients,
  inputTokens: number = replica.load.inputTokens,
): number {
  const uncached = inputTokens - replica.load.cachedPrefixTokens;
  const units = prefillUnits({ ...replica, load: { ...replica.load, inputTokens } }, uncached, uncached);
  return (
    step.denseArithmetic * units.denseArithmetic +
    step.expertArithmetic * units.expertArithmetic +
    exchangeShare * step.exchange * units.exchange
  );
}

/** Milliseconds by which a prompt of `inputTokens` waits longer for its first token than the load's mean prompt does. */
export function longerPromptMilliseconds(
  replica: LoadedReplica,
  step: StepCoefficients,
  coefficients: FirstTokenCoefficients,
  inputTokens: number,
): number {
  return coefficients.prefill * (promptMilliseconds(replica, step, inputTokens) - promptMilliseconds(replica, step));
}

/** Milliseconds from admission to the first token. */
export function firstTokenMilliseconds(
  replica: LoadedReplica,
  step: StepCoefficients,
  coefficients: FirstTokenCoefficients,
): number {
  const units = firstTokenUnits(replica, step);
  return firstTokenTerms.reduce((sum, term) => sum + coefficients[term] * units[term], 0);
}
