import type { WorkloadConfig } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import type { LedgerRow } from "./ledger-row.ts";
import { pilotRules } from "./rules.ts";

/** Whether one option kept one objective. */
export interface Kept {
  readonly objective: "ttft" | "itl" | "availability";
  /** As the file writes it. */
  readonly limit: string;
  /** Share of the requests that it was kept for; null where nothing was recorded. Fraction of 1. */
  readonly share: number | null;
  /** Share that is needed. Fraction of 1. */
  readonly needed: number;
  /** Null where nothing was recorded. */
  readonly isKept: boolean | null;
}

/**
 * The objectives of a workload against rows of one option. A latency objective is about the 95th percentile; percentiles
 * of periods cannot be added up, so it counts as kept when 95 % of the requests fell into periods that kept it.
 */
export function keptObjectives(rows: readonly LedgerRow[], objectives: WorkloadConfig["objectives"]): Kept[] {
  const { ttft, itl, availability } = objectives ?? {};
  return [
    ...(ttft === undefined ? [] : [latency("ttft", ttft, rows, ({ ttftMilliseconds }) => ttftMilliseconds)]),
    ...(itl === undefined ? [] : [latency("itl", itl, rows, ({ interTokenMilliseconds }) => interTokenMilliseconds)]),
    ...(availability === undefined ? [] : [answered(availability, rows)]),
  ];
}

function latency(
  objective: "ttft" | "itl",
  limit: string,
  rows: readonly LedgerRow[],
  pick: (row: LedgerRow) => number | null,
): Kept {
  const most = milliseconds(limit);
  const measured = rows.filter((row) => pick(row) !== null);
  const all = requestsOf(measured);
  const kept = requestsOf(measured.filter((row) => (pick(row) ?? 0) <= most));
  return keptShare(objective, limit, all === 0 ? null : kept / all, pilotRules.requestsWithinObjective);
}

function answered(limit: string, rows: readonly LedgerRow[]): Kept {
  const all = requestsOf(rows);
  const errors = rows.reduce((sum, row) => sum + row.errors, 0);
  return keptShare("availability", limit, all === 0 ? null : 1 - errors / all, Number.parseFloat(limit) / 100);
}

function keptShare(objective: Kept["objective"], limit: string, share: number | null, needed: number): Kept {
  return { objective, limit, share, needed, isKept: share === null ? null : share >= needed };
}

function requestsOf(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, { requests }) => sum + requests, 0);
}
