import { Counter, Gauge, Histogram, textOf } from "../../shared/src/prometheus.ts";
import type { Database, Transaction } from "./storage/database.ts";

/** What a replica counts itself, and what it reads from the rows that all replicas share. */
export class Metrics {
  readonly claims = new Counter("freehold_orchestrator_claims_total", "Attempts that this replica began.");
  readonly takeovers = new Counter(
    "freehold_orchestrator_takeovers_total",
    "Attempts after a run's first: its worker was lost, or a model was away.",
  );
  readonly reaped = new Counter(
    "freehold_orchestrator_reaped_total",
    "Runs that this replica took from lost workers, by outcome: pending again, or error as a dead letter.",
  );
  readonly attemptEnds = new Counter(
    "freehold_orchestrator_attempt_ends_total",
    "How attempts left their run; `lost` is a lease that could not be kept.",
  );
  readonly claimDelay = new Histogram(
    "freehold_orchestrator_claim_delay_seconds",
    "From when a run could begin to its first attempt, by the database's clock.",
  );
  readonly spansLost = new Counter("freehold_orchestrator_spans_lost_total", "Spans that the collector did not take.");
  readonly #database: Database;
  readonly #databaseUp = new Gauge("freehold_orchestrator_database_up", "1 while the database answers, else 0.");
  readonly #queueAge = new Gauge(
    "freehold_orchestrator_queue_age_seconds",
    "Since when the oldest run waits that could begin. Shared: the same on each replica.",
  );
  readonly #runs = new Gauge(
    "freehold_orchestrator_runs",
    "Live runs, and runs that ended within the hour, by status and the error's name. Shared.",
  );
  readonly #toolCalls = new Gauge(
    "freehold_orchestrator_tool_calls",
    "Tool calls without a result, and those settled within the hour, by tool, policy and state. Shared.",
  );
  readonly #webhooks = new Gauge(
    "freehold_orchestrator_webhooks",
    "Webhooks to be sent, and those sent or given up within the hour, by state. Shared.",
  );

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of it in Prometheus' text form; without the shared part while the database is away. */
  async text(): Promise<string> {
    const shared = [this.#queueAge, this.#runs, this.#toolCalls, this.#webhooks];
    for (const gauge of shared) gauge.clear();
    const isUp = await this.#database
      .asOwner((transaction) => this.#read(transaction))
      .then(
        () => true,
        () => false,
      );
    this.#databaseUp.set({}, isUp ? 1 : 0);
    const own = [
      this.claims,
      this.takeovers,
      this.reaped,
      this.attemptEnds,
      this.claimDelay,
      this.spansLost,
      this.#databaseUp,
    ];
    return textOf([...own, ...(isUp ? shared : [])]);
  }

  async #read(transaction: Transaction): Promise<void> {
    await transaction.query("set local statement_timeout = '2s'");
    const waiting = await transaction.query<{ age: number }>(
      `select coalesce(extract(epoch from clock_timestamp() - min(greatest(available_at, created_at))), 0)::float8 as age
         from orchestrator.runs where status = 'pending' and available_at <= clock_timestamp()`,
    );
    this.#queueAge.set({}, waiting.rows[0]?.age ?? 0);
    const runs = await transaction.query<{ status: string; error: string; count: number }>(
      `select status, coalesce(error->>'error', '') as error, count(*)::int as count from orchestrator.runs
        where status in ('pending', 'running') or updated_at > clock_timestamp() - interval '1 hour' group by 1, 2`,
    );
    for (const { status, error, count } of runs.rows) this.#runs.set({ status, error }, count);
    const calls = await transaction.query<{ tool: string; policy: string; state: string; count: number }>(
      `select tool, policy, state, count(*)::int as count from orchestrator.tool_calls
        where state = 'intent' or updated_at > clock_timestamp() - interval '1 hour' group by 1, 2, 3`,
    );
    for (const { tool, policy, state, count } of calls.rows) this.#toolCalls.set({ tool, policy, state }, count);
    const webhooks = await transaction.query<{ state: string; count: number }>(
      `select state, count(*)::int as count from orchestrator.webhook_deliveries
        where state = 'pending' or updated_at > clock_timestamp() - interval '1 hour' group by 1`,
    );
    for (const { state, count } of webhooks.rows) this.#webhooks.set({ state }, count);
  }
}
