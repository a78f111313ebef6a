import { columns } from "./columns.ts";
import { type PilotPlan, requestsText, type WorkloadPlan } from "./plan.ts";

/** The plan of a pilot as Markdown. */
export function planText(title: string, { workloads, leftOut }: PilotPlan): string {
  return `${[
    `# Pilot of ${title}`,
    "Both options answer every request; one of the two answers is used. Setting up comes before the first day and is not recorded.",
    ...workloads.map(workloadText),
    ...leftOut.map(({ workload, reason }) => `## ${workload}: no pilot\n\n${reason}`),
    ledgerText(),
    "When the days are over: `freehold pilot report LEDGER.csv --file STACK.yaml`.",
  ].join("\n\n")}\n`;
}

function workloadText(plan: WorkloadPlan): string {
  return [
    `## ${plan.workload}: ${plan.days} days`,
    [
      "| Option | What runs | Expected |",
      "|---|---|---|",
      ...plan.options.map(({ option, runs, expected }) => `| ${option} | ${runs} | ${expected} |`),
    ].join("\n"),
    [
      `About ${requestsText(plan.requestsPerDay)} a day. Rows, for each option:`,
      "",
      ...plan.windows.map(
        ({ name, rows, requestsPerHour }) => `- ${name}: ${rows} (about ${requestsText(requestsPerHour)} an hour)`,
      ),
    ].join("\n"),
    `Quality: grade ${plan.gradedPerDay} answers of each option a day, to the same requests, drawn at random, by graders who do not see which option answered. The score is from 0 to 1.`,
    "Engineers: everybody who works on an option writes down the hours, alarms at night and talks with the provider included.",
    list("Objectives to hold against", plan.objectives),
    list("When to stop", plan.stopRules),
    list("What the verdict needs", plan.verdictNeeds),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function list(heading: string, items: readonly string[]): string {
  return items.length === 0 ? "" : [`${heading}:`, "", ...items.map((item) => `- ${item}`)].join("\n");
}

function ledgerText(): string {
  return [
    "## The ledger",
    "",
    "A CSV file with a row for each period, workload and option; `freehold pilot plan --ledger FILE` writes an empty one.",
    "",
    "| Column | Holds | |",
    "|---|---|---|",
    ...Object.entries(columns).map(([name, { purpose, required, mayBeEmpty }]) => {
      const need = required ? (mayBeEmpty ? "may be empty" : "always") : "may be left out";
      return `| ${name} | ${purpose} | ${need} |`;
    }),
  ].join("\n");
}
