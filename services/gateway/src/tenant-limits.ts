import { ApiError } from "./api-error.ts";
import { type DayBudget, secondsLeftToday } from "./day-budget.ts";
import type { TenantLimits } from "./settings.ts";

interface Account {
  streams: number;
  /** Requests that may still be made in this minute, refilled steadily. */
  requests: number;
  refilledAt: number;
}

export interface Reservation {
  /** Takes the place of what was reserved. Further calls change nothing. */
  settle(tokens: number, usd: number): void;
}

/** Limits of each tenant. What a request may cost is set aside before it starts. */
export class TenantLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #monotonic: () => number;
  readonly #budget: DayBudget;

  /** @param monotonic Milliseconds of a clock that never jumps. @param budget Tokens and money of the day. */
  constructor(monotonic: () => number, budget: DayBudget) {
    this.#monotonic = monotonic;
    this.#budget = budget;
  }

  /** Sets aside what the request may take; throws a typed error that says which limit stands in the way and for how long. */
  reserve(
    tenant: string,
    limits: TenantLimits,
    replicas: number,
    ask: { readonly tokens: number; readonly usd: number; readonly isStream: boolean },
  ): Reservation {
    const account = this.#account(tenant, limits, replicas);
    if (limits.requestsPerMinute !== undefined && account.requests < 1) {
      throw tooMany(
        "requests_per_minute",
        limits.requestsPerMinute === 0 ? secondsLeftToday() : (60 * replicas) / limits.requestsPerMinute,
      );
    }
    const mostStreams = Math.ceil((limits.concurrentStreams ?? Number.POSITIVE_INFINITY) / replicas);
    if (ask.isStream && account.streams + 1 > mostStreams) throw tooMany("concurrent_streams", 1);
    const settleDay = this.#budget.reserve(tenant, limits, replicas, ask);
    account.requests -= 1;
    account.streams += ask.isStream ? 1 : 0;
    let isOpen = true;
    return {
      settle: (tokens, usd) => {
        if (!isOpen) return;
        isOpen = false;
        account.streams -= ask.isStream ? 1 : 0;
        settleDay({ tokens, usd });
      },
    };
  }

  #account(tenant: string, limits: TenantLimits, replicas: number): Account {
    const now = this.#monotonic();
    const perMinute = (limits.requestsPerMinute ?? 0) / replicas;
    const burst = limits.requestsPerMinute === 0 ? 0 : Math.max(1, perMinute);
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = { streams: 0, requests: burst, refilledAt: now };
      this.#accounts.set(tenant, account);
    }
    account.requests = Math.min(burst, account.requests + ((now - account.refilledAt) / 60_000) * perMinute);
    account.refilledAt = now;
    return account;
  }
}

function tooMany(limit: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, `limit_${limit}`, `The limit ${limit.replaceAll("_", " ")} of this tenant is reached.`, {
    retryAfterSeconds,
  });
}
