import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { show } from "../../config/diagnostics/show.ts";
import { type ColumnName, columns } from "./columns.ts";
import { type LedgerRow, type PilotOption, pilotOptions, placeOf, type RowCells } from "./ledger-row.ts";
import { type LedgerTime, nextDay, readTime } from "./ledger-time.ts";

/** What rows are read against. */
export interface LedgerContext {
  /** The time by the caller's clock. Milliseconds since 1970. */
  readonly now: number;
  /** Workloads of the stack file and its name; null where none was given. */
  readonly stack: { readonly name: string; readonly workloads: readonly string[] } | null;
}

/** The zone of a ledger, which its first time sets. */
export interface LedgerZone {
  readonly offset: string;
  readonly line: number;
}

const workloadName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** One row, or null with everything that is wrong with it; and the zone, once a time has set it. */
export function readRow(
  cells: RowCells,
  zone: LedgerZone | null,
  context: LedgerContext,
): { readonly row: LedgerRow | null; readonly zone: LedgerZone | null; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const start = time(cells, "start", findings);
  const end = time(cells, "end", findings);
  const set = zone ?? (start === null ? null : { offset: start.offset, line: cells.line.number });
  const period = start === null || end === null ? null : readPeriod(cells, start, end, set, context.now, findings);
  const workload = readWorkload(cells, context, findings);
  const option = readOption(cells, findings);
  const number = (column: ColumnName) => figure(cells, column, findings);
  const requests = number("requests");
  const errors = number("errors");
  const inputTokens = number("input_tokens");
  const cachedInputTokens = number("cached_input_tokens");
  const outputTokens = number("output_tokens");
  const ttftMilliseconds = number("ttft_p95_ms");
  const interTokenMilliseconds = number("itl_p95_ms");
  const engineerHours = number("engineer_hours");
  const gpuHours = number("gpu_hours");
  const costUsd = number("cost_usd");
  const quality = readQuality(cells, findings);
  const currency = cells.cell("currency")?.text.trim() ?? "";
  if (currency !== "" && currency !== "USD")
    findings.push(finding("PLT-128", placeOf(cells, "currency"), { got: show(currency) }));
  if (
    findings.length > 0 ||
    period === null ||
    workload === null ||
    option === null ||
    requests === null ||
    errors === null ||
    inputTokens === null ||
    cachedInputTokens === null ||
    outputTokens === null ||
    engineerHours === null
  ) {
    return { row: null, zone: set, findings };
  }
  const row: LedgerRow = {
    line: cells.line.number,
    workload,
    option,
    ...period,
    requests,
    errors,
    inputTokens,
    cachedInputTokens,
    outputTokens,
    ttftMilliseconds,
    interTokenMilliseconds,
    quality,
    engineerHours,
    gpuHours,
    costUsd,
    cells,
  };
  const contradictions = checkRow(row);
  return { row: contradictions.length === 0 ? row : null, zone: set, findings: contradictions };
}

/** Figures of one row that cannot all be true. */
function checkRow(row: LedgerRow): Finding[] {
  const { cells, requests, errors, inputTokens, cachedInputTokens, outputTokens } = row;
  const found: Finding[] = [];
  if (requests === 0) {
    for (const [column, amount] of [
      ["input_tokens", inputTokens],
      ["output_tokens", outputTokens],
    ] as const) {
      if (amount > 0) found.push(finding("PLT-125", placeOf(cells, column), { column, amount }));
    }
  }
  if (errors > requests) found.push(finding("PLT-126", placeOf(cells, "errors"), { errors, requests }));
  if (cachedInputTokens > inputTokens) {
    const parameters = { cached: cachedInputTokens, input: inputTokens };
    found.push(finding("PLT-127", placeOf(cells, "cached_input_tokens"), parameters));
  }
  return found;
}

function time(cells: RowCells, column: "start" | "end", findings: Finding[]): LedgerTime | null {
  const text = cells.cell(column)?.text ?? "";
  if (text.trim() === "") {
    findings.push(finding("PLT-112", placeOf(cells, column), { column, purpose: columns[column].purpose }));
    return null;
  }
  const read = readTime(text);
  if (typeof read !== "string") return read;
  findings.push(finding("PLT-113", placeOf(cells, column), { column, got: show(text), problem: read }));
  return null;
}

