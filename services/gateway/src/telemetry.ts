import { readFileSync } from "node:fs";
import {
  attributes,
  histograms,
  operations,
  ownAttributes,
  providerName,
} from "../../shared/src/gen-ai-conventions.ts";
import { type Attributes, type HistogramPoint, OtlpExporter } from "../../shared/src/otlp-exporter.ts";
import { contextBelow, contextHeaders, readContext, type TraceContext } from "../../shared/src/trace-context.ts";
import type { Json, Route } from "./request-fields.ts";
import type { Settings } from "./settings.ts";

/** What is known of a request when its span begins. */
export interface RequestFacts {
  readonly route: Route;
  readonly requestId: string;
  readonly model: string;
  readonly version: string;
  readonly reason: string;
  readonly tenant: string;
  readonly dataClass: string;
  readonly body: Json;
  /** Whether what was asked and answered may stand in the trace. */
  readonly mayShowContent: boolean;
}

/** Who answers, and why. */
export type Answering = Pick<RequestFacts, "model" | "version" | "reason">;

/** Where a relay tells what it does. */
export interface AnswerSpan {
  /** Begins the span of one try; its headers put the engine's own spans below it. */
  attempt(backend: string, model: string): AttemptSpan;
  firstToken(): void;
  /** A part of the answer, as it was delivered. */
  answer(text: string, finish: string | null): void;
  /** An event of a stream or a whole answer, as it was passed on. */
  passed(answer: Json): void;
}

type HistogramName = keyof typeof histograms;

/** Most of what was asked or answered that one span carries. Characters. */
const mostContentCharacters = 32_768;
const now = () => performance.timeOrigin + performance.now();

/** Spans and metrics in OpenTelemetry's form. Exists only where a collector is named; all others pay nothing for it. */
export class Telemetry {
  readonly #sampleShare: number;
  readonly #series = new Map<string, { point: HistogramPoint; counts: number[]; sum: number; count: number }>();
  readonly exporter: OtlpExporter;

