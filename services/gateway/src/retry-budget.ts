/** Retries as a share of requests, so that a broken backend is not also flooded. A small float lets a quiet hour retry. */
const least = 10;
const most = 1000;

export class RetryBudget {
  #left = least;

  request(share: number): void {
    this.#left = Math.min(most, this.#left + share);
  }

  /** Takes one retry from the budget; false when it is used up. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
