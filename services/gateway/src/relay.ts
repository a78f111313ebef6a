import { ApiError } from "./api-error.ts";
import type { Continuation, Delivery } from "./continuation.ts";
import { type Break, EngineCall } from "./engine-call.ts";
import { recordLeaving } from "./leaving.ts";
import { PoisonWatch } from "./poison.ts";
import { AnswerRestorer } from "./redaction/answer-restorer.ts";
import type { RedactedBody } from "./redaction/redactor.ts";
import { failureOf, interrupted, nobodyAnswers, quarantined, refusalOf } from "./relay-errors.ts";
import { backendOf } from "./replica-directory.ts";
import { type Json, paths, type Route, withoutEngineFields } from "./request-fields.ts";
import type { Permit } from "./residency-gate.ts";
import type { Surroundings } from "./surroundings.ts";
import type { AnswerSpan, AttemptSpan } from "./telemetry.ts";
import { tokenDeadlines } from "./token-deadlines.ts";
import { TokenPace } from "./token-pace.ts";

export interface RelayRequest {
  readonly id: string;
  readonly route: Route;
  /** What the engine is asked for, but for its own name of the model. */
  readonly body: Json;
  readonly permit: Permit;
  /** Backends of the chosen version that the permit names. */
  readonly backends: readonly string[];
  readonly model: string;
  readonly version: string;
  readonly prefix: string;
  readonly promptTokensEstimate: number;
  /** Null where the answer cannot go on elsewhere: then events pass through as they come. */
  readonly continuation: Continuation | null;
  /** Null where nobody asked for traces. */
  readonly span: AnswerSpan | null;
  /** What an engine is told of the caller's trace where there is no span of ours. */
  readonly traceHeaders: Readonly<Record<string, string>>;
}

/** Where an answer goes. */
export interface RelaySink {
  /** A part of an answer that can be continued. */
  deliver(delivery: Delivery): void;
  /** An event of a stream that cannot. */
  pass(event: Json): void;
  /** A whole answer. */
  whole(answer: Json): void;
  /** The answer is complete. */
  end(): void;
  fail(error: ApiError): void;
}

/** What a continued answer is not asked for again: its prompt is ids, and its bounds are what is left of them. */
const ofChatAlone = [
  "messages",
  "max_completion_tokens",
  "min_tokens",
  "reasoning_effort",
  "parallel_tool_calls",
  "tool_choice",
  "top_logprobs",
];

/** First pause before the same backend is tried again; doubles. */
const pauseMilliseconds = 50;

/** Brings one request to an answer: chooses replicas, retries before the first token, goes on elsewhere after it. */
export class Relay {
  readonly #around: Surroundings;
  readonly #request: RelayRequest;
  readonly #sink: RelaySink;
  readonly #pace: TokenPace;
  readonly #tried = new Set<string>();
  readonly #deadline: NodeJS.Timeout;
  /** Replica that works on it: a backend, or one of a backend's addresses. */
  #replica = "";
  #digest: string | null = null;
  #call: EngineCall | null = null;
  #span: AttemptSpan | null = null;
  #restorer: AnswerRestorer | null = null;
  #pause: NodeJS.Timeout | undefined;
  #isOver = false;
  #retries = 0;
  #continuations = 0;

