// Holds the arithmetic against measured points: `npm run bench:capacity [-- --points FILE] [--json]`.
import { readFileSync } from "node:fs";
import { throughputCoefficients } from "../../decisions/capacity/coefficients.ts";
import { latencyMetrics } from "../../decisions/capacity/spread.ts";
import { type ErrorSummary, groupsOf, metrics, summarize } from "./errors.ts";
import { predictors } from "./predictors.ts";
import { errorPercent, type PointRecord, type Quantity } from "./record.ts";

const worstShown = 10;
const ownPoints = "bench/capacity/points/measured.json";

const options = process.argv.slice(2);
const pointsAt = options.indexOf("--points");
const pointsFile = pointsAt === -1 ? ownPoints : (options[pointsAt + 1] ?? ownPoints);
// The files have one form, which the adapter reads field by field and refuses what it cannot use.
const records = (JSON.parse(readFileSync(pointsFile, "utf8")) as { readonly records: readonly PointRecord[] }).records;
const computed = records.map((record) => ({ record, quantities: predictors.flatMap((predict) => predict(record)) }));

if (options.includes("--json")) {
  for (const { quantities } of computed) for (const quantity of quantities) process.stdout.write(`${line(quantity)}\n`);
} else {
  printTables();
}

function line(quantity: Quantity): string {
  const { id, metric, predicted, measured, refused } = quantity;
  return JSON.stringify({ id, metric, predicted, measured, errorPercent: errorPercent(quantity), refused });
}

function printTables(): void {
  const all = computed.flatMap(({ quantities }) => quantities);
  print(`${records.length} points of ${pointsFile}; absolute errors in percent\n`);
  header("metric");
  for (const metric of metrics) row(metric, summarize(all.filter((quantity) => quantity.metric === metric)));
  print("\nby what a prediction rests on");
  const bases = new Set(
    all.filter(({ refused }) => refused === null).map(({ metric, basis }) => `${metric}, ${basis}`),
  );
  for (const basis of [...bases].sort()) {
    row(basis, summarize(all.filter((quantity) => `${quantity.metric}, ${quantity.basis}` === basis)));
  }
  for (const by of ["family", "gpu", "engine", "cache"] as const) {
    for (const metric of metrics) {
      const groups = groupBy(by, metric);
      if (groups.size === 0) continue;
      print(`\n${metric} by ${by}`);
      for (const [name, quantities] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
        row(name, summarize(quantities));
    }
  }
  printFit();
  printWorst();
  printRefusals(all);
}

function groupBy(by: "family" | "gpu" | "engine" | "cache", metric: Quantity["metric"]): Map<string, Quantity[]> {
  const groups = new Map<string, Quantity[]>();
  for (const { record, quantities } of computed) {
    const wanted = quantities.filter((quantity) => quantity.metric === metric);
    if (wanted.length === 0) continue;
    const name = groupsOf(record)[by];
    groups.set(name, [...(groups.get(name) ?? []), ...wanted]);
  }
  return groups;
}

/** Errors of the fitted coefficients on points that were left out of their fit, as they were when it was made. */
function printFit(): void {
  const { fit } = throughputCoefficients;
  print(`\nfitted on ${fit.points} points, ${fit.asOf}; errors of what was left out (median, p90)`);
  const folds = [
    ["in sample", fit.inSample],
    ["a model on a GPU with an engine left out", fit.leaveOneGroupOut],
    ["a GPU left out", fit.leaveOneGpuOut],
    ["a model left out", fit.leaveOneModelOut],
  ] as const;
  for (const [name, errors] of folds) {
    const cells = latencyMetrics.map((metric) => {
      const { medianPercent, p90Percent } = errors[metric];
      return `${metric} ${medianPercent.toFixed(1)}, ${p90Percent.toFixed(1)}`;
    });
    print(`${name.padEnd(44)}${cells.join("; ")}`);
  }
  const held = latencyMetrics.map((metric) => `${metric} ${fit.coveragePercent[metric].toFixed(1)} %`);
  print(`${"ranges hold, their group left out".padEnd(44)}${held.join("; ")}`);
}

function printWorst(): void {
  const errors = computed.flatMap(({ record, quantities }) =>
    quantities.flatMap((quantity) => {
      const error = errorPercent(quantity);
      return error === null ? [] : [{ record, quantity, error }];
    }),
  );
  errors.sort((a, b) => Math.abs(b.error) - Math.abs(a.error));
  print(`\nworst ${worstShown}`);
  for (const { record, quantity, error } of errors.slice(0, worstShown)) {
    print(
      `${quantity.id.padEnd(9)}${quantity.metric.padEnd(22)}${`${error.toFixed(1)} %`.padStart(9)}  ${record.model} on ${record.gpu}: ${figure(quantity.predicted)} for ${figure(quantity.measured)}\n${"".padEnd(9)}${record.source}`,
    );
  }
}

function printRefusals(all: readonly Quantity[]): void {
  const reasons = new Map<string, string[]>();
  for (const { id, metric, refused } of all) {
    if (refused === null) continue;
    const key = `${metric}: ${refused}`;
    reasons.set(key, [...(reasons.get(key) ?? []), id]);
  }
  print("\nrefused");
  for (const [reason, ids] of [...reasons].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const shown = ids.length > 8 ? `${ids.length} points` : ids.join(", ");
    print(`${reason} (${shown})`);
  }
}

function header(first: string): void {
  print(
    `${first.padEnd(44)}${["points", "refused", "median", "p90", "worst"].map((name) => name.padStart(9)).join("")}`,
  );
}

function row(name: string, { predicted, refused, median, p90, worst }: ErrorSummary): void {
  if (predicted + refused === 0) return;
  const cells = [String(predicted), String(refused), ...[median, p90, worst].map((value) => value?.toFixed(2) ?? "-")];
  print(`${name.slice(0, 43).padEnd(44)}${cells.map((value) => value.padStart(9)).join("")}`);
}

function figure(value: number | boolean | null): string {
  return typeof value === "number" ? String(Number(value.toPrecision(5))) : String(value);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
