import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Ajv, type ErrorObject } from "ajv";
import { askModel } from "./ask.ts";
import type { OpenAiCompatibleModel } from "./openai-compatible.ts";

export type JsonSchema = Record<string, unknown>;

/** How many problems a model or a person is told at once. */
const maxProblems = 10;

/** After all repairs the model's answer still is not what was asked for. `value` is the last one, if it was JSON. */
export class AnswerDoesNotFit extends Error {
  override name = "AnswerDoesNotFit";
  readonly value: unknown;
  constructor(problems: readonly string[], repairs: number, value: unknown) {
    super(`The model's answer did not fit after ${repairs} repairs: ${problems.join("; ")}.`);
    this.value = value;
  }
}

/** A check of values against the schema, as sentences that name places and never values. Throws on a wrong schema. */
export function fitsSchema(schema: JsonSchema): (value: unknown) => string[] {
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, maxProblems).map(sentenceOf));
}

/** A question whose answer is a JSON value. */
export interface JsonQuestion {
  messages: readonly BaseMessage[];
  schema: JsonSchema;
  /** What is wrong with a parsed value, a sentence each; empty when it will do. */
  problemsOf(value: unknown): string[];
  /** How often the model is told what is wrong and asked again. */
  maxRepairs: number;
}

/** The model's answer once it fits, and how many repairs it took; throws `AnswerDoesNotFit` when they are used up. */
export async function askForJson(
  model: OpenAiCompatibleModel,
  question: JsonQuestion,
  config: RunnableConfig,
): Promise<{ value: unknown; repairs: number }> {
  const messages = [...question.messages];
  for (let repairs = 0; ; repairs += 1) {
    const reply = await askModel(model, { messages, schema: question.schema, part: `json-${repairs}` }, config);
    const value = parsed(reply.content);
    const problems = value === undefined ? ["The answer is not JSON"] : question.problemsOf(value);
    if (problems.length === 0) return { value, repairs };
    if (repairs >= question.maxRepairs) throw new AnswerDoesNotFit(problems, repairs, value);
    messages.push(
      new AIMessage(reply.content),
      new HumanMessage(
        `That does not fit: ${problems.join("; ")}. Answer again with the corrected JSON and nothing else.`,
      ),
    );
  }
}

/** The JSON value in the text, alone or fenced as models like to do; undefined when there is none. */
function parsed(text: string): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text);
  try {
    return JSON.parse(fenced?.[1] ?? text);
  } catch {
    return undefined;
  }
}

function sentenceOf(error: ErrorObject): string {
  const place = error.instancePath === "" ? "The value" : error.instancePath;
  const extra = error.keyword === "additionalProperties" ? ` (${String(error.params.additionalProperty)})` : "";
  return `${place} ${error.message ?? error.keyword}${extra}`;
}
