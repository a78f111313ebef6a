import { ApiError } from "./api-error.ts";
import { checkedMessage, checkShapes, isGiven, isObject, type Json, refuse } from "./request-shapes.ts";

export type { Json } from "./request-shapes.ts";
export type Route = "chat" | "completion" | "embedding";

/** Where an engine takes each. */
export const paths: Readonly<Record<Route, string>> = {
  chat: "/v1/chat/completions",
  completion: "/v1/completions",
  embedding: "/v1/embeddings",
};

/** The engines' own: they shape the answer and reach nothing else. */
const engineFields = [
  "top_k",
  "min_p",
  "repetition_penalty",
  "min_tokens",
  "ignore_eos",
  "stop_token_ids",
  "include_stop_str_in_output",
];

const sampling = [
  "model",
  "stream",
  "stream_options",
  "max_tokens",
  "temperature",
  "top_p",
  "n",
  "stop",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "user",
  "seed",
  "logprobs",
  ...engineFields,
  // Taken from everyone and dropped: the tenant's own is put in its place.
  "cache_salt",
];

/** Everything a caller may send. Engines have been taken over through fields that nobody meant to expose. */
const allowed: Readonly<Record<Route, ReadonlySet<string>>> = {
  chat: new Set([
    ...sampling,
    "messages",
    "max_completion_tokens",
    "top_logprobs",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "metadata",
    "store",
  ]),
  completion: new Set([...sampling, "prompt", "suffix", "echo", "best_of"]),
  embedding: new Set(["model", "input", "encoding_format", "dimensions", "user"]),
};

/** Taken and not passed on: they steer OpenAI's own service. */
const dropped = ["metadata", "store", "user", "cache_salt"];

const roles = new Set(["system", "developer", "user", "assistant", "tool"]);

const numbers: Readonly<Record<string, readonly [min: number, max: number, isWhole: boolean]>> = {
  max_tokens: [1, 10_000_000, true],
  max_completion_tokens: [1, 10_000_000, true],
  min_tokens: [0, 10_000_000, true],
  n: [1, 128, true],
  best_of: [1, 128, true],
  temperature: [0, 2, false],
  top_p: [0, 1, false],
  min_p: [0, 1, false],
  top_k: [-1, 1_000_000, true],
  presence_penalty: [-2, 2, false],
  frequency_penalty: [-2, 2, false],
  repetition_penalty: [0, 100, false],
  seed: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true],
  top_logprobs: [0, 20, true],
  dimensions: [1, 65_536, true],
};
const numberRanges = Object.entries(numbers);

export interface FieldBounds {
  readonly messages: number;
  readonly depth: number;
  readonly mediaHosts: readonly string[];
}

/**
 * The body as it may go to an engine: checked field by field, without what steers only OpenAI's own service.
 * Throws an `ApiError` that names the first field which is not allowed or does not fit.
 */
export function checkedBody(route: Route, body: unknown, bounds: FieldBounds): Json {
  if (!isObject(body)) throw new ApiError(400, "body_not_object", "The body must be a JSON object.");
  for (const field of Object.keys(body)) {
    if (allowed[route].has(field)) continue;
    throw new ApiError(400, "field_not_allowed", `The field \`${field.slice(0, 80)}\` is not accepted here.`, {
      param: field.slice(0, 80),
    });
  }
  if (depthOf(body, bounds.depth) > bounds.depth) refuse("body", `nests deeper than ${bounds.depth} levels`);
  if (typeof body.model !== "string" || body.model === "") refuse("model", "must be a model's name");
  for (const [field, [min, max, isWhole]] of numberRanges) checkNumber(body, field, min, max, isWhole);
  for (const field of ["stream", "echo", "ignore_eos", "include_stop_str_in_output", "parallel_tool_calls"]) {
    if (isGiven(body[field]) && typeof body[field] !== "boolean") refuse(field, "must be true or false");
  }
  checkStop(body.stop);
  checkStreamOptions(body.stream_options);
  checkShapes(route === "chat", body);
  const rest = { ...body };
  if (route === "chat") rest.messages = checkedMessages(body.messages, bounds);
  if (route === "completion") checkPrompt(body.prompt, "prompt");
  if (route === "embedding") checkPrompt(body.input, "input");
  for (const field of dropped) delete rest[field];
  for (const field of Object.keys(rest)) if (rest[field] === null) delete rest[field];
  return rest;
}

