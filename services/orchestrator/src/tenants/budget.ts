import type { RunRow } from "../runs/run.ts";
import type { TenantSettings } from "../settings.ts";
import type { Database, Transaction } from "../storage/database.ts";

type Budget = Exclude<keyof TenantSettings, "concurrentRuns">;

const words: Readonly<Record<Budget, string>> = {
  runsPerDay: "runs of this day",
  stepsPerDay: "supersteps of this day",
  tokensPerDay: "tokens of this day",
  stepsPerRun: "supersteps of one run",
  tokensPerRun: "tokens of one run",
};

/** A tenant has used up what the settings give it. The run ends; days begin at midnight UTC, by the database's clock. */
export class BudgetSpent extends Error {
  override name = "BudgetSpent";
  readonly budget: Budget;
  constructor(budget: Budget, limit: number) {
    super(`The budget ${budget} is spent: ${limit} ${words[budget]}.`);
    this.budget = budget;
  }
}

/** The tenant's limits: its own entry, or that of `*`. */
export function limitsOf(tenants: Readonly<Record<string, TenantSettings>>, tenantId: string): TenantSettings {
  return (Object.hasOwn(tenants, tenantId) ? tenants[tenantId] : tenants["*"]) ?? {};
}

interface Usage {
  runs: number;
  steps: number;
  tokens: string;
}

/**
 * Counts one more run of today; throws `BudgetSpent` when that is one too many. In the transaction that accepts it. What has
 * no limit is not counted: all runs of a tenant would take turns at the day's row for nothing.
 */
export async function countRun(
  transaction: Transaction,
  tenantId: string,
  { runsPerDay }: TenantSettings,
): Promise<void> {
  if (runsPerDay === undefined) return;
  const usage = await add(transaction, tenantId, { runs: 1 });
  if (usage.runs > runsPerDay) throw new BudgetSpent("runsPerDay", runsPerDay);
}

/** Counts what one run uses, for the run and its tenant's day. */
export class Meter {
  readonly #database: Database;
  readonly #run: RunRow;
  readonly #limits: TenantSettings;

  constructor(database: Database, run: RunRow, limits: TenantSettings) {
    this.#database = database;
    this.#run = run;
    this.#limits = limits;
  }

  /** Counts a superstep in the transaction that stores it: one that the budget does not hold is not stored. */
  async step(transaction: Transaction): Promise<void> {
    const { rows } = await transaction.query<{ steps: number }>(
      "update orchestrator.runs set steps = steps + 1 where run_id = $1 returning steps",
      [this.#run.run_id],
    );
    const { stepsPerRun = Infinity, stepsPerDay } = this.#limits;
    if ((rows[0]?.steps ?? 0) > stepsPerRun) throw new BudgetSpent("stepsPerRun", stepsPerRun);
    if (stepsPerDay === undefined) return;
    const day = await add(transaction, this.#run.tenant_id, { steps: 1 });
    if (day.steps > stepsPerDay) throw new BudgetSpent("stepsPerDay", stepsPerDay);
  }

  /** Throws `BudgetSpent` when no token is left. Calls that run side by side may together pass the limit by their answers. */
  async admitModelCall(): Promise<void> {
    const { tokensPerRun = Infinity, tokensPerDay = Infinity } = this.#limits;
    const { run, day } = await this.#tokens(0);
    if (run >= tokensPerRun) throw new BudgetSpent("tokensPerRun", tokensPerRun);
    if (day >= tokensPerDay) throw new BudgetSpent("tokensPerDay", tokensPerDay);
  }

  async countTokens(tokens: number): Promise<void> {
    await this.#tokens(tokens);
  }

  async #tokens(tokens: number): Promise<{ run: number; day: number }> {
    return this.#database.asTenant(this.#run.tenant_id, async (transaction) => {
      const { rows } = await transaction.query<{ tokens: string }>(
        "update orchestrator.runs set tokens = tokens + $2 where run_id = $1 returning tokens",
        [this.#run.run_id, tokens],
      );
      const run = Number(rows[0]?.tokens ?? 0);
      if (this.#limits.tokensPerDay === undefined) return { run, day: 0 };
      return { run, day: Number((await add(transaction, this.#run.tenant_id, { tokens })).tokens) };
    });
  }
}

async function add(
  transaction: Transaction,
  tenantId: string,
  more: { runs?: number; steps?: number; tokens?: number },
): Promise<Usage> {
  const { rows } = await transaction.query<Usage>(
    `insert into orchestrator.tenant_usage as usage (tenant_id, day, runs, steps, tokens)
     values ($1, (clock_timestamp() at time zone 'UTC')::date, $2, $3, $4)
     on conflict (tenant_id, day) do update set runs = usage.runs + excluded.runs, steps = usage.steps + excluded.steps,
       tokens = usage.tokens + excluded.tokens returning runs, steps, tokens`,
    [tenantId, more.runs ?? 0, more.steps ?? 0, more.tokens ?? 0],
  );
  return rows[0] as Usage;
}
