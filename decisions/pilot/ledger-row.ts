import type { Place } from "../../config/diagnostics/finding.ts";
import type { Verdict } from "../hosting/rule-of-thumb.ts";
import type { ColumnName } from "./columns.ts";
import type { Cell, Line } from "./csv.ts";

/** The two options of a pilot, called as the verdict calls them. */
export type PilotOption = Exclude<Verdict, "pilot">;

export const pilotOptions: readonly PilotOption[] = ["api", "self-host"];

/** One period of one workload on one option, as measured. */
export interface LedgerRow {
  readonly line: number;
  readonly workload: string;
  readonly option: PilotOption;
  /** Day in the ledger's zone, `YYYY-MM-DD`. */
  readonly day: string;
  /** Minutes from midnight of the day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Milliseconds since 1970, for the clock. */
  readonly endsAt: number;
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Null where it was not measured. */
  readonly ttftMilliseconds: number | null;
  readonly interTokenMilliseconds: number | null;
  readonly quality: { readonly score: number; readonly samples: number } | null;
  readonly engineerHours: number;
  readonly gpuHours: number | null;
  /** From the bill; null where it is computed. US dollars. */
  readonly costUsd: number | null;
  /** The cells, for findings. */
  readonly cells: RowCells;
}

/** The cells of one line by column. */
export interface RowCells {
  readonly line: Line;
  cell(column: ColumnName): Cell | null;
}

/** Where a cell stands; the line's first where the column is left out. */
export function placeOf({ line, cell }: RowCells, column: ColumnName): Place {
  const { start, end } = cell(column) ?? line.cells[0] ?? { start: 0, end: 0 };
  return { file: "ledger", offsets: [start, end] };
}
