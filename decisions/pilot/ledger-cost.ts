import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Config } from "../../config/schema/index.ts";
import type { Reason } from "../blueprint.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import { cents, usdText } from "../cost/money.ts";
import type { HostingDecision } from "../hosting/hosting.ts";
import { nodePriceOf } from "../hosting/node-price.ts";
import { decideTeam } from "../hosting/stack-hosting.ts";
import { because, policy } from "../reason.ts";
import { type LedgerRow, type PilotOption, placeOf } from "./ledger-row.ts";
import { catalogOf, measuredUsd, pilotOffer } from "./pilot-offer.ts";
import { pilotRules } from "./rules.ts";

/** The stack file that a ledger belongs to, decided. */
export interface PilotStack {
  readonly config: Config;
  /** Whether to host, for each workload whose model is defined. */
  readonly workloads: readonly HostingDecision[];
  readonly catalog: Catalog;
}

/** What a row cost. US dollars. */
export interface RowCost {
  readonly usageUsd: number;
  readonly engineersUsd: number;
}

export interface LedgerCost {
  /** In the order of the rows; null exactly when a finding is an error. */
  readonly costs: ReadonlyMap<LedgerRow, RowCost> | null;
  readonly findings: readonly Finding[];
  readonly engineerUsdPerHour: number;
  /** What the engineer's hour rests on. */
  readonly because: readonly Reason[];
}

/** What each row cost: from its bill, else from the prices of the stack file; people by the hour. */
export function costLedger(rows: readonly LedgerRow[], stack: PilotStack | null): LedgerCost {
  const team = decideTeam(stack?.config.team);
  const engineerUsdPerHour = team.value.usdPerMonthEach / pilotRules.engineerHoursPerMonth;
  const costs = new Map<LedgerRow, RowCost>();
  const findings: Finding[] = [];
  const pricers = new Map<string, Pricer>();
  for (const row of rows) {
    const key = `${row.workload} ${row.option}`;
    const pricer = pricers.get(key) ?? pricerOf(row.workload, row.option, stack);
    pricers.set(key, pricer);
    const usage = row.costUsd ?? (typeof pricer === "string" ? pricer : pricer(row));
    if (typeof usage === "string") {
      findings.push(finding("PLT-129", placeOf(row.cells, "cost_usd"), { option: row.option, missing: usage }));
    } else costs.set(row, { usageUsd: usage, engineersUsd: row.engineerHours * engineerUsdPerHour });
  }
  return {
    costs: findings.length === 0 ? costs : null,
    findings,
    engineerUsdPerHour,
    because: [
      ...team.because,
      policy(
        `A month of an engineer is ${pilotRules.engineerHoursPerMonth} hours, so an hour costs ${usdText(cents(engineerUsdPerHour))}.`,
      ),
    ],
  };
}

/** US dollars of a row without its bill, or what is missing to know them. */
type Pricer = string | ((row: LedgerRow) => number | string);

function pricerOf(workload: string, option: PilotOption, stack: PilotStack | null): Pricer {
  if (stack === null) return "no stack file with prices was given";
  const decision = stack.workloads.find((one) => one.workload === workload);
  if (decision === undefined) return "the stack file has no model for this workload";
  return option === "api" ? apiPricer(decision, stack) : ownPricer(decision, stack);
}

function apiPricer(decision: HostingDecision, { config, catalog }: PilotStack): Pricer {
  const offer = pilotOffer(decision);
  if (offer === null) return "no offer with a price may be bought for this workload";
  const known = catalogOf(offer, catalog);
  return (row) => measuredUsd(row, decision, offer, config, known);
}

function ownPricer({ model }: HostingDecision, { config, catalog }: PilotStack): Pricer {
  const nodePool = lookUp(config.models, model)?.nodePool;
  const pool = nodePool === undefined ? null : lookUp(config.nodePools, nodePool);
  const price = nodePool === undefined || pool === null ? null : nodePriceOf(nodePool, pool, catalog, config.residency);
  if (price === null || pool === null) return "nothing says what a node of its pool costs";
  const usdPerGpuHour = price.per === "gpu-hour" ? price.usd : price.usd / pool.gpusPerNode;
  return ({ gpuHours }) => (gpuHours === null ? "gpu_hours is empty" : gpuHours * usdPerGpuHour);
}

/** What the prices of a workload's options rest on; empty without a stack file. */
export function priceReasons(workload: string, stack: PilotStack | null): Reason[] {
  const decision = stack?.workloads.find((one) => one.workload === workload);
  if (stack === null || decision === undefined) return [];
  const offer = pilotOffer(decision);
  const { config, catalog } = stack;
  const nodePool = lookUp(config.models, decision.model)?.nodePool ?? "";
  const pool = lookUp(config.nodePools, nodePool);
  const price = pool === null ? null : nodePriceOf(nodePool, pool, catalog, config.residency);
  return [
    ...(offer === null
      ? []
      : [
          because(
            offer.pricePath,
            `api is ${offer.name}; where a row has no bill, its price as of ${offer.asOf} counts.`,
          ),
        ]),
    ...(price === null ? [] : [because(price.path, price.text)]),
  ];
}
