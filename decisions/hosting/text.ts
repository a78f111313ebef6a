import type { Reason } from "../blueprint.ts";
import { perMillionText, usdText, volumeText } from "../cost/money.ts";
import { countText } from "../figures.ts";
import type { Range } from "../range.ts";
import { type HostingDecision, rangeText } from "./hosting.ts";
import type { TokenOffer } from "./offers.ts";
import type { Verdict } from "./rule-of-thumb.ts";
import type { SelfHosted, Standing } from "./self-hosted-offer.ts";
import type { Flip } from "./sensitivity.ts";
import type { StackHosting } from "./stack-hosting.ts";

const advice: Readonly<Record<Verdict, string>> = {
  api: "use an API",
  pilot: "run both for thirty days",
  "self-host": "host it yourselves",
};

/** A verdict as the end of a sentence. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  api: "an API",
  pilot: "a pilot of 30 days",
  "self-host": "self-hosting",
};

/** The section "Whether to host" as Markdown: for each workload the advice first, then what it rests on. Empty without workloads. */
export function hostingSection(stack: StackHosting): string {
  if (stack.workloads.length === 0) return "";
  return ["## Whether to host", ...stack.workloads.map(workloadText), stackText(stack)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function workloadText(decision: HostingDecision): string {
  const { selfHosted } = decision;
  return [
    `### ${decision.workload}: ${adviceTitle(decision)}`,
    openingText(decision),
    offerTable(decision),
    otherHostsText(decision),
    selfHosted === null ? "" : fleetText(selfHosted),
    ...(selfHosted === null ? [] : standingTexts(selfHosted)),
    flipText(decision),
    thumbText(decision),
    ["Where the figures come from:", "", ...reasonList(decision)].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The advice in a few words; without one, what the rule of thumb says. */
export function adviceTitle({ verdict, ruleOfThumb }: HostingDecision): string {
  return verdict.value === null
    ? `not computed; by the rule of thumb ${verdictWords[ruleOfThumb.value]}`
    : advice[verdict.value];
}

/** Two or three sentences that could stand alone. */
function openingText(decision: HostingDecision): string {
  const { lead, text } = opening(decision);
  return lead === "" ? text : `**${lead}** ${text}`;
}

/** The advice as a sentence (empty where nothing was computed), and what it rests on. */
export function opening(decision: HostingDecision): { readonly lead: string; readonly text: string } {
  const { verdict, recommended, selfHosted, tokensPerMonth } = decision;
  const volume = `At ${volumeText(tokensPerMonth)} tokens a month`;
  const grounds = verdict.because.map(({ text }) => text).join(" ");
  const own = selfHosted === null ? "" : rangeText(selfHosted.monthlyCents);
  if (verdict.value === null) {
    const known =
      selfHosted === null
        ? "Cost could not be computed."
        : `${volume} hosting the model costs ${own} a month, and there is nothing to compare that with.`;
    return { lead: "", text: `${known} ${grounds}` };
  }
  const rival = cheapestRival(decision);
  const them = rival === null ? "" : `${rival.offer.name} costs ${rangeText(rival.cost)} a month`;
  switch (verdict.value) {
    case "api":
      return {
        lead: "Use an API.",
        text: `${volume} ${them}, and hosting the model yourselves ${own}. ${recommended ?? "It"} is the one to take; Freehold deploys the stack anyway if you tell it to.`,
      };
    case "self-host":
      return {
        lead: "Host it yourselves.",
        text:
          rival === null
            ? `${grounds}${own === "" ? "" : ` ${volume} that costs ${own} a month.`}`
            : `${volume} it costs ${own} a month, and the cheapest that can be bought, ${them.replace(" costs ", ", costs ")}.`,
      };
    case "pilot":
      return {
        lead: "Run both for thirty days before you decide.",
        text: `${volume} hosting the model costs ${own} a month, and ${them}. That is too close for figures from a desk.`,
      };
  }
}

/** The cheapest offer that can be bought, by its middle; null when none can. */
export function cheapestRival(decision: HostingDecision): { readonly offer: TokenOffer; readonly cost: Range } | null {
  const { frontier, hosted, frontierCents, hostedCents } = decision;
  const rivals = [
    ...(frontier === null || frontierCents === null ? [] : [{ offer: frontier, cost: frontierCents }]),
    ...(hosted === null || hostedCents === null ? [] : [{ offer: hosted, cost: hostedCents }]),
  ];
  return rivals.sort((a, b) => a.cost.value - b.cost.value)[0] ?? null;
}

function offerTable(decision: HostingDecision): string {
  const { frontier, hosted, frontierCents, hostedCents, selfHosted, repository, isBound } = decision;
  const rows = [
    frontier === null
      ? "| Frontier API | – | – | The file names no alternative. |"
      : offerRow("Frontier API", frontier, frontierCents, isBound),
    hosted === null
      ? `| The same model, hosted by somebody | – | – | ${noHostText(decision)} |`
      : offerRow("The same model, hosted by somebody", hosted, hostedCents, isBound),
    selfHosted === null
      ? "| Hosted yourselves | – | – | Not computed. |"
      : `| Hosted yourselves: ${repository} | ${rangeText(selfHosted.monthlyCents)} | ${perMillionText(selfHosted.usdPerMillion.value)} | Team included. |`,
  ];
  return [
    "| Offer | A month | Per million tokens | |",
    "|---|---|---|---|",
    ...rows,
    ...(frontier?.status === "available" ? ["", equalText(decision)] : []),
  ].join("\n");
}

/** Tokens are compared, and the models behind them are not the same. */
export function equalText({ escalationShare, frontier }: HostingDecision): string {
  const escalated =
    escalationShare > 0
      ? `${percent(escalationShare)} of the tokens are counted at ${frontier?.name ?? "the alternative"} as well, beside whoever serves the open model.`
      : "Nothing is counted for requests that the open model answers too badly: `escalationShare` says how many are asked again.";
  return `Whether the open model does the work as well is not in these figures. ${escalated}`;
}

function offerRow(kind: string, offer: TokenOffer, cost: Range | null, isBound: boolean): string {
  const price = perMillionText(offer.usdPerMillion.value);
  return offer.status === "available"
    ? `| ${kind}: ${offer.name} | ${rangeText(cost)} | ${price} | ${[...(isBound ? [offer.reason] : []), ...offer.notes].join(" ")} |`
    : `| ${kind}: ${offer.name} | may not be used | (${price}) | ${offer.reason} |`;
}

/** Why nobody is compared who sells the same model. */
export function noHostText({ otherHosts, isBound }: HostingDecision): string {
  if (otherHosts.length === 0) return "The catalog knows nobody who sells it by the token.";
  return isBound
    ? "Nobody that is known sells it inside the allowed regions."
    : "Nobody sells it at a price that can be counted.";
}

function otherHostsText({ otherHosts }: HostingDecision): string {
  const told = otherHosts.slice(0, 6);
  if (told.length === 0) return "";
  const more = otherHosts.length - told.length;
  const lines = told.map(
    ({ name, usdPerMillion, status, reason }) =>
      `- ${name}, ${perMillionText(usdPerMillion.value)}${status === "available" ? "" : `: ${reason}`}`,
  );
  return ["Others who sell the same model:", "", ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

function fleetText({ fleet, bill, utilization }: SelfHosted): string {
  const { working, spare, gpus, nodes, replicas } = fleet.value;
  const perReplica = gpus / replicas;
  return [
    `Hosting it takes ${working} + ${spare} spare replicas of ${countText(perReplica, "GPU")}: ${countText(gpus, "GPU")} on ${countText(nodes, "node")}, busy ${percent(utilization.value)} of the hours that are paid.`,
    "",
    ...bill.value.lines.map(({ label, cents }) => `- ${label}: ${usdText(cents)}`),
    `- Together: ${usdText(bill.value.totalCents)} a month`,
  ].join("\n");
}

function standingTexts({ standings, utilization }: SelfHosted): string[] {
  return standings.map((standing) => standingText(standing, utilization.value));
}

/** Break-even, needed utilization and floor against one offer, in sentences. */
export function standingText(
  { against, breakEven, floorTokens, utilizationNeeded }: Standing,
  utilization: number,
): string {
  const crossing = breakEven.value;
  const needed =
    utilizationNeeded.value > 1
      ? "no utilization would be enough for this fleet to match it"
      : `the fleet would have to be busy ${percent(utilizationNeeded.value)} of its hours to match it (${percent(utilization)} now)`;
  if (crossing === null) return `Against ${against} hosting never breaks even at any volume, and ${needed}.`;
  const undone =
    crossing.undoneAtTokens === null
      ? ""
      : ` One replica or node more undoes that just above ${volumeText(crossing.undoneAtTokens)}; from ${volumeText(crossing.lastingTokens)} on it lasts.`;
  const floor =
    floorTokens.value === null
      ? ""
      : ` Once it stands, the fleet above costs more than that API below ${volumeText(floorTokens.value)} tokens a month.`;
  return `Against ${against} hosting breaks even at ${volumeText(crossing.firstTokens)} tokens a month, and ${needed}.${undone}${floor}`;
}

function flipText({ flips, verdict }: HostingDecision): string {
  if (verdict.value === null) return "";
  const told = flips.slice(0, 6);
  if (told.length === 0) return "";
  return ["What would change this:", "", ...told.map((flip) => `- ${flipLine(flip)}`)].join("\n");
}

/** One change that turns the verdict. */
export function flipLine({ input, fromText, toText, changePercent, verdict }: Flip): string {
  const change = changePercent === null ? "" : ` (${changeText(changePercent)})`;
  return `${input}: at ${toText}${change} instead of ${fromText} it becomes ${verdictWords[verdict]}.`;
}

function changeText(percentage: number): string {
  if (percentage >= 300) return `${Number((1 + percentage / 100).toPrecision(2))} times as much`;
  return `${percentage > 0 ? "+" : ""}${Math.round(percentage)} %`;
}

function thumbText({ ruleOfThumb, verdict, difference }: HostingDecision): string {
  const rule = `By the rule of thumb it would be ${verdictWords[ruleOfThumb.value]}`;
  if (verdict.value === null) return `${rule}.`;
  return difference === null ? `${rule} as well.` : `${rule}. ${difference}`;
}

function stackText(stack: StackHosting): string {
  const sentences = stackSentences(stack);
  return sentences.length === 0 ? "" : ["### The stack as a whole", ...sentences].join("\n\n");
}

/** What all workloads cost together, and how what they share is split; none for a single workload. */
export function stackSentences({ workloads, total, pools }: StackHosting): string[] {
  if (workloads.length < 2 || total === null) return [];
  const shared = pools.filter((pool) => pool.workloads.length > 1);
  return [
    `Hosting everything costs ${rangeText(total.selfHosted)} a month, buying it ${rangeText(total.bought)}: taken together, ${verdictWords[total.verdict]}.`,
    `${shared.map(({ pool, workloads: sharers, nodes }) => `${sharers.join(" and ")} share ${countText(nodes, "node")} of ${pool}. `).join("")}Nodes that are shared and the team are split by the GPUs that each workload's replicas hold. A workload that leaves does not take its share of the team along.`,
  ];
}

function reasonList(decision: HostingDecision): string[] {
  return reasonsOf(decision).map(({ path, text }) => `- ${text} (${path === "policy" ? "policy" : `\`${path}\``})`);
}

/** Every ground of a decision once, in the order in which the text needs them. */
export function reasonsOf({ verdict, selfHosted, frontier, hosted, ruleOfThumb }: HostingDecision): Reason[] {
  const all: Reason[] = [
    ...verdict.because,
    ...(frontier?.because ?? []),
    ...(hosted?.because ?? []),
    ...(selfHosted?.fleet.because ?? []),
    ...(selfHosted?.bill.because ?? []),
    ...(selfHosted?.utilization.because ?? []),
    ...ruleOfThumb.because,
  ];
  return [...new Map(all.map((reason) => [`${reason.path} ${reason.text}`, reason])).values()];
}

/** `9.8 %`, and whole percents from ten on. */
export function percent(share: number): string {
  return `${share < 0.1 ? Number((share * 100).toFixed(1)) : Math.round(share * 100)} %`;
}
