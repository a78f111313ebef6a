import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { type LedgerRow, type PilotOption, placeOf } from "./ledger-row.ts";
import { pilotRules } from "./rules.ts";

/** The days on which both options answered the same requests, and a warning for each of the others. */
export function comparableDays(
  rows: readonly LedgerRow[],
  days: readonly string[],
): { readonly days: readonly string[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const same = days.filter((day) => {
    const own = rows.filter((row) => row.day === day);
    const [first] = own;
    const api = requestsOf(own, "api");
    const selfHost = requestsOf(own, "self-host");
    const isSame = Math.abs(api - selfHost) <= pilotRules.requestDifference * Math.max(api, selfHost);
    if (!isSame && first !== undefined) {
      const mostPercent = pilotRules.requestDifference * 100;
      const parameters = { workload: first.workload, day, api, selfHost, mostPercent };
      findings.push(finding("PLT-134", placeOf(first.cells, "requests"), parameters));
    }
    return isSame;
  });
  return { days: same, findings };
}

function requestsOf(rows: readonly LedgerRow[], option: PilotOption): number {
  return rows.reduce((sum, row) => sum + (row.option === option ? row.requests : 0), 0);
}
