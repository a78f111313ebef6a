import { countText, sortedEntries } from "../figures.ts";
import type { GatewaySettings, WaysOfModel } from "./settings-form.ts";

/** Where requests go that their model does not answer itself, a line each way; empty where none leaves its model. */
export function routeLines({ models }: GatewaySettings): string[] {
  const lines = sortedEntries(models).flatMap(([model, settings]) => {
    const { escalation, overflow }: WaysOfModel = "escalation" in settings || "overflow" in settings ? settings : {};
    return [
      ...(escalation === undefined ? [] : [escalationLine(model, escalation)]),
      ...(overflow === undefined ? [] : [overflowLine(model, overflow)]),
    ];
  });
  return lines.length === 0 ? [] : [...lines, ""];
}

function escalationLine(model: string, way: NonNullable<WaysOfModel["escalation"]>): string {
  const { to, rules, verify, unavailable } = way;
  const grounds = [
    ...(rules.length === 0
      ? []
      : [`by ${countText(rules.length, "rule")} (${rules.map(({ name }) => name).join(", ")})`]),
    ...(verify === undefined ? [] : [`after an answer of its own that does not hold (${checksText(verify)})`]),
  ];
  const otherwise =
    unavailable === "local" ? "the answer from inside is sent" : "the request is refused with a typed error";
  return `- Hard requests to ${model} go on to ${to}, before their first token, ${grounds.join(" or ")}${budgetText(way)}. When ${to} fails, ${otherwise}.`;
}

function overflowLine(model: string, way: NonNullable<WaysOfModel["overflow"]>): string {
  const { to, requestsPerReplicaAtLeast: busy, timeToFirstTokenMilliseconds: objective } = way;
  const signs = [
    ...(busy === undefined ? [] : [`every replica has ${countText(busy, "request")} under way`]),
    ...(objective === undefined ? [] : [`the first token takes longer than ${objective} ms on every replica`]),
  ];
  return `- While ${signs.join(" or ")}, requests to ${model} go to ${to}${budgetText(way)}.`;
}

function checksText({ schema, toolCalls, citations, meanLogProbabilityAtLeast, judge }: Verify): string {
  return [
    ...(schema ? ["schema"] : []),
    ...(toolCalls ? ["calls of tools"] : []),
    ...(citations ? ["citations"] : []),
    ...(meanLogProbabilityAtLeast === undefined ? [] : [`mean log probability from ${meanLogProbabilityAtLeast}`]),
    ...(judge === undefined ? [] : [`a grade of ${judge.model} from ${judge.scoreAtLeast}`]),
  ].join(", ");
}

type Verify = NonNullable<NonNullable<WaysOfModel["escalation"]>["verify"]>;

function budgetText({ budget }: { readonly budget: { readonly usdPerDay: number; readonly shareOfRequests: number } }) {
  return `; at most ${Number((budget.shareOfRequests * 100).toFixed(2))} % of the requests and $${budget.usdPerDay} a day`;
}
