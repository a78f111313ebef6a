import { hoursPerMonth } from "../cost/fleet.ts";
import { cents } from "../cost/money.ts";
import { type Bill, bill, usdPerMillion } from "../cost/self-hosted.ts";
import type { Range } from "../range.ts";
import { mean, weeklyInterval } from "./interval.ts";
import type { RowCost } from "./ledger-cost.ts";
import type { LedgerRow, PilotOption } from "./ledger-row.ts";

const hoursPerWeek = 7 * 24;

/** A figure of each whole week, in order. */
export interface WeeklyFigures {
  /** US dollars a week, people included. */
  readonly usd: readonly number[];
  /** Errors over requests; null for a week without requests. */
  readonly errorShare: readonly (number | null)[];
  /** Mean score of the answers graded; null for a week in which none were. */
  readonly qualityScore: readonly (number | null)[];
}

/** What one option did in the whole weeks of a pilot, as a month. */
export interface OptionFigures {
  readonly option: PilotOption;
  /** Lines and total of an average month, to the cent. */
  readonly bill: Bill;
  /** Null while there are fewer than two weeks. Cents a month. */
  readonly monthlyCents: Range | null;
  readonly requestsPerMonth: number;
  readonly tokensPerMonth: number;
  /** Null without tokens. US dollars. */
  readonly usdPerMillion: number | null;
  readonly errorShare: Range | null;
  readonly qualityScore: Range | null;
  readonly qualitySamples: number;
  readonly weekly: WeeklyFigures;
}

/** The figures of one option over weeks of days; `rows` are those of one workload. */
export function optionFigures(
  option: PilotOption,
  rows: readonly LedgerRow[],
  weeks: readonly (readonly string[])[],
  costs: ReadonlyMap<LedgerRow, RowCost>,
): OptionFigures {
  const own = weeks.map((days) => rows.filter((row) => row.option === option && days.includes(row.day)));
  const perMonth = (pick: (row: LedgerRow) => number) => monthly(own.map((week) => sum(week, pick)));
  const usage = own.map((week) => sum(week, (row) => costs.get(row)?.usageUsd ?? 0));
  const people = own.map((week) => sum(week, (row) => costs.get(row)?.engineersUsd ?? 0));
  const monthBill = bill([
    { label: option === "api" ? "Tokens" : "Capacity", cents: cents(monthly(usage)) },
    { label: "Engineers", cents: cents(monthly(people)) },
  ]);
  const weekly: WeeklyFigures = {
    usd: usage.map((usd, index) => usd + (people[index] ?? 0)),
    errorShare: own.map((week) =>
      share(
        sum(week, ({ errors }) => errors),
        sum(week, ({ requests }) => requests),
      ),
    ),
    qualityScore: own.map((week) =>
      share(
        sum(week, ({ quality }) => (quality === null ? 0 : quality.score * quality.samples)),
        sum(week, ({ quality }) => quality?.samples ?? 0),
      ),
    ),
  };
  const tokensPerMonth = perMonth(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
  return {
    option,
    bill: monthBill,
    monthlyCents: centsRange(weeklyInterval(weekly.usd), monthBill.totalCents),
    requestsPerMonth: perMonth(({ requests }) => requests),
    tokensPerMonth,
    usdPerMillion: tokensPerMonth === 0 ? null : usdPerMillion(monthBill.totalCents, tokensPerMonth),
    errorShare: within(intervalOf(weekly.errorShare), 0, 1),
    qualityScore: within(intervalOf(weekly.qualityScore), 0, 1),
    qualitySamples: own.reduce((all, week) => all + sum(week, ({ quality }) => quality?.samples ?? 0), 0),
    weekly,
  };
}

/** Self-hosting less the API, week by week: both had the same requests, so what the weeks do to both falls out. */
export interface Difference {
  /** Cents a month; negative where self-hosting is cheaper. Null while there are fewer than two weeks. */
  readonly monthlyCents: Range | null;
  readonly errorShare: Range | null;
  readonly qualityScore: Range | null;
}

export function differenceOf(api: OptionFigures, selfHost: OptionFigures): Difference {
  const usd = paired(api.weekly.usd, selfHost.weekly.usd);
  return {
    monthlyCents: centsRange(weeklyInterval(usd), selfHost.bill.totalCents - api.bill.totalCents, false),
    errorShare: weeklyInterval(paired(api.weekly.errorShare, selfHost.weekly.errorShare)),
    qualityScore: weeklyInterval(paired(api.weekly.qualityScore, selfHost.weekly.qualityScore)),
  };
}

/** `b - a` for the weeks that have both. */
export function paired(a: readonly (number | null)[], b: readonly (number | null)[]): number[] {
  return a.flatMap((first, index) => {
    const second = b[index];
    return first === null || second === null || second === undefined ? [] : [second - first];
  });
}

/** A month has 730 hours, a week 168. */
function monthly(weeks: readonly number[]): number {
  return weeks.length === 0 ? 0 : (mean(weeks) * hoursPerMonth) / hoursPerWeek;
}

/** Bounds of a month from those of a week; the middle is the bill's, so that the two agree to the cent. */
function centsRange(weekly: Range | null, value: number, isCost = true): Range | null {
  if (weekly === null) return null;
  const month = (usd: number) => cents((usd * hoursPerMonth) / hoursPerWeek);
  const low = month(weekly.low);
  return { low: Math.min(value, isCost ? Math.max(0, low) : low), value, high: Math.max(value, month(weekly.high)) };
}

function intervalOf(weeks: readonly (number | null)[]): Range | null {
  return weeklyInterval(weeks.filter((week) => week !== null));
}

function within(range: Range | null, least: number, most: number): Range | null {
  return range === null ? null : { ...range, low: Math.max(least, range.low), high: Math.min(most, range.high) };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sum(rows: readonly LedgerRow[], pick: (row: LedgerRow) => number): number {
  return rows.reduce((all, row) => all + pick(row), 0);
}
