import { memoryQuantities } from "./memory-quantities.ts";
import type { Metric, PointRecord, Predictor, Quantity } from "./record.ts";

/** What was measured of a throughput point, by metric. */
function measuredThroughput({ measured, derived_by_littles_law }: PointRecord): readonly {
  readonly metric: Metric;
  readonly measured: number;
}[] {
  const figures = [
    { metric: "outputTokensPerSecond", measured: measured.output_tok_s ?? derived_by_littles_law?.output_tok_s },
    { metric: "ttftMilliseconds", measured: measured.ttft_ms },
    { metric: "tpotMilliseconds", measured: measured.tpot_ms },
  ] as const;
  return figures.flatMap(({ metric, measured: value }) =>
    typeof value === "number" ? [{ metric, measured: value }] : [],
  );
}

/** Throughput points, until a predictor of speed takes its place here. */
const throughputQuantities: Predictor = (record) =>
  record.kind !== "throughput"
    ? []
    : measuredThroughput(record).map(
        ({ metric, measured }): Quantity => ({
          id: record.id,
          metric,
          predicted: null,
          measured,
          basis: "",
          refused: "no predictor of speed",
        }),
      );

/** Everything that is predicted of a record. Each kind of point has one predictor. */
export const predictors: readonly Predictor[] = [memoryQuantities, throughputQuantities];
