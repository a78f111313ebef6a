import { setTimeout as delay } from "node:timers/promises";

/** Work that is done again and again until the signal, and how it is with it. */
export class ChoreLoop {
  readonly ended: Promise<void>;
  readonly #pauseMilliseconds: number;
  #beganAt = performance.now();
  #succeededAt = Number.NEGATIVE_INFINITY;

  constructor(pauseMilliseconds: number, work: () => Promise<void>, signal: AbortSignal) {
    this.#pauseMilliseconds = pauseMilliseconds;
    this.ended = this.#turn(work, signal);
  }

  /** True while a turn began within the given time and the pause: one that waits forever for an answer ends that. */
  turnedWithin(milliseconds: number): boolean {
    return performance.now() - this.#beganAt < milliseconds + this.#pauseMilliseconds;
  }

  /** True while a turn succeeded within the given time and the pause. */
  succeededWithin(milliseconds: number): boolean {
    return performance.now() - this.#succeededAt < milliseconds + this.#pauseMilliseconds;
  }

  async #turn(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#beganAt = performance.now();
      try {
        await work();
        this.#succeededAt = performance.now();
      } catch {
        // A database that is away is asked again; readiness tells the cluster meanwhile.
      }
      await delay(this.#pauseMilliseconds, undefined, { signal }).catch(() => {});
    }
  }
}
