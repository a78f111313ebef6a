import { ApiError } from "./api-error.ts";
import { BudgetStore } from "./budget-store.ts";
import { type Amount, type DayBudget, spent } from "./day-budget.ts";
import type { Settings, TenantLimits } from "./settings.ts";

/** Least block of tokens, where the limit is that large: an ordinary request must fit into it. */
const leastBlockTokens = 4096;
/** How long after a failure the store is asked again, and what a caller is told to wait. */
const againMilliseconds = 2000;
/** How long "nothing is left" is believed: another replica may give back what it did not use. */
const exhaustedMilliseconds = 5000;
/** How long a start or a change of settings waits for the first blocks. */
const firstBlocksMilliseconds = 2000;

const kinds = ["tokens", "usd"] as const;
type Kind = (typeof kinds)[number];

const limitNames = { tokens: "tokensPerDay", usd: "usdPerDay" } as const;
const codes = { tokens: "tokens_per_day", usd: "usd_per_day" } as const;

interface Held {
  /** The day of the database, not of this machine: clocks of replicas may jump. Empty before the first block. */
  day: string;
  /** Day of this machine when the store was last asked. */
  askedOn: string;
  readonly granted: Record<Kind, number>;
  readonly used: Record<Kind, number>;
  readonly reserved: Record<Kind, number>;
  /** Largest request so far: a block is never smaller. */
  readonly largest: Record<Kind, number>;
  readonly exhaustedUntil: Record<Kind, number>;
  asking: Promise<void> | null;
  failedUntil: number;
  /** A request did not fit while the store was being asked. */
  isShort: boolean;
}

export interface BlockBudgetOptions {
  readonly store: BudgetStore;
  /** Share of a limit that one block has, divided by the replicas. */
  readonly blockShare: number;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  /** Date in UTC. Decides only when the store is asked, never how much there is. */
  today(): string;
  onTaken(outcome: "granted" | "exhausted" | "failed"): void;
}

/**
 * Budgets that all replicas share: each takes a block of a tenant's day from the store ahead of need, and requests are
 * met from the block. What all blocks together hold never exceeds the limit. A replica that dies leaves at most one
 * block unused.
 */
export class BlockBudget implements DayBudget {
  readonly #options: BlockBudgetOptions;
  readonly #tenants = new Map<string, Held>();
  #isFailing = false;

  constructor(options: BlockBudgetOptions) {
    this.#options = options;
  }

  reserve(tenant: string, limits: TenantLimits, replicas: number, ask: Amount): (spent: Amount) => void {
    const limited = kinds.filter((kind) => limits[limitNames[kind]] !== undefined);
    if (limited.length === 0) return () => {};
    for (const kind of limited) {
      const limit = limits[limitNames[kind]] ?? 0;
      if (limit === 0 || ask[kind] > limit) throw spent(codes[kind]);
    }
    const held = this.#held(tenant);
    for (const kind of limited) held.largest[kind] = Math.max(held.largest[kind], ask[kind]);
    const lacking = limited.find((kind) => ask[kind] > free(held, kind));
    if (lacking !== undefined) {
      held.isShort = true;
      void this.#fill(tenant, held, limits, replicas);
      throw this.#refusal(held, lacking);
    }
    for (const kind of kinds) held.reserved[kind] += ask[kind];
    const isLow = limited.some((kind) => free(held, kind) < this.#block(held, kind, limits, replicas) / 2);
    if (isLow || held.askedOn !== this.#options.today()) void this.#fill(tenant, held, limits, replicas);
    return (spent) => {
      for (const kind of kinds) {
        held.reserved[kind] -= ask[kind];
        held.used[kind] += spent[kind];
      }
    };
  }

  /** Takes the first block of each tenant that has none yet. Waits for them, but not long. */
  async prepare({ tenants, replicas }: Settings): Promise<void> {
    const filling = Object.entries(tenants).map(async ([tenant, { limits }]) => {
      const isLimited = kinds.some((kind) => (limits[limitNames[kind]] ?? 0) > 0);
      if (isLimited && !this.#tenants.has(tenant)) await this.#fill(tenant, this.#held(tenant), limits, replicas);
    });
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, firstBlocksMilliseconds);
    });
    await Promise.race([Promise.all(filling), enough]);
    clearTimeout(timer);
  }

