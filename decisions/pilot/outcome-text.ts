import { perMillionText, usdText, volumeText } from "../cost/money.ts";
import type { Range } from "../range.ts";
import type { OptionOutcome, PilotOutcome, PilotVerdict } from "./outcome.ts";

const advice: Readonly<Record<PilotVerdict, string>> = {
  api: "use the API",
  "self-host": "host it yourselves",
  pilot: "go on measuring",
  "not-enough-days": "not enough days",
  "not-enough-load": "not enough load",
  "not-enough-scores": "not enough scored answers",
};

/** What the pilots of all workloads came to, as Markdown: the verdict first, then cost, quality and speed side by side. */
export function outcomesText(outcomes: readonly PilotOutcome[]): string {
  return `${["# What the pilot says", ...outcomes.map(outcomeText)].join("\n\n")}\n`;
}

function outcomeText({ workload, days, tokensPerMonth, options, verdict, qualityGain }: PilotOutcome): string {
  const own = options["self-hosted"];
  const { api } = options;
  const span = days.length === 0 ? "" : `, ${days[0]} to ${days.at(-1)}`;
  const row = (name: string, show: (option: OptionOutcome) => string) => `| ${name} | ${show(own)} | ${show(api)} |`;
  return [
    `## ${workload}: ${advice[verdict.value]}`,
    "",
    ...verdict.because.map(({ text }) => text),
    "",
    `${days.length} whole days${span}; compared at ${volumeText(tokensPerMonth)} tokens a month. Bounds are those that nine of ten resampled pilots keep to, whole weeks drawn.`,
    "",
    "| | Self-hosted | API |",
    "|---|---|---|",
    row("Cost a month", ({ monthlyCents }) => range(monthlyCents, usdText)),
    row(
      "of it engineers",
      ({ engineerCents, engineerHoursPerMonth }) =>
        `${usdText(engineerCents)}, ${engineerHoursPerMonth.toFixed(1)} hours`,
    ),
    row("Per million tokens", ({ usdPerMillion }) => range(usdPerMillion, perMillionText)),
    row("Tokens carried a month", ({ tokensPerMonth: carried }) => volumeText(carried)),
    row("Requests that failed", ({ errorShare }) => range(errorShare, percent)),
    row("Quality, 0 to 1", ({ quality }) => (quality === null ? "not scored" : range(quality, score))),
    row("Hours within the ttft objective", ({ ttftKept }) => (ttftKept === null ? "–" : percent(ttftKept))),
    row("Hours within the itl objective", ({ itlKept }) => (itlKept === null ? "–" : percent(itlKept))),
    ...(qualityGain === null
      ? []
      : ["", `Self-hosting's answers score ${range(qualityGain, signed)} against the API's.`]),
  ].join("\n");
}

function range({ low, value, high }: Range, show: (figure: number) => string): string {
  const [least, middle, most] = [show(low), show(value), show(high)];
  return least === most ? middle : `${middle} (${least} to ${most})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function score(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(3)}`;
}
