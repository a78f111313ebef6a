import type { Decided, Reason } from "../blueprint.ts";
import { usdText } from "../cost/money.ts";
import { savingMargin } from "../hosting/judge.ts";
import type { Range } from "../range.ts";
import { because, policy } from "../reason.ts";
import { weeklyInterval, weeksUntilClear } from "./interval.ts";
import type { PilotOption } from "./ledger-row.ts";
import type { Kept } from "./objectives.ts";
import { type OptionFigures, paired } from "./option-figures.ts";
import { pilotRules } from "./rules.ts";

/** What a pilot ends in. */
export type PilotVerdict = PilotOption | "not-enough-days";

/** What the verdict is reached from. */
export interface PilotEvidence {
  readonly workload: string;
  /** Days on which both options were measured from midnight to midnight. */
  readonly wholeDays: number;
  readonly weeks: number;
  /** Null while there is no whole week. */
  readonly figures: { readonly api: OptionFigures; readonly selfHost: OptionFigures } | null;
  readonly kept: { readonly api: readonly Kept[]; readonly selfHost: readonly Kept[] };
}

/** One question about self-hosting: answered yes, no, or not yet. */
interface Gate {
  readonly outcome: "passes" | "fails" | "open";
  readonly reason: Reason;
}

const percentText = (share: number) => `${Number((share * 100).toFixed(1))} %`;

/**
 * The verdict of a pilot. Four whole weeks come first. Then an option that misses an objective loses to one that keeps
 * all; self-hosting whose answers are worse, or fail more often, by more than the tolerance loses; and it has to save a
 * fifth of the API's cost, as in the computed verdict. Each is read off the whole interval, and one that is still open
 * means more days, unless another has settled it.
 */
export function judgePilot(evidence: PilotEvidence): Decided<PilotVerdict> {
  const { figures, kept } = evidence;
  const tooFew = countReasons(evidence);
  if (figures === null || tooFew.length > 0) return verdictOf("not-enough-days", tooFew);
  const objectives = objectiveGate(evidence);
  const onlySelfHostKeeps = isMissed(kept.api) && isKept(kept.selfHost);
  const gates = [
    ...(onlySelfHostKeeps ? [] : [costGate(figures)]),
    ...objectives,
    qualityGate(figures),
    errorGate(figures),
  ];
  const failed = gates.filter(({ outcome }) => outcome === "fails");
  if (failed.length > 0) return verdictOf("api", failed.map(reasonOf));
  const open = gates.filter(({ outcome }) => outcome === "open");
  if (open.length > 0) return verdictOf("not-enough-days", open.map(reasonOf));
  return verdictOf("self-host", gates.map(reasonOf));
}

function countReasons({ wholeDays, weeks }: PilotEvidence): Reason[] {
  if (weeks >= pilotRules.leastWeeks) return [];
  const needed = pilotRules.leastWeeks * 7;
  const days = `${wholeDays} whole ${wholeDays === 1 ? "day was" : "days were"} measured on both options`;
  const missing = pilotRules.leastWeeks - weeks;
  const runs = `${weeks} ${weeks === 1 ? "run" : "runs"} of seven days without a gap`;
  return [
    policy(
      `${days}, which hold ${runs}. ${pilotRules.leastWeeks} are needed, ${needed} days with each weekday four times: ${missing} more.`,
    ),
  ];
}

function objectiveGate({ workload, kept }: PilotEvidence): Gate[] {
  const path = `workloads.${workload}.objectives`;
  const missed = kept.selfHost.filter((one) => one.isKept === false);
  const unknown = kept.selfHost.filter((one) => one.isKept === null);
  const both = isMissed(kept.api) && missed.length > 0;
  return [
    ...missed.map((one): Gate => {
      const text = both
        ? `Neither option keeps every objective; self-host misses ${missText(one)}.`
        : `self-host misses ${missText(one)}.`;
      return { outcome: both ? "passes" : "fails", reason: because(path, text) };
    }),
    ...unknown.map((one): Gate => {
      const text = `Nothing was recorded on self-host for the objective ${one.objective}.`;
      return { outcome: "open", reason: because(path, text) };
    }),
    ...(isMissed(kept.api) && missed.length === 0
      ? kept.api
          .filter((one) => one.isKept === false)
          .map((one): Gate => ({ outcome: "passes", reason: because(path, `api misses ${missText(one)}.`) }))
      : []),
  ];
}

