import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import type { NodePoolConfig } from "../config/schema/index.ts";
import type { Demand } from "./capacity/demand.ts";
import { elsewhereText } from "./capacity/elsewhere.ts";
import type { MissedObjective } from "./capacity/operating-point.ts";
import { type Candidate, type SizingRequest, type SizingResult, sizeModel } from "./capacity/sizing.ts";
import { gpuHourUsd, waysToFit } from "./capacity/ways-to-fit.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";
import { engineRelease } from "./engine-version.ts";
import { gibNumber } from "./figures.ts";
import { overridesOf, type ServingShape, sizedShape, statedShape } from "./serving-shape.ts";
import type { VersionContext } from "./version-context.ts";

const gib = 2 ** 30;

interface DecidedShape {
  /** Null when a finding says why there is none. */
  readonly shape: ServingShape | null;
  readonly findings: readonly Finding[];
}

/** How large a replica of a version is and how many there are, for the workloads that its model serves. */
export function decideShape(context: VersionContext, demands: readonly Demand[]): DecidedShape {
  const request = sizingRequest(context, demands);
  if (request === null) return statedOrUnknown(context, unknownFacts(context));
  const result = sizeModel(request);
  if (result.chosen === null) return unsized(context, request, result);
  const shape = sizedShape(context, result, result.chosen, demands);
  if (shape === null) {
    return {
      shape: null,
      findings: [finding("CAP-131", at(["models", context.modelName], "key"), { model: context.modelName })],
    };
  }
  return { shape, findings: checkStatedReplicas(context, shape) };
}

/** What sizing needs of a version; null when the catalog does not know its model or its GPU. */
export function sizingRequest(context: VersionContext, demands: readonly Demand[]): SizingRequest | null {
  const { model, version, pool, catalog } = context;
  const facts = lookUp(catalog.models, version.weights.repository);
  const accelerator = lookUp(catalog.accelerators, pool.accelerator);
  if (facts === null || accelerator === null) return null;
  return {
    model: facts,
    accelerator,
    acceleratorKey: pool.accelerator,
    gpusPerNode: pool.gpusPerNode,
    engine: model.engine,
    release: engineRelease(context),
    task: model.task,
    maxModelLen: model.maxModelLen,
    overrides: overridesOf(context),
    demands,
  };
}

function unknownFacts({ version, pool, catalog }: VersionContext): string {
  const { repository } = version.weights;
  return lookUp(catalog.models, repository) === null
    ? `The catalog does not know the shape of ${repository}, so neither memory nor speed can be computed.`
    : `The catalog does not know the accelerator ${pool.accelerator}, so neither memory nor speed can be computed.`;
}

/** By hand where the file sets size and number; else a finding. An unknown accelerator has its own. */
function statedOrUnknown(context: VersionContext, reason: string): DecidedShape {
  const shape = statedShape(context);
  const { model, modelName, versionName, version, pool, catalog } = context;
  if (shape !== null || lookUp(catalog.accelerators, pool.accelerator) === null) return { shape, findings: [] };
  const { repository } = version.weights;
  const missing = (["tensorParallelSize", "replicas"] as const).filter((key) => model[key] === undefined);
  const place = at(["models", modelName, "versions", versionName, "weights", "repository"]);
  return {
    shape: null,
    findings: [finding("CAP-135", place, { model: modelName, version: versionName, repository, reason, missing })],
  };
}

/** What to say when no size works: an objective that is missed, memory that lacks, or figures that are not known. */
function unsized(context: VersionContext, request: SizingRequest, { candidates }: SizingResult): DecidedShape {
  const missed = candidates.filter((candidate) => candidate.kind === "missed");
  if (missed.length > 0) return { shape: null, findings: [missedFinding(context, request, missed)] };
  const unknown = candidates.find((candidate) => candidate.kind === "unknown");
  if (unknown !== undefined) return statedOrUnknown(context, unknown.reason);
  const tight = candidates.filter((candidate) => candidate.kind === "does-not-fit");
  const last = tight.at(-1);
  if (last === undefined)
    return statedOrUnknown(context, "No size of a replica divides its attention heads and fits a node.");
  return { shape: null, findings: [memoryFinding(context, request, last)] };
}

