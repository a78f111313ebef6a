import type { Range } from "../range.ts";
import type { LabelledRequest } from "./labelled-request.ts";

/** What a way of choosing came to, over a set of requests. */
export interface PolicyFigures {
  readonly requests: number;
  /** Share that was sent on. Fraction of 1. */
  readonly sentOn: number;
  /** Mean score, with its 95 % interval. */
  readonly correct: Range;
  /** US dollars a request. */
  readonly usd: number;
}

/** What one request came to under a policy; sent on in part where chance decides. */
export interface Outcome {
  readonly sentOn: number;
  readonly correct: number;
  readonly usd: number;
}

/** Answered inside, whatever it is. */
export function insideOutcome({ localCorrect, localUsd }: LabelledRequest): Outcome {
  return { sentOn: 0, correct: localCorrect, usd: localUsd };
}

/** Sent on at once, without an answer from inside. */
export function outsideOutcome({ frontierCorrect, frontierUsd }: LabelledRequest): Outcome {
  return { sentOn: 1, correct: frontierCorrect, usd: frontierUsd };
}

/** Answered inside and checked, and sent on where the check says so. */
export function checkedOutcome(request: LabelledRequest, isSentOn: boolean): Outcome {
  const { localCorrect, frontierCorrect, localUsd, frontierUsd, verifierUsd } = request;
  if (!isSentOn) return { sentOn: 0, correct: localCorrect, usd: localUsd + verifierUsd };
  return { sentOn: 1, correct: frontierCorrect, usd: localUsd + verifierUsd + frontierUsd };
}

/** Sent on at once with this probability: what to expect of it. */
export function chanceOutcome(request: LabelledRequest, share: number): Outcome {
  const { localCorrect, frontierCorrect, localUsd, frontierUsd } = request;
  return {
    sentOn: share,
    correct: share * frontierCorrect + (1 - share) * localCorrect,
    usd: share * frontierUsd + (1 - share) * localUsd,
  };
}

/** Sent on at once where only the other model is right: nobody can know that, and nothing can be better. */
export function oracleOutcome(request: LabelledRequest): Outcome {
  return request.frontierCorrect > request.localCorrect ? outsideOutcome(request) : insideOutcome(request);
}

export function figuresOf(outcomes: readonly Outcome[]): PolicyFigures {
  return {
    requests: outcomes.length,
    sentOn: mean(outcomes.map(({ sentOn }) => sentOn)),
    correct: interval(outcomes.map(({ correct }) => correct)),
    usd: mean(outcomes.map(({ usd }) => usd)),
  };
}

/** Mean of the differences in right answers, request by request, with its 95 % interval. */
export function differenceOf(ours: readonly Outcome[], others: readonly Outcome[]): Range {
  return interval(ours.map(({ correct }, index) => correct - (others[index]?.correct ?? 0)));
}

/**
 * Mean with its 95 % interval by the normal approximation: m ± 1.96 s / √n with the standard deviation s (n - 1). Sets
 * of fewer than fifty are refused before.
 */
function interval(values: readonly number[]): Range {
  const value = mean(values);
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const half = 1.96 * Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
  return { low: value - half, value, high: value + half };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
