import type { BudgetSettings } from "./escalation-settings.ts";

/** Requests that may go on before any share has been earned. */
const least = 2;
/** Most that a quiet time may save up. */
const most = 50;

export interface Claim {
  /** Takes the place of what was set aside. Further calls change nothing. */
  settle(usd: number): void;
}

/** Money a day and share of the requests of one way out, this replica's part of them. */
export class EscalationBudget {
  readonly #today: () => string;
  #day: string;
  #usd = 0;
  #reservedUsd = 0;
  #shares = least;

  /** @param today Date in UTC, `2026-11-01`. */
  constructor(today: () => string) {
    this.#today = today;
    this.#day = today();
  }

  /** Counts a request that might go on: it earns its share. */
  request({ shareOfRequests }: BudgetSettings): void {
    this.#shares = Math.min(most, this.#shares + shareOfRequests);
  }

  /** Sets aside what the request may cost; the name of the limit where it is reached. */
  claim(
    { usdPerDay, shareOfRequests }: BudgetSettings,
    replicas: number,
    usd: number,
  ): Claim | "budget_usd" | "budget_share" {
    const today = this.#today();
    // Only a later day opens a new account: a clock that is set back gives nothing away.
    if (today > this.#day) {
      this.#day = today;
      this.#usd = 0;
    }
    if (usdPerDay === 0 || this.#usd + this.#reservedUsd + usd > usdPerDay / replicas) return "budget_usd";
    if (shareOfRequests === 0 || this.#shares < 1) return "budget_share";
    this.#shares -= 1;
    this.#reservedUsd += usd;
    let isOpen = true;
    return {
      settle: (spent) => {
        if (!isOpen) return;
        isOpen = false;
        this.#reservedUsd -= usd;
        this.#usd += spent;
      },
    };
  }
}
