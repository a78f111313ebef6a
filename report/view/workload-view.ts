import type { WorkloadConfig } from "../../config/schema/index.ts";
import type { Reason } from "../../decisions/blueprint.ts";
import { perMillionText } from "../../decisions/cost/money.ts";
import type { HostingDecision } from "../../decisions/hosting/hosting.ts";
import type { Verdict } from "../../decisions/hosting/rule-of-thumb.ts";
import {
  adviceTitle,
  equalText,
  flipLine,
  opening,
  reasonsOf,
  standingText,
  verdictWords,
} from "../../decisions/hosting/text.ts";
import { inputsOf } from "./assumptions-view.ts";
import { type CostView, costView } from "./cost-view.ts";
import { type BillView, billView, type OfferRow, offerRows } from "./offers-view.ts";
import type { LatencyView, ReleaseView } from "./release-view.ts";
import { type SensitivityView, sensitivityView } from "./sensitivity-view.ts";

/** One of the two answers that stand side by side. */
export interface AnswerView {
  /** `an API`, `a pilot of 30 days`, `self-hosting`; null where it could not be computed. */
  readonly words: string | null;
  readonly grounds: readonly string[];
}

/** Everything the page says of one workload. */
export interface WorkloadView {
  readonly name: string;
  readonly model: string;
  readonly verdict: Verdict | null;
  /** The advice in a few words, for a heading. */
  readonly title: string;
  /** The advice as a sentence, empty where nothing was computed, and what it rests on. */
  readonly lead: string;
  readonly text: string;
  readonly computed: AnswerView;
  readonly ruleOfThumb: AnswerView;
  readonly difference: string;
  readonly inputs: readonly (readonly [label: string, value: string])[];
  readonly offers: readonly OfferRow[];
  /** What the comparison leaves out; null where there is nothing to compare with. */
  readonly equality: string | null;
  readonly otherHosts: readonly string[];
  readonly cost: CostView | null;
  /** Why there is no cost; empty where there is. */
  readonly missing: string;
  readonly bill: BillView | null;
  /** Break-even, needed utilization and floor, a paragraph for each offer. */
  readonly standings: readonly string[];
  readonly sensitivity: SensitivityView | null;
  readonly flips: readonly string[];
  readonly latency: LatencyView | null;
  readonly reasons: readonly Reason[];
}

const mostFlips = 8;
const mostHosts = 6;

export function workloadView(
  decision: HostingDecision,
  workload: WorkloadConfig,
  releases: readonly ReleaseView[],
): WorkloadView {
  const { verdict, ruleOfThumb, selfHosted, otherHosts, frontier } = decision;
  const serving = releases.find(({ model, isServing }) => model === decision.model && isServing);
  return {
    name: decision.workload,
    model: decision.model,
    verdict: verdict.value,
    title: adviceTitle(decision),
    ...opening(decision),
    computed: {
      words: verdict.value === null ? null : verdictWords[verdict.value],
      grounds: verdict.because.map(({ text }) => text),
    },
    ruleOfThumb: { words: verdictWords[ruleOfThumb.value], grounds: ruleOfThumb.because.map(({ text }) => text) },
    difference: differenceText(decision),
    inputs: inputsOf(workload),
    offers: offerRows(decision),
    equality: frontier?.status === "available" ? equalText(decision) : null,
    otherHosts: hostTexts(otherHosts),
    cost: costView(decision),
    missing: decision.situation === null ? missingText(decision, serving) : "",
    bill: billView(decision),
    standings:
      selfHosted === null
        ? []
        : selfHosted.standings.map((standing) => standingText(standing, selfHosted.utilization.value)),
    sensitivity: sensitivityView(decision),
    flips: decision.flips.slice(0, mostFlips).map(flipLine),
    latency: serving?.latencies.find(({ workload: name }) => name === decision.workload) ?? null,
    reasons: reasonsOf(decision),
  };
}

function differenceText({ verdict, ruleOfThumb, difference }: HostingDecision): string {
  if (verdict.value === null) return "There is nothing to hold the rule of thumb against, so it stands alone.";
  return verdict.value === ruleOfThumb.value
    ? "Both say the same."
    : (difference ?? "The computed answer looks at prices and residency, the rule of thumb at volume alone.");
}

/** What keeps the own cost from being computed: its size, or the price of a node. */
function missingText({ verdict, model }: HostingDecision, serving: ReleaseView | undefined): string {
  if (verdict.value === null) return verdict.because.map(({ text }) => text).join(" ");
  return serving === undefined || serving.latencies.length === 0
    ? `The model ${model} could not be sized for this workload, so what hosting it costs is not known.`
    : "What a node of its pool costs is not known.";
}

function hostTexts(hosts: HostingDecision["otherHosts"]): string[] {
  const told = hosts.slice(0, mostHosts);
  const more = hosts.length - told.length;
  return [
    ...told.map(
      ({ name, usdPerMillion, status, reason }) =>
        `${name}, ${perMillionText(usdPerMillion.value)} per million tokens${status === "available" ? "" : `: ${reason}`}`,
    ),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
