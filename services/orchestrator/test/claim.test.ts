// Proves: what a claim costs does not grow with the queue, and its order holds however many wait.
import { expect, test } from "vitest";
import { claimRun } from "../src/runs/queue.ts";
import type { Database } from "../src/storage/database.ts";
import { onBothDatabases } from "./support/databases.ts";

const waiting = 2000;
const options = { worker: "w", leaseSeconds: 600, perTenant: 20, deadlineSeconds: 600 };

onBothDatabases("claims", (given) => {
  test(`look at a handful of rows with ${waiting} runs in the queue, two of each thread`, async () => {
    const { database } = given();
    await database.asOwner(async (transaction) => {
      await transaction.query(
        `insert into orchestrator.threads (thread_id, tenant_id)
         select 'thread-' || n, 'tenant-' || n % 100 from generate_series(1, ${waiting / 2}) as n`,
      );
      await transaction.query(
        `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request,
           multitask_strategy, created_at)
         select 'run-' || n, 'tenant-' || (n % ${waiting / 2} + 1) % 100, 'thread-' || n % ${waiting / 2} + 1, 'a', 'a', 3, '{}',
           'enqueue', clock_timestamp() - interval '1 hour' + make_interval(secs => n)
           from generate_series(1, ${waiting}) as n`,
      );
    });
    const rowsRead: number[] = [];
    const counting: Database = {
      ...database,
      asOwner: (work) =>
        database.asOwner(async (transaction) => {
          const result = await work(transaction);
          const { rows } = await transaction.query<{ count: string }>(
            `select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as count from pg_stat_xact_user_tables
              where schemaname = 'orchestrator' and relname = 'runs'`,
          );
          rowsRead.push(Number(rows[0]?.count));
          return result;
        }),
    };
    const claimed: (string | undefined)[] = [];
    for (let turn = 1; turn <= 15; turn += 1) claimed.push((await claimRun(counting, options))?.run_id);
    expect(claimed).toEqual(Array.from({ length: 15 }, (_, index) => `run-${index + 1}`));
    expect(Math.min(...rowsRead)).toBeGreaterThan(0);
    // The server adds up what one connection has read.
    expect(Math.max(...rowsRead)).toBeLessThan(waiting / 4);
  });
});
