import type { ServerResponse } from "node:http";
import type { ApiError } from "./api-error.ts";
import type { Continuation, Delivery } from "./continuation.ts";
import type { RelaySink } from "./relay.ts";
import type { Json, Route } from "./request-fields.ts";
import { StreamUsage, type Usage } from "./stream-usage.ts";

/** Unsent bytes at which a client counts as gone. */
const mostUnsentBytes = 8 * 1024 * 1024;

export interface AnswerSinkOptions {
  readonly response: ServerResponse;
  readonly route: Route;
  readonly requestId: string;
  readonly model: string;
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  readonly continuation: Continuation | null;
  readonly promptTokensEstimate: number;
  /** Headers of the answer, asked for when it begins: the backend is known only then. */
  headers(): Record<string, string>;
  /** What ids of kept events begin with. */
  readonly eventIdPrefix: string;
  /** Keeps an event for a reader that comes back; null where nothing is kept. */
  readonly keep: ((event: string) => void) | null;
  /** Called once, with the tokens that were delivered. */
  onOver(outcome: { status: number; code: string | null; promptTokens: number; completionTokens: number }): void;
}

/** Writes one answer in OpenAI's form, streamed or whole. */
export class AnswerSink implements RelaySink {
  readonly #options: AnswerSinkOptions;
  readonly #id: string;
  readonly #created = Math.floor(Date.now() / 1000);
  /** A text event up to the text itself. */
  readonly #opening: string;
  readonly #closing: string;
  #text = "";
  #finish: Delivery["finish"] = null;
  #events = 0;
  readonly #usage: StreamUsage;

  constructor(options: AnswerSinkOptions) {
    this.#options = options;
    this.#usage = new StreamUsage(options.promptTokensEstimate);
    const isChat = options.route === "chat";
    this.#id = `${isChat ? "chatcmpl" : "cmpl"}-${options.requestId}`;
    const head = JSON.stringify(this.#head(true)).slice(0, -1);
    this.#opening = `${head},"choices":[{"index":0,${isChat ? '"delta":{"content":' : '"text":'}`;
    this.#closing = `${isChat ? "}" : ""},"logprobs":null,"finish_reason":`;
  }

  get isStarted(): boolean {
    return this.#options.response.headersSent;
  }

  /** Tokens that were delivered so far, and the prompt once. */
  get delivered(): Usage {
    const { continuation } = this.#options;
    if (continuation === null) return this.#usage.tokens;
    return { promptTokens: continuation.promptTokens, completionTokens: continuation.tokens };
  }

  deliver({ text, finish }: Delivery): void {
    this.#finish = finish;
    if (!this.#options.isStream) {
      this.#text += text;
      return;
    }
    this.#begin();
    const end =
      finish === null
        ? "null}]}"
        : `${JSON.stringify(finish.reason)},"stop_reason":${JSON.stringify(finish.stopReason ?? null)}}]}`;
    this.#send(this.#opening + JSON.stringify(text) + this.#closing + end);
  }

  pass(event: Json): void {
    this.#usage.see(event);
    const hasChoices = (event.choices as Json[]).length > 0;
    if (!hasChoices && !this.#options.includeUsage) return;
    if (!this.isStarted) this.#start();
    const { usage, ...shown } = event;
    // With each event it is for the gateway alone; OpenAI's form has it at the end.
    const last = hasChoices ? {} : { usage };
    this.#send(JSON.stringify({ ...shown, ...last, id: this.#id, model: this.#options.model }));
  }

  whole(answer: Json): void {
    this.#usage.whole(answer);
    const own =
      this.#options.route === "embedding"
        ? { model: this.#options.model }
        : { id: this.#id, model: this.#options.model };
    this.#json(200, { ...answer, ...own });
  }

  end(): void {
    const { continuation, isStream, includeUsage, response } = this.#options;
    const { promptTokens, completionTokens } = this.delivered;
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    };
    if (isStream) {
      if (!this.isStarted) this.#start();
      if (continuation !== null && includeUsage)
        this.#send(JSON.stringify({ ...this.#head(true), choices: [], usage }));
      this.#send("[DONE]");
      response.end();
    } else if (continuation !== null) this.#json(200, { ...this.#head(false), choices: [this.#choice()], usage });
    this.#options.onOver({ status: 200, code: null, promptTokens, completionTokens });
  }

  fail(error: ApiError): void {
    const { response, requestId } = this.#options;
    const { promptTokens, completionTokens } = this.delivered;
    if (this.isStarted) {
      const { error: body } = error.toBody(requestId) as { error: object };
      this.#send(JSON.stringify({ error: { ...body, tokens_delivered: completionTokens, retry_safe: false } }));
      this.#send("[DONE]");
      response.end();
    } else {
      if (error.retryAfterSeconds !== null) response.setHeader("retry-after", String(error.retryAfterSeconds));
      this.#json(error.status, error.toBody(requestId));
    }
    const delivered =
      this.#options.isStream && this.isStarted
        ? { promptTokens, completionTokens }
        : { promptTokens: 0, completionTokens: 0 };
    this.#options.onOver({ status: error.status, code: error.code, ...delivered });
  }

  #head(isChunk: boolean): object {
    const object = this.#options.route === "chat" ? `chat.completion${isChunk ? ".chunk" : ""}` : "text_completion";
    return { id: this.#id, object, created: this.#created, model: this.#options.model };
  }

  #choice(): object {
    const end = {
      index: 0,
      logprobs: null,
      finish_reason: this.#finish?.reason ?? "stop",
      stop_reason: this.#finish?.stopReason ?? null,
    };
    if (this.#options.route === "completion") return { ...end, text: this.#text };
    return { ...end, message: { role: "assistant", content: this.#text, refusal: null } };
  }

  #begin(): void {
    if (this.isStarted) return;
    this.#start();
    if (this.#options.route !== "chat") return;
    const choices = [{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }];
    this.#send(JSON.stringify({ ...this.#head(true), choices }));
  }

  #start(): void {
    this.#options.response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      ...this.#options.headers(),
    });
  }

  #send(data: string): void {
    const { response, keep, eventIdPrefix } = this.#options;
    const event = keep === null ? `data: ${data}\n\n` : `id: ${eventIdPrefix}${this.#events}\ndata: ${data}\n\n`;
    this.#events += 1;
    keep?.(event);
    if (response.destroyed) return;
    response.write(event);
    if (response.writableLength > mostUnsentBytes) response.destroy();
  }

  #json(status: number, body: object): void {
    const { response } = this.#options;
    if (response.destroyed) return;
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(text)),
      "cache-control": "no-store",
      ...(status === 200 ? this.#options.headers() : {}),
    });
    response.end(text);
  }
}
