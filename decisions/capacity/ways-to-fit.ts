import type { ModelFacts } from "../../config/schema/model-facts.ts";
import type { Catalog } from "../catalog/index.ts";
import { weightRecipes } from "../catalog/weight-recipes.ts";
import { byName, countText } from "../figures.ts";
import { memoryBudget } from "./memory-budget.ts";
import { replicaSizes, type SizingRequest, setupOf } from "./sizing.ts";

/** One change after which a replica fits. */
interface Way {
  readonly text: string;
  /** What a replica then costs more an hour; null where no price is known. US dollars. */
  readonly extraUsdPerHour: number | null;
}

const told = 3;
const lengthStep = 1024;
const fewSeqs = 16;
const smallBatch = 2048;
const mostUtilization = 0.95;
const largestNode = 8;

/**
 * The cheapest ways to make a replica fit that does not, cheapest first by what a replica costs an hour more; of equals the
 * one first that takes least away: fewer requests at once, more of the GPU, other weights, 8-bit cache, shorter requests.
 * `gpus` is the size that was tried last.
 */
export function waysToFit(
  request: SizingRequest,
  gpus: number,
  catalog: Catalog,
  poolUsdPerGpuHour: number | null,
): string[] {
  const ways = [
    ...fewerAtOnce(request, gpus),
    ...moreOfTheGpu(request, gpus),
    ...otherWeights(request, gpus, catalog),
    ...eightBitCache(request, gpus),
    ...shorterRequests(request, gpus),
    ...moreGpus(request, gpus, poolUsdPerGpuHour),
    ...otherGpus(request, gpus, catalog, poolUsdPerGpuHour),
  ];
  // Sorting is stable, so equals stay in the order above.
  return [...ways]
    .sort((a, b) => (a.extraUsdPerHour ?? Number.MAX_VALUE) - (b.extraUsdPerHour ?? Number.MAX_VALUE))
    .slice(0, told)
    .map(({ text, extraUsdPerHour }) =>
      extraUsdPerHour === null || extraUsdPerHour === 0 ? text : `${text} (${moreText(extraUsdPerHour)})`,
    );
}

function moreText(usd: number): string {
  return usd > 0 ? `$${usd.toFixed(2)} an hour more a replica` : `$${(-usd).toFixed(2)} an hour less a replica`;
}

function fits(request: SizingRequest, gpus: number): boolean {
  return memoryBudget(setupOf(request, gpus, fewSeqs)).kind === "fits";
}

function free(text: string): Way[] {
  return [{ text, extraUsdPerHour: 0 }];
}

/** Only what the file has set can be lowered: what is decided was tried down to the lowest. */
function fewerAtOnce(request: SizingRequest, gpus: number): Way[] {
  const { maxNumSeqs, maxNumBatchedTokens } = request.overrides;
  if (maxNumSeqs !== undefined && maxNumSeqs > fewSeqs && fits(changed(request, { maxNumSeqs: fewSeqs }), gpus)) {
    return free(`set maxNumSeqs to ${fewSeqs}, or leave it out`);
  }
  if ((maxNumBatchedTokens ?? Number.POSITIVE_INFINITY) <= smallBatch) return [];
  return fits(changed(request, { maxNumBatchedTokens: smallBatch }), gpus)
    ? free(`set maxNumBatchedTokens to ${smallBatch}, which makes long prompts slower`)
    : [];
}

function moreOfTheGpu(request: SizingRequest, gpus: number): Way[] {
  const { gpuMemoryUtilization = 0.9 } = request.overrides;
  if (gpuMemoryUtilization >= mostUtilization) return [];
  return fits(changed(request, { gpuMemoryUtilization: mostUtilization }), gpus)
    ? free(`set gpuMemoryUtilization to ${mostUtilization}`)
    : [];
}

/** Repositories of the catalog with the same shape and smaller weights. */
function otherWeights(request: SizingRequest, gpus: number, catalog: Catalog): Way[] {
  const own = bitsOf(request.model);
  const [smaller] = Object.entries(catalog.models)
    .filter(([, facts]) => isSameShape(facts, request.model) && bitsOf(facts) < own && facts.asOf !== "unknown")
    .sort(([a, x], [b, y]) => bitsOf(y) - bitsOf(x) || byName(a, b))
    .filter(([, model]) => fits({ ...request, model }, gpus));
  return smaller === undefined
    ? []
    : free(`serve ${smaller[0]}, the same model stored as ${smaller[1].weights.recipe}`);
}