function missText({ objective, limit, share, needed }: Kept): string {
  return `${objective} ${limit}: kept for ${percentText(share ?? 0)} of the requests, ${percentText(needed)} are needed`;
}

function isMissed(kept: readonly Kept[]): boolean {
  return kept.some((one) => one.isKept === false);
}

function isKept(kept: readonly Kept[]): boolean {
  return kept.every((one) => one.isKept === true);
}

function qualityGate({ api, selfHost }: { api: OptionFigures; selfHost: OptionFigures }): Gate {
  const graded = paired(api.weekly.qualityScore, selfHost.weekly.qualityScore);
  const tolerance = pilotRules.qualityTolerance;
  if (graded.length < pilotRules.leastWeeks) {
    const text = `Answers of both options were graded in ${graded.length} of the weeks; ${pilotRules.leastWeeks} are needed. Cost alone does not say which to take.`;
    return { outcome: "open", reason: policy(text) };
  }
  const text = (range: Range) =>
    `The mean score of self-host differs by ${signed(range.value)} (${signed(range.low)} to ${signed(range.high)}); ${tolerance} less is tolerated.`;
  return gateOf(graded, -tolerance, text, 1);
}

function errorGate({ api, selfHost }: { api: OptionFigures; selfHost: OptionFigures }): Gate {
  const more = paired(api.weekly.errorShare, selfHost.weekly.errorShare);
  const tolerance = pilotRules.errorTolerance;
  if (more.length < 2) return { outcome: "open", reason: policy("There were no requests in two weeks or more.") };
  const text = (range: Range) =>
    `The percentage of failed requests on self-host differs by ${points(range.value)} (${points(range.low)} to ${points(range.high)}); ${tolerance * 100} point more is tolerated.`;
  return gateOf(more, tolerance, text, -1);
}

/** Whether self-hosting saves the margin, over the whole interval of what it saves beyond it. */
function costGate({ api, selfHost }: { api: OptionFigures; selfHost: OptionFigures }): Gate {
  const beyond = api.weekly.usd.map((usd, week) => usd * (1 - savingMargin) - (selfHost.weekly.usd[week] ?? 0));
  const saved = 1 - selfHost.bill.totalCents / api.bill.totalCents;
  const amount =
    api.bill.totalCents === 0
      ? `costs ${usdText(selfHost.bill.totalCents)} a month, and the API nothing`
      : saved < 0
        ? `costs ${percentText(-saved)} more`
        : `saves ${percentText(saved)}`;
  const need = `${percentText(savingMargin)} would pay for moving`;
  const gate = gateOf(beyond, 0, () => "", 1);
  const ending = {
    passes: `Self-hosting ${amount}; ${need}, and over the whole interval it saves that.`,
    fails: `Self-hosting ${amount}; ${need}, and over the whole interval it does not save that.`,
    open: `Self-hosting ${amount}; ${need}, and the weeks differ too much to say whether it does.${gate.reason.text}`,
  }[gate.outcome];
  return { outcome: gate.outcome, reason: policy(ending) };
}

/** Passes when the whole interval lies above the threshold (`sign` 1) or below it (-1), fails when it lies beyond. */
function gateOf(weeks: readonly number[], threshold: number, text: (range: Range) => string, sign: 1 | -1): Gate {
  const range = weeklyInterval(weeks) ?? { low: Number.NEGATIVE_INFINITY, value: 0, high: Number.POSITIVE_INFINITY };
  const passes = sign === 1 ? range.low >= threshold : range.high <= threshold;
  const fails = sign === 1 ? range.high < threshold : range.low > threshold;
  if (passes || fails) return { outcome: passes ? "passes" : "fails", reason: policy(text(range)) };
  const until = weeksUntilClear(weeks, threshold);
  const more =
    until === null
      ? ` Not even ${pilotRules.mostWeeks} weeks would tell them apart.`
      : ` About ${(until - weeks.length) * 7} more days would tell, if they are like these.`;
  return { outcome: "open", reason: policy(`${text(range)}${more}`) };
}

function signed(score: number): string {
  return `${score < 0 ? "-" : "+"}${Math.abs(score).toFixed(3)}`;
}

function points(share: number): string {
  return `${Number((share * 100).toFixed(2))} points`;
}

function reasonOf({ reason }: Gate): Reason {
  return reason;
}

function verdictOf(value: PilotVerdict, reasons: readonly Reason[]): Decided<PilotVerdict> {
  const [first = policy("No whole week was measured."), ...more] = reasons;
  return { value, because: [first, ...more] };
}
