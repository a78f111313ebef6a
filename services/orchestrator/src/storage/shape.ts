import { setTimeout as delay } from "node:timers/promises";
import type { Database, Transaction } from "./database.ts";
import { seesAllRows } from "./grants.ts";
import { isAway, sqlState } from "./problem.ts";
import { type Migration, migrations } from "./schema.ts";

/** The tables were changed in a way that this release cannot bear. */
export class TablesTooNew extends Error {
  override name = "TablesTooNew";
}

/** The tables did not become what this release needs within its patience. */
export class TablesNotThere extends Error {
  override name = "TablesNotThere";
}

const lookAgainMilliseconds = 500;

/** Throws where steps that this release does not know have left tables that it cannot use. */
export async function refuseNewer(
  transaction: Transaction,
  done: ReadonlySet<number>,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const known = newestOf(steps.map(({ id }) => id));
  if (newestOf(done) <= known) return;
  const { rows } = await transaction.query<{ needed: number; step: number }>(
    "select max(serves_from) as needed, max(id) as step from orchestrator.migrations where id > $1",
    [known],
  );
  const { needed = known, step = known } = rows[0] ?? {};
  if (needed <= known) return;
  throw new TablesTooNew(
    `The tables are at step ${step}, which no release before step ${needed} can use, and this one is of step ${known}. ` +
      "Deploy the release that changed them, or a newer one; an older one needs the database as it was, from a backup.",
  );
}

/** What the tables lack for this release and for the current user, as a sentence; null when it may serve on them. */
export async function lackOf(database: Database): Promise<string | null> {
  try {
    const lack = await database.asOwner(shapeLack);
    if (lack !== null) return lack;
    // Each request takes the tenants' role: who may not has no use of the tables.
    await database.asTenant("", (transaction) => transaction.query("select from orchestrator.runs limit 0"));
    return null;
  } catch (error) {
    if (isAway(error)) return `The database does not answer: ${(error as Error).message}.`;
    if (sqlState(error) !== "42501") throw error;
    return `The database's user may not use the tables: ${(error as Error).message}.`;
  }
}

async function shapeLack(transaction: Transaction): Promise<string | null> {
  const needed = newestOf(migrations.map(({ id }) => id));
  const { rows: found } = await transaction.query<{ is_there: boolean }>(
    "select to_regclass('orchestrator.migrations') is not null as is_there",
  );
  if (found[0]?.is_there !== true) return `The database has no tables yet; this release needs them at step ${needed}.`;
  const { rows } = await transaction.query<{ id: number }>("select id from orchestrator.migrations");
  const done = new Set(rows.map(({ id }) => id));
  await refuseNewer(transaction, done);
  if (migrations.some(({ id }) => !done.has(id))) {
    return `The tables are at step ${newestOf(done)}; this release needs step ${needed}.`;
  }
  await transaction.query("select from orchestrator.runs limit 0");
  return (await seesAllRows(transaction))
    ? null
    : "The database's user sees no rows: no policy of the tables is for it.";
}

/** Returns once the tables are what this release needs; `tell` hears what is lacking, each time that it changes. */
export async function awaitTables(
  database: Database,
  withinSeconds: number,
  tell: (lack: string | null) => void,
): Promise<void> {
  const until = performance.now() + withinSeconds * 1000;
  let told: string | null = null;
  for (;;) {
    const lack = await lackOf(database);
    if (lack !== told) tell(lack);
    if (lack === null) return;
    told = lack;
    if (performance.now() >= until) {
      throw new TablesNotThere(
        `${lack} Nobody has changed that within ${withinSeconds} s. Run \`migrate\` with the settings of the replicas, ` +
          "or read the log of the Job that does it.",
      );
    }
    await delay(lookAgainMilliseconds);
  }
}

function newestOf(ids: Iterable<number>): number {
  return Math.max(0, ...ids);
}
