// Prints the predictor's errors; with --write, fits it anew and writes decisions/capacity/coefficients.ts.
import { writeFileSync } from "node:fs";
import { type LatencyMetric, latencyMetrics } from "../../decisions/capacity/spread.ts";
import { coefficientsFile, coefficientsOf } from "./coefficients-file.ts";
import { coverageOf, errorsOf, type Fold, folds, groupName, type Prediction, predictions } from "./cross-validation.ts";
import { measuredPoints } from "./measured-points.ts";

const { points, refused } = measuredPoints();
for (const { id, refused: why } of refused) console.log(`${id} not computed: ${why}`);

for (const fold of Object.keys(folds) as Fold[]) {
  const list = predictions(points, fold);
  for (const metric of latencyMetrics)
    print(
      fold,
      metric,
      list.filter((prediction) => prediction.metric === metric),
    );
}

const coefficients = coefficientsOf(points);
const heldOut = predictions(points, "group");
for (const metric of latencyMetrics) {
  const share = coverageOf(
    heldOut.filter((prediction) => prediction.metric === metric),
    coefficients.spread,
  );
  console.log(`${metric}: ranges hold ${(share * 100).toFixed(1)} % of points with their group left out of the fit`);
}
if (process.argv.includes("--write")) {
  writeFileSync(process.argv.at(-1) as string, coefficientsFile(coefficients));
}

function print(fold: Fold, metric: LatencyMetric, list: readonly Prediction[]): void {
  console.log(`\n${fold === "none" ? "in sample" : `leave one ${fold} out`}, ${metric}`);
  const groups = [...new Set(list.map(({ point }) => groupName(point)))].sort();
  for (const group of ["all", ...groups]) {
    const errors = errorsOf(list.filter(({ point }) => group === "all" || groupName(point) === group));
    const figures = [errors.medianPercent, errors.p90Percent, errors.biasPercent].map((value) =>
      value.toFixed(1).padStart(7),
    );
    console.log(
      `  ${group.padEnd(36)} ${String(errors.points).padStart(4)} median${figures[0]} p90${figures[1]} bias${figures[2]}`,
    );
  }
}
