import type { Config } from "../../config/schema/index.ts";
import { volumeText } from "../cost/money.ts";
import { sortedEntries } from "../figures.ts";
import type { StackHosting } from "../hosting/stack-hosting.ts";
import { ledgerColumns } from "./ledger.ts";

/** What one workload's pilot runs side by side. */
export interface PilotPlan {
  readonly workload: string;
  readonly selfHosted: string;
  /** The offer that it is measured against: the file's alternative, else the cheapest host of the same model. */
  readonly api: string | null;
  readonly requestsPerDay: number;
  readonly isPilot: boolean;
  readonly objectives: readonly string[];
}

/** What each workload's pilot has to run and record. */
export function pilotPlans(config: Config, hosting: StackHosting): PilotPlan[] {
  return sortedEntries(config.workloads ?? {}).map(
    ([name, { tokensPerMonth, inputTokens, outputTokens, objectives, model }]) => {
      const decision = hosting.workloads.find(({ workload }) => workload === name);
      const offer = [decision?.frontier, decision?.hosted].find((one) => one?.status === "available") ?? null;
      return {
        workload: name,
        selfHosted: decision === undefined ? model : `${model} (${decision.repository})`,
        api: offer?.name ?? null,
        requestsPerDay: Math.round(tokensPerMonth / (inputTokens.mean + outputTokens.mean) / (730 / 24)),
        isPilot: decision?.verdict.value === "pilot" || decision?.ruleOfThumb.value === "pilot",
        objectives: Object.entries(objectives ?? {}).map(([key, value]) => `${key} ${value}`),
      };
    },
  );
}

/** The header line of an empty ledger. */
export function emptyLedger(): string {
  return `${ledgerColumns.map(({ name }) => name).join(",")}\n`;
}

/** The plan as Markdown: what runs, what is written down each hour, and what the verdict will need. */
export function planText(plans: readonly PilotPlan[]): string {
  return `${[
    "# Thirty days, both options side by side",
    ...plans.map(workloadText),
    "## How it runs",
    [
      "- Both get the same requests: each is answered by one and sent to the other as well, or they are split by halves at random. A split by user or by hour compares users or hours.",
      "- The nodes are those that would serve everything. Self-hosting has to carry 80 % of the volume at least, or nothing shows that it carries all of it.",
      "- Thirty days, so that 28 are left when two have a gap: four of each weekday. The busiest hour of the month has to be among them.",
      "- Answers are scored by the same people or the same grader, who do not see which option gave them: 100 of each at least, better 1,000, drawn over all hours.",
      "- Every hour that an engineer spends is written down where it is spent, nights and false alarms too. It is what estimates get wrong most.",
    ].join("\n"),
    "## What is written down",
    [
      "One row for each workload, option and hour (a day at most), all times at one offset from UTC:",
      "",
      "| Column | Holds |",
      "|---|---|",
      ...ledgerColumns.map(
        ({ name, holds, mayBeEmpty }) =>
          `| ${name} | ${holds}${mayBeEmpty ? "; empty where nothing was measured" : ""} |`,
      ),
    ].join("\n"),
    "## When it ends early",
    [
      "- Requests leave the places they may be processed in: at once.",
      "- Self-hosting misses an objective in more than one hour of twenty for a week, and nobody knows why.",
      "- Either side changes its model or its price: the days begin anew.",
    ].join("\n"),
    "## What decides",
    "`freehold pilot report LEDGER.csv --file STACK.yaml` compares both at the same volume, engineers included, with bounds from resampled weeks. It says to host when even the lower bound saves 20 % of the API's cost and the answers, the failures and the objectives are no worse; to use the API when even the upper bound saves nothing; and otherwise that the figures cannot tell yet.",
  ].join("\n\n")}\n`;
}

function workloadText({ workload, selfHosted, api, requestsPerDay, isPilot, objectives }: PilotPlan): string {
  return [
    `## ${workload}`,
    "",
    `- self-hosted: ${selfHosted}`,
    `- api: ${api ?? "none can be bought; name one under `alternative`, or there is nothing to compare with"}`,
    `- About ${volumeText(requestsPerDay)} requests a day.`,
    ...(objectives.length === 0 ? [] : [`- Objectives: ${objectives.join(", ")}.`]),
    ...(isPilot ? [] : ["- Its figures are clear enough without a pilot; `freehold decide` says which way."]),
  ].join("\n");
}