function missedFinding(
  { modelName, versionName, pool, catalog }: VersionContext,
  request: SizingRequest,
  candidates: readonly { readonly tensorParallelSize: number; readonly missed: MissedObjective }[],
): Finding {
  const [best] = [...candidates].sort((a, b) => a.missed.bestMilliseconds - b.missed.bestMilliseconds);
  if (best === undefined) throw new Error("no size missed an objective");
  const { workload, objective, wantedMilliseconds, bestMilliseconds } = best.missed;
  return finding("CAP-133", at(["workloads", workload, "objectives", objective]), {
    model: modelName,
    version: versionName,
    workload,
    objective,
    wantedMilliseconds,
    bestMilliseconds: Math.ceil(bestMilliseconds),
    accelerator: pool.accelerator,
    gpus: best.tensorParallelSize,
    elsewhere: elsewhereText(request, objective, catalog),
  });
}

function memoryFinding(
  { modelName, versionName, poolName, pool, catalog, model }: VersionContext,
  request: SizingRequest,
  { tensorParallelSize, setup, budget }: Extract<Candidate, { kind: "does-not-fit" }>,
): Finding {
  const { visibleBytes, usableBytes, missingBytes, terms } = budget;
  const place = at([
    "models",
    modelName,
    model.tensorParallelSize === undefined ? "maxModelLen" : "tensorParallelSize",
  ]);
  const also = [{ path: ["nodePools", poolName, "accelerator"], text: `the memory is that of ${pool.accelerator}` }];
  const ways = waysToFit(request, tensorParallelSize, catalog, poolGpuHourUsd(pool, catalog));
  const shareBytes = terms.find(({ name }) => name === "weights")?.bytes ?? 0;
  if (budget.what === "terms") {
    return finding(
      "CAP-104",
      place,
      {
        model: modelName,
        version: versionName,
        weightsGiB: gibNumber(shareBytes * tensorParallelSize),
        tensorParallelSize,
        shareGiB: gibNumber(shareBytes),
        usableGiB: gibNumber(usableBytes),
        missingGiB: gibNumber(Math.max(missingBytes, 0.1 * gib)),
        visibleGiB: gibNumber(visibleBytes),
        accelerator: pool.accelerator,
        gpuMemoryUtilization: setup.gpuMemoryUtilization,
        ways,
      },
      also,
    );
  }
  return finding(
    "CAP-132",
    place,
    {
      model: modelName,
      version: versionName,
      accelerator: pool.accelerator,
      gpus: tensorParallelSize,
      missingGiB: gibNumber(Math.max(missingBytes, 0.1 * gib)),
      reason: budget.reason,
      ways,
    },
    also,
  );
}

/** What one GPU of the pool costs an hour: its own price, else the cheapest dated one of the catalog; null where there is none. */
function poolGpuHourUsd({ accelerator, gpusPerNode, price }: NodePoolConfig, catalog: Catalog): number | null {
  if (price === undefined) return gpuHourUsd(accelerator, catalog);
  return price.per === "gpu-hour" ? price.usd : price.usd / gpusPerNode;
}

/** Replicas that the file sets, held against what the workloads need. */
function checkStatedReplicas({ modelName, model }: VersionContext, { sizing }: ServingShape): Finding[] {
  const fleet = sizing?.fleet ?? null;
  if (model.replicas === undefined || fleet === null || model.replicas >= fleet.replicas) return [];
  const { working, spare, replicas, gpus } = fleet;
  return [
    finding("CAP-134", at(["models", modelName, "replicas"]), {
      model: modelName,
      replicas: model.replicas,
      working,
      spare,
      gpusPerReplica: gpus / replicas,
    }),
  ];
}
