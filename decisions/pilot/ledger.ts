import type { Code } from "../../config/diagnostics/codes.ts";
import { type Finding, finding, passes } from "../../config/diagnostics/finding.ts";
import type { ColumnName } from "./columns.ts";
import { checkCoverage } from "./coverage.ts";
import { type Line, readCsv } from "./csv.ts";
import { readHeader } from "./ledger-header.ts";
import type { LedgerRow, RowCells } from "./ledger-row.ts";
import { type LedgerContext, type LedgerZone, readRow } from "./row-reader.ts";

/** What a ledger may hold before it is refused. */
export const ledgerLimits = { bytes: 16_000_000, rows: 100_000, findingsOfOneCode: 10, findings: 5000 } as const;

/** A ledger as read. */
export interface Ledger {
  /** Null exactly when a finding is an error. */
  readonly rows: readonly LedgerRow[] | null;
  readonly findings: readonly Finding[];
  /** The text that the findings point into. */
  readonly text: string;
}

/** The rows of a ledger, and everything that is wrong with it in one go. Throws for no input. */
export function readLedger(input: string | Uint8Array, context: LedgerContext): Ledger {
  const { text, problem } = decode(input);
  if (problem !== null) return { rows: null, findings: [problem], text };
  const { lines, findings: csvFindings } = readCsv(text, ledgerLimits.rows + 2);
  const [first, ...rest] = lines;
  if (first === undefined) {
    const empty = finding("PLT-101", { file: "ledger", offsets: [0, 0] }, { blank: text !== "" });
    return { rows: null, findings: csvFindings.length > 0 ? csvFindings : [empty], text };
  }
  if (rest.length > ledgerLimits.rows) {
    const start = rest.at(-1)?.cells[0]?.start ?? 0;
    const parameters = { limit: ledgerLimits.rows, what: "rows" };
    return {
      rows: null,
      findings: [finding("PLT-103", { file: "ledger", offsets: [start, start] }, parameters)],
      text,
    };
  }
  const { positions, findings: headerFindings } = readHeader(first);
  if (positions === null) return { rows: null, findings: [...headerFindings, ...csvFindings], text };
  const { rows, findings } = readRows(first, rest, positions, context);
  if (rest.length === 0 && csvFindings.length === 0)
    findings.push(finding("PLT-110", { file: "ledger", offsets: [0, first.cells[0]?.end ?? 0] }, {}));
  const all = [...csvFindings, ...findings];
  // Rows that are left out would look like gaps.
  if (passes(all)) all.push(...checkCoverage(rows));
  return { rows: passes(all) ? rows : null, findings: abridge(all), text };
}

function readRows(
  header: Line,
  lines: readonly Line[],
  positions: ReadonlyMap<ColumnName, number>,
  context: LedgerContext,
): { rows: LedgerRow[]; findings: Finding[] } {
  const rows: LedgerRow[] = [];
  const findings: Finding[] = [];
  let zone: LedgerZone | null = null;
  for (const line of lines) {
    // Ten of each kind are shown; to count a hundred thousand more would only take memory.
    if (findings.length >= ledgerLimits.findings) break;
    if (line.cells.length !== header.cells.length) {
      const parameters = { cells: line.cells.length, columns: header.cells.length };
      const place = { file: "ledger", offsets: [line.cells[0]?.start ?? 0, line.cells.at(-1)?.end ?? 0] } as const;
      findings.push(finding("PLT-109", place, parameters));
      continue;
    }
    const cells: RowCells = { line, cell: (column) => line.cells[positions.get(column) ?? -1] ?? null };
    const read: ReturnType<typeof readRow> = readRow(cells, zone, context);
    zone = read.zone;
    findings.push(...read.findings);
    if (read.row !== null) rows.push(read.row);
  }
  return { rows, findings };
}

function decode(input: string | Uint8Array): { text: string; problem: Finding | null } {
  const start = { file: "ledger", offsets: [0, 0] } as const;
  if (input.length > ledgerLimits.bytes) {
    const beginning = typeof input === "string" ? input.slice(0, 4096) : lenient(input.subarray(0, 4096));
    return { text: beginning, problem: finding("PLT-103", start, { limit: ledgerLimits.bytes, what: "bytes" }) };
  }
  const text = typeof input === "string" ? input.replace(/^\ufeff/, "") : lenient(input);
  const at = text.search(/[\0\ufffd]/);
  if (at < 0) return { text, problem: null };
  const isUtf16 =
    typeof input !== "string" && ((input[0] === 0xff && input[1] === 0xfe) || (input[0] === 0xfe && input[1] === 0xff));
  const problem = isUtf16
    ? "it is UTF-16"
    : text[at] === "\0"
      ? "it holds the byte NUL, as binary files do"
      : "it holds bytes that UTF-8 does not have";
  return { text, problem: finding("PLT-102", { file: "ledger", offsets: [at, at + 1] }, { problem }) };
}

/** U+FFFD stands for a bad byte; a byte order mark is left out. */
function lenient(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

/** The first findings of each kind; a column that was exported wrongly gives one for each row. */
function abridge(findings: readonly Finding[]): Finding[] {
  const counts = new Map<Code, number>();
  const kept = findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= ledgerLimits.findingsOfOneCode;
  });
  const more = [...counts].flatMap(([code, count]) => {
    const left = count - ledgerLimits.findingsOfOneCode;
    const isWarning = findings.some((one) => one.code === code && one.severity === "warning");
    if (left <= 0) return [];
    const one = finding("PLT-130", { subject: "ledger" }, { code, count: left });
    return [isWarning ? { ...one, severity: "warning" as const } : one];
  });
  return [...kept, ...more];
}
