import type { Json } from "../request-fields.ts";
import type { VerifySettings } from "./escalation-settings.ts";
import { textOf } from "./rules.ts";
import { misfit } from "./schema-fit.ts";

export type Check = "empty" | "schema" | "tool_calls" | "citations" | "log_probability";

/** Checks that the answer to `body` does not pass, of those that the settings ask for. Pure; the judge comes after. */
export function failedChecks(body: Json, answer: Json, settings: VerifySettings): Check[] {
  const choice = (answer.choices as Json[] | undefined)?.[0] ?? {};
  const message = (choice.message ?? {}) as Json;
  const text = textOf(message.content);
  const calls = Array.isArray(message.tool_calls) ? (message.tool_calls as Json[]) : [];
  const failed: Check[] = [];
  if (text === "" && calls.length === 0) failed.push("empty");
  if (settings.schema && calls.length === 0 && !keepsSchema(body.response_format, text)) failed.push("schema");
  if (settings.toolCalls && !calls.every((call) => fitsTool(call, body.tools))) failed.push("tool_calls");
  if (settings.citations && calls.length === 0 && !citesSources(body, text)) failed.push("citations");
  const least = settings.meanLogProbabilityAtLeast;
  if (least !== undefined) {
    const mean = meanLogProbability(choice);
    // Without probabilities nothing is known of the answer; a call of a tool has none on some engines.
    if (mean === null ? calls.length === 0 : mean < least) failed.push("log_probability");
  }
  return failed;
}

function keepsSchema(format: unknown, text: string): boolean {
  const { type, json_schema: named } = (format ?? {}) as Json;
  if (type !== "json_object" && type !== "json_schema") return true;
  const value = parsed(text);
  if (value === undefined) return false;
  return (
    misfit(value, type === "json_object" ? { type: "object" } : ((named as Json | undefined)?.schema ?? true)) === null
  );
}

function fitsTool(call: Json, tools: unknown): boolean {
  const called = (call.function ?? {}) as Json;
  const tool = (Array.isArray(tools) ? (tools as Json[]) : [])
    .map((one) => (one.function ?? {}) as Json)
    .find(({ name }) => name === called.name);
  if (tool === undefined || typeof called.arguments !== "string") return false;
  const given = parsed(called.arguments === "" ? "{}" : called.arguments);
  return given !== undefined && misfit(given, tool.parameters ?? { type: "object" }) === null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const mark = /\[(\d{1,4})\]/g;

/** Marks of sources are those that no assistant wrote; where there is none, nothing has to be cited. */
function citesSources(body: Json, text: string): boolean {
  const given = ((body.messages as Json[] | undefined) ?? [])
    .filter(({ role }) => role !== "assistant")
    .flatMap(({ content }) => [...textOf(content).matchAll(mark)].map(([, number]) => number));
  if (given.length === 0) return true;
  const cited = [...text.matchAll(mark)].map(([, number]) => number);
  return cited.length > 0 && cited.every((number) => given.includes(number));
}

/** Mean of the natural logarithms over the answer's tokens; null when the engine gave none. */
function meanLogProbability(choice: Json): number | null {
  const tokens = ((choice.logprobs as Json | null | undefined)?.content ?? []) as { logprob?: unknown }[];
  const values = tokens.map(({ logprob }) => logprob).filter((value): value is number => typeof value === "number");
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
