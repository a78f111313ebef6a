import { Command, GraphDrained, isGraphInterrupt, RunControl } from "@langchain/langgraph";
import type { AgentRegistry } from "../agents/registry.ts";
import { toWire } from "../api/json.ts";
import { TenantSaver } from "../checkpoints/saver.ts";
import type { WorkerSettings } from "../settings.ts";
import type { Database } from "../storage/database.ts";
import { TenantStore } from "../store/tenant-store.ts";
import type { RunSpan } from "../telemetry.ts";
import { limitsOf, Meter } from "../tenants/budget.ts";
import { ToolLedger } from "../tools/ledger.ts";
import { type Authority, AuthorityLost } from "./authority.ts";
import { appendEvents, type RunEvent } from "./events.ts";
import { type Ending, extendLease, finishRun, handOver, postponeRun } from "./queue.ts";
import type { RunRow } from "./run.ts";
import { TryAgain } from "./try-again.ts";
import { WireStream } from "./wire-stream.ts";

/** How an execution left its run. */
export type Outcome = "finished" | "handed-over" | "postponed" | "lost";

/** Why the graph was stopped from outside. */
type Stop = "deadline" | "authority" | "drain";

/** One attempt of one run that this worker holds. */
export class Execution {
  readonly #database: Database;
  readonly #agents: AgentRegistry;
  readonly #settings: WorkerSettings;
  readonly #run: RunRow;
  readonly #authority: Authority;
  readonly #meter: Meter;
  readonly #span: RunSpan;
  readonly #control = new RunControl();
  readonly #abort = new AbortController();
  #stop: Stop | null = null;
  /** Name of what went wrong in this attempt. */
  #failure: string | null = null;

  constructor(database: Database, agents: AgentRegistry, settings: WorkerSettings, run: RunRow, span: RunSpan) {
    this.#database = database;
    this.#agents = agents;
    this.#settings = settings;
    this.#run = run;
    this.#span = span;
    this.#meter = new Meter(database, run, limitsOf(settings.tenants, run.tenant_id));
    this.#authority = { runId: run.run_id, fence: BigInt(run.fence) };
  }

  /** Asks the graph to stop at the next superstep; what is in flight goes on. */
  drain(): void {
    this.#control.requestDrain("The replica is stopping.");
  }

  /** Stops the graph now; the interrupted superstep is repeated by the next worker. */
  abandon(): void {
    this.#halt("drain");
  }

  /** Runs the graph to its end, its interrupt, its hand-over or the loss of the run. It does not throw. */
  async run(): Promise<Outcome> {
    const heartbeat = this.#startHeartbeat();
    // Where the database refuses or does not answer, the lease ends by itself, and the reaper gives the run on.
    const outcome = await this.#runGraph().catch((): Outcome => "lost");
    heartbeat.stop();
    this.#span.end(outcome, outcome === "lost" ? "lost" : this.#failure);
    return outcome;
  }

