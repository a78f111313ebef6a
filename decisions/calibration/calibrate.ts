import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Range } from "../range.ts";
import type { LabelledRequest } from "./labelled-request.ts";
import {
  chanceOutcome,
  checkedOutcome,
  differenceOf,
  figuresOf,
  insideOutcome,
  type Outcome,
  oracleOutcome,
  outsideOutcome,
  type PolicyFigures,
} from "./policy.ts";

/** The length of the prompt is a signal of its own: the longer, the less sure, and known before any answer. */
export const lengthSignal = "promptTokens";

export type Threshold = number | "none" | "all";

export interface Point {
  /** Requests are sent on below it; by the length of the prompt, from it on. */
  readonly threshold: Threshold;
  readonly figures: PolicyFigures;
}

export interface SignalCalibration {
  readonly signal: string;
  /** Up to eleven shares of requests sent on, from none to all, measured. */
  readonly curve: readonly Point[];
  /** The cheapest threshold that reaches the quality where it was chosen, measured; null when none does. */
  readonly chosen: Point | null;
  /** As many requests sent on by chance, and the longest prompts. */
  readonly random: PolicyFigures | null;
  readonly longest: PolicyFigures | null;
  /** Right answers more than by chance, and more than by length. */
  readonly overRandom: Range | null;
  readonly overLongest: Range | null;
}

export interface Calibration {
  readonly requests: number;
  readonly chosenOn: number;
  /** Share of right answers that a threshold has to reach on the half that chooses. */
  readonly target: number;
  readonly local: PolicyFigures;
  readonly frontier: PolicyFigures;
  readonly oracle: PolicyFigures;
  /** The cheapest first; without a threshold last. */
  readonly signals: readonly SignalCalibration[];
  readonly findings: readonly Finding[];
}

/** Part of the distance from the model inside to the other one that is to be won, where no quality is asked for. */
export const defaultGain = 0.9;
const curveShares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/**
 * Thresholds for each signal of a labelled set, and the simple ways beside them. Chosen on one half of the requests and
 * measured on the other, so that a lucky threshold does not flatter itself.
 *
 * @param quality Share of right answers to reach; null for `defaultGain` of the distance between the models.
 */
export function calibrate(requests: readonly LabelledRequest[], quality: number | null): Calibration {
  const choosing = requests.filter((request) => isOfFirstHalf(request.id));
  const measuring = requests.filter((request) => !isOfFirstHalf(request.id));
  const inside = figuresOf(choosing.map(insideOutcome)).correct.value;
  const outside = figuresOf(choosing.map(outsideOutcome)).correct.value;
  const target = quality ?? inside + defaultGain * Math.max(0, outside - inside);
  const local = figuresOf(measuring.map(insideOutcome));
  const frontier = figuresOf(measuring.map(outsideOutcome));
  const names = [...Object.keys(requests[0]?.signals ?? {}).sort(), lengthSignal];
  const signals = names
    .map((signal) => calibrateSignal(signal, choosing, measuring, target))
    .sort((a, b) => (a.chosen?.figures.usd ?? Number.MAX_VALUE) - (b.chosen?.figures.usd ?? Number.MAX_VALUE));
  return {
    requests: requests.length,
    chosenOn: choosing.length,
    target,
    local,
    frontier,
    oracle: figuresOf(measuring.map(oracleOutcome)),
    signals,
    findings: findingsOf(local, frontier, target, signals),
  };
}

function calibrateSignal(
  signal: string,
  choosing: readonly LabelledRequest[],
  measuring: readonly LabelledRequest[],
  target: number,
): SignalCalibration {
  const measured = (threshold: Threshold): Point & { readonly outcomes: readonly Outcome[] } => {
    const outcomes = measuring.map((request) => outcomeOf(request, signal, threshold));
    return { threshold, figures: figuresOf(outcomes), outcomes };
  };
  const surest = choosing.map((request) => sureness(request, signal)).sort((a, b) => a - b);
  // A signal with few values has the same threshold for several shares.
  const thresholds = new Set(curveShares.map((share) => thresholdAt(surest, share, signal)));
  const curve = [...thresholds].map((threshold) => ({ threshold, figures: measured(threshold).figures }));
  const threshold = cheapest(choosing, signal, target);
  if (threshold === undefined)
    return { signal, curve, chosen: null, random: null, longest: null, overRandom: null, overLongest: null };
  const { figures, outcomes } = measured(threshold);
  const random = measuring.map((request) => chanceOutcome(request, figures.sentOn));
  const lengths = measuring.map(({ promptTokens }) => promptTokens).sort((a, b) => b - a);
  const long = lengths[Math.round(figures.sentOn * lengths.length) - 1] ?? Number.POSITIVE_INFINITY;
  const longest = measuring.map((request) =>
    request.promptTokens >= long ? outsideOutcome(request) : insideOutcome(request),
  );
  return {
    signal,
    curve,
    chosen: { threshold, figures },
    random: figuresOf(random),
    longest: signal === lengthSignal ? null : figuresOf(longest),
    overRandom: differenceOf(outcomes, random),
    overLongest: signal === lengthSignal ? null : differenceOf(outcomes, longest),
  };
}

