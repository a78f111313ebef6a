import type { Database } from "./database.ts";
import { migrations, tenantRole } from "./schema.ts";

/** Any number that nothing else in this database locks; all replicas that boot at once queue here. */
const migrationLock = 7_193_044_182;

/** Brings the database to the newest shape; returns the steps it took. Safe from any number of processes at once. */
export async function migrate(database: Database): Promise<number[]> {
  return database.asOwner(async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock($1)", [migrationLock]);
    // Roles belong to the whole server: a sibling database may create the same one at this moment.
    await transaction.query(`do $$ begin
      if not exists (select 1 from pg_roles where rolname = '${tenantRole}') then create role ${tenantRole} nologin; end if;
    exception when duplicate_object or unique_violation then null; end $$`);
    await transaction.query("create schema if not exists orchestrator");
    await transaction.query(`grant usage on schema orchestrator to ${tenantRole}`);
    await transaction.query(`grant ${tenantRole} to current_user`);
    await transaction.query(
      "create table if not exists orchestrator.migrations (id integer primary key, at timestamptz not null)",
    );
    const { rows } = await transaction.query<{ id: number }>("select id from orchestrator.migrations");
    const done = new Set(rows.map((row) => row.id));
    const taken: number[] = [];
    for (const migration of migrations) {
      if (done.has(migration.id)) continue;
      await transaction.query(migration.sql);
      await transaction.query("insert into orchestrator.migrations values ($1, clock_timestamp())", [migration.id]);
      taken.push(migration.id);
    }
    return taken;
  });
}
