import { CsvError, type Info, parse } from "csv-parse/sync";
import { type Finding, finding, passes } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { type LedgerColumn, type LedgerRow, ledgerColumns, type PilotOption, pilotOptions } from "./ledger.ts";

/** A month of both options by the hour for a hundred workloads has 144,000 rows of some 120 bytes. */
const mostBytes = 20 * 2 ** 20;
/** After this many faults the rest says nothing new. */
const mostFindings = 30;
/** Beyond this a figure is a slip of the keyboard; it also keeps every sum exact in a double. */
const mostCounted = 1e12;
const dayMilliseconds = 86_400_000;

interface Record {
  readonly record: readonly string[];
  readonly info: Info;
}

export interface ReadLedger {
  readonly rows: readonly LedgerRow[];
  readonly findings: readonly Finding[];
}

/** Reads a ledger: rows where every cell is sound, and a finding for each fault. `name` is how it is called in findings. */
export function readLedger(bytes: Uint8Array, name: string, nowMilliseconds: number): ReadLedger {
  const text = textOf(bytes);
  if ("problem" in text) return refuse(name, text.problem);
  const table = recordsOf(text.text);
  if ("problem" in table) return refuse(table.line === null ? name : `${name}:${table.line}`, table.problem);
  const [header, ...body] = table.records;
  if (header === undefined) return refuse(name, "it is empty");
  const headerFindings = checkHeader(header.record, `${name}:1`);
  if (headerFindings.length > 0) return { rows: [], findings: headerFindings };
  if (body.length === 0) return refuse(name, "it has no row below the names of the columns");
  const rows: LedgerRow[] = [];
  const findings: Finding[] = [];
  for (const { record, info } of body) {
    const read = readRow(record, header.record, info.lines, name, nowMilliseconds);
    findings.push(...read.findings);
    if (read.row !== null) rows.push(read.row);
    if (findings.length >= mostFindings) break;
  }
  return { rows: passes(findings) ? rows : [], findings: findings.slice(0, mostFindings) };
}

function refuse(subject: string, problem: string): ReadLedger {
  return { rows: [], findings: [finding("PLT-101", { subject }, { problem })] };
}

function textOf(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  if (bytes.length > mostBytes) return { problem: `it has ${bytes.length} bytes, more than ${mostBytes}` };
  if (bytes.includes(0)) return { problem: "it holds NUL bytes, so it is no text" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "it is not encoded in UTF-8" };
  }
}

type Table = { readonly records: readonly Record[] } | { readonly problem: string; readonly line: number | null };