/** Of all thresholds that reach the target, the one with the lowest cost; undefined when none does. */
function cheapest(choosing: readonly LabelledRequest[], signal: string, target: number): Threshold | undefined {
  const ordered = [...choosing].sort((a, b) => sureness(a, signal) - sureness(b, signal));
  const stay = ordered.map((request) => outcomeOf(request, signal, "none"));
  const go = ordered.map((request) => outcomeOf(request, signal, "all"));
  let correct = stay.reduce((sum, outcome) => sum + outcome.correct, 0);
  let usd = stay.reduce((sum, outcome) => sum + outcome.usd, 0);
  let best: { readonly usd: number; readonly threshold: Threshold } | undefined;
  for (let sent = 0; sent <= ordered.length; sent += 1) {
    const last = ordered[sent - 1];
    const next = ordered[sent];
    const isBorder = last === undefined || next === undefined || sureness(last, signal) < sureness(next, signal);
    // What a rounding error is short of is reached.
    if (isBorder && correct / ordered.length >= target - 1e-9 && (best === undefined || usd < best.usd))
      best = { usd, threshold: border(last, next, signal) };
    correct += (go[sent]?.correct ?? 0) - (stay[sent]?.correct ?? 0);
    usd += (go[sent]?.usd ?? 0) - (stay[sent]?.usd ?? 0);
  }
  return best?.threshold;
}

/** The threshold between the last request that is sent on and the next that is not. */
function border(last: LabelledRequest | undefined, next: LabelledRequest | undefined, signal: string): Threshold {
  if (last === undefined) return "none";
  if (signal === lengthSignal) return last.promptTokens;
  return next === undefined ? "all" : sureness(next, signal);
}

function thresholdAt(surest: readonly number[], share: number, signal: string): Threshold {
  const count = Math.round(share * surest.length);
  if (count === 0) return "none";
  if (count >= surest.length) return "all";
  return signal === lengthSignal ? -(surest[count - 1] ?? 0) : (surest[count] ?? 0);
}

function sureness({ promptTokens, signals }: LabelledRequest, signal: string): number {
  return signal === lengthSignal ? -promptTokens : (signals[signal] ?? 0);
}

function outcomeOf(request: LabelledRequest, signal: string, threshold: Threshold): Outcome {
  const isBeyond = (at: number) =>
    signal === lengthSignal ? request.promptTokens >= at : sureness(request, signal) < at;
  const isSentOn = threshold === "all" || (threshold !== "none" && isBeyond(threshold));
  if (signal !== lengthSignal) return checkedOutcome(request, isSentOn);
  return isSentOn ? outsideOutcome(request) : insideOutcome(request);
}

/** Half of all ids, by a hash (FNV-1a): the same requests in every order of the file. */
function isOfFirstHalf(id: string): boolean {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  // The lowest bits of neighbouring ids alternate.
  return ((hash ^ (hash >>> 15)) & 1) === 0;
}

function findingsOf(
  local: PolicyFigures,
  frontier: PolicyFigures,
  target: number,
  signals: readonly SignalCalibration[],
): Finding[] {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const place = { subject: "labelled set" };
  if (frontier.correct.value <= local.correct.value)
    return [
      finding("CLB-110", place, { local: percent(local.correct.value), frontier: percent(frontier.correct.value) }),
    ];
  return signals.flatMap(({ signal, chosen, overRandom }) => {
    if (chosen === null) return [finding("CLB-112", place, { signal, target: percent(target) })];
    const { sentOn } = chosen.figures;
    // All or none sent on is what chance does, too.
    const isChoice = sentOn > 0 && sentOn < 1;
    if (!isChoice || overRandom === null || overRandom.low > 0) return [];
    return [finding("CLB-111", place, { signal, share: percent(sentOn) })];
  });
}
