import { readFileSync } from "node:fs";
import type { RunnableConfig } from "@langchain/core/runnables";
import { attributes, operations, ownAttributes, providerName } from "../../shared/src/gen-ai-conventions.ts";
import { type Attributes, OtlpExporter } from "../../shared/src/otlp-exporter.ts";
import { contextBelow, contextHeaders, rootContext, type TraceContext } from "../../shared/src/trace-context.ts";
import type { RunRow } from "./runs/run.ts";
import type { Settings } from "./settings.ts";

/** What a piece of work that has a span may tell. */
export interface Telling {
  /** Put the next service's spans below this one. */
  readonly headers: Readonly<Record<string, string>>;
  add(attributes: Attributes): void;
}

interface SpanFacts {
  readonly name: string;
  readonly kind: "internal" | "client";
  readonly attributes: Attributes;
}

const now = () => performance.timeOrigin + performance.now();

/** Spans of runs in OpenTelemetry's form. Without a collector nothing is sent, and a caller's trace is passed on. */
export class Telemetry {
  readonly #sampleShare: number;
  readonly #exporter: OtlpExporter | null;

  constructor(settings: Settings["telemetry"], onLost: (spans: number) => void) {
    this.#sampleShare = settings?.sampleShare ?? 0;
    this.#exporter =
      settings === undefined
        ? null
        : new OtlpExporter({
            service: "orchestrator",
            endpoint: settings.endpoint,
            headers: settings.headersFile === undefined ? {} : JSON.parse(readFileSync(settings.headersFile, "utf8")),
            everyMilliseconds: settings.exportMilliseconds,
            points: () => [],
            onLost,
          });
  }

  /**
   * Begins the span of one attempt, below the caller's. The attempts of a run that came without a trace are the roots of
   * one whose id is the run's, so that all replicas write into the same.
   */
  begin(run: RunRow): RunSpan {
    const parent = run.request.trace ?? null;
    if (this.#exporter === null) return new RunSpan(null, parent, null, run);
    const context =
      parent === null
        ? rootContext(run.run_id.replaceAll("-", ""), this.#sampleShare)
        : contextBelow(parent, this.#sampleShare);
    return new RunSpan(this.#exporter, context, parent?.spanId ?? null, run);
  }

  async close(): Promise<void> {
    await this.#exporter?.close();
  }
}

/** One attempt of a run, with a span below it for each model call and each tool call that really took place. */
export class RunSpan {
  readonly #exporter: OtlpExporter | null;
  readonly #context: TraceContext | null;
  readonly #parentSpanId: string | null;
  readonly #run: RunRow | null;
  readonly #startedAt = now();

  constructor(
    exporter: OtlpExporter | null,
    context: TraceContext | null,
    parentSpanId: string | null,
    run: RunRow | null,
  ) {
    this.#exporter = exporter;
    this.#context = context;
    this.#parentSpanId = parentSpanId;
    this.#run = run;
  }

  /** One call of a model. */
  chat<Result>(model: string, dataClass: string, work: (span: Telling) => Promise<Result>): Promise<Result> {
    const facts = {
      [attributes.operation]: operations.chat,
      [attributes.provider]: providerName,
      [attributes.requestModel]: model,
      [ownAttributes.dataClass]: dataClass,
    };
    return this.#within({ name: `${operations.chat} ${model}`, kind: "client", attributes: facts }, work);
  }

  /** One call of a tool. Tools are told nothing of the trace: they may stand anywhere. */
  tool<Result>(tool: { name: string; callId: string; policy: string }, work: () => Promise<Result>): Promise<Result> {
    const facts = {
      [attributes.operation]: operations.tool,
      [attributes.toolName]: tool.name,
      [attributes.toolType]: "function",
      [attributes.toolCallId]: tool.callId,
      [ownAttributes.toolPolicy]: tool.policy,
    };
    return this.#within({ name: `${operations.tool} ${tool.name}`, kind: "internal", attributes: facts }, work);
  }

  /** @param error Name of what ended the run or the attempt; null when nothing went wrong. */
  end(outcome: string, error: string | null): void {
    if (this.#exporter === null || this.#context?.isSampled !== true || this.#run === null) return;
    const { run_id, thread_id, assistant_id, tenant_id, attempt, request } = this.#run;
    this.#exporter.add({
      traceId: this.#context.traceId,
      spanId: this.#context.spanId,
      parentSpanId: this.#parentSpanId,
      name: `${operations.agent} ${request.agent}`,
      kind: "internal",
      startedAt: this.#startedAt,
      endedAt: now(),
      attributes: {
        [attributes.operation]: operations.agent,
        [attributes.provider]: providerName,
        [attributes.agentName]: request.agent,
        [attributes.agentId]: assistant_id,
        [attributes.conversationId]: thread_id,
        [ownAttributes.tenant]: tenant_id,
        [ownAttributes.runId]: run_id,
        [ownAttributes.attempt]: attempt,
        [ownAttributes.outcome]: outcome,
        ...(error === null ? {} : { [attributes.errorType]: error }),
      },
      error,
    });
  }

  async #within<Result>(facts: SpanFacts, work: (span: Telling) => Promise<Result>): Promise<Result> {
    const exporter = this.#exporter;
    if (exporter === null || this.#context === null) {
      return work({ headers: this.#context === null ? {} : contextHeaders(this.#context), add: () => {} });
    }
    const { spanId: parentSpanId } = this.#context;
    const context = contextBelow(this.#context, 1);
    const startedAt = now();
    let more: Attributes = {};
    const end = (error: string | null) => {
      if (!context.isSampled) return;
      const failed = error === null ? {} : { [attributes.errorType]: error };
      const { traceId, spanId } = context;
      const told = { ...facts.attributes, ...more, ...failed };
      exporter.add({ ...facts, traceId, spanId, parentSpanId, startedAt, endedAt: now(), attributes: told, error });
    };
    try {
      const add = (attributes: Attributes) => {
        more = { ...more, ...attributes };
      };
      const result = await work({ headers: contextHeaders(context), add });
      end(null);
      return result;
    } catch (error) {
      // The message may hold content; the kind does not.
      end(error instanceof Error ? error.name : "Error");
      throw error;
    }
  }
}

/** The span of the run that a graph's node works for; outside of a run one that tells nobody. */
export function runSpanOf(config: RunnableConfig): RunSpan {
  return (config.configurable?.run_span as RunSpan | undefined) ?? new RunSpan(null, null, null, null);
}
