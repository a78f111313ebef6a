// Proves: which drafts pass the checks, what budgets and rules decide, and what of bad settings is refused. With
// processes: escalation.test.ts.
import { expect, it } from "vitest";
import { EscalationBudget } from "../src/escalation/escalation-budget.ts";
import { escalation } from "../src/escalation/escalation-settings.ts";
import { FirstTokenWatch } from "../src/escalation/first-token-watch.ts";
import { gradeOf, judgeBody } from "../src/escalation/judge.ts";
import { languageOf } from "../src/escalation/language.ts";
import { misfit } from "../src/escalation/schema-fit.ts";
import { failedChecks } from "../src/escalation/verification.ts";
import { parseSettings } from "../src/settings-file.ts";

const { verify } = escalation.parse({
  to: "x",
  budget: { usdPerDay: 1 },
  verify: { citations: true, meanLogProbabilityAtLeast: -1 },
});
if (verify === undefined) throw new Error("the defaults are needed");

const logprobs = (...values: number[]) => ({ content: values.map((logprob) => ({ logprob })) });
const answer = (content: string | null, more: object = {}, probabilities: object | null = logprobs(-0.5)) => ({
  choices: [{ index: 0, message: { role: "assistant", content, ...more }, logprobs: probabilities }],
});
const schema = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer", minimum: 1 } },
  required: ["city"],
  additionalProperties: false,
};
const call = (name: string, args: string) => ({ tool_calls: [{ function: { name, arguments: args } }] });
const tools = [{ type: "function", function: { name: "look", parameters: schema } }];
const format = { response_format: { type: "json_schema", json_schema: { schema } } };
const sourced = { messages: [{ role: "user", content: "[1] Paris is old. [2] Rome too." }] };

it.each([
  ["a plain answer", {}, answer("Yes."), []],
  ["nothing", {}, answer(""), ["empty"]],
  ["JSON that fits", format, answer('{"city":"Rome","people":3}'), []],
  ["JSON that lacks a field", format, answer('{"people":3}'), ["schema"]],
  ["JSON with a field too many", format, answer('{"city":"Rome","x":1}'), ["schema"]],
  ["no JSON where one was asked for", format, answer("Rome"), ["schema"]],
  ["a list where an object was asked for", { response_format: { type: "json_object" } }, answer("[]"), ["schema"]],
  ["a call that fits", { tools }, answer(null, call("look", '{"city":"Rome"}')), []],
  ["a call of a tool that is not there", { tools }, answer(null, call("leap", "{}")), ["tool_calls"]],
  ["a call with half an argument", { tools }, answer(null, call("look", '{"city":')), ["tool_calls"]],
  ["a call with a wrong argument", { tools }, answer(null, call("look", '{"city":1}')), ["tool_calls"]],
  ["a cited source", sourced, answer("Old, says [1]."), []],
  ["no source", sourced, answer("Old."), ["citations"]],
  ["a source that is not there", sourced, answer("Old [1][3]."), ["citations"]],
  ["improbable tokens", {}, answer("Hm.", {}, logprobs(-0.1, -2.5)), ["log_probability"]],
  ["tokens without probabilities", {}, answer("Hm.", {}, null), ["log_probability"]],
])("checks %s", (_, body, draft, failed) => {
  expect(failedChecks(body, draft, verify)).toEqual(failed);
});

