import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { AgentRegistry } from "../agents/registry.ts";
import { Metrics } from "../metrics.ts";
import { expireQuestions } from "../people/approvals.ts";
import type { WorkerSettings } from "../settings.ts";
import type { Database } from "../storage/database.ts";
import { forgetExpiredItems } from "../store/tenant-store.ts";
import { limitsOf } from "../tenants/budget.ts";
import { ChoreLoop } from "./chore-loop.ts";
import { Execution } from "./execute.ts";
import { claimRun, reapExpired } from "./queue.ts";
import { prune } from "./retention.ts";
import type { RunRow } from "./run.ts";
import { forgetStatelessThreads } from "./stateless.ts";

/** Claims runs and executes them, and reaps those of workers that are gone. Each replica has one. */
export class Worker {
  readonly metrics: Metrics;
  readonly #name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #database: Database;
  readonly #agents: AgentRegistry;
  readonly #settings: WorkerSettings;
  readonly #running = new Map<Execution, Promise<void>>();
  readonly #loops: ChoreLoop[] = [];
  readonly #ended = new AbortController();
  readonly #shares: { perTenant: number; ofTenant: Record<string, number> };
  readonly #chores: readonly (() => Promise<void>)[];

  /** `chores` are done by every replica as often as it reaps. */
  constructor(
    database: Database,
    agents: AgentRegistry,
    settings: WorkerSettings,
    chores: readonly (() => Promise<void>)[] = [],
  ) {
    this.metrics = new Metrics(database);
    this.#database = database;
    this.#agents = agents;
    this.#settings = settings;
    this.#chores = chores;
    const ofTenant: Record<string, number> = {};
    for (const name of Object.keys(settings.tenants)) {
      ofTenant[name] = limitsOf(settings.tenants, name).concurrentRuns ?? settings.runs.perTenant;
    }
    this.#shares = { perTenant: ofTenant["*"] ?? settings.runs.perTenant, ofTenant };
  }

  start(): void {
    const { concurrency, reaperSeconds, pollMilliseconds, statelessKeepSeconds } = this.#settings.runs;
    this.#every(reaperSeconds * 1000, async () => {
      for (const { outcome } of await reapExpired(this.#database)) this.metrics.reaped.add({ outcome });
      await expireQuestions(this.#database);
      await forgetStatelessThreads(this.#database, statelessKeepSeconds);
      await forgetExpiredItems(this.#database);
    });
    this.#every(this.#settings.retention.everySeconds * 1000, async () => {
      await prune(this.#database, this.#settings.retention);
    });
    for (const chore of this.#chores) this.#every(reaperSeconds * 1000, chore);
    if (concurrency > 0) this.#every(pollMilliseconds, () => this.#claimAll());
  }

  /** False when a loop has stood still for three leases: a port that listens proves nothing. */
  get isAlive(): boolean {
    return (
      this.#ended.signal.aborted ||
      this.#loops.every((loop) => loop.turnedWithin(this.#settings.runs.leaseSeconds * 3000))
    );
  }

  /** True while each loop has had its answers from the database within a lease, until it is drained. */
  get isReady(): boolean {
    const { leaseSeconds } = this.#settings.runs;
    return (
      !this.#ended.signal.aborted &&
      this.#loops.length > 0 &&
      this.#loops.every((loop) => loop.succeededWithin(leaseSeconds * 1000))
    );
  }

  /**
   * Stops claiming and hands the runs over at their next superstep; after `drainSeconds` what still runs is abandoned
   * and repeats its superstep elsewhere.
   */
  async drain(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops.map((loop) => loop.ended));
    for (const execution of this.#running.keys()) execution.drain();
    const timer = setTimeout(() => {
      for (const execution of this.#running.keys()) execution.abandon();
    }, this.#settings.runs.drainSeconds * 1000);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
  }

  async #claimAll(): Promise<void> {
    while (this.#running.size < this.#settings.runs.concurrency && !this.#ended.signal.aborted) {
      const run = await claimRun(this.#database, { worker: this.#name, ...this.#settings.runs, ...this.#shares });
      if (run === null) return;
      this.#count(run);
      const execution = new Execution(this.#database, this.#agents, this.#settings, run);
      const ended = execution.run().then((outcome) => {
        this.metrics.attemptEnds.add({ outcome });
        this.#running.delete(execution);
      });
      this.#running.set(execution, ended);
    }
  }

  #count(run: RunRow): void {
    this.metrics.claims.add({});
    if (run.attempt > 1) {
      this.metrics.takeovers.add({});
    } else if (run.started_at !== null) {
      const couldBeginAt = Math.max(run.available_at.getTime(), run.created_at.getTime());
      this.metrics.claimDelay.observe({}, (run.started_at.getTime() - couldBeginAt) / 1000);
    }
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    this.#loops.push(new ChoreLoop(milliseconds, work, this.#ended.signal));
  }
}