function readPeriod(
  cells: RowCells,
  start: LedgerTime,
  end: LedgerTime,
  zone: LedgerZone | null,
  now: number,
  findings: Finding[],
): Pick<LedgerRow, "day" | "fromMinute" | "toMinute" | "endsAt"> | null {
  const before = findings.length;
  for (const [column, { offset }] of [
    ["start", start],
    ["end", end],
  ] as const) {
    if (zone !== null && offset !== zone.offset) {
      const parameters = { got: offset, expected: zone.offset, line: zone.line };
      findings.push(finding("PLT-114", placeOf(cells, column), parameters));
    }
  }
  if (findings.length > before) return null;
  const endsAtMidnight = end.minute === 0 && end.day === nextDay(start.day);
  const parameters = { start: cells.cell("start")?.text ?? "", end: cells.cell("end")?.text ?? "" };
  if (end.epoch <= start.epoch)
    findings.push(finding("PLT-115", placeOf(cells, "end"), { ...parameters, problem: "ends before it has begun" }));
  else if (end.day !== start.day && !endsAtMidnight)
    findings.push(finding("PLT-115", placeOf(cells, "end"), { ...parameters, problem: "crosses midnight" }));
  if (end.epoch > now) {
    const clock = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
    findings.push(finding("PLT-116", placeOf(cells, "end"), { end: parameters.end, now: clock }));
  }
  if (findings.length > before) return null;
  const toMinute = endsAtMidnight ? 24 * 60 : end.minute;
  return { day: start.day, fromMinute: start.minute, toMinute, endsAt: end.epoch };
}

function readWorkload(cells: RowCells, { stack }: LedgerContext, findings: Finding[]): string | null {
  const name = cells.cell("workload")?.text.trim() ?? "";
  const known = stack?.workloads ?? [];
  if (stack === null ? workloadName.test(name) : known.includes(name)) return name;
  const parameters = { workload: show(name), nearest: nearest(name, known), known, file: stack?.name ?? null };
  findings.push(finding("PLT-118", placeOf(cells, "workload"), parameters));
  return null;
}

function readOption(cells: RowCells, findings: Finding[]): PilotOption | null {
  const name = cells.cell("option")?.text.trim() ?? "";
  const found = pilotOptions.find((option) => option === name);
  if (found !== undefined) return found;
  const parameters = { got: show(name), nearest: nearest(name, pilotOptions) };
  findings.push(finding("PLT-117", placeOf(cells, "option"), parameters));
  return null;
}

/** Null both for what is empty by right and for what is at fault; the findings tell them apart. */
function figure(cells: RowCells, column: ColumnName, findings: Finding[]): number | null {
  const { bounds, mayBeEmpty, purpose } = columns[column];
  const text = cells.cell(column)?.text.trim() ?? "";
  if (bounds === null) return null;
  if (text === "") {
    if (!mayBeEmpty) findings.push(finding("PLT-112", placeOf(cells, column), { column, purpose }));
    return null;
  }
  // A count never has a fraction, so `1.000` is a thousand written by some locale, or a mistake; `50.0` is what some tools make of 50.
  const form = bounds.whole ? /^[0-9]+(\.0|e[0-9]{1,2})?$/i : /^[0-9]+(\.[0-9]+)?(e[0-9]{1,2})?$/i;
  const value = form.test(text) ? Number(text) : Number.NaN;
  if (value <= bounds.most && (!bounds.whole || Number.isInteger(value))) return value;
  if (column === "quality_score") {
    findings.push(
      finding("PLT-124", placeOf(cells, column), { problem: `quality_score is ${show(text)}; it goes from 0 to 1` }),
    );
    return null;
  }
  const expected = `a ${bounds.whole ? "whole " : ""}number from 0 to ${bounds.most}`;
  const hint = value > bounds.most ? `Check the unit. ${purpose}` : "Write plain digits, with a point for decimals.";
  findings.push(finding("PLT-111", placeOf(cells, column), { column, got: show(text), expected, hint }));
  return null;
}

function readQuality(cells: RowCells, findings: Finding[]): LedgerRow["quality"] {
  const before = findings.length;
  const score = figure(cells, "quality_score", findings);
  const samples = figure(cells, "quality_samples", findings);
  if (findings.length > before) return null;
  if (score !== null && samples !== null && samples > 0) return { score, samples };
  if (score !== null) {
    const problem = "There is a quality_score and no quality_samples that it is the mean of";
    findings.push(finding("PLT-124", placeOf(cells, "quality_samples"), { problem }));
  } else if (samples !== null && samples > 0) {
    const problem = `${samples} answers were graded and there is no quality_score`;
    findings.push(finding("PLT-124", placeOf(cells, "quality_score"), { problem }));
  }
  return null;
}
