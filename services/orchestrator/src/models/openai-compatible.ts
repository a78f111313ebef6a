import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk, type BaseMessage, isAIMessage, isToolMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import * as z from "zod";
import { deadline } from "../../../shared/src/deadline.ts";
import { TryAgain } from "../runs/try-again.ts";
import { bearerOf } from "./credentials.ts";

/** Where a model answers, and what the gateway is told about each call. */
export const modelSettings = z.strictObject({
  url: z.url().meta({ description: "Base URL of an OpenAI-compatible API, up to and including /v1." }),
  model: z.string().min(1),
  dataClass: z
    .string()
    .min(1)
    .meta({ description: "Data class of what is sent; the gateway decides by it where it may go." }),
  keysFile: z.string().min(1).optional().meta({
    description:
      "JSON file that maps each tenant, or `*` for all others, to its key or token there; mounted from a Secret.",
  }),
  maxAnswerTokens: z.int().min(1).optional().meta({ description: "Left out: the engine's own bound." }),
  timeoutSeconds: z.number().positive().default(120),
});
export type ModelSettings = z.output<typeof modelSettings>;

/** A tool as the model is told about it. */
export interface OfferedTool {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

interface CallOptions extends BaseChatModelCallOptions {
  offered?: readonly OfferedTool[];
  tenant?: string;
  /** The same in every attempt of the same call, so that the gateway can tell a repetition. */
  callKey?: string;
  /** JSON schema that the answer must fit; engines that cannot hold themselves to one ignore it. */
  schema?: Record<string, unknown>;
  /** Where the call stands in the run's trace. */
  traceHeaders?: Readonly<Record<string, string>>;
}

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.number(),
                  id: z.string().nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .default({}),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.object({ message: z.string(), code: z.string().nullish() }).optional(),
});

/** Longest error answer that is read. */
const mostErrorBytes = 65_536;

/** Time before a run is tried again whose model said nothing about when. */
const pauseSeconds = 1;

/** The model's stream ended before it said that it was complete; the answer so far is not an answer. */
class ModelStreamCut extends TryAgain {
  override name = "ModelStreamCut";
  constructor(message: string) {
    super(message, pauseSeconds);
  }
}

/** No model answers now: it is busy, away or over a limit that ends by itself. */
class ModelUnavailable extends TryAgain {
  override name = "ModelUnavailable";
}

/** The model's API refuses the request, and would again. */
class ModelRefused extends Error {
  override name = "ModelRefused";
}

/** A chat model behind an OpenAI-compatible URL, always streamed. */
export class OpenAiCompatibleModel extends BaseChatModel<CallOptions> {
  readonly #settings: ModelSettings;

  constructor(settings: ModelSettings) {
    super({ maxRetries: 0 });
    this.#settings = settings;
  }

  /** What the settings say that it is sent. */
  get dataClass(): string {
    return this.#settings.dataClass;
  }

  /** The model's name at its API. */
  get modelName(): string {
    return this.#settings.model;
  }

  _llmType(): string {
    return "openai-compatible";
  }

