import { cacheCapacity, cacheLayout, startUpNeedBytes } from "../../decisions/capacity/key-value-cache.ts";
import { memoryBudget } from "../../decisions/capacity/memory-budget.ts";
import { rankWeightBytes } from "../../decisions/capacity/weight-bytes.ts";
import { type Adapted, adapt } from "./adapt.ts";
import type { Metric, PointRecord, Predictor, Quantity } from "./record.ts";

const gib = 2 ** 30;
/** Utilization that nobody recorded may be off by this much; where it would move the pool by more than this share, nothing is said. */
const unrecordedUtilization = 0.05;
const tolerableShift = 0.15;

type Prediction = { readonly value: number | boolean; readonly basis: string } | { readonly refused: string };

/** What the product's own arithmetic says of a memory point, beside what was measured. */
export const memoryQuantities: Predictor = (record) => {
  if (record.kind !== "memory") return [];
  const read = adapt(record);
  const { measured, outcome } = record;
  const quantities: Quantity[] = [];
  const add = (
    metric: Metric,
    value: number | boolean | null | undefined,
    predict: (adapted: Adapted) => Prediction,
  ) => {
    if (value === null || value === undefined) return;
    const prediction =
      metric === "fits"
        ? fitsPrediction(record, read)
        : "unreadable" in read
          ? { refused: read.unreadable }
          : predict(read);
    const isRefused = "refused" in prediction;
    quantities.push({
      id: record.id,
      metric,
      predicted: isRefused ? null : prediction.value,
      measured: value,
      basis: isRefused ? "" : prediction.basis,
      refused: isRefused ? prediction.refused : null,
    });
  };
  add("weightsGiB", measured.weights_gib, weights);
  const pool = measured.kv_gib ?? measured.available_kv_gib;
  // A negative pool is what `fits` is about.
  add("kvPoolGiB", typeof pool === "number" && pool > 0 ? pool : null, configuredPool);
  add("kvTokens", measured.kv_tokens, (adapted) => tokens(record, adapted));
  if (outcome !== undefined) add("fits", outcome.startsWith("fits"), configuredFit);
  return quantities;
};

function weights({ setup, isShapeKnown }: Adapted): Prediction {
  const bytes = isShapeKnown ? rankWeightBytes(setup) : null;
  if (bytes === null) return { refused: "the catalog has no parameter count for this model" };
  return { value: bytes / gib, basis: "configuration" };
}

function configuredPool(adapted: Adapted): Prediction {
  const { setup, isShapeKnown, gpuUnknown, isUtilizationRecorded } = adapted;
  if (gpuUnknown !== null) return { refused: gpuUnknown };
  if (!isShapeKnown) return { refused: "the catalog has no parameter count for this model" };
  const budget = memoryBudget(setup);
  if (budget.kind === "unknown-weights") return { refused: budget.reason };
  const shift = budget.visibleBytes * unrecordedUtilization;
  if (!isUtilizationRecorded && shift > Math.abs(budget.poolBytes) * tolerableShift) {
    return { refused: "the record does not tell gpu_memory_utilization, and the pool hinges on it" };
  }
  return { value: budget.poolBytes / gib, basis: "configuration" };
}

function tokens(record: PointRecord, adapted: Adapted): Prediction {
  const { setup, isLengthRecorded } = adapted;
  const { kv_gib: pool, kv_blocks: blocks } = record.measured;
  const layout = cacheLayout(setup);
  if (layout.kind === "measure") return { refused: `measure: ${layout.reason}` };
  if (layout.groups.length > 1 && setup.hybridTokenLine === "concurrency-times-length" && !isLengthRecorded) {
    return { refused: "the token line depends on max_model_len, which is not recorded" };
  }
  if (/poorest rank/i.test(record.notes ?? "")) {
    return { refused: "the logged pool is not that of the poorest rank, which decides" };
  }
  if (typeof pool === "number") {
    return { value: cacheCapacity(setup, layout, pool * gib).tokens, basis: "logged pool" };
  }
  if (typeof blocks === "number") {
    return { value: cacheCapacity(setup, layout, blocks * layout.blockBytes).tokens, basis: "logged blocks" };
  }
  const configured = configuredPool(adapted);
  if ("refused" in configured) return { refused: `no pool in the record, and ${configured.refused}` };
  return {
    value: cacheCapacity(setup, layout, Number(configured.value) * gib).tokens,
    basis: "configuration",
  };
}

/** The need of the longest request against the share that the engine logged; from the configuration where it logged none. */
function fitsPrediction(record: PointRecord, read: ReturnType<typeof adapt>): Prediction {
  const { kv_gib, available_kv_gib, kv_tokens, needed_kv_gib } = record.measured;
  const logged = available_kv_gib ?? kv_gib;
  const readable = "unreadable" in read ? null : read;
  const need = readable?.isLengthRecorded ? startUpNeedBytes(readable.setup) : null;
  if (typeof logged === "number" && logged > 0) {
    if (typeof need === "number") return { value: need <= logged * gib, basis: "logged pool" };
    if (typeof needed_kv_gib === "number") return { value: needed_kv_gib <= logged, basis: "logged need" };
    if (readable !== null && !readable.isLengthRecorded) return { value: true, basis: "logged pool" };
  }
  const length = record.max_model_len;
  if (typeof kv_tokens === "number" && typeof length === "number") {
    return { value: kv_tokens >= length, basis: "logged tokens" };
  }
  if (readable === null) return { refused: "unreadable" in read ? read.unreadable : "" };
  return configuredFit(readable);
}

function configuredFit(adapted: Adapted): Prediction {
  const { setup, gpuUnknown, isShapeKnown, isUtilizationRecorded } = adapted;
  if (gpuUnknown !== null) return { refused: gpuUnknown };
  if (!isShapeKnown) return { refused: "the catalog has no parameter count for this model" };
  if (!isUtilizationRecorded) return { refused: "the record tells neither gpu_memory_utilization nor a pool" };
  const budget = memoryBudget(setup);
  if (budget.kind === "unknown-weights" || budget.kind === "measure") return { refused: budget.reason };
  return { value: budget.kind === "fits", basis: "configuration" };
}
