import type { Database } from "../storage/database.ts";
import { removeThread } from "../storage/thread-rows.ts";

/**
 * Removes the threads that were made for runs without one, with all they hold, `keepSeconds` after the run ended: until
 * then a reader that lost its stream can come back. A thread that waits for a person stays. Returns how many went.
 */
export async function forgetStatelessThreads(database: Database, keepSeconds: number): Promise<number> {
  return database.asOwner(async (transaction) => {
    const { rows } = await transaction.query<{ tenant_id: string; thread_id: string }>(
      `select t.tenant_id, t.thread_id from orchestrator.threads t
        where t.status in ('idle', 'error')
          and exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id and r.is_stateless)
          and not exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id
                and (not r.is_stateless or r.status in ('pending', 'running')
                     or exists (select 1 from orchestrator.webhook_deliveries d where d.run_id = r.run_id and d.state = 'pending')
                     or r.updated_at > clock_timestamp() - make_interval(secs => $1)))
        order by t.updated_at limit 100 for update skip locked`,
      [keepSeconds],
    );
    for (const { tenant_id, thread_id } of rows) await removeThread(transaction, tenant_id, thread_id);
    return rows.length;
  });
}
