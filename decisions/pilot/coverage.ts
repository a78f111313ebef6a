import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { byName } from "../figures.ts";
import { type LedgerRow, type PilotOption, pilotOptions, placeOf } from "./ledger-row.ts";
import { clockText, nextDay } from "./ledger-time.ts";

const minutesPerDay = 24 * 60;

/** Periods that are there twice, overlap or are missing, and options that are. */
export function checkCoverage(rows: readonly LedgerRow[]): Finding[] {
  const workloads = [...new Set(rows.map(({ workload }) => workload))].sort(byName);
  return workloads.flatMap((workload) => {
    const own = rows.filter((row) => row.workload === workload);
    const [first] = own;
    const present = pilotOptions.filter((option) => own.some((row) => row.option === option));
    const [only] = present;
    if (first !== undefined && only !== undefined && present.length === 1) {
      const missing = only === "api" ? "self-host" : "api";
      return [finding("PLT-119", placeOf(first.cells, "option"), { workload, present: only, missing })];
    }
    return [...pilotOptions.flatMap((option) => checkPeriods(own, option)), ...checkDays(own)];
  });
}

function checkPeriods(rows: readonly LedgerRow[], option: PilotOption): Finding[] {
  const days = byDay(rows.filter((row) => row.option === option));
  return [...days.values()].flatMap((periods) => {
    const [head] = periods;
    if (head === undefined) return [];
    const faults: Finding[] = [];
    const gaps: string[] = [];
    let covered = head;
    if (head.fromMinute > 0) gaps.push(`00:00 to ${clockText(head.fromMinute)}`);
    for (const period of periods.slice(1)) {
      const { workload } = period;
      const place = placeOf(period.cells, "start");
      if (period.fromMinute === covered.fromMinute && period.toMinute === covered.toMinute)
        faults.push(finding("PLT-120", place, { workload, option, line: covered.line }));
      else if (period.fromMinute < covered.toMinute)
        faults.push(finding("PLT-121", place, { workload, option, line: covered.line }));
      else if (period.fromMinute > covered.toMinute)
        gaps.push(`${clockText(covered.toMinute)} to ${clockText(period.fromMinute)}`);
      if (period.toMinute > covered.toMinute) covered = period;
    }
    if (covered.toMinute < minutesPerDay) gaps.push(`${clockText(covered.toMinute)} to 24:00`);
    if (faults.length > 0 || gaps.length === 0) return faults;
    const parameters = { workload: head.workload, option, day: head.day, missing: gaps.join(", ") };
    return [finding("PLT-122", placeOf(head.cells, "start"), parameters)];
  });
}

/** Days from the first to the last on which an option has no row, a warning each; days without either count for both. */
function checkDays(rows: readonly LedgerRow[]): Finding[] {
  const days = byDay(rows);
  const all = [...days.keys()].sort(byName);
  const [first] = all;
  const last = all.at(-1);
  const found: Finding[] = [];
  if (first === undefined || last === undefined) return found;
  let before = days.get(first)?.[0];
  // A year without a row is a mistake in a date, and a hundred warnings would not say so better than one does.
  for (let day = first, steps = 0; day <= last && steps < 400; day = nextDay(day), steps += 1) {
    const periods = days.get(day) ?? [];
    const [row] = periods;
    const missing = pilotOptions.filter((option) => !periods.some((one) => one.option === option));
    const near = row ?? before;
    if (missing.length > 0 && near !== undefined) {
      const parameters = { workload: near.workload, day, missing: missing.join(" and ") };
      found.push(finding("PLT-123", placeOf(near.cells, "start"), parameters));
    }
    before = row ?? before;
  }
  return found;
}

/** Days on which every minute of both options is covered, in order. The rows have no overlaps. */
export function wholeDays(rows: readonly LedgerRow[]): string[] {
  const covered = (periods: readonly LedgerRow[], option: PilotOption) =>
    periods.reduce((sum, row) => sum + (row.option === option ? row.toMinute - row.fromMinute : 0), 0);
  return [...byDay(rows)]
    .filter(([, periods]) => pilotOptions.every((option) => covered(periods, option) === minutesPerDay))
    .map(([day]) => day)
    .sort(byName);
}

/** Runs of seven days one after the other, each weekday once; days that fill no run are left over. */
export function wholeWeeks(days: readonly string[]): string[][] {
  const weeks: string[][] = [];
  let week: string[] = [];
  for (const day of days) {
    const last = week.at(-1);
    week = last !== undefined && nextDay(last) === day ? [...week, day] : [day];
    if (week.length === 7) {
      weeks.push(week);
      week = [];
    }
  }
  return weeks;
}

/** Rows by day, those of a day by when they begin. */
function byDay(rows: readonly LedgerRow[]): Map<string, LedgerRow[]> {
  const days = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const day = days.get(row.day);
    if (day === undefined) days.set(row.day, [row]);
    else day.push(row);
  }
  for (const day of days.values()) day.sort((a, b) => a.fromMinute - b.fromMinute || a.line - b.line);
  return days;
}
