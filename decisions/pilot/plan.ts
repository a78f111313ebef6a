import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { lookUp } from "../catalog/index.ts";
import { hoursPerMonth } from "../cost/fleet.ts";
import { perMillionText, usdText, volumeText } from "../cost/money.ts";
import { countText } from "../figures.ts";
import { type HostingDecision, rangeText } from "../hosting/hosting.ts";
import { savingMargin } from "../hosting/judge.ts";
import { studentT } from "./interval.ts";
import type { PilotOption } from "./ledger-row.ts";
import { pilotOffer } from "./pilot-offer.ts";
import { pilotRules } from "./rules.ts";

/** One of the two options that run side by side. */
export interface PlannedOption {
  readonly option: PilotOption;
  /** What runs, in a few words. */
  readonly runs: string;
  /** What it is expected to cost, in words. */
  readonly expected: string;
}

/** A part of the day that needs rows of its own. */
export interface LoadWindow {
  readonly name: string;
  readonly rows: string;
  readonly requestsPerHour: number;
}

/** What thirty days of one workload have to record. */
export interface WorkloadPlan {
  readonly workload: string;
  readonly days: number;
  readonly options: readonly PlannedOption[];
  readonly requestsPerDay: number;
  readonly windows: readonly LoadWindow[];
  /** Answers to grade a day, of each option. */
  readonly gradedPerDay: number;
  readonly objectives: readonly string[];
  readonly stopRules: readonly string[];
  readonly verdictNeeds: readonly string[];
}

export interface PilotPlan {
  readonly workloads: readonly WorkloadPlan[];
  /** Workloads that nothing can be compared with, and why. */
  readonly leftOut: readonly { readonly workload: string; readonly reason: string }[];
  readonly findings: readonly Finding[];
}

/** The plan of a pilot for every workload that has an offer to be compared with. */
export function planPilot(config: Config, decisions: readonly HostingDecision[]): PilotPlan {
  const workloads: WorkloadPlan[] = [];
  const leftOut: { workload: string; reason: string }[] = [];
  for (const decision of decisions) {
    const workload = lookUp(config.workloads ?? {}, decision.workload);
    const offer = pilotOffer(decision);
    if (workload === null || offer === null) {
      const reason = "No offer that may be used has a price, so there is no second option.";
      leftOut.push({ workload: decision.workload, reason });
    } else workloads.push(planWorkload(workload, decision, optionsOf(decision)));
  }
  const place = { subject: "freehold pilot plan" };
  const findings =
    decisions.length === 0
      ? [finding("PLT-132", place, {})]
      : workloads.length === 0
        ? [finding("PLT-133", place, {})]
        : [];
  return { workloads, leftOut, findings };
}

function optionsOf(decision: HostingDecision): PlannedOption[] {
  const offer = pilotOffer(decision);
  const { selfHosted, repository, frontierCents, hostedCents } = decision;
  const fleet = selfHosted?.fleet.value ?? null;
  const runs =
    fleet === null
      ? `${repository}, on the fleet that would serve all of it`
      : `${repository} on ${fleet.working} + ${fleet.spare} spare replicas: ${countText(fleet.gpus, "GPU")} on ${countText(fleet.nodes, "node")}`;
  return [
    {
      option: "api",
      runs: offer?.name ?? "",
      expected:
        offer === null
          ? ""
          : `${rangeText(offer === decision.frontier ? frontierCents : hostedCents)} a month at ${perMillionText(offer.usdPerMillion.value)} per million tokens`,
    },
    {
      option: "self-host",
      runs,
      expected: selfHosted === null ? "not computed" : `${rangeText(selfHosted.monthlyCents)} a month, team included`,
    },
  ];
}

function planWorkload(
  workload: WorkloadConfig,
  { workload: name, selfHosted }: HostingDecision,
  options: readonly PlannedOption[],
): WorkloadPlan {
  const perRequest = workload.inputTokens.mean + workload.outputTokens.mean;
  const perHour = workload.tokensPerMonth / perRequest / hoursPerMonth;
  const requestsPerDay = Math.round(perHour * 24);
  const busiest = Math.round(perHour * workload.peakToMean);
  // What is left of a day's requests, over the hours that are left.
  const rest = Math.max(0, Math.round((perHour * 24 - busiest) / 23));
  return {
    workload: name,
    days: pilotRules.days,
    options,
    requestsPerDay,
    windows: [
      { name: "busiest hour", rows: "one row of that hour alone, every day", requestsPerHour: busiest },
      { name: "the other hours", rows: "a row an hour, or fewer that leave no gap", requestsPerHour: rest },
    ],
    gradedPerDay: Math.min(requestsPerDay, gradedPerDay()),
    objectives: objectivesOf(workload),
    stopRules: [
      "Stop self-host, and leave the requests to api, when more than 5 % of an hour's requests fail or a class of data went where `residency` does not let it.",
      `Stop when the mean score of self-host lies more than ${scoreText(3 * pilotRules.qualityTolerance)} below api after seven days, three times what is tolerated.`,
      selfHosted === null
        ? "Stop when a week costs twice what was planned for it."
        : `Stop when a week costs more than ${usdText(Math.round((2 * selfHosted.monthlyCents.value * 7 * 24) / hoursPerMonth))} on self-host, twice what was computed.`,
      "After a stop the days begin anew: a week counts only without a gap.",
    ],
    verdictNeeds: [
      `${countText(pilotRules.leastWeeks, "run")} of seven whole days without a gap, both options from midnight to midnight in one time zone; ${pilotRules.days} days leave ${pilotRules.days - 7 * pilotRules.leastWeeks} for accidents.`,
      `The same requests on both: a day that differs by more than ${pilotRules.requestDifference * 100} % is left out.`,
      `self-host keeps the objectives, scores at most ${scoreText(pilotRules.qualityTolerance)} lower, fails at most ${pilotRules.errorTolerance * 100} percentage point more often and saves ${savingMargin * 100} %, each over its whole ${pilotRules.confidence * 100} % interval.`,
    ],
  };
}

/**
 * Answers to grade a day, so that the difference of two mean scores is known to the tolerance within four weeks.
 *
 * Formula: (t × s / d)² / 28, with t the quantile of Student's t for four weeks, s the standard deviation of the difference
 * of two scores of one request and d the tolerance. Source: the interval that the report computes, solved for the count.
 */
function gradedPerDay(): number {
  const { leastWeeks, scoreDeviation, qualityTolerance } = pilotRules;
  const needed = ((studentT(leastWeeks - 1) * scoreDeviation) / qualityTolerance) ** 2;
  return Math.ceil(needed / (leastWeeks * 7));
}

function objectivesOf({ objectives }: WorkloadConfig): string[] {
  const { ttft, itl, availability } = objectives ?? {};
  return [
    ...(ttft === undefined ? [] : [`ttft ${ttft} at the 95th percentile: ttft_p95_ms`]),
    ...(itl === undefined ? [] : [`itl ${itl} at the 95th percentile: itl_p95_ms`]),
    ...(availability === undefined ? [] : [`availability ${availability}: requests and errors`]),
  ];
}

function scoreText(score: number): string {
  return String(Number(score.toFixed(3)));
}

/** `41,100 requests`, for the text of a plan. */
export function requestsText(requests: number): string {
  return `${volumeText(requests)} ${requests === 1 ? "request" : "requests"}`;
}
