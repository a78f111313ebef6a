import type { Database, Transaction } from "../storage/database.ts";
import { type Authority, AuthorityLost } from "./authority.ts";

/** One entry of a run's log; the log is the only source of streams. */
export interface RunEvent {
  event: string;
  /** JSON text. */
  data: string;
}

export interface StoredEvent extends RunEvent {
  seq: number;
  attempt: number;
}

/** Appends to the log of a run that is held under the fence; the numbers have no gap. */
export async function appendEvents(transaction: Transaction, authority: Authority, events: readonly RunEvent[]) {
  const { rows } = await transaction.query<{ last_seq: string; attempt: number; tenant_id: string }>(
    `update orchestrator.runs set last_seq = last_seq + $3
      where run_id = $1 and fence = $2 and status = 'running' and lease_until > clock_timestamp()
      returning last_seq, attempt, tenant_id`,
    [authority.runId, authority.fence, events.length],
  );
  const [run] = rows;
  if (run === undefined) throw new AuthorityLost(authority.runId);
  await insertEvents(transaction, run, authority.runId, Number(run.last_seq) - events.length, events);
}

/** Rows of the log after `last`; the caller has reserved their numbers in the run's row. */
export async function insertEvents(
  transaction: Transaction,
  run: { tenant_id: string; attempt: number },
  runId: string,
  last: number,
  events: readonly RunEvent[],
): Promise<void> {
  await transaction.query(
    `insert into orchestrator.run_events (tenant_id, run_id, seq, attempt, event, data)
     select $1, $2, $3::bigint + entry.position, $4, entry.event, entry.data
       from unnest($5::text[], $6::text[]) with ordinality as entry(event, data, position)`,
    [run.tenant_id, runId, last, run.attempt, events.map((entry) => entry.event), events.map((entry) => entry.data)],
  );
}

/** Up to 500 entries after `after`, the number of the last one, and whether the run has ended; empty and `null` when the tenant has no such run. */
export async function readEvents(database: Database, tenantId: string, runId: string, after: number) {
  return database.asTenant(tenantId, async (transaction) => {
    // The state first: an entry that is written between the two reads then belongs to a run not yet seen as ended.
    const run = await transaction.query<{ status: string; last_seq: string }>(
      "select status, last_seq from orchestrator.runs where run_id = $1",
      [runId],
    );
    const { rows } = await transaction.query<{ seq: string; attempt: number; event: string; data: string }>(
      "select seq, attempt, event, data from orchestrator.run_events where run_id = $1 and seq > $2 order by seq limit 500",
      [runId, after],
    );
    const events: StoredEvent[] = rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    return { status: run.rows[0]?.status ?? null, lastSeq: Number(run.rows[0]?.last_seq ?? 0), events };
  });
}
