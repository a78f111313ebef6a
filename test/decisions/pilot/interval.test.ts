// Proves: the interval of a pilot is Student's t over weeks, and on days that depend on each other and on the weekday it
// holds the true mean about as often as it says, where the same interval over days does not.
import { describe, expect, it } from "vitest";
import { studentT, weeklyInterval, weeksUntilClear } from "../../../decisions/pilot/interval.ts";

/** Numbers from a fixed seed: a linear congruential generator, and the method of Box and Muller for normal ones. */
function numbers(seed: number): { uniform: () => number; normal: () => number } {
  let state = seed;
  const uniform = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return (state + 0.5) / 4_294_967_296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** Days with mean 100: weekends 40 lower, and each day's deviation depends on the day before by `dependence`. */
function simulatedDays(count: number, dependence: number, normal: () => number): number[] {
  let deviation = (10 * normal()) / Math.sqrt(1 - dependence ** 2);
  return Array.from({ length: count }, (_, day) => {
    deviation = dependence * deviation + 10 * normal();
    return 100 + (day % 7 >= 5 ? -40 : 16) + deviation;
  });
}

const weeksOf = (days: readonly number[]) =>
  Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7).reduce((a, b) => a + b) / 7);

type Interval = (days: readonly number[], uniform: () => number) => { low: number; high: number } | null;

/** Share of 4000 simulated pilots of four weeks whose interval holds the true mean. */
function coverage(dependence: number, intervalOf: Interval): number {
  const { normal, uniform } = numbers(7);
  const runs = 4000;
  let held = 0;
  for (let run = 0; run < runs; run += 1) {
    const range = intervalOf(simulatedDays(28, dependence, normal), uniform);
    if (range !== null && range.low <= 100 && range.high >= 100) held += 1;
  }
  return held / runs;
}

const overWeeks: Interval = (days) => weeklyInterval(weeksOf(days));
const overDays: Interval = (days) => weeklyInterval(daysWithoutWeekdays(days));

/** Percentiles of 400 means of weeks drawn with replacement. */
const bootstrap: Interval = (days, uniform) => {
  const weeks = weeksOf(days);
  const means = Array.from({ length: 400 }, () => {
    const drawn = weeks.map(() => weeks[Math.floor(uniform() * weeks.length)] ?? 0);
    return drawn.reduce((a, b) => a + b) / drawn.length;
  }).sort((a, b) => a - b);
  return { low: means[10] ?? 0, high: means[389] ?? 0 };
};

/** Days without their weekday's mean, around the mean of all: what an interval over days would take. */
function daysWithoutWeekdays(days: readonly number[]): number[] {
  const all = days.reduce((a, b) => a + b) / days.length;
  return days.map((day, index) => {
    const same = days.filter((_, other) => other % 7 === index % 7);
    return all + day - same.reduce((a, b) => a + b) / same.length;
  });
}

describe("the interval over weeks", () => {
  it.each([
    [0, 0.94],
    [0.3, 0.93],
    [0.6, 0.91],
  ])("holds the true mean when each day depends on the one before by %d", (dependence, least) => {
    expect(coverage(dependence, overWeeks)).toBeGreaterThan(least);
  });

  it("is right where one over days promises too much", () => {
    expect(coverage(0.6, overDays)).toBeLessThan(0.7);
  });

  it("is right where a bootstrap of four weeks promises too much", () => {
    expect(coverage(0, bootstrap)).toBeLessThan(0.85);
  });

  it("gives mean and bounds of known figures", () => {
    const range = weeklyInterval([90, 100, 110, 120]);
    expect(range?.value).toBe(105);
    expect(range?.high).toBeCloseTo(105 + (3.182 * 12.909944) / 2, 4);
    expect(range?.low).toBeCloseTo(105 - (3.182 * 12.909944) / 2, 4);
  });

  it("is absent for fewer than two weeks", () => {
    expect([weeklyInterval([]), weeklyInterval([5])]).toEqual([null, null]);
  });

  it("takes quantiles from the table and goes on smoothly behind it", () => {
    expect([studentT(1), studentT(3), studentT(30)]).toEqual([12.706, 3.182, 2.042]);
    expect(studentT(31)).toBeCloseTo(2.0395, 3);
    expect(studentT(60)).toBeCloseTo(2.0003, 3);
  });
});

describe("weeks until an interval is clear of a threshold", () => {
  it("counts those that would do, spread and mean staying as they are", () => {
    const weeks = [90, 100, 110, 120];
    const needed = weeksUntilClear(weeks, 90);
    expect(needed).toBe(6);
    const half = (n: number) => (studentT(n - 1) * 12.909944) / Math.sqrt(n);
    expect(half(6)).toBeLessThan(15);
    expect(half(5)).toBeGreaterThan(15);
  });

  it("is null when a year would not do", () => {
    expect(weeksUntilClear([90, 100, 110, 120], 104)).toBeNull();
  });
});
