import { centralLatency } from "../../decisions/capacity/latency.ts";
import {
  type LatencyMetric,
  latencyMetrics,
  type MeasuredEngine,
  rangeOf,
  type Spread,
} from "../../decisions/capacity/spread.ts";
import { fitCoefficients } from "./fit.ts";
import type { ThroughputPoint } from "./throughput-points.ts";

/** What is left out together. */
export const folds = {
  none: () => "",
  group: ({ group }: ThroughputPoint) => groupName({ group }),
  gpu: ({ group }: ThroughputPoint) => group.gpu,
  model: ({ group }: ThroughputPoint) => group.model,
} as const;
export type Fold = keyof typeof folds;

/** A measured value, and what was predicted without the points of its fold. */
export interface Prediction {
  readonly point: ThroughputPoint;
  readonly metric: LatencyMetric;
  readonly measured: number;
  readonly predicted: number;
}

export interface Errors {
  readonly points: number;
  /** Of |predicted - measured| / measured. */
  readonly medianPercent: number;
  readonly p90Percent: number;
  /** Median of predicted over measured, less one. */
  readonly biasPercent: number;
}

export function groupName({ group }: Pick<ThroughputPoint, "group">): string {
  return `${group.model} ${group.gpu} ${group.engine}`;
}

/** Every measured value against a prediction that has not seen its fold; `none` leaves nothing out. */
export function predictions(points: readonly ThroughputPoint[], fold: Fold): Prediction[] {
  const keyOf = folds[fold];
  return [...new Set(points.map(keyOf))].sort().flatMap((key) => {
    const coefficients = fitCoefficients(fold === "none" ? points : points.filter((point) => keyOf(point) !== key));
    return points
      .filter((point) => keyOf(point) === key)
      .flatMap((point) => {
        const central = centralLatency(point.replica, coefficients);
        return latencyMetrics.flatMap((metric) => {
          const measured = point.measured[metric];
          return measured === null ? [] : [{ point, metric, measured, predicted: central[metric] }];
        });
      });
  });
}

export function errorsOf(list: readonly Prediction[]): Errors {
  const errors = list.map(({ measured, predicted }) => (Math.abs(predicted - measured) / measured) * 100);
  const ratios = list.map(({ measured, predicted }) => predicted / measured);
  return {
    points: list.length,
    medianPercent: quantile(errors, 0.5),
    p90Percent: quantile(errors, 0.9),
    biasPercent: (quantile(ratios, 0.5) - 1) * 100,
  };
}

const wantedCoverage = 0.8;
const widthStep = 0.05;

/**
 * Ranges by engine: the error, as a factor, that four of five points keep to when their group is left out of the fit;
 * then widened, in the logarithm, until four of five points of a group keep to the range of the other groups.
 */
export function spreadOf(list: readonly Prediction[]): Spread {
  const widths = { ttftMilliseconds: 1, interTokenMilliseconds: 1, outputTokensPerSecond: 1 };
  for (const metric of latencyMetrics) {
    const ofMetric = list.filter((prediction) => prediction.metric === metric);
    while (
      Math.min(coverageOf(ofMetric, widened(ofMetric, widths)), unseenCoverageOf(ofMetric, widths)) < wantedCoverage
    )
      widths[metric] += widthStep;
  }
  return widened(list, widths);
}

type Widths = Readonly<Record<LatencyMetric, number>>;

function widened(list: readonly Prediction[], widths: Widths): Spread {
  const factor = (engine: MeasuredEngine, metric: LatencyMetric) => {
    const errors = list
      .filter(({ point, metric: of }) => point.replica.engine === engine && of === metric)
      .map(({ measured, predicted }) => Math.abs(Math.log(measured / predicted)));
    return errors.length === 0 ? 1 : hundredthsUp(Math.exp(quantile(errors, wantedCoverage) * widths[metric]));
  };
  const ofEngine = (engine: MeasuredEngine) => ({
    ttftMilliseconds: factor(engine, "ttftMilliseconds"),
    interTokenMilliseconds: factor(engine, "interTokenMilliseconds"),
    outputTokensPerSecond: factor(engine, "outputTokensPerSecond"),
  });
  return { vllm: ofEngine("vllm"), trtllm: ofEngine("trtllm") };
}

/** Share of measured values inside their range. */
export function coverageOf(list: readonly Prediction[], spread: Spread): number {
  return list.filter((prediction) => isInside(prediction, spread)).length / list.length;
}

/** As `coverageOf`, where a group's ranges come from the errors of the other groups. */
function unseenCoverageOf(list: readonly Prediction[], widths: Widths): number {
  const inside = [...new Set(list.map(({ point }) => groupName(point)))].flatMap((group) => {
    const others = list.filter(({ point }) => groupName(point) !== group);
    const spread = widened(others, widths);
    return list.filter((prediction) => groupName(prediction.point) === group && isInside(prediction, spread));
  });
  return inside.length / list.length;
}

function isInside({ point, metric, measured, predicted }: Prediction, spread: Spread): boolean {
  const { low, high } = rangeOf(predicted, metric, point.replica, spread);
  return low <= measured && measured <= high;
}

/** Linear between the neighbouring values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

function hundredthsUp(value: number): number {
  return Math.ceil(value * 100) / 100;
}
