/** The two sides of a pilot. */
export const pilotOptions = ["self-hosted", "api"] as const;
export type PilotOption = (typeof pilotOptions)[number];

/** What a column holds, as it is told to whoever fills it in. */
interface Column {
  readonly name: string;
  readonly holds: string;
  /** Whether a cell may be empty: nothing was measured. */
  readonly mayBeEmpty: boolean;
}

const time = "a time with its offset, such as 2026-11-02T09:00:00+01:00";
const count = "a whole number from 0 on";
const amount = "a number from 0 on";

/** The columns of a ledger. One row is one option of one workload over some hours, at most a day. */
export const ledgerColumns = [
  { name: "start", holds: time, mayBeEmpty: false },
  { name: "end", holds: time, mayBeEmpty: false },
  { name: "workload", holds: "the name of a workload of the stack file", mayBeEmpty: false },
  { name: "option", holds: `one of ${pilotOptions.join(", ")}`, mayBeEmpty: false },
  { name: "requests", holds: count, mayBeEmpty: false },
  { name: "errors", holds: count, mayBeEmpty: false },
  { name: "input_tokens", holds: count, mayBeEmpty: false },
  { name: "cached_input_tokens", holds: count, mayBeEmpty: false },
  { name: "output_tokens", holds: count, mayBeEmpty: false },
  { name: "ttft_p95_ms", holds: `${amount}, in milliseconds`, mayBeEmpty: true },
  { name: "itl_p95_ms", holds: `${amount}, in milliseconds`, mayBeEmpty: true },
  { name: "quality_samples", holds: count, mayBeEmpty: false },
  { name: "quality_mean", holds: "a number from 0 to 1, where quality_samples is above 0", mayBeEmpty: true },
  { name: "engineer_hours", holds: `${amount}, in hours`, mayBeEmpty: false },
  { name: "cost_usd", holds: `${amount}, in US dollars, engineers left out`, mayBeEmpty: false },
] as const satisfies readonly Column[];

export type LedgerColumn = (typeof ledgerColumns)[number]["name"];

/** One row as read. Times are milliseconds since 1970 in UTC. */
export interface LedgerRow {
  readonly line: number;
  readonly startMilliseconds: number;
  readonly endMilliseconds: number;
  /** Offset of both times from UTC, as written: `+01:00`, `Z`. */
  readonly offset: string;
  readonly workload: string;
  readonly option: PilotOption;
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly ttftP95Milliseconds: number | null;
  readonly itlP95Milliseconds: number | null;
  readonly qualitySamples: number;
  /** 0 to 1; null where nothing was scored. */
  readonly qualityMean: number | null;
  readonly engineerHours: number;
  readonly costUsd: number;
}
