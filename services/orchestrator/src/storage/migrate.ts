import type { Database, Transaction } from "./database.ts";
import { letServe } from "./grants.ts";
import { type Migration, migrations, tenantRole } from "./schema.ts";
import { refuseNewer } from "./shape.ts";

/** Any number that nothing else in this database locks; all that would migrate at once queue here. */
const migrationLock = 7_193_044_182;
/** A step that waits for a table makes everybody behind it wait: after this time it gives up, and nothing has changed. */
const tableWaitMilliseconds = 15_000;

interface MigrateOptions {
  /** User of replicas that owns nothing; it is given what serving takes. Left out: replicas are the owner. */
  readonly servingUser?: string;
  /** Left out: the steps of this release. */
  readonly steps?: readonly Migration[];
}

/** Brings the database to the newest shape; returns the steps it took. Safe from any number of processes at once. */
export async function migrate(
  database: Database,
  { servingUser, steps = migrations }: MigrateOptions = {},
): Promise<number[]> {
  return database.asOwner(async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock($1)", [migrationLock]);
    await transaction.query(`set local lock_timeout = ${tableWaitMilliseconds}`);
    // Roles belong to the whole server: a sibling database may create the same one at this moment.
    await transaction.query(`do $$ begin
      if not exists (select 1 from pg_roles where rolname = '${tenantRole}') then create role ${tenantRole} nologin; end if;
    exception when duplicate_object or unique_violation then null; end $$`);
    await transaction.query("create schema if not exists orchestrator");
    await transaction.query(`grant usage on schema orchestrator to ${tenantRole}`);
    await transaction.query(
      "create table if not exists orchestrator.migrations (id integer primary key, at timestamptz not null)",
    );
    const taken = await takeSteps(transaction, steps);
    const { rows } = await transaction.query<{ name: string }>("select current_user as name");
    await letServe(transaction, servingUser ?? rows[0]?.name ?? "");
    return taken;
  });
}

async function takeSteps(transaction: Transaction, steps: readonly Migration[]): Promise<number[]> {
  const { rows } = await transaction.query<{ id: number }>("select id from orchestrator.migrations");
  const done = new Set(rows.map((row) => row.id));
  await refuseNewer(transaction, done, steps);
  const taken: number[] = [];
  for (const { id, sql, servesFrom } of steps) {
    if (done.has(id)) continue;
    await transaction.query(sql);
    await transaction.query("insert into orchestrator.migrations (id, at) values ($1, clock_timestamp())", [id]);
    if (servesFrom !== undefined) {
      await transaction.query("update orchestrator.migrations set serves_from = $2 where id = $1", [id, servesFrom]);
    }
    taken.push(id);
  }
  return taken;
}
