import { seriesOf } from "./check-ledger.ts";
import type { LedgerRow, PilotOption } from "./ledger.ts";

const dayMilliseconds = 86_400_000;

/** What one option did on one day. */
export interface DayTotals {
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly engineerHours: number;
  readonly costUsd: number;
  readonly qualitySamples: number;
  /** Sum over the scored answers; divided by their number it is the mean. */
  readonly qualitySum: number;
}

/** One calendar day at the ledger's offset on which both options were recorded from midnight to midnight. */
export interface PairedDay {
  /** `2026-11-02`. */
  readonly day: string;
  readonly totals: Readonly<Record<PilotOption, DayTotals>>;
}

/**
 * The whole days of a workload, in order: those of which both options cover every hour. A row belongs to the day on which
 * it starts, and rows that cross midnight make neither day whole.
 */
export function pairedDays(rows: readonly LedgerRow[], workload: string): PairedDay[] {
  const own = seriesOf(rows).filter((series) => series.workload === workload);
  const byOption = new Map(own.map(({ option, rows: some }) => [option, daysOf(some)]));
  const hosted = byOption.get("self-hosted") ?? new Map<string, Day>();
  const bought = byOption.get("api") ?? new Map<string, Day>();
  return [...hosted].flatMap(([day, mine]) => {
    const theirs = bought.get(day);
    if (theirs === undefined || !mine.isWhole || !theirs.isWhole) return [];
    return [{ day, totals: { "self-hosted": mine.totals, api: theirs.totals } }];
  });
}

interface Day {
  readonly isWhole: boolean;
  readonly totals: DayTotals;
}

function daysOf(rows: readonly LedgerRow[]): Map<string, Day> {
  const grouped = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const day = dayOf(row.startMilliseconds, row.offset);
    grouped.set(day, [...(grouped.get(day) ?? []), row]);
  }
  return new Map([...grouped].map(([day, some]) => [day, { isWhole: coversDay(some), totals: totalsOf(some) }]));
}

function coversDay(rows: readonly LedgerRow[]): boolean {
  const covered = rows.reduce((sum, row) => sum + row.endMilliseconds - row.startMilliseconds, 0);
  return (
    covered === dayMilliseconds &&
    rows.every(
      ({ startMilliseconds, endMilliseconds, offset }) =>
        dayOf(startMilliseconds, offset) === dayOf(endMilliseconds - 1, offset),
    )
  );
}

function dayOf(milliseconds: number, offset: string): string {
  return new Date(milliseconds + offsetMilliseconds(offset)).toISOString().slice(0, 10);
}

function offsetMilliseconds(offset: string): number {
  if (offset === "Z") return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** The sum of rows; of days as well, because a day's totals are such a sum. */
function totalsOf(rows: readonly LedgerRow[]): DayTotals {
  const sum = (pick: (row: LedgerRow) => number) => rows.reduce((all, row) => all + pick(row), 0);
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cachedInputTokens: sum(({ cachedInputTokens }) => cachedInputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    engineerHours: sum(({ engineerHours }) => engineerHours),
    costUsd: sum(({ costUsd }) => costUsd),
    qualitySamples: sum(({ qualitySamples }) => qualitySamples),
    qualitySum: sum(({ qualitySamples, qualityMean }) => qualitySamples * (qualityMean ?? 0)),
  };
}