function bitsOf({ weights }: ModelFacts): number {
  const { feedForwardBits, expertBits } = weightRecipes[weights.recipe];
  return feedForwardBits + expertBits;
}

function isSameShape(a: ModelFacts, b: ModelFacts): boolean {
  return (
    a.layers === b.layers &&
    a.hiddenSize === b.hiddenSize &&
    a.vocabularySize === b.vocabularySize &&
    a.parameters?.total === b.parameters?.total &&
    a.experts?.count === b.experts?.count
  );
}

function eightBitCache(request: SizingRequest, gpus: number): Way[] {
  if (request.overrides.kvCacheDtype === "fp8" || request.accelerator.denseTeraflops.fp8 === undefined) return [];
  return fits(changed(request, { kvCacheDtype: "fp8" }), gpus) ? free("set kvCacheDtype to fp8") : [];
}

function shorterRequests(request: SizingRequest, gpus: number): Way[] {
  const longest = Math.max(0, ...request.demands.map(({ longInputTokens }) => longInputTokens));
  const most = Math.floor((request.maxModelLen - 1) / lengthStep);
  let kept = 0;
  let over = most + 1;
  while (over - kept > 1) {
    const middle = Math.floor((kept + over) / 2);
    if (fits({ ...request, maxModelLen: middle * lengthStep }, gpus)) kept = middle;
    else over = middle;
  }
  const length = kept * lengthStep;
  return length > longest && length > 0 ? free(`set maxModelLen to ${length}`) : [];
}

function moreGpus(request: SizingRequest, gpus: number, usdPerGpuHour: number | null): Way[] {
  const larger = replicaSizes({ ...request, overrides: {} }).find((size) => size > gpus && fits(request, size));
  return larger === undefined
    ? []
    : [
        {
          text: `span ${countText(larger, "GPU")} with tensorParallelSize ${larger}`,
          extraUsdPerHour: usdPerGpuHour === null ? null : (larger - gpus) * usdPerGpuHour,
        },
      ];
}

/** The GPU of the catalog, of those with a price, on which a replica costs least. */
function otherGpus(request: SizingRequest, gpus: number, catalog: Catalog, poolUsdPerGpuHour: number | null): Way[] {
  const found = Object.entries(catalog.accelerators).flatMap(([acceleratorKey, accelerator]) => {
    const usd = gpuHourUsd(acceleratorKey, catalog);
    if (acceleratorKey === request.acceleratorKey || usd === null) return [];
    const elsewhere = { ...request, accelerator, acceleratorKey, gpusPerNode: largestNode };
    const size = replicaSizes({ ...elsewhere, overrides: {} }).find((candidate) => fits(elsewhere, candidate));
    return size === undefined ? [] : [{ acceleratorKey, size, usd: size * usd }];
  });
  const [cheapest] = found.sort((a, b) => a.usd - b.usd || byName(a.acceleratorKey, b.acceleratorKey));
  if (cheapest === undefined) return [];
  return [
    {
      text: `use ${cheapest.acceleratorKey}, ${countText(cheapest.size, "GPU")} a replica`,
      extraUsdPerHour: poolUsdPerGpuHour === null ? null : cheapest.usd - gpus * poolUsdPerGpuHour,
    },
  ];
}

/** The cheapest dated price on demand of one GPU; null where the catalog has none. US dollars an hour. */
export function gpuHourUsd(acceleratorKey: string, catalog: Catalog): number | null {
  const prices = catalog.instances.flatMap(({ accelerator, gpus, usdPerHour, billing, asOf }) =>
    accelerator === acceleratorKey &&
    usdPerHour !== null &&
    gpus !== null &&
    billing === "on-demand" &&
    asOf !== "unknown"
      ? [usdPerHour / gpus]
      : [],
  );
  return prices.length === 0 ? null : Math.min(...prices);
}

function changed(request: SizingRequest, overrides: SizingRequest["overrides"]): SizingRequest {
  return { ...request, overrides: { ...request.overrides, ...overrides } };
}
