import type { Catalog } from "../catalog/index.ts";
import { byName, countText } from "../figures.ts";
import type { MissedObjective } from "./operating-point.ts";
import { type SizingRequest, sizeModel } from "./sizing.ts";
import { gpuHourUsd } from "./ways-to-fit.ts";

const largestNode = 8;

/** What the catalog's other GPUs do about an objective that the pool's cannot keep: the cheapest that keeps it, else the best. */
export function elsewhereText(
  request: SizingRequest,
  objective: MissedObjective["objective"],
  catalog: Catalog,
): string {
  const kept: { name: string; gpus: number; usdPerHour: number }[] = [];
  const missed: { name: string; milliseconds: number }[] = [];
  for (const [name, accelerator] of Object.entries(catalog.accelerators)) {
    const { chosen, candidates } = sizeModel({
      ...request,
      accelerator,
      acceleratorKey: name,
      gpusPerNode: largestNode,
      overrides: { ...request.overrides, tensorParallelSize: undefined },
    });
    if (chosen !== null) {
      const gpus = chosen.fleet?.gpus ?? chosen.tensorParallelSize;
      const usd = gpuHourUsd(name, catalog);
      kept.push({ name, gpus: chosen.tensorParallelSize, usdPerHour: usd === null ? Number.MAX_VALUE : usd * gpus });
    }
    for (const candidate of candidates) {
      if (candidate.kind === "missed" && candidate.missed.objective === objective) {
        missed.push({ name, milliseconds: candidate.missed.bestMilliseconds });
      }
    }
  }
  const [cheapest] = kept.sort((a, b) => a.usdPerHour - b.usdPerHour || byName(a.name, b.name));
  if (cheapest !== undefined) return `${cheapest.name} would keep it with ${countText(cheapest.gpus, "GPU")} a replica`;
  const [best] = missed.sort((a, b) => a.milliseconds - b.milliseconds);
  return best === undefined
    ? "no GPU of the catalog keeps it"
    : `no GPU of the catalog keeps it; the best is ${best.name} with ${Math.ceil(best.milliseconds)} ms`;
}
