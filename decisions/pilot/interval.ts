import type { Range } from "../range.ts";
import { pilotRules } from "./rules.ts";

/** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom. Source: NIST/SEMATECH e-Handbook, 1.3.6.7.2. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The 97.5 % quantile of Student's t; above 30 degrees of freedom by the expansion around the normal one. */
export function studentT(degrees: number): number {
  const tabled = quantiles[degrees - 1];
  if (tabled !== undefined) return tabled;
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

/**
 * The mean of weekly figures with its 95 % interval; null for fewer than two weeks.
 *
 * Formula: m ± t × s / √n, with n weeks, m their mean, s their standard deviation (n - 1) and t the 97.5 % quantile of
 * Student's t with n - 1 degrees of freedom. Weeks are taken as independent; days are not.
 */
export function weeklyInterval(weeks: readonly number[]): Range | null {
  const n = weeks.length;
  if (n < 2) return null;
  const value = mean(weeks);
  const half = (studentT(n - 1) * deviation(weeks)) / Math.sqrt(n);
  return { low: value - half, value, high: value + half };
}

/**
 * Whole weeks after which the interval would no longer hold `threshold`, if mean and deviation stay what they are; null
 * when that is more than a year, which is when nothing but chance lies between the two.
 */
export function weeksUntilClear(weeks: readonly number[], threshold: number): number | null {
  const distance = Math.abs(mean(weeks) - threshold);
  const spread = deviation(weeks);
  for (let n = weeks.length + 1; n <= pilotRules.mostWeeks; n += 1) {
    if ((studentT(n - 1) * spread) / Math.sqrt(n) < distance) return n;
  }
  return null;
}

export function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

function deviation(figures: readonly number[]): number {
  const middle = mean(figures);
  return Math.sqrt(figures.reduce((sum, figure) => sum + (figure - middle) ** 2, 0) / (figures.length - 1));
}
