import type { Dispatcher } from "undici";
import { type Dialler, ResidencyBreach } from "./dialler.ts";
import { EventParser } from "./event-parser.ts";
import type { RedactedBody } from "./redaction/redactor.ts";
import type { Json } from "./request-fields.ts";
import type { Permit } from "./residency-gate.ts";

/** How a backend let a request down. */
export interface Break {
  readonly kind: "connect" | "lost" | "first-token-late" | "token-late" | "malformed" | "engine-error" | "status";
  /** Of an answer other than 200. */
  readonly status: number;
  readonly message: string;
}

export interface EngineCallHandlers {
  /** One event of a stream. */
  onEvent(event: Json): void;
  /** The whole answer of a request that is not streamed. */
  onWhole(answer: Json): void;
  /** The stream ended as it must, with `[DONE]`. */
  onEnd(): void;
  onBreak(broken: Break): void;
}

export interface EngineCallOptions {
  readonly dialler: Dialler;
  readonly permit: Permit;
  readonly backend: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isStream: boolean;
  readonly body: string | RedactedBody;
  readonly firstTokenMilliseconds: number;
  readonly interTokenMilliseconds: number;
}

/** Most of an error answer that is read. */
const errorBytes = 16_384;

/** How long an engine may take to close an answer whose last token has come, before the connection is closed instead. */
const closingMilliseconds = 1000;

/** One request to one backend. Exactly one of `onWhole`, `onEnd` and `onBreak` is called, and nothing after `abort` or `leave`. */
export class EngineCall implements Dispatcher.DispatchHandlers {
  readonly #options: EngineCallOptions;
  readonly #handlers: EngineCallHandlers;
  readonly #isStream: boolean;
  readonly #parser: EventParser;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #isDone = false;
  #isOver = false;
  #isLeft = false;
  #hasToken = false;
  #timer: NodeJS.Timeout;
  #abort: (() => void) | null = null;

  constructor(options: EngineCallOptions, handlers: EngineCallHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#isStream = options.isStream;
    this.#parser = new EventParser((data) => this.#receive(data));
    this.#timer = setTimeout(() => this.#break("first-token-late"), options.firstTokenMilliseconds);
    try {
      const { dialler, permit, backend, path, headers, body } = options;
      dialler.post(permit, backend, { path, headers, body }, this);
    } catch (error) {
      clearTimeout(this.#timer);
      throw error;
    }
  }

  /** Ends the request at the backend; no handler is called any more. */
  abort(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#abort?.();
  }

  /** The answer has all it needs: reads what the engine still says, so that the connection serves the next request. */
  leave(): void {
    this.#isOver = true;
    this.#isLeft = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort?.(), closingMilliseconds);
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#isOver) abort();
  }

  onHeaders(status: number): boolean {
    this.#status = status;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return this.#isLeft;
    if (this.#status === 200 && this.#isStream) {
      this.#parser.push(chunk);
      return true;
    }
    this.#bytes += chunk.length;
    if (this.#status === 200 || this.#bytes <= errorBytes) this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    if (this.#isLeft) clearTimeout(this.#timer);
    if (this.#isOver) return;
    if (this.#status !== 200) {
      this.#break("status", engineMessage(Buffer.concat(this.#chunks).toString("utf8")));
      return;
    }
    if (this.#isStream) {
      if (this.#isDone) this.#end(() => this.#handlers.onEnd());
      else this.#break("lost");
      return;
    }
    let answer: Json;
    try {
      answer = JSON.parse(Buffer.concat(this.#chunks).toString("utf8")) as Json;
    } catch {
      this.#break("malformed");
      return;
    }
    this.#end(() => this.#handlers.onWhole(answer));
  }

  onError(error: Error): void {
    if (this.#isLeft) clearTimeout(this.#timer);
    if (this.#isOver) return;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const isConnect = [
      "ECONNREFUSED",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ENOTFOUND",
      "EAI_AGAIN",
      "UND_ERR_CONNECT_TIMEOUT",
    ].includes(code);
    // An address that may not be dialled says nothing about the prompt.
    this.#break(isConnect || error instanceof ResidencyBreach ? "connect" : "lost");
  }

  #receive(data: string): void {
    if (this.#isOver) return;
    if (data === "[DONE]") {
      this.#isDone = true;
      return;
    }
    let event: Json;
    try {
      event = JSON.parse(data) as Json;
    } catch {
      this.#break("malformed");
      return;
    }
    if (typeof event !== "object" || event === null) {
      this.#break("malformed");
      return;
    }
    if (event.error !== undefined) {
      this.#break("engine-error");
      return;
    }
    if (!Array.isArray(event.choices)) {
      this.#break("malformed");
      return;
    }
    // The role's event comes at once; only what follows it says that the engine works.
    if (this.#hasToken) this.#timer.refresh();
    else if (isToken(event)) {
      this.#hasToken = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#break("token-late"), this.#options.interTokenMilliseconds);
    }
    this.#handlers.onEvent(event);
  }

  #break(kind: Break["kind"], message = ""): void {
    if (this.#isOver) return;
    this.#end(() => this.#handlers.onBreak({ kind, status: this.#status, message }));
    this.#abort?.();
  }

  #end(tell: () => void): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    tell();
  }
}

function isToken(event: Json): boolean {
  const choice = (event.choices as Json[])[0];
  if (choice === undefined) return false;
  const delta = choice.delta as Json | undefined;
  return (
    choice.token_ids !== undefined || delta === undefined || delta.role === undefined || choice.finish_reason !== null
  );
}

function engineMessage(text: string): string {
  try {
    const body = JSON.parse(text) as Json;
    const { message } = (body.error ?? body) as Json;
    return typeof message === "string" ? message.slice(0, 500) : "";
  } catch {
    return "";
  }
}
