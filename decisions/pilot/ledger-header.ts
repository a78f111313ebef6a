import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { show } from "../../config/diagnostics/show.ts";
import { type ColumnName, columnNames, columns } from "./columns.ts";
import type { Line } from "./csv.ts";

/** Which cell of a row belongs to which column; null where the header forbids reading rows. */
export interface Header {
  readonly positions: ReadonlyMap<ColumnName, number> | null;
  readonly findings: readonly Finding[];
}

/** The columns that a first line names, spaces around a name left out. */
export function readHeader({ cells }: Line): Header {
  const [first] = cells;
  const separator = /;/.test(first?.text ?? "") ? "semicolons" : /\t/.test(first?.text ?? "") ? "tabs" : "";
  if (first !== undefined && cells.length === 1)
    return { positions: null, findings: [finding("PLT-105", place(first), { separator })] };
  const positions = new Map<ColumnName, number>();
  const findings: Finding[] = [];
  cells.forEach((cell, index) => {
    const name = cell.text.trim();
    const currency = /^cost_([a-z]{3})$/i.exec(name)?.[1]?.toUpperCase();
    if (!isColumn(name)) {
      findings.push(
        currency !== undefined && currency !== "USD"
          ? finding("PLT-128", place(cell), { got: currency })
          : finding("PLT-107", place(cell), {
              column: show(name),
              nearest: nearest(name, columnNames),
              known: columnNames,
            }),
      );
    } else if (positions.has(name)) {
      findings.push(finding("PLT-108", place(cell), { column: name, first: (positions.get(name) ?? 0) + 1 }));
    } else positions.set(name, index);
  });
  const missing = columnNames.filter((name) => columns[name].required && !positions.has(name));
  const end = cells.at(-1)?.end ?? 0;
  findings.push(
    ...missing.map((column) =>
      finding("PLT-106", { file: "ledger", offsets: [end, end] }, { column, purpose: columns[column].purpose }),
    ),
  );
  return { positions: findings.length === 0 ? positions : null, findings };
}

function isColumn(name: string): name is ColumnName {
  return Object.hasOwn(columns, name);
}

function place({ start, end }: { readonly start: number; readonly end: number }) {
  return { file: "ledger", offsets: [start, end] } as const;
}
