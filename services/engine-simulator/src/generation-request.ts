import { schemaInstance } from "./schema-instance.ts";
import { encode, encodeChat, endOfText, isTokenId } from "./vocabulary.ts";

/** A chat or completion request, read as vLLM reads it. */
export interface GenerationRequest {
  readonly kind: "chat" | "completion";
  readonly model: string;
  readonly prompt: readonly number[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Whether each event says how much was read and written. */
  readonly continuousUsage: boolean;
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly ignoreEnd: boolean;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  readonly choices: number;
  readonly logprobs: boolean;
  /** Tokens that were not chosen, to be told with each that was. */
  readonly alternatives: number;
  readonly returnTokenIds: boolean;
  readonly cacheSalt: string | null;
  /** Text that the answer must consist of, because a schema asks for it. */
  readonly dictated: number[] | null;
  readonly toolCall: { readonly name: string; readonly arguments: string } | null;
}

export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Json = Record<string, unknown>;

/** A chat answer without a bound may fill what the prompt leaves of the context. */
export const openEnded = -1;

export function readChat(body: Json): GenerationRequest {
  if (!Array.isArray(body.messages) || body.messages.length === 0)
    throw new RequestError(400, "messages must be a list.");
  const messages = (body.messages as Json[]).map((message) => ({
    role: String(message.role),
    text: textOf(message.content),
  }));
  const last = messages.at(-1)?.text ?? "";
  const tool = toolCall(body, last);
  const schema = responseSchema(body);
  return {
    ...common(body),
    kind: "chat",
    prompt: encodeChat(messages),
    maxTokens: amount(body.max_completion_tokens ?? body.max_tokens, "max_tokens", openEnded),
    logprobs: body.logprobs === true,
    alternatives: amount(body.top_logprobs, "top_logprobs", 0),
    dictated: schema === null ? null : [...encode(JSON.stringify(schemaInstance(schema))), endOfText],
    toolCall: tool,
  };
}

export function readCompletion(body: Json): GenerationRequest {
  return {
    ...common(body),
    kind: "completion",
    prompt: completionPrompt(body.prompt),
    maxTokens: amount(body.max_tokens, "max_tokens", 16),
    logprobs: typeof body.logprobs === "number",
    alternatives: amount(body.logprobs, "logprobs", 0),
    dictated: null,
    toolCall: null,
  };
}

function common(body: Json) {
  const options = (body.stream_options ?? {}) as Json;
  const { stop } = body;
  return {
    model: String(body.model ?? ""),
    stream: body.stream === true,
    includeUsage: options.include_usage === true,
    continuousUsage: options.continuous_usage_stats === true,
    minTokens: amount(body.min_tokens, "min_tokens", 0),
    ignoreEnd: body.ignore_eos === true,
    seed: typeof body.seed === "number" ? body.seed : 0,
    stop: typeof stop === "string" ? [stop] : Array.isArray(stop) ? stop.map(String) : [],
    includeStop: body.include_stop_str_in_output === true,
    choices: amount(body.n, "n", 1),
    returnTokenIds: body.return_token_ids === true,
    cacheSalt: typeof body.cache_salt === "string" ? body.cache_salt : null,
  };
}

function amount(value: unknown, name: string, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new RequestError(400, `${name} must be a whole number.`);
  }
  return value;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as Json[])
    .map((part) => (part.type === "text" ? String(part.text) : `<${String(part.type)}>`))
    .join("");
}

function completionPrompt(prompt: unknown): number[] {
  if (typeof prompt === "string") return encode(prompt);
  if (Array.isArray(prompt) && prompt.every(isTokenId)) return prompt;
  throw new RequestError(400, "prompt must be a text or a list of token ids of this engine's vocabulary.");
}

function responseSchema(body: Json): Json | null {
  const format = body.response_format as Json | undefined;
  if (format?.type === "json_object") return { type: "object", properties: { ok: { const: true } } };
  if (format?.type !== "json_schema") return null;
  return ((format.json_schema as Json)?.schema ?? {}) as Json;
}

/** `[[tool:NAME ARGUMENTS]]` in the last message, or the first tool when one is required. */
function toolCall(body: Json, lastText: string): { name: string; arguments: string } | null {
  if (!Array.isArray(body.tools) || body.tool_choice === "none") return null;
  const scripted = /\[\[tool:(\S+) ([\s\S]*?)\]\]/.exec(lastText);
  if (scripted !== null) return { name: scripted[1] ?? "", arguments: scripted[2] ?? "" };
  const wanted = body.tool_choice as Json | string | undefined;
  const named = typeof wanted === "object" ? String((wanted.function as Json)?.name) : null;
  if (wanted !== "required" && named === null) return null;
  const functions = (body.tools as Json[]).map((tool) => tool.function as Json);
  const chosen = functions.find(({ name }) => named === null || name === named);
  if (chosen === undefined) throw new RequestError(400, "tool_choice names a tool that is not in tools.");
  return { name: String(chosen.name), arguments: JSON.stringify(schemaInstance((chosen.parameters ?? {}) as Json)) };
}