function recordsOf(text: string): Table {
  try {
    // With `info` each record comes with its line; the types of csv-parse do not follow that option.
    const records = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly Record[];
    return { records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? error.lines : null;
    return { problem: `its quotes do not match (${error.code})`, line };
  }
}

function checkHeader(header: readonly string[], subject: string): Finding[] {
  const columns = ledgerColumns.map(({ name }) => name);
  const known = new Set<string>(columns);
  const fault = (problem: string, near: string | null) =>
    finding("PLT-102", { subject }, { problem, columns, nearest: near });
  const missing = columns.filter((column) => !header.includes(column));
  const unknown = [...new Set(header)].filter((column) => !known.has(column));
  const twice = [...new Set(header.filter((column, index) => header.indexOf(column) !== index))];
  return [
    ...unknown.map((column) => fault(`The column ${JSON.stringify(column)} is not known`, nearest(column, missing))),
    ...missing.map((column) => fault(`The column ${column} is missing`, null)),
    ...twice.filter((column) => known.has(column)).map((column) => fault(`The column ${column} is there twice`, null)),
  ];
}

function readRow(
  record: readonly string[],
  header: readonly string[],
  line: number,
  name: string,
  now: number,
): { row: LedgerRow | null; findings: Finding[] } {
  if (record.length !== header.length) {
    const parameters = { cells: record.length, columns: header.length };
    return { row: null, findings: [finding("PLT-103", { subject: `${name}:${line}` }, parameters)] };
  }
  const findings: Finding[] = [];
  const subjectOf = (column: LedgerColumn) => ({ subject: `${name}:${line}:${header.indexOf(column) + 1}` });
  const cell = (column: LedgerColumn) => record[header.indexOf(column)] ?? "";
  const bad = (column: LedgerColumn, expected: string) => {
    findings.push(finding("PLT-104", subjectOf(column), { column, got: cell(column).slice(0, 60), expected }));
  };
  const expectedOf = (column: LedgerColumn) => ledgerColumns.find((one) => one.name === column)?.holds ?? "";

  const number = (column: LedgerColumn, isWhole: boolean, most = mostCounted): number => {
    const value = /^[0-9]+(\.[0-9]+)?$/.test(cell(column)) ? Number(cell(column)) : Number.NaN;
    if (value <= most && (!isWhole || Number.isInteger(value))) return value;
    bad(column, value > most ? `${expectedOf(column)}, at most ${most}` : expectedOf(column));
    return 0;
  };
  const optional = (column: LedgerColumn, most?: number) => (cell(column) === "" ? null : number(column, false, most));
  const timeOf = (column: "start" | "end") => {
    const read = readTime(cell(column), now);
    if ("problem" in read) {
      findings.push(
        finding("PLT-105", subjectOf(column), { column, got: cell(column).slice(0, 60), problem: read.problem }),
      );
      return null;
    }
    return read;
  };

  const start = timeOf("start");
  const end = timeOf("end");
  const option = pilotOptions.find((one) => one === cell("option")) ?? null;
  if (option === null) bad("option", expectedOf("option"));
  if (cell("workload") === "") bad("workload", expectedOf("workload"));
  const row = {
    line,
    startMilliseconds: start?.milliseconds ?? 0,
    endMilliseconds: end?.milliseconds ?? 0,
    offset: start?.offset ?? "",
    workload: cell("workload"),
    option: option ?? ("api" satisfies PilotOption),
    requests: number("requests", true),
    errors: number("errors", true),
    inputTokens: number("input_tokens", true),
    cachedInputTokens: number("cached_input_tokens", true),
    outputTokens: number("output_tokens", true),
    ttftP95Milliseconds: optional("ttft_p95_ms"),
    itlP95Milliseconds: optional("itl_p95_ms"),
    qualitySamples: number("quality_samples", true),
    qualityMean: optional("quality_mean", 1),
    engineerHours: number("engineer_hours", false),
    costUsd: number("cost_usd", false),
  };
  if (start !== null && end !== null)
    findings.push(...checkSpan(row, start.offset, end.offset, cell("end"), subjectOf("end")));
  if (findings.length === 0) findings.push(...contradictions(row, `${name}:${line}`));
  return { row: findings.length === 0 ? row : null, findings };
}

function readTime(
  text: string,
  now: number,
): { readonly milliseconds: number; readonly offset: string } | { readonly problem: string } {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (parts === null) return { problem: "it is no time of the form 2026-11-02T09:00:00+01:00" };
  const [, day = "", minute = "", second = ":00", offset] = parts;
  if (offset === undefined) return { problem: "it has no offset from UTC" };
  const milliseconds = Date.parse(`${day}T${minute}${second}${offset}`);
  // 2026-02-30 is read as 2 March by some engines; the day has to come back as it was written.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  if (Number.isNaN(milliseconds) || !isDay) return { problem: "there is no such day or hour" };
  if (milliseconds > now) return { problem: "it lies in the future" };
  return { milliseconds, offset };
}

function checkSpan(
  { startMilliseconds, endMilliseconds }: LedgerRow,
  startOffset: string,
  endOffset: string,
  got: string,
  place: { readonly subject: string },
): Finding[] {
  if (startOffset !== endOffset) return [finding("PLT-106", place, { first: startOffset, other: endOffset })];
  const span = endMilliseconds - startMilliseconds;
  const problem = span <= 0 ? "it is not after the start" : span > dayMilliseconds ? "a row spans a day at most" : null;
  return problem === null ? [] : [finding("PLT-105", place, { column: "end", got, problem })];
}

function contradictions(row: LedgerRow, subject: string): Finding[] {
  const { requests, errors, inputTokens, cachedInputTokens, outputTokens, qualitySamples, qualityMean } = row;
  const problems = [
    ...(errors > requests ? [`${errors} errors are more than ${requests} requests`] : []),
    ...(requests === 0 && inputTokens + outputTokens > 0
      ? [`${inputTokens + outputTokens} tokens came of no request`]
      : []),
    ...(cachedInputTokens > inputTokens
      ? [`${cachedInputTokens} cached input tokens are more than ${inputTokens} input tokens`]
      : []),
    ...(qualitySamples > requests ? [`${qualitySamples} answers were scored of ${requests} requests`] : []),
    ...(qualitySamples > 0 && qualityMean === null
      ? [`${qualitySamples} answers were scored and quality_mean is empty`]
      : []),
    ...(qualitySamples === 0 && qualityMean !== null ? ["quality_mean is given and nothing was scored"] : []),
  ];
  return problems.map((problem) => finding("PLT-110", { subject }, { problem }));
}
