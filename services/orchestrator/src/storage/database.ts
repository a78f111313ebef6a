import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";
import { tenantRole } from "./schema.ts";

/** What a statement runs on: a transaction that has been begun. */
export interface Transaction {
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** The database, on a server or embedded. Everything is written in short transactions; none spans a model or tool call. */
export interface Database {
  /** For the queue and the reaper, which serve all tenants. */
  asOwner<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** For everything else: row-level security shows and accepts only this tenant's rows. */
  asTenant<Result>(tenantId: string, work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** A database over a node-postgres pool. `afterwards` runs when the pool has ended, for what the pool does not own. */
export function databaseOn(pool: Pool, afterwards: () => Promise<void> = async () => {}): Database {
  // A connection that breaks while idle is replaced by the next query; without a listener it would end the process.
  pool.on("error", () => {});
  return {
    asOwner: (work) => inTransaction(pool, [], work),
    asTenant: (tenantId, work) =>
      inTransaction(
        pool,
        [
          ["select set_config('orchestrator.tenant', $1, true)", [tenantId]],
          [`set local role ${tenantRole}`, []],
        ],
        work,
      ),
    async close() {
      await pool.end();
      await afterwards();
    },
  };
}

async function inTransaction<Result>(
  pool: Pool,
  preparation: readonly (readonly [string, unknown[]])[],
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await client.query("begin");
    for (const [sql, values] of preparation) await client.query(sql, values);
    const result = await work(transactionOn(client));
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

function transactionOn(client: PoolClient): Transaction {
  return { query: (sql, values = []) => client.query(sql, [...values]) };
}