  constructor(around: Surroundings, request: RelayRequest, sink: RelaySink) {
    this.#around = around;
    this.#request = request;
    this.#sink = sink;
    this.#pace = new TokenPace(around, request);
    const { requestMilliseconds } = around.settings.deadlines;
    this.#deadline = setTimeout(
      () => this.#fail(new ApiError(504, "request_deadline", "The answer took longer than allowed.")),
      requestMilliseconds,
    );
    around.retryBudget.request(around.settings.retries.budgetShare);
  }

  /** Backend that answers, by its name in the settings. */
  get backend(): string {
    return backendOf(this.#replica);
  }

  start(): void {
    const { poison } = this.#around;
    if (!poison.isEmpty && poison.isQuarantined(PoisonWatch.keyOf(this.#request.body))) {
      this.#fail(quarantined());
      return;
    }
    this.#attempt({ ...this.#request.body }, paths[this.#request.route]);
  }

  /** The caller has gone: the backend is told, nothing is delivered any more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#close();
  }

  /** Ends the answer with a typed error, so that the process can stop. */
  interrupt(): void {
    this.#fail(interrupted("The gateway is stopping."));
  }

  #attempt(fields: Json, path: string): void {
    const { replicas, settings } = this.#around;
    const { prefix, permit } = this.#request;
    const fitting = this.#candidates().filter(
      (name) => this.#digest === null || settings.backends[backendOf(name)]?.digest === this.#digest,
    );
    const fresh = fitting.filter((name) => !this.#tried.has(name));
    const replica = replicas.choose(fresh, prefix) ?? (this.#pace.hasToken ? null : replicas.choose(fitting, prefix));
    const target = replica === null ? undefined : settings.backends[backendOf(replica)];
    if (replica === null || target === undefined) {
      this.#fail(this.#nobodyLeft(fitting));
      return;
    }
    this.#tried.add(replica);
    this.#replica = replica;
    this.#restorer = null;
    const own = target.api === "openai" ? withoutEngineFields(fields) : fields;
    const body = { ...own, model: target.model };
    const isStream = fields.stream === true;
    if (permit.mustRedact(this.backend)) void this.#redactAndDial(path, body, isStream);
    else this.#dial(path, JSON.stringify(body), isStream);
  }

  /** Each try anew: what goes to one backend says nothing of what may go to another. */
  async #redactAndDial(path: string, body: Json, isStream: boolean): Promise<void> {
    const { redactor, metrics, directory } = this.#around;
    try {
      if (redactor === null) throw new Error("A permit asks for a redactor, and there is none.");
      const redacted = await redactor.redact(body);
      if (this.#isOver) return;
      metrics.redactions.add({ outcome: "redacted" });
      for (const placeholder of redacted.values.keys())
        metrics.redacted.add({ kind: placeholder.slice(1, placeholder.lastIndexOf("_")) });
      // DNS may have taken the replica away in the meantime.
      if (!directory.knows(this.#replica)) {
        this.#attempt({ ...this.#request.body }, path);
        return;
      }
      this.#restorer = new AnswerRestorer(redacted.values);
      this.#dial(path, redacted, isStream);
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(500, "gateway_fault", "The gateway has a fault.");
      metrics.redactions.add({ outcome: known.code });
      this.#fail(known, false);
    }
  }

  #dial(path: string, body: string | RedactedBody, isStream: boolean): void {
    const { replicas, settings, dialler } = this.#around;
    const { permit, promptTokensEstimate, route, span, traceHeaders } = this.#request;
    const replica = this.#replica;
    const isOutside = settings.backends[this.backend]?.location === "outside";
    if (isOutside) {
      const about = { requestId: this.#request.id, ...permit.caller, backend: this.backend };
      const refused = recordLeaving(body, settings.bounds.leavingBodyBytes, about);
      if (refused !== null) {
        this.#fail(refused, false);
        return;
      }
    }
    const { firstTokenMilliseconds, interTokenMilliseconds } = tokenDeadlines(settings, {
      promptTokens: promptTokensEstimate,
      requestsAhead: replicas.inFlight(replica),
      p99GapMilliseconds: replicas.p99GapMilliseconds(replica),
    });
    replicas.begin(replica);
    this.#span = span?.attempt(this.backend, settings.backends[this.backend]?.model ?? "") ?? null;
    this.#call = new EngineCall(
      {
        dialler,
        permit,
        backend: replica,
        path,
        // What a caller writes into its trace state is data too: it does not leave the boundary.
        headers: isOutside ? {} : (this.#span?.headers ?? traceHeaders),
        isStream,
        body,
        // A whole answer shows no first token: only the caller's own deadline bounds it.
        firstTokenMilliseconds:
          isStream || route === "embedding" ? firstTokenMilliseconds : settings.deadlines.requestMilliseconds,
        interTokenMilliseconds,
      },
      {
        onEvent: (event) => this.#onEvent(event),
        onWhole: (answer) => this.#onWhole(answer),
        onEnd: () => this.#onEnd(),
        onBreak: (broken) => this.#onBreak(broken),
      },
    );
  }

  /** Replicas that may be asked, as they stand now. */
  #candidates(): readonly string[] {
    return this.#request.backends.flatMap((name) => this.#around.directory.replicasOf(name));
  }

  #onEvent(event: Json): void {
    const { continuation } = this.#request;
    if (continuation === null) {
      this.#token();
      const shown = this.#restorer?.event(event) ?? event;
      this.#request.span?.passed(shown);
      this.#sink.pass(shown);
      return;
    }
    const [choice] = event.choices as Json[];
    const promptIds = event.prompt_token_ids ?? choice?.prompt_token_ids;
    if (Array.isArray(promptIds)) continuation.learnPrompt(promptIds as number[]);
    if (choice === undefined || continuation.isOver) return;
    const delta = choice.delta as Json | undefined;
    const text = (delta === undefined ? choice.text : delta.content) ?? "";
    const ids = Array.isArray(choice.token_ids) ? (choice.token_ids as number[]) : [];
    if (ids.length === 0 && text === "" && choice.finish_reason == null) return;
    this.#token();
    const finish = typeof choice.finish_reason === "string" ? choice.finish_reason : null;
    const delivery = continuation.accept({ ids, text: String(text), finish, stopReason: choice.stop_reason ?? null });
    if (delivery.text !== "" || delivery.finish !== null) this.#deliver(delivery);
    if (delivery.finish === null) return;
    // The engine knows nothing of a stop string and would go on; otherwise only its farewell is left.
    if (finish !== null) this.#leave();
    this.#complete();
  }

  #deliver(delivery: Delivery): void {
    this.#request.span?.answer(delivery.text, delivery.finish?.reason ?? null);
    this.#sink.deliver(delivery);
  }

  #token(): void {
    if (!this.#pace.hasToken) this.#request.span?.firstToken();
    this.#pace.token(this.#replica, this.backend);
  }

  #onWhole(answer: Json): void {
    if (this.#isOver) return;
    const shown = this.#restorer?.whole(answer) ?? answer;
    this.#request.span?.passed(shown);
    this.#sink.whole(shown);
    this.#complete();
  }

  #onEnd(): void {
    if (this.#isOver) return;
    // `[DONE]` without a finish is a break like any other.
    if (this.#request.continuation !== null) {
      this.#onBreak({ kind: "lost", status: 200, message: "" });
      return;
    }
    this.#complete();
  }

  #complete(): void {
    if (this.#isOver) return;
    this.#around.replicas.succeeded(this.#replica);
    if (!this.#around.poison.isEmpty) this.#around.poison.answered(PoisonWatch.keyOf(this.#request.body));
    this.#close();
    this.#sink.end();
  }

  #leave(): void {
    this.#call?.leave();
    this.#call = null;
    this.#ended(null);
  }

  /** The replica works on this request no more. */
  #ended(error: string | null): void {
    this.#around.replicas.end(this.#replica);
    this.#span?.end(error);
    this.#span = null;
  }

  #onBreak(broken: Break): void {
    if (this.#isOver) return;
    const { replicas, metrics, poison, settings } = this.#around;
    const { kind, status } = broken;
    if (kind === "status" && status >= 400 && status < 500 && status !== 429 && status !== 408) {
      this.#fail(refusalOf(broken));
      return;
    }
    this.#call = null;
    this.#ended(kind);
    const { ejectionMilliseconds } = settings.retries;
    if (status !== 429 && replicas.failed(this.#replica, kind !== "status", ejectionMilliseconds))
      metrics.ejections.add({ backend: this.backend, cause: kind });
    if (kind === "lost") {
      const key = PoisonWatch.keyOf(this.#request.body);
      poison.brokeOff(key, this.#replica);
      if (poison.isQuarantined(key)) {
        this.#fail(quarantined(), false);
        return;
      }
    }
    if (this.#pace.hasToken) {
      this.#goOn(kind);
      return;
    }
    if (this.#retries >= settings.retries.attempts || !this.#around.retryBudget.take()) {
      this.#fail(failureOf(broken), false);
      return;
    }
    this.#retries += 1;
    metrics.retries.add({ cause: kind });
    const again = () => this.#attempt({ ...this.#request.body }, paths[this.#request.route]);
    const isOther = this.#candidates().some((name) => !this.#tried.has(name));
    if (isOther) {
      again();
      return;
    }
    this.#pause = setTimeout(again, pauseMilliseconds * 2 ** this.#retries);
  }

  #goOn(cause: string): void {
    const { settings, metrics } = this.#around;
    const { continuation, body } = this.#request;
    this.#pace.broke();
    const next =
      continuation === null || this.#continuations >= settings.retries.continuations ? null : continuation.resume();
    if (next === null || continuation === null) {
      metrics.continuations.add({ outcome: "not_possible", cause });
      this.#fail(interrupted("The replica that answered broke off."), false);
      return;
    }
    if ("delivery" in next) {
      this.#deliver(next.delivery);
      this.#isOver = true;
      this.#clear();
      this.#sink.end();
      return;
    }
    this.#continuations += 1;
    metrics.continuations.add({ outcome: "continued", cause });
    this.#digest ??= settings.backends[this.backend]?.digest ?? "";
    const rest = { ...body };
    for (const field of ofChatAlone) delete rest[field];
    this.#attempt({ ...rest, ...next.fields }, paths.completion);
  }

  #nobodyLeft(backends: readonly string[]): ApiError {
    if (this.#pace.hasToken) return interrupted("No other replica of the same version is left.");
    return nobodyAnswers(this.#around.replicas.waitMilliseconds(backends));
  }

  /** @param isCalling Whether the backend still counts this request. */
  #fail(error: ApiError, isCalling = this.#call !== null): void {
    if (this.#isOver) return;
    if (!isCalling) this.#call = null;
    this.#close();
    this.#sink.fail(error);
  }

  #close(): void {
    this.#isOver = true;
    this.#clear();
    if (this.#call === null) return;
    this.#call.abort();
    this.#call = null;
    this.#ended(null);
  }

  #clear(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#pause);
  }
}
