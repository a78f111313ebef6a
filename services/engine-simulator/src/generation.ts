import type { ServerResponse } from "node:http";
import type { Answer, Piece } from "./answer.ts";
import type { EngineMetrics } from "./engine-metrics.ts";
import type { Fault } from "./fault.ts";
import type { GenerationRequest } from "./generation-request.ts";
import type { Scheduler, Sequence } from "./scheduler.ts";
import { type Envelope, pieceEvent, roleEvent, toolEvents, usageOf, wholeAnswer } from "./wire.ts";

/** How long an answer that freezes before it closes stays silent, unless the fault says. llama.cpp: up to 30 s. */
const freezeBeforeCloseMilliseconds = 3000;

interface GenerationParts {
  readonly request: GenerationRequest;
  readonly envelope: Envelope;
  readonly answers: readonly Answer[];
  readonly fault: Fault | null;
  readonly response: ServerResponse;
  readonly scheduler: Scheduler;
  readonly metrics: EngineMetrics;
}

/** One request on its way through the engine: a token a step and choice, and whatever is to go wrong meanwhile. */
export class Generation implements Sequence {
  readonly #parts: GenerationParts;
  readonly #pieces: Piece[][];
  readonly #startedAt = performance.now();
  #lastTokenAt = this.#startedAt;
  #tokens = 0;
  /** While true no step is made: a stall, or the end that a fault brought. */
  #isHeld = false;
  #faultIsDue: boolean;

  constructor(parts: GenerationParts) {
    this.#parts = parts;
    this.#pieces = parts.answers.map(() => []);
    this.#faultIsDue = parts.fault !== null;
    parts.response.on("close", () => {
      if (parts.response.writableEnded) return;
      parts.scheduler.remove(this);
      parts.metrics.finished.abort = (parts.metrics.finished.abort ?? 0) + 1;
    });
  }

  get promptTokens(): number {
    return this.#parts.request.prompt.length;
  }

  start(): void {
    const { fault, scheduler, request, metrics } = this.#parts;
    metrics.promptTokens += this.promptTokens;
    if (request.stream) this.#openStream();
    if (fault?.kind === "slow-start") setTimeout(() => scheduler.submit(this), fault.milliseconds);
    else scheduler.submit(this);
  }

  step(): boolean {
    if (this.#isHeld) return true;
    if (this.#faultIsDue && this.#failsNow()) return !this.#parts.response.writableEnded && this.#isHeld;
    const { request, answers } = this.#parts;
    if (request.toolCall !== null) return this.#answerWithTool();
    for (const [index, answer] of answers.entries()) {
      if (!answer.isOver) this.#advance(answer, index);
    }
    this.#count();
    if (!answers.every((answer) => answer.isOver)) return true;
    this.#finish();
    return false;
  }

  #openStream(): void {
    const { response, request, envelope, answers } = this.#parts;
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    if (request.kind === "completion") {
      response.flushHeaders();
      return;
    }
    for (const index of answers.keys()) this.#sendOf(index, roleEvent(envelope, request, index));
  }

  #advance(answer: Answer, index: number): void {
    const { request, envelope } = this.#parts;
    let piece = answer.next();
    if (piece.stopReason !== null && request.includeStop) piece = { ...piece, text: piece.text + piece.stopReason };
    const pieces = this.#pieces[index];
    const isFirst = pieces?.length === 0;
    pieces?.push(piece);
    if (request.stream) this.#sendOf(index, pieceEvent(envelope, request, index, piece, isFirst));
  }

  #count(): void {
    const { metrics, answers } = this.#parts;
    const now = performance.now();
    if (this.#tokens === 0) metrics.timeToFirstToken.observe((now - this.#startedAt) / 1000);
    else metrics.interTokenLatency.observe((now - this.#lastTokenAt) / 1000);
    this.#lastTokenAt = now;
    this.#tokens += 1;
    metrics.generationTokens += answers.length;
  }

  #answerWithTool(): boolean {
    const { request, envelope, response } = this.#parts;
    if (request.toolCall === null) return false;
    if (!request.stream)
      this.#pieces[0]?.push({ ids: [], text: "", logProbabilities: [], finish: "stop", stopReason: null });
    else for (const event of toolEvents(envelope, request.toolCall)) this.#sendOf(0, event);
    this.#count();
    if (!response.writableEnded) this.#finish();
    return false;
  }

  #finish(): void {
    const { request, envelope, response, metrics, answers } = this.#parts;
    const reason = this.#pieces[0]?.at(-1)?.finish ?? "stop";
    metrics.finished[reason] = (metrics.finished[reason] ?? 0) + 1;
    if (!request.stream) {
      const body = JSON.stringify(wholeAnswer(envelope, request, this.#pieces));
      response.writeHead(200, { "content-type": "application/json" }).end(body);
      return;
    }
    if (request.includeUsage) {
      const object = request.kind === "chat" ? "chat.completion.chunk" : "text_completion";
      const completionTokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
      this.#send({ ...envelope, object, choices: [], usage: usageOf(this.promptTokens, completionTokens) });
    }
    response.end("data: [DONE]\n\n");
  }

  /** An event of one choice, with what was written of that choice where the request asks for it. */
  #sendOf(index: number, event: object): void {
    const { request, answers } = this.#parts;
    const written = () => usageOf(this.promptTokens, answers[index]?.tokens ?? 0);
    this.#send(request.includeUsage && request.continuousUsage ? { ...event, usage: written() } : event);
  }

  #send(event: object): void {
    this.#parts.response.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  /** Lets the fault happen once its token is reached; true when this step makes no token. */
  #failsNow(): boolean {
    const { fault, response, scheduler } = this.#parts;
    if (fault === null || !("afterTokens" in fault) || this.#tokens < fault.afterTokens) return false;
    this.#faultIsDue = false;
    switch (fault.kind) {
      case "cut":
        this.#isHeld = true;
        if (fault.how === "fin") response.socket?.end();
        if (fault.how === "rst") response.socket?.resetAndDestroy();
        if (fault.how === "freeze-close") {
          setTimeout(() => response.socket?.end(), fault.milliseconds ?? freezeBeforeCloseMilliseconds);
        }
        return true;
      case "stall":
        this.#isHeld = true;
        setTimeout(() => {
          this.#isHeld = false;
        }, fault.milliseconds);
        return true;
      case "malformed":
        response.write('data: {"id": "broken", "choices": [{"index": 0, "del\n\n');
        return false;
      case "error-event":
        response.write(
          'data: {"error": {"message": "EngineCore died.", "type": "InternalServerError", "code": 500}}\n\n',
        );
        response.end("data: [DONE]\n\n");
        return true;
      case "freeze":
        scheduler.freeze();
        return true;
      case "crash":
        process.kill(process.pid, "SIGKILL");
        return true;
    }
  }
}