  /** Gives back what is left of every block, so that other replicas may use it. */
  async close(): Promise<void> {
    const giving = [...this.#tenants].map(async ([tenant, held]) => {
      await held.asking;
      const rest = { tokens: Math.max(0, free(held, "tokens")), usd: Math.max(0, free(held, "usd")) };
      if (held.day !== "" && (rest.tokens > 0 || rest.usd > 0))
        await this.#options.store.giveBack(tenant, held.day, rest);
    });
    // A block that cannot be given back is lost for the day; nothing else hangs on it.
    await Promise.allSettled(giving);
    await this.#options.store.close();
  }

  #held(tenant: string): Held {
    let held = this.#tenants.get(tenant);
    if (held === undefined) {
      const none = () => ({ tokens: 0, usd: 0 });
      held = {
        day: "",
        askedOn: "",
        granted: none(),
        used: none(),
        reserved: none(),
        largest: none(),
        exhaustedUntil: none(),
        asking: null,
        failedUntil: 0,
        isShort: false,
      };
      this.#tenants.set(tenant, held);
    }
    return held;
  }

  #block(held: Held, kind: Kind, limits: TenantLimits, replicas: number): number {
    const limit = limits[limitNames[kind]] ?? 0;
    const least = kind === "tokens" ? Math.min(leastBlockTokens, limit / replicas) : 0;
    return Math.max((limit * this.#options.blockShare) / replicas, least, held.largest[kind]);
  }

  #refusal(held: Held, kind: Kind): ApiError {
    if (held.exhaustedUntil[kind] > this.#options.monotonic()) return spent(codes[kind]);
    if (this.#isFailing) {
      return new ApiError(503, "budget_store_unavailable", "What this tenant may still spend cannot be had just now.", {
        retryAfterSeconds: againMilliseconds / 1000,
      });
    }
    return new ApiError(429, "budget_block_pending", "The next part of this tenant's budget is being taken.", {
      retryAfterSeconds: 1,
    });
  }

  /** Fills up to one block; one question at a time for a tenant. */
  #fill(tenant: string, held: Held, limits: TenantLimits, replicas: number): Promise<void> {
    if (held.asking !== null) return held.asking;
    const { monotonic, today, onTaken, store } = this.#options;
    if (held.failedUntil > monotonic()) return Promise.resolve();
    const isNewDay = held.askedOn !== today();
    const want = { tokens: 0, usd: 0 };
    for (const kind of kinds) {
      const mayHave = limits[limitNames[kind]] !== undefined && (isNewDay || held.exhaustedUntil[kind] <= monotonic());
      const block = this.#block(held, kind, limits, replicas);
      // What is left of a day that is over does not count for the next one.
      if (mayHave) want[kind] = isNewDay ? block + held.reserved[kind] : Math.max(0, block - free(held, kind));
    }
    if (!isNewDay && want.tokens === 0 && want.usd === 0) return Promise.resolve();
    held.isShort = false;
    held.asking = store
      .take(tenant, want, { tokens: limits.tokensPerDay ?? null, usd: limits.usdPerDay ?? null })
      .then(
        ({ day, granted }) => {
          this.#isFailing = false;
          held.askedOn = today();
          const isLater = day > held.day;
          if (isNewDay && !isLater) {
            // Only this machine's clock has come to another day.
            void store.giveBack(tenant, day, granted).catch(() => {});
            return;
          }
          if (isLater) held.day = day;
          let isExhausted = false;
          for (const kind of kinds) {
            if (isLater) held.used[kind] = 0;
            held.granted[kind] = granted[kind] + (isLater ? 0 : held.granted[kind]);
            const isLess = granted[kind] < want[kind] * (1 - 1e-9);
            held.exhaustedUntil[kind] = isLess ? monotonic() + exhaustedMilliseconds : 0;
            isExhausted ||= isLess;
          }
          onTaken(isExhausted ? "exhausted" : "granted");
        },
        () => {
          this.#isFailing = true;
          held.failedUntil = monotonic() + againMilliseconds;
          onTaken("failed");
          setTimeout(() => void this.#fill(tenant, held, limits, replicas), againMilliseconds + 1).unref();
        },
      )
      .finally(() => {
        held.asking = null;
        if (held.isShort && !this.#isFailing) void this.#fill(tenant, held, limits, replicas);
      });
    return held.asking;
  }
}

/** Null where the settings name no database: then each replica has its share of the day. */
export function blockBudgetOf(
  { budgets }: Settings,
  today: BlockBudgetOptions["today"],
  onTaken: BlockBudgetOptions["onTaken"],
): BlockBudget | null {
  if (budgets === undefined) return null;
  const { urlFile, blockShare } = budgets;
  return new BlockBudget({
    store: new BudgetStore(urlFile),
    blockShare,
    monotonic: () => performance.now(),
    today,
    onTaken,
  });
}

function free({ granted, used, reserved }: Held, kind: Kind): number {
  return granted[kind] - used[kind] - reserved[kind];
}
