import { recordQuestions } from "../people/approvals.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { type Authority, AuthorityLost, assertAuthority } from "./authority.ts";
import { appendEvents, insertEvents, type RunEvent } from "./events.ts";
import type { RunRow, RunStatus } from "./run.ts";

interface ClaimOptions {
  worker: string;
  leaseSeconds: number;
  /** Live runs of a tenant over all replicas, and of tenants that have their own number. */
  perTenant: number;
  ofTenant?: Readonly<Record<string, number>>;
  deadlineSeconds: number;
}

/**
 * The oldest run that may start, now held by this worker under a new fence; null when there is none. Runs of one thread
 * start in their order, one at a time.
 */
export async function claimRun(database: Database, options: ClaimOptions): Promise<RunRow | null> {
  return database.asOwner(async (transaction) => {
    // In the index's order, so that the first that may start ends the search: sorted, each claim would weigh all that wait.
    await transaction.query("set local enable_sort = off");
    const { rows } = await transaction.query<RunRow>(
      `with next as (
         select r.run_id from orchestrator.runs r
          where r.status = 'pending' and r.available_at <= clock_timestamp()
            and not exists (select 1 from orchestrator.runs o where o.thread_id = r.thread_id and o.status = 'running')
            and not exists (select 1 from orchestrator.runs o where o.thread_id = r.thread_id and o.status = 'pending'
                             and (o.created_at, o.run_id) < (r.created_at, r.run_id))
            and (select count(*) from orchestrator.runs o where o.tenant_id = r.tenant_id and o.status = 'running')
                  < coalesce(($5::jsonb ->> r.tenant_id)::int, $3)
          order by r.created_at, r.run_id limit 1 for update skip locked)
       update orchestrator.runs set status = 'running', fence = fence + 1, attempt = attempt + 1, worker = $1,
         lease_until = clock_timestamp() + make_interval(secs => $2),
         started_at = coalesce(started_at, clock_timestamp()),
         deadline_at = coalesce(deadline_at, clock_timestamp() + make_interval(secs => $4)),
         updated_at = clock_timestamp(), last_seq = last_seq + 1
       from next where orchestrator.runs.run_id = next.run_id returning orchestrator.runs.*`,
      [
        options.worker,
        options.leaseSeconds,
        options.perTenant,
        options.deadlineSeconds,
        JSON.stringify(options.ofTenant ?? {}),
      ],
    );
    const [run] = rows;
    if (run === undefined) return null;
    await transaction.query(
      "update orchestrator.threads set status = 'busy', updated_at = clock_timestamp() where thread_id = $1",
      [run.thread_id],
    );
    // A client that sees a higher attempt throws away what it showed of the one before.
    const start = { event: "metadata", data: JSON.stringify({ run_id: run.run_id, attempt: run.attempt }) };
    await insertEvents(transaction, run, run.run_id, Number(run.last_seq) - 1, [start]);
    return run;
  });
}

/** Extends the lease; true when the run is past its deadline. It throws when the run is no longer ours; any other failure means the same to the caller. */
export async function extendLease(database: Database, authority: Authority, leaseSeconds: number): Promise<boolean> {
  return database.asOwner(async (transaction) => {
    const { rows } = await transaction.query<{ is_past_deadline: boolean }>(
      `update orchestrator.runs set lease_until = clock_timestamp() + make_interval(secs => $3)
        where run_id = $1 and fence = $2 and status = 'running' and lease_until > clock_timestamp()
        returning deadline_at < clock_timestamp() as is_past_deadline`,
      [authority.runId, authority.fence, leaseSeconds],
    );
    const [row] = rows;
    if (row === undefined) throw new AuthorityLost(authority.runId);
    return row.is_past_deadline;
  });
}

/** How a run ended, and what its thread shows from now on. */
export interface Ending {
  status: Exclude<RunStatus, "pending" | "running">;
  error: { error: string; message: string } | null;
  values: unknown;
  interrupts: Record<string, unknown>;
  /** How long a person has to answer what the run stopped for. */
  answerWithinSeconds: number;
  events: readonly RunEvent[];
}

/** Ends a run that is held under the fence: its last events, its state and its thread's, in one transaction. */
export async function finishRun(database: Database, authority: Authority, ending: Ending): Promise<void> {
  await database.asOwner(async (transaction) => {
    await appendEvents(transaction, authority, ending.events);
    const { rows } = await transaction.query<RunRow>(
      `update orchestrator.runs set status = $3, error = $4, lease_until = null, updated_at = clock_timestamp()
        where run_id = $1 and fence = $2 returning *`,
      [authority.runId, authority.fence, ending.status, ending.error === null ? null : JSON.stringify(ending.error)],
    );
    const shown = { success: "idle", interrupted: "interrupted", error: "error", timeout: "error" } as const;
    const status = shown[ending.status];
    const run = rows[0] as Pick<RunRow, "run_id" | "tenant_id" | "thread_id">;
    await settleThread(transaction, run, status, ending.values, ending.interrupts, ending.answerWithinSeconds);
  });
}

