import { perMillionText, usdText, volumeText } from "../cost/money.ts";
import { countText } from "../figures.ts";
import { rangeText } from "../hosting/hosting.ts";
import { boundedText, type Range } from "../range.ts";
import type { PilotVerdict } from "./judge-pilot.ts";
import type { Kept } from "./objectives.ts";
import type { OptionFigures } from "./option-figures.ts";
import type { WorkloadPilot } from "./report.ts";
import { pilotRules } from "./rules.ts";

const advice: Readonly<Record<PilotVerdict, string>> = {
  api: "use the API",
  "self-host": "host it yourselves",
  "not-enough-days": "not enough days",
};

/** The report of a pilot as Markdown: for each workload the verdict first, then what was measured. */
export function reportText(title: string, workloads: readonly WorkloadPilot[]): string {
  return `${[`# ${title}`, ...workloads.map(workloadText), method].join("\n\n")}\n`;
}

const method = `Ranges hold the true mean with ${pilotRules.confidence * 100} % probability: Student's t over whole weeks, which are alike in their weekdays and, unlike days, nearly independent. Differences are taken week by week. A month is 730 hours. Setting up is not in these costs.`;

function workloadText(pilot: WorkloadPilot): string {
  const { workload, verdict, options, firstDay, lastDay, wholeDays, weeks } = pilot;
  return [
    `## ${workload}: ${advice[verdict.value]}`,
    verdict.because.map(({ text }) => text).join(" "),
    `Measured from ${firstDay} to ${lastDay}: ${countText(wholeDays, "whole day")} of both options, which hold ${countText(weeks, "whole week")}.`,
    options === null ? "" : figureTable(pilot, options.api, options.selfHost),
    volumeNote(pilot),
    objectiveText(pilot.kept),
    pilot.because.length === 0
      ? ""
      : ["Where the costs come from:", "", ...pilot.because.map(({ text, path }) => `- ${text} (${place(path)})`)].join(
          "\n",
        ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function figureTable({ difference }: WorkloadPilot, api: OptionFigures, selfHost: OptionFigures): string {
  const lines = api.bill.lines.map(({ cents }, index) => {
    const own = selfHost.bill.lines[index];
    const label = index === 0 ? "Tokens, or capacity" : (own?.label ?? "");
    return `| ${label} | ${usdText(cents)} | ${usdText(own?.cents ?? 0)} | |`;
  });
  const cost = (option: OptionFigures) =>
    option.monthlyCents === null ? usdText(option.bill.totalCents) : rangeText(option.monthlyCents);
  return [
    "| A month | api | self-host | Difference |",
    "|---|---|---|---|",
    ...lines,
    `| **Together** | ${cost(api)} | ${cost(selfHost)} | ${difference?.monthlyCents == null ? "" : rangeText(difference.monthlyCents)} |`,
    `| Per million tokens | ${perMillion(api)} | ${perMillion(selfHost)} | |`,
    `| Tokens | ${volumeText(api.tokensPerMonth)} | ${volumeText(selfHost.tokensPerMonth)} | |`,
    `| Requests | ${volumeText(api.requestsPerMonth)} | ${volumeText(selfHost.requestsPerMonth)} | |`,
    `| Errors | ${range(api.errorShare, percentText)} | ${range(selfHost.errorShare, percentText)} | ${range(difference?.errorShare ?? null, pointText)} |`,
    `| Quality score | ${range(api.qualityScore, scoreText)} | ${range(selfHost.qualityScore, scoreText)} | ${range(difference?.qualityScore ?? null, scoreText)} |`,
    `| Answers graded | ${api.qualitySamples} | ${selfHost.qualitySamples} | |`,
  ].join("\n");
}

/** Half as much or twice as much is another decision than the one that was computed. */
function volumeNote({ expectedTokensPerMonth, options }: WorkloadPilot): string {
  if (expectedTokensPerMonth === null || options === null) return "";
  const measured = options.selfHost.tokensPerMonth;
  const ratio = measured / expectedTokensPerMonth;
  if (Math.abs(ratio - 1) <= 0.1) return "";
  return `The stack file expects ${volumeText(expectedTokensPerMonth)} tokens a month, and ${volumeText(measured)} were measured. The verdict holds for what was measured.`;
}

function objectiveText({ api, selfHost }: WorkloadPilot["kept"]): string {
  if (selfHost.length === 0) return "";
  return [
    "| Objective | api | self-host |",
    "|---|---|---|",
    ...selfHost.map((own, index) => `| ${own.objective} ${own.limit} | ${keptText(api[index])} | ${keptText(own)} |`),
  ].join("\n");
}

function keptText(kept: Kept | undefined): string {
  if (kept === undefined || kept.share === null) return "not recorded";
  return `${kept.isKept === true ? "kept" : "**missed**"}: ${percentText(kept.share)} of the requests`;
}

function perMillion({ usdPerMillion }: OptionFigures): string {
  return usdPerMillion === null ? "–" : perMillionText(usdPerMillion);
}

function range(figures: Range | null, text: (figure: number) => string): string {
  return figures === null ? "–" : boundedText(figures, text);
}

function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function pointText(share: number): string {
  return `${Number((share * 100).toFixed(2))} points`;
}

function scoreText(score: number): string {
  return score.toFixed(3);
}

function place(path: string): string {
  return path === "policy" ? "policy" : `\`${path}\``;
}
