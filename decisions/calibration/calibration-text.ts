import type { Range } from "../range.ts";
import { type Calibration, lengthSignal, type SignalCalibration, type Threshold } from "./calibrate.ts";
import type { PolicyFigures } from "./policy.ts";

/** A calibration as Markdown: the simple ways first, then each signal with its threshold and its curve. */
export function calibrationText(title: string, calibration: Calibration): string {
  const { requests, chosenOn, target, local, frontier, oracle, signals } = calibration;
  return `${[
    `# ${title}`,
    `${requests} requests. Thresholds are chosen on ${chosenOn} of them, for ${percent(target)} right answers at the lowest cost; every figure below is measured on the other ${requests - chosenOn}.`,
    table([
      row("always inside", local),
      row("always the other model", frontier),
      row("only where it is right and inside is wrong, which nobody can know", oracle),
    ]),
    ...signals.map(signalText),
    "Ranges are 95 % intervals. A check costs the answer from inside as well; a rule on the length of the prompt sends requests on at once.",
  ].join("\n\n")}\n`;
}

function signalText({ signal, curve, chosen, random, longest, overRandom, overLongest }: SignalCalibration): string {
  const head = chosen === null ? `## ${signal}: no threshold` : `## ${signal}: ${wayText(signal, chosen.threshold)}`;
  const compared =
    chosen === null || random === null
      ? []
      : [
          table([
            row(wayText(signal, chosen.threshold), chosen.figures),
            row("as many by chance", random),
            ...(longest === null ? [] : [row("as many, the longest prompts", longest)]),
          ]),
          [
            overRandom === null ? "" : `Right answers more than by chance: ${pointsText(overRandom)}.`,
            overLongest === null ? "" : `More than by length: ${pointsText(overLongest)}.`,
          ]
            .filter((sentence) => sentence !== "")
            .join(" "),
          settingText(signal, chosen.threshold),
        ];
  return [head, ...compared, table(curve.map((point) => row(wayText(signal, point.threshold), point.figures)))].join(
    "\n\n",
  );
}

/** Where the threshold goes in the gateway's settings. */
function settingText(signal: string, threshold: Threshold): string {
  if (threshold === "none") return "No escalation is needed for that.";
  if (threshold === "all") return "Nothing less than every request has to go on for that.";
  if (signal === lengthSignal)
    return `Setting: \`routing.escalation.<model>.rules: [{ name: long, promptTokensAtLeast: ${threshold} }]\``;
  if (signal === "judge") return `Setting: \`routing.escalation.<model>.verify.judge.scoreAtLeast: ${threshold}\``;
  if (signal === "meanLogProbability")
    return `Setting: \`routing.escalation.<model>.verify.meanLogProbabilityAtLeast: ${threshold}\``;
  return `The gateway knows no signal ${signal}; it can come as a tag of the request.`;
}

function wayText(signal: string, threshold: Threshold): string {
  if (typeof threshold === "string") return `${threshold} sent on`;
  return signal === lengthSignal ? `from ${threshold} tokens on` : `below ${Number(threshold.toPrecision(6))}`;
}

function table(rows: readonly string[]): string {
  return ["| Requests sent on | Share | Right answers | A thousand requests |", "|---|---|---|---|", ...rows].join(
    "\n",
  );
}

function row(name: string, { sentOn, correct, usd }: PolicyFigures): string {
  return `| ${name} | ${percent(sentOn)} | ${percent(correct.value)} (${percent(Math.max(0, correct.low))} to ${percent(Math.min(1, correct.high))}) | $${(usd * 1000).toFixed(2)} |`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function pointsText({ low, value, high }: Range): string {
  const points = (part: number) => `${part < 0 ? "" : "+"}${(part * 100).toFixed(1)}`;
  return `${points(value)} points (${points(low)} to ${points(high)})`;
}
