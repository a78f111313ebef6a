import { hostname } from "node:os";
import { conventionsUrl } from "./gen-ai-conventions.ts";

export type AttributeValue = string | number | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: "internal" | "server" | "client";
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** What went wrong; null when nothing did. */
  readonly error: string | null;
}

export interface HistogramPoint {
  readonly name: string;
  readonly unit: string;
  readonly bounds: readonly number[];
  readonly attributes: Attributes;
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface OtlpExporterOptions {
  /** Who sends, as `gateway`. */
  readonly service: string;
  /** Base of the collector: `/v1/traces` and `/v1/metrics` are added. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly everyMilliseconds: number;
  points(): readonly HistogramPoint[];
  onLost(spans: number): void;
}

/** Spans that wait for the collector: more than that are lost, and no request waits for any. */
const mostWaiting = 4096;
const spansPerPost = 512;
const answerMilliseconds = 5000;
const kinds = { internal: 1, server: 2, client: 3 } as const;
const errorStatus = 2;
const cumulative = 2;

/** Sends spans and metrics to a collector as OTLP over HTTP, in JSON. */
export class OtlpExporter {
  readonly #options: OtlpExporterOptions;
  readonly #startedAt = Date.now();
  readonly #resource: object;
  readonly #scope: object;
  readonly #timer: NodeJS.Timeout;
  #waiting: SpanRecord[] = [];
  #sending: Promise<void> | null = null;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
    this.#resource = {
      attributes: attributeList({
        "service.name": `freehold-${options.service}`,
        "service.instance.id": hostname(),
      }),
    };
    this.#scope = { name: `freehold.${options.service}` };
    this.#timer = setInterval(() => void this.flush(), options.everyMilliseconds);
    this.#timer.unref();
  }

  add(span: SpanRecord): void {
    if (this.#waiting.length >= mostWaiting) this.#options.onLost(1);
    else this.#waiting.push(span);
    if (this.#waiting.length === spansPerPost) void this.flush();
  }

  /** Sends what waits; one sending at a time. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.flush();
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.slice(0, spansPerPost);
      this.#waiting = this.#waiting.slice(spansPerPost);
      const scopeSpans = [{ scope: this.#scope, spans: spans.map(spanJson), schemaUrl: conventionsUrl }];
      const isTaken = await this.#post("/v1/traces", { resourceSpans: [{ resource: this.#resource, scopeSpans }] });
      // What was not taken is not kept: a collector that is away must not fill this process.
      if (!isTaken) this.#options.onLost(spans.length);
      if (!isTaken) break;
    }
    const metrics = metricsJson(this.#options.points(), this.#startedAt);
    if (metrics.length === 0) return;
    const scopeMetrics = [{ scope: this.#scope, metrics, schemaUrl: conventionsUrl }];
    await this.#post("/v1/metrics", { resourceMetrics: [{ resource: this.#resource, scopeMetrics }] });
  }

  async #post(path: string, body: object): Promise<boolean> {
    const { endpoint, headers } = this.#options;
    try {
      const response = await fetch(endpoint.replace(/\/$/, "") + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(answerMilliseconds),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}

const nanoseconds = (milliseconds: number) => (BigInt(Math.round(milliseconds * 1000)) * 1000n).toString();

function valueJson(value: AttributeValue): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
}

function attributeList(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueJson(value) }],
  );
}

function spanJson(span: SpanRecord): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(span.endedAt),
    attributes: attributeList(span.attributes),
    status: span.error === null ? {} : { code: errorStatus, message: span.error },
  };
}

function metricsJson(points: readonly HistogramPoint[], startedAt: number): object[] {
  const times = { startTimeUnixNano: nanoseconds(startedAt), timeUnixNano: nanoseconds(Date.now()) };
  return [...new Set(points.map(({ name }) => name))].map((name) => {
    const own = points.filter((point) => point.name === name);
    const dataPoints = own.map((point) => ({
      ...times,
      attributes: attributeList(point.attributes),
      count: String(point.count),
      sum: point.sum,
      bucketCounts: point.counts.map(String),
      explicitBounds: point.bounds,
    }));
    return { name, unit: own[0]?.unit, histogram: { dataPoints, aggregationTemporality: cumulative } };
  });
}
