import { ApiError } from "./api-error.ts";

export type Json = Record<string, unknown>;

/** Most that the schemas of one request may hold as JSON: an engine compiles them before it answers anybody. Characters. */
const mostSchemaCharacters = 262_144;
const mostTools = 128;
const mostListed = 1024;

/** Throws the error that names a field which does not fit. */
export function refuse(param: string, what: string): never {
  throw new ApiError(400, "field_does_not_fit", `\`${param}\` ${what}.`, { param });
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Fields with a form of their own, each as the engines read it: nothing stands in them that nobody has looked at. */
export function checkShapes(isChat: boolean, body: Json): void {
  const { logprobs, logit_bias, stop_token_ids, tools, tool_choice, response_format, reasoning_effort } = body;
  if (isGiven(logprobs) && (isChat ? typeof logprobs !== "boolean" : !isWhole(logprobs, 0, 20)))
    refuse("logprobs", isChat ? "must be true or false" : "must be a whole number from 0 to 20");
  if (isGiven(logit_bias)) checkBias(logit_bias);
  if (isGiven(stop_token_ids) && !isListOf(stop_token_ids, (id) => isWhole(id, 0, Number.MAX_SAFE_INTEGER)))
    refuse("stop_token_ids", `must be a list of at most ${mostListed} token ids`);
  if (isGiven(reasoning_effort) && !(isText(reasoning_effort) && /^[a-z]{1,20}$/.test(reasoning_effort)))
    refuse("reasoning_effort", "must be a word such as `low`");
  if (isGiven(tools)) checkTools(tools);
  if (isGiven(tool_choice)) checkToolChoice(tool_choice);
  if (isGiven(response_format)) checkFormat(response_format);
}

function checkBias(bias: unknown): void {
  const isEntry = ([id, value]: [string, unknown]) =>
    /^[0-9]{1,9}$/.test(id) && typeof value === "number" && value >= -100 && value <= 100;
  if (!isObject(bias) || Object.keys(bias).length > mostListed || !Object.entries(bias).every(isEntry))
    refuse("logit_bias", `must have at most ${mostListed} token ids with numbers from -100 to 100`);
}

function checkTools(tools: unknown): void {
  if (!Array.isArray(tools) || tools.length > mostTools)
    refuse("tools", `must be a list of at most ${mostTools} tools`);
  for (const [index, tool] of tools.entries()) {
    const place = `tools.${index}`;
    const { type, function: named } = closed(tool, ["type", "function"], place);
    if (type !== "function") refuse(`${place}.type`, "must be `function`");
    const parts = closed(named, ["name", "description", "parameters", "strict"], `${place}.function`);
    checkNamed(parts, `${place}.function`);
    checkSchema(parts.parameters, `${place}.function.parameters`);
  }
}

function checkToolChoice(choice: unknown): void {
  if (choice === "none" || choice === "auto" || choice === "required") return;
  const { type, function: named } = closed(choice, ["type", "function"], "tool_choice");
  if (type !== "function") refuse("tool_choice.type", "must be `function`");
  checkNamed(closed(named, ["name"], "tool_choice.function"), "tool_choice.function");
}

function checkFormat(format: unknown): void {
  const place = "response_format";
  const { type, json_schema: named } = closed(format, ["type", "json_schema"], place);
  if (type === "text" || type === "json_object") {
    if (named !== undefined) refuse(`${place}.json_schema`, "stands with the type `json_schema` alone");
    return;
  }
  if (type !== "json_schema") refuse(`${place}.type`, "must be `text`, `json_object` or `json_schema`");
  const parts = closed(named, ["name", "description", "schema", "strict"], `${place}.json_schema`);
  checkNamed(parts, `${place}.json_schema`);
  checkSchema(parts.schema, `${place}.json_schema.schema`);
}

function checkNamed({ name, description, strict }: Json, place: string): void {
  if (!isText(name) || !/^[\w.-]{1,128}$/.test(name))
    refuse(`${place}.name`, "must be 1 to 128 letters, digits, dots, underscores or hyphens");
  if (isGiven(description) && !isText(description)) refuse(`${place}.description`, "must be a text");
  if (isGiven(strict) && typeof strict !== "boolean") refuse(`${place}.strict`, "must be true or false");
}

function checkSchema(schema: unknown, place: string): void {
  if (!isGiven(schema)) return;
  if (!isObject(schema)) refuse(place, "must be a JSON schema");
  if (JSON.stringify(schema).length > mostSchemaCharacters)
    refuse(place, `must have at most ${mostSchemaCharacters} characters`);
}

/** Written into messages by engines and client libraries, of no use to an engine: taken when a message comes back, and dropped. */
const droppedOfMessages = new Set(["annotations", "parsed", "reasoning"]);
const textsOfMessages = ["name", "tool_call_id", "refusal", "reasoning_content"] as const;
const messageFields = new Set<string>(["role", "content", "tool_calls", ...textsOfMessages]);

/** A message as it may go to an engine: the same object where nothing has to be left out of it. */
export function checkedMessage(message: Json, place: string): Json {
  const left = Object.keys(message).filter((field) => {
    const value = message[field];
    // An answer's message has fields without a value, and callers send it back as it came.
    if (value === null || droppedOfMessages.has(field)) return field !== "content";
    if (field === "tool_calls" && Array.isArray(value) && value.length === 0) return true;
    if (!messageFields.has(field)) refuse(`${place}.${field.slice(0, 80)}`, "is not accepted here");
    return false;
  });
  for (const field of textsOfMessages)
    if (isGiven(message[field]) && !isText(message[field])) refuse(`${place}.${field}`, "must be a text");
  const calls = message.tool_calls;
  const checked = isGiven(calls) ? checkedCalls(calls, `${place}.tool_calls`) : calls;
  if (left.length === 0 && checked === calls) return message;
  const kept: Json = { ...message, ...(checked === undefined ? {} : { tool_calls: checked }) };
  for (const field of left) delete kept[field];
  return kept;
}

function checkedCalls(calls: unknown, place: string): unknown {
  if (!Array.isArray(calls) || calls.length > mostTools) refuse(place, `must be a list of at most ${mostTools} calls`);
  const checked = calls.map((call: unknown, index) => {
    const where = `${place}.${index}`;
    const { id, type, function: named } = closed(call, ["id", "type", "function", "index"], where);
    if (!isText(id) || type !== "function") refuse(where, "must have an `id` and the type `function`");
    const parts = closed(named, ["name", "arguments", "parsed_arguments"], `${where}.function`);
    if (!isText(parts.name) || !isText(parts.arguments)) refuse(`${where}.function`, "must have a name and arguments");
    const { parsed_arguments: parsed, ...rest } = parts;
    return parsed === undefined ? call : { ...(call as Json), function: rest };
  });
  return checked.every((call, index) => call === calls[index]) ? calls : checked;
}

function closed(value: unknown, fields: readonly string[], place: string): Json {
  if (!isObject(value)) refuse(place, "must be an object");
  for (const field of Object.keys(value))
    if (!fields.includes(field)) refuse(`${place}.${field.slice(0, 80)}`, "is not accepted here");
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= mostListed && value.every(fits);
}
