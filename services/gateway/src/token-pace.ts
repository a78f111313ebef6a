import type { Series } from "../../shared/src/prometheus.ts";
import type { Surroundings } from "./surroundings.ts";

type Watchers = Pick<Surroundings, "firstTokens" | "metrics" | "replicas">;

/** When the tokens of one answer came, and what metrics and the choice of replicas learn from it. */
export class TokenPace {
  readonly #watchers: Watchers;
  /** Of the metrics: whose tokens they are. */
  readonly #labels: { readonly model: string; readonly version: string };
  readonly #startedAt = performance.now();
  #hasToken = false;
  #lastTokenAt = 0;
  #gaps: Series | null = null;
  #brokenAt: number | null = null;

  constructor(watchers: Watchers, { model, version }: { readonly model: string; readonly version: string }) {
    this.#watchers = watchers;
    this.#labels = { model, version };
  }

  get hasToken(): boolean {
    return this.#hasToken;
  }

  /** A token came from `replica`, which is one of `backend`. */
  token(replica: string, backend: string): void {
    const { replicas, metrics, firstTokens } = this.#watchers;
    const now = performance.now();
    if (this.#brokenAt !== null) {
      metrics.stall.observe({}, (now - this.#brokenAt) / 1000);
      this.#brokenAt = null;
    } else if (!this.#hasToken) {
      firstTokens.observe(backend, now - this.#startedAt);
      metrics.timeToFirstToken.observe(this.#labels, (now - this.#startedAt) / 1000);
    } else {
      replicas.observeGap(replica, now - this.#lastTokenAt);
      this.#gaps ??= metrics.interToken.series(this.#labels);
      this.#gaps.observe((now - this.#lastTokenAt) / 1000);
    }
    this.#hasToken = true;
    this.#lastTokenAt = now;
  }

  /** The replica broke off: the caller waits from now on until another one goes on. */
  broke(): void {
    this.#brokenAt ??= performance.now();
  }
}
