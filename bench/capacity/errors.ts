import { adapt } from "./adapt.ts";
import { errorPercent, type Metric, type PointRecord, type Quantity } from "./record.ts";

/** Spread of the absolute errors of some quantities. Percent. */
export interface ErrorSummary {
  readonly predicted: number;
  readonly refused: number;
  readonly median: number | null;
  readonly p90: number | null;
  readonly worst: number | null;
}

export const metrics: readonly Metric[] = [
  "weightsGiB",
  "kvPoolGiB",
  "kvTokens",
  "fits",
  "outputTokensPerSecond",
  "ttftMilliseconds",
  "tpotMilliseconds",
];

export function summarize(quantities: readonly Quantity[]): ErrorSummary {
  const errors = quantities.flatMap((quantity) => {
    const error = errorPercent(quantity);
    return error === null ? [] : [Math.abs(error)];
  });
  errors.sort((a, b) => a - b);
  return {
    predicted: quantities.filter(({ refused }) => refused === null).length,
    refused: quantities.filter(({ refused }) => refused !== null).length,
    median: quantile(errors, 0.5),
    p90: quantile(errors, 0.9),
    worst: errors.at(-1) ?? null,
  };
}

/** Linear between the two nearest ranks; null of nothing. */
function quantile(sorted: readonly number[], share: number): number | null {
  const rank = (sorted.length - 1) * share;
  const low = sorted[Math.floor(rank)];
  const high = sorted[Math.ceil(rank)];
  return low === undefined || high === undefined ? null : low + (high - low) * (rank - Math.floor(rank));
}

/** Groups that errors are shown by: the model's family, the GPU, the engine, and the kind of cache. */
export function groupsOf(record: PointRecord): Readonly<Record<"family" | "gpu" | "engine" | "cache", string>> {
  const read = adapt(record);
  const name = record.model.slice(record.model.indexOf("/") + 1).toLowerCase();
  return {
    family: /^(?:meta-)?([a-z]+(?:-oss|-\d)?[\d.]*)/.exec(name)?.[1] ?? name,
    gpu: record.gpu.toUpperCase().replaceAll("_", " "),
    engine: `${record.engine} ${record.engine_version ?? "n/s"}`,
    cache: "unreadable" in read ? "unreadable" : read.setup.model.cache.kind,
  };
}
