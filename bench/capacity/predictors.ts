import { latencyOf } from "../../decisions/capacity/latency.ts";
import { memoryQuantities } from "./memory-quantities.ts";
import type { Metric, Predictor, Quantity } from "./record.ts";
import { type ThroughputPoint, throughputPoint } from "./throughput-points.ts";

/** What the product's own predictor of speed says of a throughput point, beside what was measured. */
const throughputQuantities: Predictor = (record) => {
  if (record.kind !== "throughput") return [];
  const point = throughputPoint(record);
  const predicted = "refused" in point ? null : latencyOf(point.replica);
  const figures = [
    [
      "outputTokensPerSecond",
      record.measured.output_tok_s ?? record.derived_by_littles_law?.output_tok_s,
      predicted?.outputTokensPerSecond.value,
    ],
    ["ttftMilliseconds", record.measured.ttft_ms, predicted?.ttftMilliseconds.value],
    ["tpotMilliseconds", record.measured.tpot_ms, predicted?.interTokenMilliseconds.value],
  ] as const satisfies readonly (readonly [Metric, number | null | undefined, number | undefined])[];
  return figures.flatMap(([metric, measured, value]): Quantity[] =>
    typeof measured === "number"
      ? [
          {
            id: record.id,
            metric,
            predicted: value ?? null,
            measured,
            basis: basisOf(point),
            refused: "refused" in point ? point.refused : null,
          },
        ]
      : [],
  );
};

function basisOf(point: ThroughputPoint | { readonly refused: string }): string {
  if ("refused" in point) return "";
  return point.replica.engine === "vllm" || point.replica.engine === "trtllm"
    ? "fitted engine"
    : "engine without points";
}

/** Everything that is predicted of a record. Each kind of point has one predictor. */
export const predictors: readonly Predictor[] = [memoryQuantities, throughputQuantities];
