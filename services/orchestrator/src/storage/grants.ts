import pg from "pg";
import type { Transaction } from "./database.ts";
import { tenantRole } from "./schema.ts";

/** Policy that shows replicas the rows of all tenants; inside a request they take the tenants' role, which it is not for. */
const replicaPolicy = "replica_rows";

/**
 * Lets a user that owns nothing serve: it reads and writes the rows of every table and may take the tenants' role, and
 * changes no table. What it has already is left as it is. Users that were let in before stay until somebody drops them.
 */
export async function letServe(transaction: Transaction, user: string): Promise<void> {
  await letTakeTenantRole(transaction, user);
  const { rows: owners } = await transaction.query<{ is_owner: boolean }>("select current_user = $1 as is_owner", [
    user,
  ]);
  if (owners[0]?.is_owner === true) return;
  const name = pg.escapeIdentifier(user);
  await transaction.query(`grant usage on schema orchestrator to ${name}`);
  await transaction.query(`grant select on orchestrator.migrations to ${name}`);
  const { rows: tables } = await transaction.query<{ name: string; users: string[] | null }>(
    `select c.relname as name, (p.roles::text[]) as users
       from pg_class c left join pg_policies p
         on p.schemaname = 'orchestrator' and p.tablename = c.relname and p.policyname = $1
      where c.relnamespace = 'orchestrator'::regnamespace and c.relkind = 'r' and c.relrowsecurity order by c.relname`,
    [replicaPolicy],
  );
  for (const table of tables) {
    const place = `orchestrator.${pg.escapeIdentifier(table.name)}`;
    await transaction.query(`grant select, insert, update, delete on ${place} to ${name}`);
    if (table.users === null) {
      await transaction.query(`create policy ${replicaPolicy} on ${place} to ${name} using (true) with check (true)`);
    } else if (!table.users.includes(user)) {
      const users = [...table.users, user].map(pg.escapeIdentifier).join(", ");
      await transaction.query(`alter policy ${replicaPolicy} on ${place} to ${users}`);
    }
  }
}

/** Lets a user take the tenants' role inside a transaction. Where somebody has done so before, it takes no right to do it again. */
async function letTakeTenantRole(transaction: Transaction, user: string): Promise<void> {
  const { rows } = await transaction.query<{ may: boolean }>(
    // Since PostgreSQL 16 a member may be one without the right to take the role.
    `select case when current_setting('server_version_num')::integer >= 160000
       then pg_has_role($1, $2, 'SET') else pg_has_role($1, $2, 'MEMBER') end as may`,
    [user, tenantRole],
  );
  if (rows[0]?.may !== true) await transaction.query(`grant ${tenantRole} to ${pg.escapeIdentifier(user)}`);
}

/** Whether the current user sees the rows of all tenants: as owner of the tables, or by `letServe`. */
export async function seesAllRows(transaction: Transaction): Promise<boolean> {
  const { rows } = await transaction.query<{ sees_all: boolean }>(
    `select not row_security_active('orchestrator.runs') or exists (
       select from pg_policies where schemaname = 'orchestrator' and tablename = 'runs' and policyname = $1
          and current_user = any(roles)) as sees_all`,
    [replicaPolicy],
  );
  return rows[0]?.sees_all === true;
}
