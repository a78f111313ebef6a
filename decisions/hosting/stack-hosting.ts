import type { Config, ModelConfig, TeamConfig } from "../../config/schema/index.ts";
import type { Decided } from "../blueprint.ts";
import { gradingsOf } from "../capacity/grading.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import { type Capacity, type Fleet, sizeFleet } from "../cost/fleet.ts";
import { allocate, type Cents, cents, usdText } from "../cost/money.ts";
import { capacityCents, type Staff, staffCents } from "../cost/self-hosted.ts";
import { countText, sortedEntries } from "../figures.ts";
import { isPowerOfTwo } from "../packing.ts";
import type { Range } from "../range.ts";
import { because, decided, policy } from "../reason.ts";
import { servingVersionOf } from "../serving-version.ts";
import { carriedDraft } from "./draft.ts";
import { decideHosting, type HostingDecision } from "./hosting.ts";
import { compare } from "./judge.ts";
import { nodePriceOf, type PricedNode } from "./node-price.ts";
import type { Verdict } from "./rule-of-thumb.ts";

/** Team that is assumed where the file names none: a stack without anybody to run it has no cost that could be believed. */
const assumedTeam: TeamConfig = { engineers: 1, costPerMonth: { usd: 25_000 } };

/** A pool that one or more workloads share. */
export interface SharedPool {
  readonly pool: string;
  readonly workloads: readonly string[];
  readonly gpus: number;
  readonly nodes: number;
  readonly monthlyCents: Decided<Cents>;
  /** What each workload pays of it, in the order of `workloads`; adds up to the cent. */
  readonly sharesCents: readonly Cents[];
}

/** All workloads of a stack together, with what they share. */
export interface StackHosting {
  /** By name, sorted. */
  readonly workloads: readonly HostingDecision[];
  readonly team: Decided<Staff>;
  readonly pools: readonly SharedPool[];
  /** Cents a month for hosting everything that could be priced, and for buying the same; null where one cannot be had. */
  readonly total: { readonly selfHosted: Range; readonly bought: Range; readonly verdict: Verdict } | null;
}

interface Sized {
  readonly name: string;
  readonly capacity: Capacity;
  readonly pool: string;
  readonly fleet: Fleet;
}

/**
 * The verdict for every workload of a stack. Workloads on one pool share its nodes, and all share the team: both are
 * split by the GPUs that each workload's replicas hold, because GPUs are what a pool is paid for. `capacities` holds what
 * sizing found for each workload, null where it found nothing. Workloads whose model is not defined are passed over.
 */
export function decideStackHosting(
  config: Config,
  catalog: Catalog,
  capacities: Readonly<Record<string, Capacity | null>>,
): StackHosting {
  const workloads = sortedEntries(config.workloads ?? {});
  const sized = workloads.flatMap(([name, workload]): Sized[] => {
    const capacity = lookUp(capacities, name);
    const model = lookUp(config.models, workload.model);
    if (capacity === null || model === null || !Object.hasOwn(config.nodePools, model.nodePool)) return [];
    const { value } = capacity.totalTokensPerSecondPerReplica;
    const fleet = sizeFleet(workload.tokensPerMonth, workload.peakToMean, capacity, value);
    return [{ name, capacity, pool: model.nodePool, fleet }];
  });
  const prices = new Map(
    sortedEntries(config.nodePools).map(([name, pool]) => [name, nodePriceOf(name, pool, catalog, config.residency)]),
  );
  const pools = sharedPools(sized, prices);
  const team = decideTeam(config.team);
  const teamCents = allocate(
    staffCents(team.value),
    sized.map(({ fleet }) => fleet.gpus),
  );
  const allGpus = sized.reduce((sum, { fleet }) => sum + fleet.gpus, 0);

  const decisions = workloads.flatMap(([name, workload]) => {
    const model = lookUp(config.models, workload.model);
    const repository = model === null ? null : servedRepository(model);
    if (model === null || repository === null) return [];
    const own = sized.find((one) => one.name === name);
    const share = own === undefined || allGpus === 0 ? 1 : own.fleet.gpus / allGpus;
    const pool = pools.find(({ pool: key }) => key === model.nodePool);
    return [
      decideHosting({
        name,
        workload,
        repository,
        capacity: own?.capacity ?? null,
        nodePrice: sharedPrice(prices.get(model.nodePool) ?? null, pool),
        staff: staffShare(team, share, sized.length),
        allotted:
          own === undefined || pool === undefined
            ? null
            : {
                capacityCents: pool.sharesCents[pool.workloads.indexOf(name)] ?? 0,
                staffCents: teamCents[sized.indexOf(own)] ?? 0,
              },
        gradingCents: gradingCents(config, name, capacities, prices),
        draft: carriedDraft(config, workload),
        residency: config.residency,
        catalog,
      }),
    ];
  });
  return { workloads: decisions, team, pools, total: totalOf(decisions) };
}

