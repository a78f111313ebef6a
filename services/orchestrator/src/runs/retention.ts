import type { Checkpoint } from "@langchain/langgraph-checkpoint";
import { stateCodec } from "../checkpoints/codec.ts";
import type { RetentionSettings } from "../settings.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { removeThread } from "../storage/thread-rows.ts";

/** How much one pass takes at most, so that none holds locks for long. */
const threadsAPass = 50;
const runsAPass = 500;
/** A thread that was changed this recently is left alone: somebody may be editing its state. */
const settleSeconds = 60;

/** What one pass removed. */
export interface Pruned {
  threads: number;
  runs: number;
  checkpoints: number;
}

/** Removes what the settings keep no longer: old threads, logs and ledgers of ended runs, and old checkpoints. */
export async function prune(
  database: Database,
  retention: RetentionSettings,
  quietSeconds = settleSeconds,
): Promise<Pruned> {
  const threads = await pruneThreads(database, retention.threadDays);
  const runs = await pruneRuns(database, retention.logDays);
  const checkpoints = await pruneCheckpoints(database, retention.checkpointsPerThread, quietSeconds);
  return { threads, runs, checkpoints };
}

async function pruneThreads(database: Database, days: number | undefined): Promise<number> {
  return database.asOwner(async (transaction) => {
    const { rows } = await transaction.query<{ tenant_id: string; thread_id: string }>(
      `select t.tenant_id, t.thread_id from orchestrator.threads t
        where (t.updated_at < clock_timestamp() - make_interval(days => $1::integer)
               or t.updated_at < clock_timestamp() - make_interval(secs => t.ttl_minutes * 60))
          and t.status <> 'busy'
          and not exists (select 1 from orchestrator.approvals a where a.thread_id = t.thread_id and a.state = 'open')
          and not exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id
                        and r.status in ('pending', 'running'))
        order by t.updated_at limit $2 for update skip locked`,
      [days ?? null, threadsAPass],
    );
    for (const row of rows) await removeThread(transaction, row.tenant_id, row.thread_id);
    return rows.length;
  });
}

/** The run's row stays, as do calls that are not resolved. */
async function pruneRuns(database: Database, days: number): Promise<number> {
  return database.asOwner(async (transaction) => {
    const { rows } = await transaction.query<{ run_id: string; thread_id: string }>(
      `select r.run_id, r.thread_id from orchestrator.runs r
        where r.status not in ('pending', 'running') and r.updated_at < clock_timestamp() - make_interval(days => $1)
          and exists (select 1 from orchestrator.run_events e where e.run_id = r.run_id)
        order by r.updated_at limit $2`,
      [days, runsAPass],
    );
    const ids = rows.map((row) => row.run_id);
    await transaction.query("delete from orchestrator.run_events where run_id = any($1)", [ids]);
    await transaction.query(
      `delete from orchestrator.tool_calls c using orchestrator.threads t
        where c.run_id = any($1) and c.state <> 'intent' and t.thread_id = c.thread_id and t.status in ('idle', 'error')`,
      [ids],
    );
    return ids.length;
  });
}

async function pruneCheckpoints(database: Database, keep: number, quietSeconds: number): Promise<number> {
  const crowded = await database.asOwner((transaction) =>
    transaction.query<{ thread_id: string }>(
      `select distinct thread_id from (select thread_id from orchestrator.checkpoints
         group by thread_id, checkpoint_ns having count(*) > $1) as crowded limit $2`,
      [keep, threadsAPass],
    ),
  );
  let removed = 0;
  for (const { thread_id: threadId } of crowded.rows) {
    removed += await database.asOwner((transaction) => pruneThread(transaction, threadId, keep, quietSeconds));
  }
  return removed;
}

/** Keeps the newest checkpoints of each namespace and what they refer to. No run can start meanwhile: the row is locked. */
export async function pruneThread(
  transaction: Transaction,
  threadId: string,
  keep: number,
  quietSeconds: number,
): Promise<number> {
  const { rowCount } = await transaction.query(
    `select 1 from orchestrator.threads t where t.thread_id = $1 and t.status <> 'busy'
        and t.updated_at < clock_timestamp() - make_interval(secs => $2)
        and not exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id and r.status = 'running')
      for update skip locked`,
    [threadId, quietSeconds],
  );
  if (rowCount !== 1) return 0;
  const { rows: removed } = await transaction.query(
    `delete from orchestrator.checkpoints c using (
       select checkpoint_ns, checkpoint_id, row_number() over (partition by checkpoint_ns order by checkpoint_id desc) as place
         from orchestrator.checkpoints where thread_id = $1) as ranked
      where c.thread_id = $1 and c.checkpoint_ns = ranked.checkpoint_ns and c.checkpoint_id = ranked.checkpoint_id
        and ranked.place > $2 returning c.checkpoint_id`,
    [threadId, keep],
  );
  await transaction.query(
    `delete from orchestrator.checkpoint_writes w where thread_id = $1 and not exists (
       select 1 from orchestrator.checkpoints c where c.thread_id = w.thread_id and c.checkpoint_ns = w.checkpoint_ns
          and c.checkpoint_id = w.checkpoint_id)`,
    [threadId],
  );
  const { rows: kept } = await transaction.query<{ checkpoint_ns: string; type: string; checkpoint: Buffer }>(
    "select checkpoint_ns, type, checkpoint from orchestrator.checkpoints where thread_id = $1",
    [threadId],
  );
  const used: [namespace: string, channel: string, version: string][] = [];
  for (const row of kept) {
    const { channel_versions: versions } = (await stateCodec.loadsTyped(row.type, row.checkpoint)) as Checkpoint;
    for (const [channel, version] of Object.entries(versions)) used.push([row.checkpoint_ns, channel, String(version)]);
  }
  await transaction.query(
    `delete from orchestrator.checkpoint_blobs b where thread_id = $1 and not exists (
       select 1 from unnest($2::text[], $3::text[], $4::text[]) as used(checkpoint_ns, channel, version)
        where used.checkpoint_ns = b.checkpoint_ns and used.channel = b.channel and used.version = b.version)`,
    [
      threadId,
      used.map(([namespace]) => namespace),
      used.map(([, channel]) => channel),
      used.map(([, , version]) => version),
    ],
  );
  await transaction.query(
    `with recursive live(hash) as (
       select head from orchestrator.checkpoint_blobs where thread_id = $1 and head is not null
       union select i.previous from live join orchestrator.checkpoint_items i on i.thread_id = $1 and i.hash = live.hash
              where i.previous is not null)
     delete from orchestrator.checkpoint_items where thread_id = $1 and hash not in (select hash from live)`,
    [threadId],
  );
  return removed.length;
}