  constructor(settings: NonNullable<Settings["telemetry"]>, onLost: (spans: number) => void) {
    const { endpoint, headersFile, exportMilliseconds, sampleShare } = settings;
    this.#sampleShare = sampleShare;
    this.exporter = new OtlpExporter({
      service: "gateway",
      endpoint,
      headers: headersFile === undefined ? {} : JSON.parse(readFileSync(headersFile, "utf8")),
      everyMilliseconds: exportMilliseconds,
      points: () => [...this.#series.values()].map(({ point, ...rest }) => ({ ...point, ...rest })),
      onLost,
    });
  }

  begin(headers: Readonly<Record<string, string | string[] | undefined>>, facts: RequestFacts): RequestSpan {
    const parent = readContext(headers);
    return new RequestSpan(this, contextBelow(parent, this.#sampleShare), parent?.spanId ?? null, facts);
  }

  observe(name: HistogramName, labels: Attributes, value: number): void {
    const { bounds, ...named } = histograms[name];
    const at = `${name} ${JSON.stringify(labels)}`;
    let series = this.#series.get(at);
    if (series === undefined) {
      const counts = Array.from({ length: bounds.length + 1 }, () => 0);
      const point = { ...named, bounds, attributes: labels, counts, sum: 0, count: 0 };
      series = { point, counts, sum: 0, count: 0 };
      this.#series.set(at, series);
    }
    const bucket = bounds.findIndex((bound) => value <= bound);
    const index = bucket === -1 ? bounds.length : bucket;
    series.counts[index] = (series.counts[index] ?? 0) + 1;
    series.sum += value;
    series.count += 1;
  }
}

/** One request from its arrival to its end, with a span below it for each replica that was asked. */
export class RequestSpan implements AnswerSpan {
  readonly #telemetry: Telemetry;
  readonly #context: TraceContext;
  readonly #parentSpanId: string | null;
  readonly #facts: RequestFacts;
  #answering: Answering;
  readonly #startedAt = now();
  #firstTokenAt: number | null = null;
  #finish: string | null = null;
  #text = "";
  #responseModel: string | undefined;
  #isOver = false;

  constructor(telemetry: Telemetry, context: TraceContext, parentSpanId: string | null, facts: RequestFacts) {
    this.#telemetry = telemetry;
    this.#context = context;
    this.#parentSpanId = parentSpanId;
    this.#facts = facts;
    this.#answering = facts;
  }

  /** The request goes to another model than it began with, or is answered for another reason. */
  answeredBy({ model, version, reason }: Answering): void {
    this.#answering = { model, version, reason };
  }

  /** For a draft or a grade: its tries are shown, and nothing of its text, which is no part of the answer. */
  aside(answering: Answering): AnswerSpan {
    const nothing = () => {};
    const attempt = (backend: string, model: string) => this.#attempt(answering, backend, model);
    return { attempt, firstToken: nothing, answer: nothing, passed: nothing };
  }

  attempt(backend: string, model: string): AttemptSpan {
    this.#responseModel = model;
    return this.#attempt(this.#answering, backend, model);
  }

  #attempt(answering: Answering, backend: string, model: string): AttemptSpan {
    const context = contextBelow(this.#context, 1);
    const startedAt = now();
    return {
      headers: contextHeaders(context),
      end: (error) => {
        if (!context.isSampled) return;
        this.#telemetry.exporter.add({
          traceId: context.traceId,
          spanId: context.spanId,
          parentSpanId: this.#context.spanId,
          name: this.#name(answering),
          kind: "client",
          startedAt,
          endedAt: now(),
          attributes: {
            ...this.#common(answering),
            [attributes.responseModel]: model,
            [ownAttributes.backend]: backend,
            ...(error === null ? {} : { [attributes.errorType]: error }),
          },
          error,
        });
      },
    };
  }

  firstToken(): void {
    this.#firstTokenAt ??= now();
  }

  answer(text: string, finish: string | null): void {
    this.#finish = finish ?? this.#finish;
    if (!this.#facts.mayShowContent || !this.#context.isSampled) return;
    if (this.#text.length < mostContentCharacters)
      this.#text += text.slice(0, mostContentCharacters - this.#text.length);
  }

  passed(answer: Json): void {
    if (typeof answer.model === "string") this.#responseModel ??= answer.model;
    const choice = (answer.choices as Json[] | undefined)?.[0];
    const message = (choice?.delta ?? choice?.message) as Json | undefined;
    const text = message?.content ?? choice?.text;
    const finish = choice?.finish_reason;
    this.answer(typeof text === "string" ? text : "", typeof finish === "string" ? finish : null);
  }

  end(outcome: { status: number; code: string | null; promptTokens: number; completionTokens: number }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { status, code, promptTokens, completionTokens } = outcome;
    const endedAt = now();
    const labels = { ...this.#common(this.#answering), [attributes.responseModel]: this.#responseModel };
    const failed = code === null ? {} : { [attributes.errorType]: code };
    const seconds = (from: number, to: number) => (to - from) / 1000;
    this.#telemetry.observe("requestDuration", { ...labels, ...failed }, seconds(this.#startedAt, endedAt));
    if (status === 200 || completionTokens > 0) {
      this.#telemetry.observe("tokenUsage", { ...labels, [attributes.tokenType]: "input" }, promptTokens);
      if (this.#facts.route !== "embedding")
        this.#telemetry.observe("tokenUsage", { ...labels, [attributes.tokenType]: "output" }, completionTokens);
    }
    if (this.#firstTokenAt !== null) {
      this.#telemetry.observe("timeToFirstToken", labels, seconds(this.#startedAt, this.#firstTokenAt));
      if (completionTokens > 1) {
        const perToken = seconds(this.#firstTokenAt, endedAt) / (completionTokens - 1);
        this.#telemetry.observe("timePerOutputToken", labels, perToken);
      }
    }
    if (!this.#context.isSampled) return;
    this.#telemetry.exporter.add({
      traceId: this.#context.traceId,
      spanId: this.#context.spanId,
      parentSpanId: this.#parentSpanId,
      name: this.#name(this.#answering),
      kind: "server",
      startedAt: this.#startedAt,
      endedAt,
      attributes: { ...labels, ...this.#asked(), ...failed, ...this.#answered(outcome) },
      error: code,
    });
  }

  #name({ model }: Answering): string {
    return `${operations[this.#facts.route]} ${model}`;
  }

  #common({ model, version }: Answering): Attributes {
    return {
      [attributes.operation]: operations[this.#facts.route],
      [attributes.provider]: providerName,
      [attributes.requestModel]: model,
      [ownAttributes.version]: version,
    };
  }

  #asked(): Attributes {
    const { body, tenant, dataClass, requestId, model } = this.#facts;
    const { reason } = this.#answering;
    const number = (value: unknown) => (typeof value === "number" ? value : undefined);
    return {
      [attributes.responseId]: requestId,
      [attributes.maxTokens]: number(body.max_completion_tokens ?? body.max_tokens),
      [attributes.temperature]: number(body.temperature),
      [attributes.topP]: number(body.top_p),
      [attributes.seed]: number(body.seed),
      [ownAttributes.tenant]: tenant,
      [ownAttributes.dataClass]: dataClass,
      [ownAttributes.reason]: reason,
      ...(this.#answering.model === model ? {} : { [ownAttributes.askedModel]: model }),
    };
  }

  #answered({ status, promptTokens, completionTokens }: Parameters<RequestSpan["end"]>[0]): Attributes {
    return {
      [attributes.httpStatus]: status,
      [attributes.inputTokens]: promptTokens,
      [attributes.outputTokens]: completionTokens,
      [attributes.finishReasons]: this.#finish === null ? undefined : [this.#finish],
      ...(this.#facts.mayShowContent ? this.#content() : {}),
    };
  }

  #content(): Attributes {
    const { body } = this.#facts;
    const asked = Array.isArray(body.messages)
      ? (body.messages as Json[]).map(({ role, content }) => ({ role, parts: partsOf(content) }))
      : [{ role: "user", parts: partsOf(body.prompt ?? body.input) }];
    const answered = [{ role: "assistant", parts: partsOf(this.#text), finish_reason: this.#finish ?? "error" }];
    return {
      [attributes.inputMessages]: JSON.stringify(asked).slice(0, mostContentCharacters),
      [attributes.outputMessages]: JSON.stringify(answered),
    };
  }
}

export interface AttemptSpan {
  readonly headers: Readonly<Record<string, string>>;
  /** @param error How the replica let the request down; null when it did not. */
  end(error: string | null): void;
}

function partsOf(content: unknown): object[] {
  return [{ type: "text", content: typeof content === "string" ? content : JSON.stringify(content ?? "") }];
}