/** What the judge's GPUs cost a month that grades this workload's answers, by what a GPU of its pool costs. */
function gradingCents(
  config: Config,
  name: string,
  capacities: Readonly<Record<string, Capacity | null>>,
  prices: ReadonlyMap<string, PricedNode | null>,
): Cents {
  return gradingsOf(config)
    .filter(({ workload }) => workload === name)
    .reduce((sum, { judge, demand, tokensPerMonth, peakToMean }) => {
      const capacity = lookUp(capacities, demand.workload);
      const price = prices.get(lookUp(config.models, judge)?.nodePool ?? "") ?? null;
      if (capacity === null || price === null) return sum;
      const fleet = sizeFleet(tokensPerMonth, peakToMean, capacity, capacity.totalTokensPerSecondPerReplica.value);
      const usd = price.per === "node-hour" ? price.usd / capacity.gpusPerNode : price.usd;
      return sum + capacityCents(fleet, { usd, per: "gpu-hour" });
    }, 0);
}

/** The team that runs the stack; one engineer where the file names none. */
export function decideTeam(team: TeamConfig | undefined): Decided<Staff> {
  const { engineers, costPerMonth } = team ?? assumedTeam;
  const staff = { engineers, usdPerMonthEach: costPerMonth.usd };
  const text = `${countText(engineers, "engineer")} at ${usdText(cents(costPerMonth.usd))} a month${engineers === 1 ? "" : " each"}.`;
  return decided(
    staff,
    team === undefined ? policy(`The file names no team, so one is assumed: ${text}`) : because("team", text),
  );
}

function staffShare(team: Decided<Staff>, share: number, sharers: number): Staff & Pick<Decided<Staff>, "because"> {
  const split = policy(`The team is shared by GPUs held: ${Math.round(share * 100)} % of it counts here.`);
  return {
    engineers: team.value.engineers * share,
    usdPerMonthEach: team.value.usdPerMonthEach,
    because: sharers > 1 ? [...team.because, split] : team.because,
  };
}

function sharedPools(sized: readonly Sized[], prices: ReadonlyMap<string, PricedNode | null>): SharedPool[] {
  return [...prices].flatMap(([pool, price]): SharedPool[] => {
    const own = sized.filter((one) => one.pool === pool);
    if (own.length === 0 || price === null) return [];
    const gpus = own.reduce((sum, { fleet }) => sum + fleet.gpus, 0);
    const nodes = sharedNodes(own);
    const monthlyCents = capacityCents({ nodes, gpus }, price);
    const text = `${countText(gpus, "GPU")} of ${own.map(({ name }) => name).join(", ")} on ${countText(nodes, "node")}.`;
    return [
      {
        pool,
        workloads: own.map(({ name }) => name),
        gpus,
        nodes,
        monthlyCents: decided(monthlyCents, because(price.path, price.text), policy(text)),
        sharesCents: allocate(
          monthlyCents,
          own.map(({ fleet }) => fleet.gpus),
        ),
      },
    ];
  });
}

/** Whole nodes for all replicas of a pool: filled up where sizes are powers of two, which leave no gap; else side by side. */
function sharedNodes(own: readonly Sized[]): number {
  const fills = own.every(
    ({ capacity: { gpusPerReplica, gpusPerNode } }) =>
      [gpusPerReplica, gpusPerNode].every(isPowerOfTwo) && gpusPerReplica <= gpusPerNode,
  );
  const apart = own.reduce((sum, { fleet }) => sum + fleet.nodes, 0);
  const gpusPerNode = own[0]?.capacity.gpusPerNode ?? 1;
  const gpus = own.reduce((sum, { fleet }) => sum + fleet.gpus, 0);
  return fills ? Math.ceil(gpus / gpusPerNode) : apart;
}

/** On a pool of its own a workload pays whole nodes; on a shared one its GPUs, at what the whole nodes come to for each. */
function sharedPrice(price: PricedNode | null, pool: SharedPool | undefined): PricedNode | null {
  if (price === null || price.per === "gpu-hour" || pool === undefined || pool.workloads.length < 2) return price;
  const usd = (price.usd * pool.nodes) / pool.gpus;
  const text = `${price.text} ${countText(pool.nodes, "node")} of ${pool.pool} are shared by ${pool.workloads.join(", ")}, which is $${usd.toFixed(2)} for each GPU held.`;
  return { ...price, usd, per: "gpu-hour", text };
}

function totalOf(decisions: readonly HostingDecision[]): StackHosting["total"] {
  const parts = decisions.map(({ selfHosted, frontierCents, hostedCents }) => {
    const bought = [frontierCents, hostedCents].filter((cost) => cost !== null).sort((a, b) => a.value - b.value)[0];
    return selfHosted === null || bought === undefined ? null : { selfHosted: selfHosted.monthlyCents, bought };
  });
  if (parts.length === 0 || parts.includes(null)) return null;
  const priced = parts.filter((part) => part !== null);
  const selfHosted = sum(priced.map((part) => part.selfHosted));
  const bought = sum(priced.map((part) => part.bought));
  return { selfHosted, bought, verdict: compare(selfHosted, bought) };
}

function sum(ranges: readonly Range[]): Range {
  return ranges.reduce(
    (all, { low, value, high }) => ({ low: all.low + low, value: all.value + value, high: all.high + high }),
    { low: 0, value: 0, high: 0 },
  );
}

/** Weights of the version that serves most requests. */
function servedRepository(model: ModelConfig): string | null {
  const serving = servingVersionOf(model);
  return serving === null ? null : (model.versions[serving]?.weights.repository ?? null);
}
