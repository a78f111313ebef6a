import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk, type BaseMessage, isAIMessage, isToolMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import * as z from "zod";

/** Where a model answers, and what the gateway is told about each call. */
export const modelSettings = z.strictObject({
  url: z.url().meta({ description: "Base URL of an OpenAI-compatible API, up to and including /v1." }),
  model: z.string().min(1),
  dataClass: z
    .string()
    .min(1)
    .meta({ description: "Data class of what is sent; the gateway decides by it where it may go." }),
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
}

const chunkSchema = z.object({
  choices: z.array(
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
  ),
  error: z.object({ message: z.string() }).optional(),
});

/** The model's stream ended before it said that it was complete; the answer so far is not an answer. */
class ModelStreamCut extends Error {
  override name = "ModelStreamCut";
}

/** A chat model behind an OpenAI-compatible URL, always streamed. */
export class OpenAiCompatibleModel extends BaseChatModel<CallOptions> {
  readonly #settings: ModelSettings;

  constructor(settings: ModelSettings) {
    super({ maxRetries: 0 });
    this.#settings = settings;
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
    const limit = AbortSignal.timeout(this.#settings.timeoutSeconds * 1000);
    const response = await fetch(`${this.#settings.url.replace(/\/$/, "")}/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-freehold-data-class": this.#settings.dataClass,
        ...(options.tenant === undefined ? {} : { "x-freehold-tenant": options.tenant }),
        ...(options.callKey === undefined ? {} : { "idempotency-key": options.callKey }),
      },
      body: JSON.stringify({
        model: this.#settings.model,
        stream: true,
        messages: messages.map(toOpenAi),
        ...(options.offered?.length
          ? { tools: options.offered.map((tool) => ({ type: "function", function: tool })) }
          : {}),
      }),
      signal: options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]),
    });
    if (!response.ok || response.body === null) throw new Error(`The model answered ${response.status}.`);
    let isComplete = false;
    for await (const data of dataLines(response.body)) {
      if (data === "[DONE]") break;
      const parsed = chunkSchema.parse(JSON.parse(data));
      if (parsed.error !== undefined)
        throw new ModelStreamCut(`The model's stream ended with: ${parsed.error.message}`);
      const [choice] = parsed.choices;
      if (choice === undefined) continue;
      isComplete ||= choice.finish_reason != null;
      const text = choice.delta.content ?? "";
      const chunk = new ChatGenerationChunk({
        text,
        message: new AIMessageChunk({
          content: text,
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
}

async function* dataLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
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
