import { renderFindings } from "../../config/diagnostics/render.ts";
import { type Ledger, readLedger } from "../../decisions/pilot/ledger.ts";
import { nextDay } from "../../decisions/pilot/ledger-time.ts";
import type { LedgerContext } from "../../decisions/pilot/row-reader.ts";

export const header =
  "start,end,workload,option,requests,errors,input_tokens,cached_input_tokens,output_tokens,ttft_p95_ms,itl_p95_ms,quality_score,quality_samples,engineer_hours,gpu_hours,cost_usd";

/** A key that is absent leaves the cell as it is. */
type Cells = Readonly<Record<string, string | number | undefined>>;

/** One sound row, a whole day of the API, as the text of its cells. */
export function ledgerRow(overrides: Cells = {}, columns = header): string {
  const cells: Cells = {
    start: "2026-10-05T00:00:00Z",
    end: "2026-10-06T00:00:00Z",
    workload: "support",
    option: "api",
    requests: 1000,
    errors: 1,
    input_tokens: 4_000_000,
    cached_input_tokens: 400_000,
    output_tokens: 400_000,
    ttft_p95_ms: 900,
    itl_p95_ms: 30,
    quality_score: 0.9,
    quality_samples: 50,
    engineer_hours: 0.5,
    gpu_hours: "",
    cost_usd: 100,
    ...overrides,
  };
  return columns
    .split(",")
    .map((name) => cells[name] ?? "")
    .join(",");
}

/** A ledger of one row a day and option; `change` says what differs on a day (counted from 0). */
export function dailyLedger(
  days: number,
  change: (day: number, option: "api" | "self-host") => Cells | null = () => ({}),
): string {
  const rows: string[] = [];
  let day = "2026-10-05";
  for (let index = 0; index < days; index += 1, day = nextDay(day)) {
    for (const option of ["api", "self-host"] as const) {
      const cells = change(index, option);
      if (cells === null) continue;
      const times = { start: `${day}T00:00:00Z`, end: `${nextDay(day)}T00:00:00Z` };
      rows.push(ledgerRow({ ...times, option, ...cells }));
    }
  }
  return ledgerOf(...rows);
}

export function ledgerOf(...rows: readonly string[]): string {
  return `${[header, ...rows].join("\n")}\n`;
}

export const ledgerContext: LedgerContext = { now: Date.parse("2027-12-01T00:00:00Z"), stack: null };

export function read(text: string | Uint8Array, context: Partial<LedgerContext> = {}): Ledger {
  return readLedger(text, { ...ledgerContext, ...context });
}

/** The screen that a user sees for a ledger, without colour. */
export function ledgerScreen(text: string | Uint8Array, context: Partial<LedgerContext> = {}): string {
  const ledger = read(text, context);
  return renderFindings(ledger.findings, {
    files: { ledger: { name: "ledger.csv", text: ledger.text } },
    color: false,
  });
}
