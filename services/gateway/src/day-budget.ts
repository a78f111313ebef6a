import { ApiError } from "./api-error.ts";
import type { TenantLimits } from "./settings.ts";

export interface Amount {
  readonly tokens: number;
  readonly usd: number;
}

/** What a tenant may still spend today. */
export interface DayBudget {
  /**
   * Sets `ask` aside for one request, without waiting for anybody; what it returns puts what was spent in its place.
   * Throws a typed 429 or 503 that says for how long.
   */
  reserve(tenant: string, limits: TenantLimits, replicas: number, ask: Amount): (spent: Amount) => void;
}

interface Account {
  day: string;
  tokens: number;
  usd: number;
  reservedTokens: number;
  reservedUsd: number;
}

/** Without a database: each replica has its share of the day, in memory. A restart forgets what was spent. */
export class DividedBudget implements DayBudget {
  readonly #accounts = new Map<string, Account>();
  readonly #today: () => string;

  /** @param today Date in UTC, `2026-11-01`. */
  constructor(today: () => string) {
    this.#today = today;
  }

  reserve(tenant: string, limits: TenantLimits, replicas: number, ask: Amount): (spent: Amount) => void {
    const account = this.#account(tenant);
    const share = (limit: number | undefined) => (limit === undefined ? Number.POSITIVE_INFINITY : limit / replicas);
    if (account.tokens + account.reservedTokens + ask.tokens > share(limits.tokensPerDay))
      throw spent("tokens_per_day");
    if (account.usd + account.reservedUsd + ask.usd > share(limits.usdPerDay) || limits.usdPerDay === 0)
      throw spent("usd_per_day");
    account.reservedTokens += ask.tokens;
    account.reservedUsd += ask.usd;
    return ({ tokens, usd }) => {
      account.reservedTokens -= ask.tokens;
      account.reservedUsd -= ask.usd;
      account.tokens += tokens;
      account.usd += usd;
    };
  }

  #account(tenant: string): Account {
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = { day: this.#today(), tokens: 0, usd: 0, reservedTokens: 0, reservedUsd: 0 };
      this.#accounts.set(tenant, account);
    }
    // Only a later day opens a new account: a clock that is set back gives nothing away.
    if (this.#today() > account.day) Object.assign(account, { day: this.#today(), tokens: 0, usd: 0 });
    return account;
  }
}

/** The 429 of a budget that is used up until tomorrow. */
export function spent(limit: "tokens_per_day" | "usd_per_day"): ApiError {
  return new ApiError(429, `limit_${limit}`, `The limit ${limit.replaceAll("_", " ")} of this tenant is reached.`, {
    retryAfterSeconds: secondsLeftToday(),
  });
}

export function secondsLeftToday(): number {
  return 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
}
