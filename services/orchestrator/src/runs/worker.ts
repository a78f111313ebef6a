import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { AgentRegistry } from "../agents/registry.ts";
import type { RunSettings, Settings, StoreSettings } from "../settings.ts";
import type { Database } from "../storage/database.ts";
import { forgetExpiredItems } from "../store/tenant-store.ts";
import { Execution, type Outcome } from "./execute.ts";
import { claimRun, reapExpired } from "./queue.ts";
import { forgetStatelessThreads } from "./stateless.ts";

/** Counts since the start of this worker, for metrics and tests. */
export interface WorkerCounts {
  claims: number;
  takeovers: number;
  reaped: number;
  outcomes: Record<Outcome, number>;
}

/** Claims runs and executes them, and reaps those of workers that are gone. Each replica has one. */
export class Worker {
  readonly counts: WorkerCounts = {
    claims: 0,
    takeovers: 0,
    reaped: 0,
    outcomes: { finished: 0, "handed-over": 0, postponed: 0, lost: 0 },
  };
  readonly #name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #database: Database;
  readonly #agents: AgentRegistry;
  readonly #settings: RunSettings;
  readonly #storeLimits: StoreSettings;
  readonly #running = new Map<Execution, Promise<void>>();
  readonly #loops: Promise<void>[] = [];
  readonly #ended = new AbortController();
  readonly #chores: readonly (() => Promise<void>)[];
  #lastClaimAt = Date.now();

  /** `chores` are done by every replica as often as it reaps. */
  constructor(
    database: Database,
    agents: AgentRegistry,
    settings: Pick<Settings, "runs" | "store">,
    chores: readonly (() => Promise<void>)[] = [],
  ) {
    this.#database = database;
    this.#agents = agents;
    this.#settings = settings.runs;
    this.#storeLimits = settings.store;
    this.#chores = chores;
  }

  start(): void {
    this.#loops.push(
      this.#every(this.#settings.reaperSeconds * 1000, async () => {
        this.counts.reaped += (await reapExpired(this.#database)).length;
        await forgetStatelessThreads(this.#database, this.#settings.statelessKeepSeconds);
        await forgetExpiredItems(this.#database);
      }),
      ...this.#chores.map((chore) => this.#every(this.#settings.reaperSeconds * 1000, chore)),
    );
    if (this.#settings.concurrency > 0) {
      this.#loops.push(this.#every(this.#settings.pollMilliseconds, () => this.#claimAll()));
    }
  }

  /** True while the claim loop has reached the database within three leases: a port that listens proves nothing. */
  isWorking(): boolean {
    if (this.#settings.concurrency === 0) return true;
    return Date.now() - this.#lastClaimAt < this.#settings.leaseSeconds * 3000;
  }

  /**
   * Stops claiming and hands the runs over at their next superstep; after `drainSeconds` what still runs is abandoned
   * and repeats its superstep elsewhere.
   */
  async drain(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops);
    for (const execution of this.#running.keys()) execution.drain();
    const timer = setTimeout(() => {
      for (const execution of this.#running.keys()) execution.abandon();
    }, this.#settings.drainSeconds * 1000);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
  }

  async #claimAll(): Promise<void> {
    while (this.#running.size < this.#settings.concurrency && !this.#ended.signal.aborted) {
      const run = await claimRun(this.#database, { worker: this.#name, ...this.#settings });
      this.#lastClaimAt = Date.now();
      if (run === null) return;
      this.counts.claims += 1;
      if (run.attempt > 1) this.counts.takeovers += 1;
      const execution = new Execution(this.#database, this.#agents, this.#settings, this.#storeLimits, run);
      const ended = execution.run().then((outcome) => {
        this.counts.outcomes[outcome] += 1;
        this.#running.delete(execution);
      });
      this.#running.set(execution, ended);
    }
    this.#lastClaimAt = Date.now();
  }

  async #every(milliseconds: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      // A database that is away is asked again; readiness tells the cluster meanwhile.
      await work().catch(() => {});
      await delay(milliseconds, undefined, { signal }).catch(() => {});
    }
  }
}
