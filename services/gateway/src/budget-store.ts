import { readFile } from "node:fs/promises";
import type pg from "pg";
import type { Amount } from "./day-budget.ts";

/** A question that takes longer has failed; the next one comes soon enough. */
const answerMilliseconds = 1500;
const keptDays = 40;

/** Replicas that start together create the table one after the other. */
const creation = `
  select pg_advisory_xact_lock(7240118);
  create table if not exists freehold_gateway_budgets (
    tenant text not null,
    day date not null,
    tokens double precision not null,
    usd double precision not null,
    granted_tokens double precision not null,
    granted_usd double precision not null,
    primary key (tenant, day)
  );
  delete from freehold_gateway_budgets where day < (now() at time zone 'utc')::date - ${keptDays};
`;

/** One statement, so that the row's lock is all that replicas wait on. The day never goes back, whatever the clock does. */
const taking = `
  insert into freehold_gateway_budgets as held (tenant, day, tokens, usd, granted_tokens, granted_usd)
  select $1, greatest((now() at time zone 'utc')::date, max(day)),
    least($2::float8, $4::float8), least($3::float8, $5::float8), least($2::float8, $4::float8), least($3::float8, $5::float8)
  from freehold_gateway_budgets where tenant = $1
  on conflict (tenant, day) do update set
    granted_tokens = least($2::float8, greatest(0, $4::float8 - held.tokens)),
    granted_usd = least($3::float8, greatest(0, $5::float8 - held.usd)),
    tokens = held.tokens + least($2::float8, greatest(0, $4::float8 - held.tokens)),
    usd = held.usd + least($3::float8, greatest(0, $5::float8 - held.usd))
  returning day::text, granted_tokens, granted_usd
`;

const giving = `
  update freehold_gateway_budgets set tokens = greatest(0, tokens - $3), usd = greatest(0, usd - $4)
  where tenant = $1 and day = $2
`;

/** What each tenant has taken of each day, in a PostgreSQL database that all replicas of the gateway share. */
export class BudgetStore {
  readonly #urlFile: string;
  #pool: Promise<pg.Pool> | null = null;

  /** @param urlFile File with `postgres://...`. Read again after each failure: passwords are changed. */
  constructor(urlFile: string) {
    this.#urlFile = urlFile;
  }

  /** Takes up to `want`, as far as the limits of the day leave it. Rejects when the database does not answer in time. */
  async take(
    tenant: string,
    want: Amount,
    limits: { readonly tokens: number | null; readonly usd: number | null },
  ): Promise<{ readonly day: string; readonly granted: Amount }> {
    const [row] = await this.#query<{ day: string; granted_tokens: number; granted_usd: number }>(taking, [
      tenant,
      want.tokens,
      want.usd,
      limits.tokens ?? "infinity",
      limits.usd ?? "infinity",
    ]);
    if (row === undefined) throw new Error("The database gave no row.");
    return { day: row.day, granted: { tokens: row.granted_tokens, usd: row.granted_usd } };
  }

  async giveBack(tenant: string, day: string, amount: Amount): Promise<void> {
    await this.#query(giving, [tenant, day, amount.tokens, amount.usd]);
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await (await pool?.catch(() => null))?.end();
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    this.#pool ??= this.#open();
    const current = this.#pool;
    try {
      return (await (await current).query<Row>(text, [...values])).rows;
    } catch (error) {
      if (this.#pool === current) await this.close();
      throw error;
    }
  }

  async #open(): Promise<pg.Pool> {
    // Loaded only where budgets are shared: it costs start time and memory.
    const { default: postgres } = await import("pg");
    const pool = new postgres.Pool({
      connectionString: (await readFile(this.#urlFile, "utf8")).trim(),
      max: 2,
      connectionTimeoutMillis: answerMilliseconds,
      query_timeout: answerMilliseconds,
      statement_timeout: answerMilliseconds,
    });
    // A connection that breaks while idle is replaced with the next question.
    pool.on("error", () => {});
    try {
      await pool.query(creation);
    } catch (error) {
      await pool.end();
      throw error;
    }
    return pool;
  }
}
