import type { WorkloadConfig } from "../../config/schema/index.ts";
import { perMillionText, volumeText } from "../cost/money.ts";
import { countText } from "../figures.ts";
import { mapRange, type Range } from "../range.ts";
import type { Situation } from "./judge.ts";
import { frontierOffer, hostedOffers, shapeOf, type TokenOffer } from "./offers.ts";
import type { HostingRequest } from "./request.ts";
import type { SensitivityInput } from "./sensitivity.ts";

/**
 * What the verdict hangs on, each with the bounds that are plausible without a change of plan: half and twice the volume;
 * a node 40 % cheaper, as a year's commitment makes it, or 30 % dearer, as Azure's European regions are; half an engineer
 * more or less of each; traffic that is flatter or spikier; an API price that moves by half; the range of the throughput.
 */
export function sensitivityInputs(
  request: HostingRequest,
  situation: Situation,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): SensitivityInput[] {
  const { name, workload, nodePrice } = request;
  const path = `workloads.${name}`;
  const { capacity, staff } = situation;
  const throughput = capacity.totalTokensPerSecondPerReplica;
  const price = situation.nodePrice.usd;
  const offered = cheapestPrice(situation);
  const share = (value: number) => `${Math.round(value * 100)} %`;
  const inputs: SensitivityInput[] = [
    {
      ...factors("volume", `${path}.tokensPerMonth`, workload.tokensPerMonth, 0.5, 2, 100),
      text: (value) => `${volumeText(value)} tokens a month`,
      situation: (tokensPerMonth) => ({ ...situation, tokensPerMonth }),
    },
    {
      ...factors("node price", nodePrice?.path ?? `models.${workload.model}.nodePool`, price, 0.6, 1.3, 20),
      text: (usd) => `$${usd.toFixed(2)} a ${situation.nodePrice.per}`,
      situation: (usd) => ({ ...situation, nodePrice: { ...situation.nodePrice, usd } }),
    },
    {
      ...plain("engineers", "team.engineers", staff.engineers, {
        low: staff.engineers / 2,
        high: staff.engineers * 1.5,
        least: 0,
        most: staff.engineers + 10,
      }),
      text: (value) => countText(Number(value.toFixed(2)), "engineer"),
      situation: (engineers) => ({ ...situation, staff: { ...staff, engineers } }),
    },
    {
      ...plain("peak to mean", `${path}.peakToMean`, workload.peakToMean, {
        low: Math.max(1, workload.peakToMean / 2),
        high: workload.peakToMean * 1.6,
        least: 1,
        most: 20,
      }),
      text: (value) => `${Number(value.toFixed(2))} times the mean`,
      situation: (peakToMean) => ({ ...situation, peakToMean }),
    },
    {
      ...factors("displaced price", cheapestPath(situation, frontier, hosted), offered, 0.5, 1.5, 50),
      text: (usd) => `${perMillionText(usd)} per million tokens`,
      situation: (usd) => priced(situation, usd / offered),
    },
    {
      ...factors(
        "throughput",
        `models.${workload.model}`,
        throughput.value,
        throughput.low / throughput.value,
        throughput.high / throughput.value,
        20,
      ),
      text: (value) => `${Math.round(value)} tokens per second a replica`,
      situation: (value) => ({
        ...situation,
        capacity: {
          ...capacity,
          totalTokensPerSecondPerReplica: mapRange(throughput, (one) => (one * value) / throughput.value),
        },
      }),
    },
  ];
  if (situation.frontier !== null) {
    const now = situation.escalationShare;
    inputs.push({
      ...plain("escalation share", `${path}.escalationShare`, now, {
        low: 0,
        high: Math.max(0.3, now),
        least: 0,
        most: 1,
      }),
      text: share,
      situation: (escalationShare) => ({ ...situation, escalationShare }),
    });
  }
  const cached = shapeOf(workload).cacheReadShare;
  inputs.push({
    ...plain("cache share", `${path}.cacheReadShare`, cached, {
      low: 0,
      high: Math.max(0.7, cached),
      least: 0,
      most: 1,
    }),
    text: share,
    situation: (cacheReadShare) => recached(request, situation, { ...workload, cacheReadShare }, frontier, hosted),
  });
  // An input at zero cannot be changed by a factor.
  return inputs.filter(({ current, least, most }) => Number.isFinite(current) && least < most);
}

type Bounds = Pick<SensitivityInput, "low" | "high" | "least" | "most">;
type Plain = Omit<SensitivityInput, "text" | "situation">;

function plain(name: string, path: string, current: number, bounds: Bounds): Plain {
  return { name, path, current, ...bounds };
}

function factors(name: string, path: string, current: number, low: number, high: number, furthest: number): Plain {
  return plain(name, path, current, {
    low: current * low,
    high: current * high,
    least: current / furthest,
    most: current * furthest,
  });
}

function cheapestPrice({ frontier, hosted }: Situation): number {
  return Math.min(frontier?.value ?? Number.POSITIVE_INFINITY, hosted?.value ?? Number.POSITIVE_INFINITY);
}

function cheapestPath(situation: Situation, frontier: TokenOffer | null, hosted: TokenOffer | null): string {
  const cheapest = situation.hosted?.value === cheapestPrice(situation) ? hosted : frontier;
  return cheapest?.pricePath ?? "catalog.prices";
}

/** The same with every price that can be bought at changed by a factor. */
function priced(situation: Situation, factor: number): Situation {
  const change = (price: Range | null) => (price === null ? null : mapRange(price, (usd) => usd * factor));
  const { frontier, hosted, draft } = situation;
  return { ...situation, frontier: change(frontier), hosted: change(hosted), draft: change(draft) };
}

function recached(
  { name, repository, catalog, residency }: HostingRequest,
  situation: Situation,
  workload: WorkloadConfig,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): Situation {
  const anew =
    situation.frontier === null || frontier === null ? null : frontierOffer(name, workload, catalog, residency);
  const host =
    hosted === null
      ? null
      : (hostedOffers(repository, workload, catalog, residency).find(({ status }) => status === "available") ?? null);
  return {
    ...situation,
    frontier: anew === null ? situation.frontier : anew.usdPerMillion,
    hosted: host === null ? situation.hosted : host.usdPerMillion,
  };
}
