import { ApiError } from "./api-error.ts";
import type { TenantLimits } from "./settings.ts";

interface Account {
  day: string;
  tokens: number;
  usd: number;
  reservedTokens: number;
  reservedUsd: number;
  streams: number;
  /** Requests that may still be made in this minute, refilled steadily. */
  requests: number;
  refilledAt: number;
}

export interface Reservation {
  /** Takes the place of what was reserved. Further calls change nothing. */
  settle(tokens: number, usd: number): void;
}

/** Limits of each tenant, this replica's share of them. What a request may cost is set aside before it starts. */
export class TenantLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #monotonic: () => number;
  readonly #today: () => string;

  /** @param monotonic Milliseconds of a clock that never jumps. @param today Date in UTC, `2026-11-01`. */
  constructor(monotonic: () => number, today: () => string) {
    this.#monotonic = monotonic;
    this.#today = today;
  }

  /** Sets aside what the request may take; throws a 429 that says which limit stands in the way and for how long. */
  reserve(
    tenant: string,
    limits: TenantLimits,
    replicas: number,
    ask: { readonly tokens: number; readonly usd: number; readonly isStream: boolean },
  ): Reservation {
    const account = this.#account(tenant, limits, replicas);
    const share = (limit: number | undefined) => (limit === undefined ? Number.POSITIVE_INFINITY : limit / replicas);
    const untilTomorrow = secondsLeftToday();
    if (limits.requestsPerMinute !== undefined && account.requests < 1) {
      throw tooMany(
        "requests_per_minute",
        limits.requestsPerMinute === 0 ? untilTomorrow : (60 * replicas) / limits.requestsPerMinute,
      );
    }
    if (ask.isStream && account.streams + 1 > Math.ceil(share(limits.concurrentStreams)))
      throw tooMany("concurrent_streams", 1);
    if (account.tokens + account.reservedTokens + ask.tokens > share(limits.tokensPerDay))
      throw tooMany("tokens_per_day", untilTomorrow);
    if (account.usd + account.reservedUsd + ask.usd > share(limits.usdPerDay) || limits.usdPerDay === 0) {
      throw tooMany("usd_per_day", untilTomorrow);
    }
    account.requests -= 1;
    account.reservedTokens += ask.tokens;
    account.reservedUsd += ask.usd;
    account.streams += ask.isStream ? 1 : 0;
    let isOpen = true;
    return {
      settle: (tokens, usd) => {
        if (!isOpen) return;
        isOpen = false;
        account.reservedTokens -= ask.tokens;
        account.reservedUsd -= ask.usd;
        account.streams -= ask.isStream ? 1 : 0;
        account.tokens += tokens;
        account.usd += usd;
      },
    };
  }

  #account(tenant: string, limits: TenantLimits, replicas: number): Account {
    const now = this.#monotonic();
    const perMinute = (limits.requestsPerMinute ?? 0) / replicas;
    const burst = limits.requestsPerMinute === 0 ? 0 : Math.max(1, perMinute);
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = {
        day: this.#today(),
        tokens: 0,
        usd: 0,
        reservedTokens: 0,
        reservedUsd: 0,
        streams: 0,
        requests: burst,
        refilledAt: now,
      };
      this.#accounts.set(tenant, account);
    }
    account.requests = Math.min(burst, account.requests + ((now - account.refilledAt) / 60_000) * perMinute);
    account.refilledAt = now;
    // Only a later day opens a new account: a clock that is set back gives nothing away.
    if (this.#today() > account.day) Object.assign(account, { day: this.#today(), tokens: 0, usd: 0 });
    return account;
  }
}

function tooMany(limit: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, `limit_${limit}`, `The limit ${limit.replaceAll("_", " ")} of this tenant is reached.`, {
    retryAfterSeconds,
  });
}

function secondsLeftToday(): number {
  return 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
}