/** The body without what an API that is no engine would not know. */
export function withoutEngineFields(body: Json): Json {
  const rest = { ...body };
  for (const field of [...engineFields, "cache_salt", "return_token_ids"]) delete rest[field];
  if (rest.stream_options !== undefined) rest.stream_options = { include_usage: true };
  return rest;
}

function checkNumber(body: Json, field: string, min: number, max: number, isWhole: boolean): void {
  const value = body[field];
  if (!isGiven(value)) return;
  if (typeof value !== "number" || value < min || value > max || (isWhole && !Number.isInteger(value))) {
    refuse(field, `must be a ${isWhole ? "whole " : ""}number from ${min} to ${max}`);
  }
}

function checkStop(stop: unknown): void {
  if (!isGiven(stop)) return;
  const list = typeof stop === "string" ? [stop] : stop;
  const fits = (text: unknown) => typeof text === "string" && text !== "" && text.length <= 256;
  if (!Array.isArray(list) || list.length > 16 || !list.every(fits))
    refuse("stop", "must be one to 16 texts of 1 to 256 characters");
}

function checkStreamOptions(options: unknown): void {
  if (!isGiven(options)) return;
  if (!isObject(options)) refuse("stream_options", "must be an object");
  for (const key of Object.keys(options)) {
    if (key !== "include_usage") refuse(`stream_options.${key.slice(0, 80)}`, "is not accepted here");
  }
  if (isGiven(options.include_usage) && typeof options.include_usage !== "boolean")
    refuse("stream_options.include_usage", "must be true or false");
}

function checkPrompt(prompt: unknown, field: string): void {
  const isIds = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((id) => Number.isInteger(id) && id >= 0);
  const isTexts =
    Array.isArray(prompt) &&
    prompt.length > 0 &&
    prompt.length <= 2048 &&
    prompt.every((text) => typeof text === "string");
  if (typeof prompt !== "string" && !isTexts && !isIds(prompt))
    refuse(field, "must be a text, a list of texts or a list of token ids");
}

function checkedMessages(messages: unknown, bounds: FieldBounds): Json[] {
  if (!Array.isArray(messages) || messages.length === 0) refuse("messages", "must be a list with at least one message");
  if (messages.length > bounds.messages) refuse("messages", `must have at most ${bounds.messages} entries`);
  return messages.map((message: unknown, index) => {
    const place = `messages.${index}`;
    if (!isObject(message)) refuse(place, "must be an object");
    if (!roles.has(message.role as string)) refuse(`${place}.role`, `must be one of ${[...roles].join(", ")}`);
    checkContent(message.content, `${place}.content`, bounds.mediaHosts);
    return checkedMessage(message, place);
  });
}

function checkContent(content: unknown, place: string, mediaHosts: readonly string[]): void {
  if (!isGiven(content) || typeof content === "string") return;
  if (!Array.isArray(content)) refuse(place, "must be a text or a list of parts");
  for (const [index, part] of content.entries()) {
    const where = `${place}.${index}`;
    if (!isObject(part)) refuse(where, "must be an object");
    if (part.type === "text" && typeof part.text === "string" && Object.keys(part).length === 2) continue;
    if (part.type !== "image_url" || Object.keys(part).length !== 2 || !isObject(part.image_url)) {
      refuse(where, "must be a `text` or an `image_url` part without further fields");
    }
    checkImage(part.image_url, `${where}.image_url`, mediaHosts);
  }
}

function checkImage(image: Json, place: string, mediaHosts: readonly string[]): void {
  for (const field of Object.keys(image))
    if (field !== "url" && field !== "detail") refuse(`${place}.${field.slice(0, 80)}`, "is not accepted here");
  if (typeof image.url !== "string") refuse(`${place}.url`, "must be a text");
  if (/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(image.url)) return;
  const url = URL.canParse(image.url) ? new URL(image.url) : null;
  // An engine fetches what it is told to: only plain https to a listed host, without a port or a user in the address.
  if (url?.protocol !== "https:" || url.port !== "" || url.username !== "" || !mediaHosts.includes(url.hostname)) {
    refuse(
      `${place}.url`,
      "must hold the image itself (`data:image/...;base64,`) or an https address on a listed host",
    );
  }
}

/** Levels of nesting, without recursion; stops counting one level above `limit`. */
function depthOf(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  let depth = 0;
  while (level.length > 0 && depth <= limit) {
    depth += 1;
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null
        ? Object.values(item).filter((child) => typeof child === "object" && child !== null)
        : [],
    );
  }
  return depth;
}