  async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options, runManager))
      whole = whole?.concat(chunk) ?? chunk;
    if (whole === undefined) throw new ModelStreamCut("The model ended its answer before it began.");
    return { generations: [whole] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const response = await this.#request(messages, options);
    let isComplete = false;
    for await (const data of dataLines(response)) {
      if (data === "[DONE]") break;
      const parsed = chunkOf(data);
      if (parsed.error !== undefined) {
        throw new ModelStreamCut(`The model's stream ended with ${parsed.error.code ?? "an error"}.`);
      }
      if (parsed.usage != null) {
        const { prompt_tokens: input, completion_tokens: output } = parsed.usage;
        const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
        yield new ChatGenerationChunk({
          text: "",
          message: new AIMessageChunk({ content: "", usage_metadata: usage }),
        });
      }
      const [choice] = parsed.choices;
      if (choice === undefined) continue;
      isComplete ||= choice.finish_reason != null;
      const text = choice.delta.content ?? "";
      const chunk = new ChatGenerationChunk({
        text,
        message: new AIMessageChunk({
          content: text,
          ...(choice.finish_reason == null ? {} : { response_metadata: { finish_reason: choice.finish_reason } }),
          tool_call_chunks: (choice.delta.tool_calls ?? []).map((call) => ({
            type: "tool_call_chunk" as const,
            index: call.index,
            ...(call.id == null ? {} : { id: call.id }),
            ...(call.function?.name == null ? {} : { name: call.function.name }),
            args: call.function?.arguments ?? "",
          })),
        }),
      });
      yield chunk;
      await runManager?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
    }
    if (!isComplete) throw new ModelStreamCut("The model's stream ended without a reason to finish.");
  }

  async #request(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ReadableStream<Uint8Array>> {
    const { url, model, dataClass, keysFile, maxAnswerTokens, timeoutSeconds } = this.#settings;
    const limit = deadline(timeoutSeconds * 1000, options.signal);
    const bearer = keysFile === undefined ? null : bearerOf(keysFile, options.tenant ?? "*");
    let response: Response;
    try {
      response = await fetch(`${url.replace(/\/$/, "")}/chat/completions`, {
        method: "POST",
        redirect: "error",
        headers: {
          ...options.traceHeaders,
          "content-type": "application/json",
          "x-freehold-data-class": dataClass,
          ...(options.tenant === undefined ? {} : { "x-freehold-tenant": options.tenant }),
          ...(options.callKey === undefined ? {} : { "idempotency-key": options.callKey }),
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify({
          model,
          stream: true,
          stream_options: { include_usage: true },
          messages: messages.map(toOpenAi),
          ...(maxAnswerTokens === undefined ? {} : { max_tokens: maxAnswerTokens }),
          ...(options.offered?.length
            ? { tools: options.offered.map((tool) => ({ type: "function", function: tool })) }
            : {}),
          ...(options.schema === undefined
            ? {}
            : { response_format: { type: "json_schema", json_schema: { name: "answer", schema: options.schema } } }),
        }),
        signal: limit,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      const why = limit.aborted ? `did not answer within ${timeoutSeconds} s` : "cannot be reached";
      throw new ModelUnavailable(`The model ${why}.`, pauseSeconds);
    }
    if (response.ok && response.body !== null) return response.body;
    const { status } = response;
    const said = `The model answered ${status}${await codeOf(response)}`;
    if (status === 408 || status === 429 || status >= 500) {
      const asked = Number(response.headers.get("retry-after"));
      if (asked > 0) throw new ModelUnavailable(`${said} and asks to wait for ${asked} s.`, asked);
      throw new ModelUnavailable(`${said}.`, pauseSeconds);
    }
    throw new ModelRefused(`${said}.`);
  }
}

/** The error's code in brackets, where the answer has one: the message beside it may hold content. */
async function codeOf(response: Response): Promise<string> {
  let text = "";
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += Buffer.from(part).toString("latin1");
      if (text.length > mostErrorBytes) return "";
    }
    const { code } = (JSON.parse(text) as { error: { code: unknown } }).error;
    return typeof code === "string" && /^[a-z0-9_.-]{1,64}$/.test(code) ? ` (${code})` : "";
  } catch {
    return "";
  }
}

function chunkOf(data: string): z.output<typeof chunkSchema> {
  try {
    return chunkSchema.parse(JSON.parse(data));
  } catch {
    throw new ModelStreamCut("The model's stream holds what is no event.");
  }
}

async function* dataLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of unbroken(body)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}

/** A connection that breaks in an answer is a cut, whatever the network calls it; a stop from inside stays one. */
async function* unbroken(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new ModelStreamCut("The connection to the model broke in its answer.");
  }
}

function toOpenAi(message: BaseMessage) {
  if (isToolMessage(message)) return { role: "tool", content: message.text, tool_call_id: message.tool_call_id };
  const role = { human: "user", ai: "assistant", system: "system" }[message.type as string] ?? "user";
  const calls = isAIMessage(message) ? (message.tool_calls ?? []) : [];
  if (calls.length === 0) return { role, content: message.text };
  return {
    role,
    content: message.text,
    tool_calls: calls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    })),
  };
}
