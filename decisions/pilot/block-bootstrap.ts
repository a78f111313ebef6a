import type { Range } from "../range.ts";

const blockDays = 7;
const resamples = 2000;
/** Nine of ten resampled values lie between the bounds. */
const lowerShare = 0.05;
const upperShare = 0.95;
/** Any seed would do; a fixed one gives the same report for the same ledger. */
const seed = 0x9e3779b9;

/**
 * A statistic of days with the bounds that nine of ten resamples keep to. Whole weeks are drawn, beginning on any day and
 * going on from the last day to the first (circular block bootstrap): days of one week resemble each other, and weekends
 * differ from weekdays, so days drawn one by one would make the bounds too narrow.
 * Source: Politis and Romano, A circular block-resampling procedure for stationary data, 1992.
 */
export function blockBootstrap<T>(days: readonly T[], statistic: (days: readonly T[]) => number): Range {
  const random = generator(seed);
  const values: number[] = [];
  for (let round = 0; round < resamples; round += 1) values.push(statistic(resample(days, random)));
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const value = statistic(days);
  return { low: Math.min(value, at(lowerShare)), value, high: Math.max(value, at(upperShare)) };
}

function resample<T>(days: readonly T[], random: () => number): T[] {
  const drawn: T[] = [];
  while (drawn.length < days.length) {
    const from = Math.floor(random() * days.length);
    for (let step = 0; step < blockDays && drawn.length < days.length; step += 1) {
      const day = days[(from + step) % days.length];
      if (day !== undefined) drawn.push(day);
    }
  }
  return drawn;
}

/** Numbers from 0 to 1 that look random and are the same in every run (mulberry32). */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
