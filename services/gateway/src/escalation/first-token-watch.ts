/** How long a sample counts: when all goes elsewhere nothing is measured, and this ends it. */
const windowMilliseconds = 30_000;
const mostSamples = 256;
/** Fewer say nothing about a tail. */
const leastSamples = 5;

/** How long backends lately took to their first token. */
export class FirstTokenWatch {
  readonly #samples = new Map<string, { at: number; milliseconds: number }[]>();
  readonly #now: () => number;

  /** @param now Milliseconds of a clock that never jumps. */
  constructor(now: () => number) {
    this.#now = now;
  }

  observe(backend: string, milliseconds: number): void {
    const samples = this.#samples.get(backend) ?? [];
    samples.push({ at: this.#now(), milliseconds });
    if (samples.length > mostSamples) samples.shift();
    this.#samples.set(backend, samples);
  }

  /** 90th percentile of the last 30 s; 0 where too little was seen. */
  p90Milliseconds(backend: string): number {
    const since = this.#now() - windowMilliseconds;
    const recent = (this.#samples.get(backend) ?? [])
      .filter(({ at }) => at >= since)
      .map(({ milliseconds }) => milliseconds);
    if (recent.length < leastSamples) return 0;
    return recent.sort((a, b) => a - b)[Math.floor(recent.length * 0.9)] ?? 0;
  }
}