  async #runGraph(): Promise<Outcome> {
    const saver = new TenantSaver(this.#database, this.#run.tenant_id, this.#authority, (transaction) =>
      this.#meter.step(transaction),
    );
    let failure: unknown = null;
    let graph: ReturnType<AgentRegistry["compile"]> | null = null;
    try {
      graph = this.#agents.compile(this.#run.request.agent, saver);
      await this.#stream(graph, await this.#isResumed());
    } catch (error) {
      failure = error;
    }
    if (failure !== null && !isGraphInterrupt(failure) && !(failure instanceof GraphDrained)) {
      this.#failure = failure instanceof Error ? failure.name : "Error";
    }
    if (failure instanceof AuthorityLost || this.#stop === "authority") return "lost";
    if (failure instanceof GraphDrained || this.#stop === "drain") {
      await handOver(this.#database, this.#authority);
      return "handed-over";
    }
    if (failure !== null && !isGraphInterrupt(failure) && isDatabaseFailure(failure)) return "lost";
    if (failure instanceof TryAgain && this.#stop === null && this.#run.attempt < this.#run.max_attempts) {
      if (await postponeRun(this.#database, this.#authority, failure.afterSeconds)) return "postponed";
    }
    await finishRun(this.#database, this.#authority, await this.#ending(graph, failure));
    return "finished";
  }

  /** True when an earlier attempt left a checkpoint: its input is stored, and the graph goes on from there. */
  async #isResumed(): Promise<boolean> {
    const { rowCount } = await this.#database.asTenant(this.#run.tenant_id, (transaction) =>
      transaction.query("select 1 from orchestrator.checkpoints where thread_id = $1 and run_id = $2 limit 1", [
        this.#run.thread_id,
        this.#run.run_id,
      ]),
    );
    return rowCount === 1;
  }

  async #stream(graph: ReturnType<AgentRegistry["compile"]>, isResumed: boolean): Promise<void> {
    const { request } = this.#run;
    const command = request.command;
    const input = isResumed ? null : command === null ? request.input : new Command(command as never);
    const wire = new WireStream(request.streamModes, request.streamSubgraphs);
    const options = {
      configurable: {
        ...request.config.configurable,
        thread_id: this.#run.thread_id,
        run_id: this.#run.run_id,
        tenant_id: this.#run.tenant_id,
        usage_meter: this.#meter,
        run_span: this.#span,
        tool_ledger: new ToolLedger(this.#database, this.#run, this.#authority),
        ...(isResumed || request.checkpoint === null ? {} : request.checkpoint),
      },
      context: request.context as never,
      tags: request.config.tags ?? [],
      recursionLimit: Math.min(request.config.recursion_limit ?? Infinity, this.#settings.runs.recursionLimit),
      streamMode: wire.graphModes as never,
      subgraphs: request.streamSubgraphs,
      interruptBefore: (request.interruptBefore ?? undefined) as never,
      interruptAfter: (request.interruptAfter ?? undefined) as never,
      store: new TenantStore(this.#database, this.#run.tenant_id, this.#settings.store, this.#authority),
      durability: "sync" as const,
      signal: this.#abort.signal,
      control: this.#control,
    };
    const stream = wire.hasEvents
      ? graph.streamEvents(input as never, { ...options, version: "v2" } as never)
      : await graph.stream(input as never, options);
    const buffer: RunEvent[] = [];
    let isFlushing: Promise<void> | null = null;
    const flush = async () => {
      while (buffer.length > 0) {
        const batch = buffer.splice(0);
        await this.#database.asTenant(this.#run.tenant_id, (transaction) =>
          appendEvents(transaction, this.#authority, batch),
        );
      }
    };
    let flushFailure: unknown = null;
    for await (const part of stream as AsyncIterable<unknown>) {
      if (flushFailure !== null) break;
      buffer.push(...(wire.hasEvents ? wire.ofEvent(part as never) : wire.ofChunk(part)));
      // Tokens that arrive while a write is under way go with the next one.
      isFlushing ??= flush()
        .catch((error) => {
          flushFailure = error;
        })
        .finally(() => {
          isFlushing = null;
        });
    }
    await isFlushing;
    if (flushFailure !== null) throw flushFailure;
    await flush();
  }

  async #ending(graph: ReturnType<AgentRegistry["compile"]> | null, failure: unknown): Promise<Ending> {
    const { answerWithinSeconds } = this.#settings.people;
    const state = await graph?.getState({ configurable: { thread_id: this.#run.thread_id } });
    const interrupts: Record<string, unknown> = {};
    for (const task of state?.tasks ?? []) {
      if (task.interrupts.length > 0) interrupts[task.id] = toWire(task.interrupts);
    }
    const values = state === undefined ? undefined : toWire(state.values);
    if (this.#stop === "deadline") {
      this.#failure = "DeadlineExceeded";
      const error = { error: "DeadlineExceeded", message: "The run did not end before its deadline." };
      return {
        status: "timeout",
        error,
        values,
        interrupts: {},
        answerWithinSeconds,
        events: [endOf(error.error, error.message)],
      };
    }
    if (failure !== null && !isGraphInterrupt(failure)) {
      const error = failure instanceof Error ? failure : new Error(String(failure));
      const told = { error: error.name, message: error.message };
      return {
        status: "error",
        error: told,
        values,
        interrupts: {},
        answerWithinSeconds,
        events: [endOf(told.error, told.message)],
      };
    }
    // Steps that are left belong to a run that stopped at a place which its caller had named.
    const isStopped = Object.keys(interrupts).length > 0 || (state?.next.length ?? 0) > 0;
    return {
      status: isStopped ? "interrupted" : "success",
      error: null,
      values,
      interrupts,
      answerWithinSeconds,
      events: [],
    };
  }

  #halt(stop: Stop): void {
    this.#stop ??= stop;
    this.#abort.abort();
  }

  #startHeartbeat() {
    const beat = async () => {
      try {
        const isPastDeadline = await extendLease(this.#database, this.#authority, this.#settings.runs.leaseSeconds);
        if (isPastDeadline) this.#halt("deadline");
      } catch {
        // A heartbeat that failed for any reason is lost authority: another worker may hold the run already.
        this.#halt("authority");
      }
    };
    const timer = setInterval(beat, this.#settings.runs.heartbeatSeconds * 1000);
    return { stop: () => clearInterval(timer) };
  }
}

function endOf(error: string, message: string): RunEvent {
  return { event: "error", data: JSON.stringify({ error, message }) };
}

/** A failure of the connection or the server, not of the graph: the run is not to blame and is tried again. */
function isDatabaseFailure(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    (typeof code === "string" && /^(08|53|57|58|ECONN|EPIPE|ETIMEDOUT)/.test(code)) ||
    (typeof message === "string" && /^(Connection terminated|timeout exceeded when trying to connect)/.test(message))
  );
}
