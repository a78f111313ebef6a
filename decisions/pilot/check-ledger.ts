import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { byName } from "../figures.ts";
import { type LedgerRow, type PilotOption, pilotOptions } from "./ledger.ts";

const hourMilliseconds = 3_600_000;

/** What rows have against each other, and against the stack file's workloads; null where no file is named. */
export function checkLedger(rows: readonly LedgerRow[], name: string, workloads: readonly string[] | null): Finding[] {
  return [
    ...checkOffsets(rows, name),
    ...checkNames(rows, name, workloads),
    ...seriesOf(rows).flatMap((series) => checkSeries(series, name)),
    ...checkSides(rows, name),
  ];
}

interface Series {
  readonly workload: string;
  readonly option: PilotOption;
  /** By start. */
  readonly rows: readonly LedgerRow[];
}

/** Rows of each option of each workload, in the order of their times. */
export function seriesOf(rows: readonly LedgerRow[]): Series[] {
  const workloads = [...new Set(rows.map(({ workload }) => workload))].sort(byName);
  return workloads.flatMap((workload) =>
    pilotOptions.map((option) => ({
      workload,
      option,
      rows: rows
        .filter((row) => row.workload === workload && row.option === option)
        .sort((a, b) => a.startMilliseconds - b.startMilliseconds || a.line - b.line),
    })),
  );
}

function checkOffsets(rows: readonly LedgerRow[], name: string): Finding[] {
  const first = rows[0]?.offset;
  const other = rows.find(({ offset }) => offset !== first);
  if (first === undefined || other === undefined) return [];
  return [finding("PLT-106", { subject: `${name}:${other.line}` }, { first, other: other.offset })];
}

function checkNames(rows: readonly LedgerRow[], name: string, workloads: readonly string[] | null): Finding[] {
  if (workloads === null) return [];
  const seen = new Set<string>();
  return rows.flatMap(({ workload, line }) => {
    if (workloads.includes(workload) || seen.has(workload)) return [];
    seen.add(workload);
    const problem = `The workload ${JSON.stringify(workload)} is not in the stack file`;
    return [
      finding(
        "PLT-109",
        { subject: `${name}:${line}` },
        { problem, known: workloads.length === 0 ? ["none"] : workloads },
      ),
    ];
  });
}

function checkSeries({ workload, option, rows }: Series, name: string): Finding[] {
  return rows.flatMap((row, index): Finding[] => {
    const before = rows[index - 1];
    if (before === undefined) return [];
    if (row.startMilliseconds < before.endMilliseconds) {
      const kind =
        row.startMilliseconds === before.startMilliseconds && row.endMilliseconds === before.endMilliseconds
          ? ("duplicate" as const)
          : ("overlap" as const);
      return [finding("PLT-107", { subject: `${name}:${row.line}` }, { option, workload, line: before.line, kind })];
    }
    if (row.startMilliseconds === before.endMilliseconds) return [];
    const hours = Number(((row.startMilliseconds - before.endMilliseconds) / hourMilliseconds).toFixed(2));
    const [from, to] = [timeText(before.endMilliseconds), timeText(row.startMilliseconds)];
    return [finding("PLT-108", { subject: `${name}:${row.line}` }, { option, workload, hours, from, to })];
  });
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

function checkSides(rows: readonly LedgerRow[], name: string): Finding[] {
  return seriesOf(rows)
    .filter((series) => series.rows.length === 0)
    .map(({ workload, option }) => finding("PLT-111", { subject: name }, { workload, missing: option }));
}