it.each<[string, unknown, unknown, string | null]>([
  ["a reference within", { $ref: "#/$defs/a", $defs: { a: { type: "string" } } }, 1, "$"],
  ["a schema that refers to itself", { $ref: "#" }, 1, null],
  ["one of two", { oneOf: [{ type: "string" }, { type: "number" }] }, true, "$"],
  ["both of one", { oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, "$"],
  ["any of two", { anyOf: [{ const: 1 }, { enum: ["a", null] }] }, null, null],
  ["all of two", { allOf: [{ minimum: 1 }, { maximum: 2 }] }, 3, "$"],
  ["items", { items: { type: "integer" }, minItems: 1 }, [1, 1.5], "$.1"],
  ["too few items", { minItems: 1 }, [], "$"],
  ["length in characters", { maxLength: 1 }, "🙂", null],
  ["several types", { type: ["string", "null"] }, 3, "$"],
  ["what nobody allows", { properties: { a: false } }, { a: 1 }, "$.a"],
  ["a field of Object's own", { required: ["toString"] }, {}, "$.toString"],
])("says where a value does not fit: %s", (_, wanted, value, place) => {
  expect(misfit(value, wanted)).toBe(place);
});

it.each([
  ["Wie komme ich zum Bahnhof und was kostet das?", "de"],
  ["What is the capital of France?", "en"],
  ["Comment est-ce que je peux aller à la gare ?", "fr"],
  ["¿Cómo está usted y qué es lo que hace?", "es"],
  ["東京の天気はどうですか", "ja"],
  ["北京天气怎么样", "zh"],
  ["Как дела сегодня?", "ru"],
  ["x = 3.14", null],
  ["", null],
])("tells the language of %j", (text, language) => {
  expect(languageOf(text)).toBe(language);
});

it.each([
  ["9", 0.9],
  ["Grade: 10", 1],
  ["7.5 of 10", 0.75],
  ["11", null],
  ["good", null],
  ["2026", null],
])("reads the grade %j", (text, grade) => {
  expect(gradeOf(answer(text))).toBe(grade);
});

it("shows the judge question and answer, cut to what it can read", () => {
  const body = judgeBody({ messages: [{ role: "user", content: "Q".repeat(50_000) }] }, answer("the answer"));
  const text = JSON.stringify(body);
  expect(text).toContain("the answer");
  expect(text.length).toBeLessThan(14_000);
});

it("gives no money back when the clock is set back, and new money on a new day", () => {
  let today = "2026-11-02";
  const budget = new EscalationBudget(() => today);
  const limits = { usdPerDay: 1, shareOfRequests: 1 };
  const take = (usd: number) => {
    budget.request(limits);
    const claim = budget.claim(limits, 1, usd);
    if (typeof claim === "string") return claim;
    claim.settle(usd);
    claim.settle(usd);
    return "taken";
  };
  expect([take(0.6), take(0.6), take(0.4)]).toEqual(["taken", "budget_usd", "taken"]);
  today = "2026-11-01";
  expect(take(0.1)).toBe("budget_usd");
  today = "2026-11-03";
  expect(take(0.9)).toBe("taken");
});

it("sets money aside until it is known what a request cost, and divides it by the replicas", () => {
  const budget = new EscalationBudget(() => "2026-11-02");
  const limits = { usdPerDay: 1, shareOfRequests: 1 };
  const claim = budget.claim(limits, 2, 0.5);
  expect(budget.claim(limits, 2, 0.1)).toBe("budget_usd");
  if (typeof claim !== "string") claim.settle(0.1);
  expect(budget.claim(limits, 2, 0.4)).not.toBe("budget_usd");
  expect(budget.claim({ ...limits, usdPerDay: 0 }, 2, 0)).toBe("budget_usd");
});

it("forgets how slow a backend was after thirty seconds without a request to it", () => {
  let now = 0;
  const watch = new FirstTokenWatch(() => now);
  for (let index = 0; index < 10; index += 1) watch.observe("near", 500 + index);
  expect(watch.p90Milliseconds("near")).toBe(509);
  now = 31_000;
  expect(watch.p90Milliseconds("near")).toBe(0);
});

const settings = (models: object) =>
  JSON.stringify({
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    keysFile: "keys.json",
    dataClasses: {},
    placements: [],
    tenants: {},
    backends: { far: { url: "http://127.0.0.1:9", model: "m", digest: "d", location: "outside" } },
    models,
  });
const model = (more: object = {}) => ({ maxModelLen: 10, versions: { v1: { weight: 1, backends: ["far"] } }, ...more });
const budgetOf = { usdPerDay: 1 };

it.each([
  ["a model that is not there", { a: model({ escalation: { to: "b", budget: budgetOf } }) }, 'names the model "b"'],
  ["itself", { a: model({ overflow: { to: "a", requestsPerReplicaAtLeast: 1, budget: budgetOf } }) }, "by itself"],
  [
    "a judge outside",
    {
      a: model({ escalation: { to: "b", budget: budgetOf, verify: { judge: { model: "b", scoreAtLeast: 1 } } } }),
      b: model(),
    },
    "outside: a judge sees every answer",
  ],
  [
    "a rule without a condition",
    { a: model({ escalation: { to: "b", budget: budgetOf, rules: [{ name: "all" }] } }), b: model() },
    "a rule needs a condition",
  ],
  [
    "overflow without a sign of it",
    { a: model({ overflow: { to: "b", budget: budgetOf } }), b: model() },
    "needs requestsPerReplicaAtLeast",
  ],
  ["no budget", { a: model({ escalation: { to: "b" } }), b: model() }, "budget"],
])("rejects settings that escalate to %s", (_, models, fault) => {
  expect(() => parseSettings(settings(models))).toThrow(fault);
});