/** Gives a run back, so that another replica goes on from its last checkpoint; it does not count as an attempt. */
export async function handOver(database: Database, authority: Authority): Promise<void> {
  await database.asOwner(async (transaction) => {
    await transaction.query(
      `update orchestrator.runs set status = 'pending', attempt = attempt - 1, fence = fence + 1, lease_until = null,
         worker = null, updated_at = clock_timestamp()
        where run_id = $1 and fence = $2 and status = 'running'`,
      [authority.runId, authority.fence],
    );
  });
}

/**
 * Lets a run wait for its next attempt, which begins no sooner than in `afterSeconds`; this one is used up. False where
 * that would be past the run's deadline: then there is nothing to wait for.
 */
export async function postponeRun(database: Database, authority: Authority, afterSeconds: number): Promise<boolean> {
  return database.asOwner(async (transaction) => {
    const { rowCount } = await transaction.query(
      `update orchestrator.runs set status = 'pending', fence = fence + 1, lease_until = null, worker = null,
         available_at = clock_timestamp() + make_interval(secs => $3), updated_at = clock_timestamp()
        where run_id = $1 and fence = $2 and status = 'running' and lease_until > clock_timestamp()
          and deadline_at > clock_timestamp() + make_interval(secs => $3)`,
      [authority.runId, authority.fence, afterSeconds],
    );
    if (rowCount === 1) return true;
    await assertAuthority(transaction, authority);
    return false;
  });
}

/** A run that the reaper took from a worker that no longer answers. */
export interface Reaped {
  run_id: string;
  outcome: "pending" | "error";
}

/**
 * Takes runs whose lease is over from their workers. A run with attempts left waits again; one without them is a dead
 * letter: it ends as `error`, with the reason, and is not tried again.
 */
export async function reapExpired(database: Database): Promise<Reaped[]> {
  return database.asOwner(async (transaction) => {
    const { rows } = await transaction.query<RunRow>(
      `with expired as (
         select run_id from orchestrator.runs where status = 'running' and lease_until < clock_timestamp()
          for update skip locked)
       update orchestrator.runs set fence = fence + 1, lease_until = null, worker = null, updated_at = clock_timestamp(),
         status = case when attempt >= max_attempts then 'error' else 'pending' end,
         last_seq = last_seq + case when attempt >= max_attempts then 1 else 0 end
       from expired where orchestrator.runs.run_id = expired.run_id returning orchestrator.runs.*`,
    );
    for (const run of rows) {
      if (run.status !== "error") continue;
      const error = {
        error: "AttemptsExhausted",
        message: `The run's worker was lost in each of its ${run.max_attempts} attempts; it is not tried again.`,
      };
      await insertEvents(transaction, run, run.run_id, Number(run.last_seq) - 1, [
        { event: "error", data: JSON.stringify(error) },
      ]);
      await transaction.query("update orchestrator.runs set error = $2 where run_id = $1", [
        run.run_id,
        JSON.stringify(error),
      ]);
      await settleThread(transaction, run, "error", undefined, {});
    }
    return rows.map((run) => ({ run_id: run.run_id, outcome: run.status as Reaped["outcome"] }));
  });
}

/**
 * Ends waiting and live runs at once by taking them from their workers, whose next write is refused. `rollback` also
 * removes the runs and the checkpoints they wrote. Works in the caller's transaction, under its tenant.
 */
export async function stopRuns(transaction: Transaction, runIds: readonly string[], action: "interrupt" | "rollback") {
  const { rows } = await transaction.query<RunRow>(
    `update orchestrator.runs set status = 'interrupted', fence = fence + 1, lease_until = null, worker = null,
       last_seq = last_seq + 1, updated_at = clock_timestamp()
      where run_id = any($1) and status in ('pending', 'running') returning *`,
    [runIds],
  );
  for (const run of rows) {
    const data = JSON.stringify({ error: "UserInterrupt", message: "The run was cancelled." });
    await insertEvents(transaction, run, run.run_id, Number(run.last_seq) - 1, [{ event: "error", data }]);
    if (action === "rollback") {
      await transaction.query("delete from orchestrator.checkpoints where thread_id = $1 and run_id = $2", [
        run.thread_id,
        run.run_id,
      ]);
      await transaction.query("delete from orchestrator.runs where run_id = $1", [run.run_id]);
    }
    await settleThread(transaction, run, "idle", undefined, {});
  }
  return rows.map((run) => run.run_id);
}

/** The thread's state after a run; busy stays busy while another run of it waits. */
async function settleThread(
  transaction: Transaction,
  run: Pick<RunRow, "run_id" | "tenant_id" | "thread_id">,
  status: string,
  values: unknown,
  interrupts: Record<string, unknown>,
  answerWithinSeconds = 0,
): Promise<void> {
  await recordQuestions(transaction, run, interrupts, answerWithinSeconds);
  await transaction.query(
    `update orchestrator.threads t set updated_at = clock_timestamp(), interrupts = $3,
       values = case when $4::jsonb is null then values else $4::jsonb end,
       status = case when exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id
                                   and r.status in ('pending', 'running')) then 'busy' else $2 end
      where thread_id = $1`,
    [run.thread_id, status, JSON.stringify(interrupts), values === undefined ? null : JSON.stringify(values)],
  );
}
