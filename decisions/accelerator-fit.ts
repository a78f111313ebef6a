import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import { nearest } from "../config/diagnostics/nearest.ts";
import type { AcceleratorFacts } from "../config/schema/accelerator-facts.ts";
import type { NodePoolConfig } from "../config/schema/index.ts";
import type { Decided, Reason } from "./blueprint.ts";
import { visibleBytes } from "./capacity/memory-budget.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";
import { byName, gibNumber, gibText } from "./figures.ts";
import { isPowerOfTwo } from "./packing.ts";
import { because, decided } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";
import type { VersionContext } from "./version-context.ts";

const gib = 2 ** 30;

/** A pool whose accelerator the catalog does not know. */
export function checkAccelerator(poolName: string, pool: NodePoolConfig, catalog: Catalog): Finding[] {
  if (lookUp(catalog.accelerators, pool.accelerator) !== null) return [];
  const known = Object.keys(catalog.accelerators).sort(byName);
  const parameters = {
    pool: poolName,
    accelerator: pool.accelerator,
    known,
    nearest: nearest(pool.accelerator, known),
  };
  return [finding("CAP-106", at(["nodePools", poolName, "accelerator"]), parameters)];
}

/** GPUs that a replica spans can be had in one node, and divide the model's attention heads. One finding a model. */
export function checkTensorParallelSize({
  modelName,
  model,
  version,
  pool,
  poolName,
  catalog,
}: VersionContext): Finding[] {
  const { tensorParallelSize } = model;
  // What is decided divides the heads and fits a node.
  if (tensorParallelSize === undefined) return [];
  const place = at(["models", modelName, "tensorParallelSize"]);
  if (tensorParallelSize > pool.gpusPerNode) {
    const parameters = { model: modelName, tensorParallelSize, pool: poolName, gpusPerNode: pool.gpusPerNode };
    return [
      finding("CAP-102", place, parameters, [
        { path: ["nodePools", poolName, "gpusPerNode"], text: `a node has ${pool.gpusPerNode}` },
      ]),
    ];
  }
  const { repository } = version.weights;
  const facts = lookUp(catalog.models, repository);
  if (facts === null || facts.attentionHeads % tensorParallelSize === 0) return [];
  const allowed = divisorsUpTo(facts.attentionHeads, pool.gpusPerNode);
  const parameters = {
    model: modelName,
    tensorParallelSize,
    repository,
    attentionHeads: facts.attentionHeads,
    allowed,
  };
  return [finding("CAP-103", place, parameters)];
}

/** A context that is longer than the model's configuration allows. */
export function checkModelLength({ modelName, model, version, catalog }: VersionContext): Finding[] {
  const { repository } = version.weights;
  const facts = lookUp(catalog.models, repository);
  if (facts === null || model.maxModelLen <= facts.maxPositions) return [];
  const { maxPositions, source } = facts;
  const parameters = { model: modelName, maxModelLen: model.maxModelLen, repository, maxPositions, source };
  return [finding("CAP-112", at(["models", modelName, "maxModelLen"]), parameters)];
}

/** Weights that leave no room on their GPUs, by the size of the files: the only measure of a model that the catalog does not know. */
export function checkWeightsFit(context: ReleaseContext, residentBytes: number): Finding[] {
  const { modelName, versionName, shape, pool, poolName, catalog } = context;
  const accelerator = lookUp(catalog.accelerators, pool.accelerator);
  if (accelerator === null) return [];
  const { visibleBytes, usableBytes } = memoryOf(accelerator, shape.gpuMemoryUtilization.value);
  const shareBytes = residentBytes / shape.tensorParallelSize.value;
  if (shareBytes <= usableBytes) return [];
  const heads = lookUp(catalog.models, context.version.weights.repository)?.attentionHeads ?? null;
  const sizes = Array.from({ length: pool.gpusPerNode }, (_, i) => i + 1);
  const smallest = sizes.find(
    (size) => residentBytes / size <= usableBytes && (heads === null ? isPowerOfTwo(size) : heads % size === 0),
  );
  const parameters = {
    model: modelName,
    version: versionName,
    weightsGiB: gibNumber(residentBytes),
    tensorParallelSize: shape.tensorParallelSize.value,
    shareGiB: gibNumber(shareBytes),
    usableGiB: gibNumber(usableBytes),
    missingGiB: gibNumber(Math.max(shareBytes - usableBytes, 0.1 * gib)),
    visibleGiB: gibNumber(visibleBytes),
    accelerator: pool.accelerator,
    gpuMemoryUtilization: shape.gpuMemoryUtilization.value,
    ways:
      smallest === undefined ? [] : [`set tensorParallelSize to ${smallest}, the smallest size that holds the weights`],
  };
  return [
    finding("CAP-104", at(["models", modelName, "tensorParallelSize"]), parameters, [
      { path: ["nodePools", poolName, "accelerator"], text: `the memory is that of ${pool.accelerator}` },
    ]),
  ];
}

/** GPUs a replica spans, with what was checked about them and what could not be. */
export function decideGpusPerReplica(context: ReleaseContext, residentBytes: number): Decided<number> {
  const { shape, pool, catalog, version } = context;
  const size = shape.tensorParallelSize.value;
  const { repository } = version.weights;
  const facts = lookUp(catalog.models, repository);
  const accelerator = lookUp(catalog.accelerators, pool.accelerator);
  const heads: Reason =
    facts === null
      ? because(
          "catalog.models",
          `The catalog does not know ${repository}, so whether ${size} divides its attention heads could not be checked; vLLM checks it when it starts.`,
        )
      : because(`catalog.models.${repository}`, `${size} divides the ${facts.attentionHeads} attention heads.`);
  const memory: Reason[] = accelerator === null ? [] : [memoryReason(context, accelerator, residentBytes)];
  const [first = heads, ...more] = shape.tensorParallelSize.because;
  return decided(size, first, ...more, heads, ...memory);
}

function memoryReason({ shape, pool }: ReleaseContext, accelerator: AcceleratorFacts, residentBytes: number): Reason {
  const { visibleBytes, usableBytes } = memoryOf(accelerator, shape.gpuMemoryUtilization.value);
  const share = residentBytes / shape.tensorParallelSize.value;
  return because(
    `catalog.accelerators.${pool.accelerator}`,
    `Each GPU holds ${gibText(share)} of weights. It shows ${gibText(visibleBytes)}, of which gpuMemoryUtilization ${shape.gpuMemoryUtilization.value} gives the engine ${gibText(usableBytes)}; ${gibText(usableBytes - share)} are left for activations, CUDA graphs and the key-value cache.`,
  );
}

/** What the engine sees of a GPU, and what it may take of it. */
function memoryOf(accelerator: AcceleratorFacts, share: number): { visibleBytes: number; usableBytes: number } {
  const visible = visibleBytes({ accelerator });
  return { visibleBytes: visible, usableBytes: visible * share };
}

function divisorsUpTo(n: number, limit: number): number[] {
  return Array.from({ length: limit }, (_, i) => i + 1).filter((size) => n % size === 0);
}
