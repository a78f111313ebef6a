import type { Finding } from "../../config/diagnostics/finding.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { lookUp } from "../catalog/index.ts";
import { byName } from "../figures.ts";
import { wholeDays, wholeWeeks } from "./coverage.ts";
import { judgePilot, type PilotVerdict } from "./judge-pilot.ts";
import { costLedger, type PilotStack, priceReasons, type RowCost } from "./ledger-cost.ts";
import type { LedgerRow } from "./ledger-row.ts";
import { type Kept, keptObjectives } from "./objectives.ts";
import { type Difference, differenceOf, type OptionFigures, optionFigures } from "./option-figures.ts";
import { comparableDays } from "./same-requests.ts";

/** What a pilot found out about one workload. */
export interface WorkloadPilot {
  readonly workload: string;
  /** First and last day of the ledger, `YYYY-MM-DD`. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Days on which both options were measured from midnight to midnight and answered the same requests. */
  readonly wholeDays: number;
  /** Runs of seven such days, which everything below is computed from. */
  readonly weeks: number;
  /** Null while there is no whole week. */
  readonly options: { readonly api: OptionFigures; readonly selfHost: OptionFigures } | null;
  readonly difference: Difference | null;
  readonly kept: { readonly api: readonly Kept[]; readonly selfHost: readonly Kept[] };
  /** Tokens a month that the stack file expects; null without one. */
  readonly expectedTokensPerMonth: number | null;
  readonly verdict: Decided<PilotVerdict>;
  /** What the costs rest on. */
  readonly because: readonly Reason[];
}

export interface PilotReport {
  /** By name, sorted; null exactly when a finding is an error. */
  readonly workloads: readonly WorkloadPilot[] | null;
  readonly findings: readonly Finding[];
}

/** What the rows of a ledger say of each workload. Without a stack file there are no objectives, and costs come from the ledger alone. */
export function reportPilot(rows: readonly LedgerRow[], stack: PilotStack | null): PilotReport {
  const { costs, findings, because } = costLedger(rows, stack);
  if (costs === null) return { workloads: null, findings };
  const names = [...new Set(rows.map(({ workload }) => workload))].sort(byName);
  const all = [...findings];
  const workloads = names.map((name) => {
    const own = rows.filter(({ workload }) => workload === name);
    const same = comparableDays(own, wholeDays(own));
    all.push(...same.findings);
    return reportWorkload(name, own, same.days, costs, stack, because);
  });
  return { workloads, findings: all };
}

function reportWorkload(
  name: string,
  rows: readonly LedgerRow[],
  days: readonly string[],
  costs: ReadonlyMap<LedgerRow, RowCost>,
  stack: PilotStack | null,
  because: readonly Reason[],
): WorkloadPilot {
  const weeks = wholeWeeks(days);
  const counted = rows.filter(({ day }) => weeks.some((week) => week.includes(day)));
  const workload = stack === null ? null : lookUp(stack.config.workloads ?? {}, name);
  const options =
    weeks.length === 0
      ? null
      : {
          api: optionFigures("api", counted, weeks, costs),
          selfHost: optionFigures("self-host", counted, weeks, costs),
        };
  const kept = {
    api: keptObjectives(ofOption(counted, "api"), workload?.objectives),
    selfHost: keptObjectives(ofOption(counted, "self-host"), workload?.objectives),
  };
  const all = rows.map(({ day }) => day).sort(byName);
  return {
    workload: name,
    firstDay: all[0] ?? "",
    lastDay: all.at(-1) ?? "",
    wholeDays: days.length,
    weeks: weeks.length,
    options,
    difference: options === null ? null : differenceOf(options.api, options.selfHost),
    kept,
    expectedTokensPerMonth: workload?.tokensPerMonth ?? null,
    verdict: judgePilot({ workload: name, wholeDays: days.length, weeks: weeks.length, figures: options, kept }),
    because: [...priceReasons(name, stack), ...because],
  };
}

function ofOption(rows: readonly LedgerRow[], option: LedgerRow["option"]): LedgerRow[] {
  return rows.filter((row) => row.option === option);
}
