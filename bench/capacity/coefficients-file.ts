import type { CrossValidation, ThroughputCoefficients } from "../../decisions/capacity/coefficients.ts";
import { type LatencyMetric, latencyMetrics } from "../../decisions/capacity/spread.ts";
import { coverageOf, errorsOf, type Fold, predictions, spreadOf } from "./cross-validation.ts";
import { fitCoefficients } from "./fit.ts";
import type { ThroughputPoint } from "./throughput-points.ts";

/** When points or terms were last changed; a refit that gives the same coefficients keeps it. */
const fittedOn = "2026-11-25";

/** Everything of `coefficients.ts`, from the points. */
export function coefficientsOf(points: readonly ThroughputPoint[]): ThroughputCoefficients {
  const heldOut = predictions(points, "group");
  const spread = spreadOf(heldOut);
  const byMetric = <T>(value: (metric: LatencyMetric) => T) =>
    Object.fromEntries(latencyMetrics.map((metric) => [metric, value(metric)])) as Record<LatencyMetric, T>;
  const errors = (fold: Fold): CrossValidation => {
    const list = predictions(points, fold);
    return byMetric((metric) => {
      const { medianPercent, p90Percent } = errorsOf(list.filter((prediction) => prediction.metric === metric));
      return { medianPercent: tenths(medianPercent), p90Percent: tenths(p90Percent) };
    });
  };
  return {
    ...fitCoefficients(points),
    spread,
    fit: {
      points: points.length,
      asOf: fittedOn,
      inSample: errors("none"),
      leaveOneGroupOut: errors("group"),
      leaveOneGpuOut: errors("gpu"),
      leaveOneModelOut: errors("model"),
      coveragePercent: byMetric((metric) =>
        tenths(
          coverageOf(
            heldOut.filter((prediction) => prediction.metric === metric),
            spread,
          ) * 100,
        ),
      ),
    },
  };
}

/** The source text of `decisions/capacity/coefficients.ts`. */
export function coefficientsFile(coefficients: ThroughputCoefficients): string {
  return `${head}export const throughputCoefficients: ThroughputCoefficients = ${literal(coefficients, "")};\n`;
}

const head = `// Do not edit: written by \`node bench/capacity/refit.mjs --write\`.
import type { FirstTokenCoefficients } from "./first-token-time.ts";
import type { LatencyMetric, Spread } from "./spread.ts";
import type { StepCoefficients } from "./step-time.ts";

export type CrossValidation = Readonly<
  Record<LatencyMetric, { readonly medianPercent: number; readonly p90Percent: number }>
>;

/** The predictor's coefficients and how good they are. */
export interface ThroughputCoefficients {
  /** Share of the hardware's time, or milliseconds, for each unit; units in step-time.ts. */
  readonly step: StepCoefficients;
  /** Milliseconds a layer; mean steps; share of prefill time; units in first-token-time.ts. */
  readonly firstToken: FirstTokenCoefficients;
  readonly spread: Spread;
  readonly fit: {
    readonly points: number;
    readonly asOf: string;
    readonly inSample: CrossValidation;
    /** A group is a model on a GPU with an engine. */
    readonly leaveOneGroupOut: CrossValidation;
    readonly leaveOneGpuOut: CrossValidation;
    readonly leaveOneModelOut: CrossValidation;
    /** Points inside their range, their group left out of the fit. */
    readonly coveragePercent: Readonly<Record<LatencyMetric, number>>;
  };
}

/**
 * Fitted to the benchmark rows of bench/capacity/points/measured.json by non-negative least squares of the logarithmic
 * error, large errors weighted down (Huber at 0.15). Terms were chosen by the errors with a group, a GPU and a model
 * left out, not by the error in sample. First-token coefficients are of vLLM's rows alone. A range is the error that
 * four of five points of the engine keep to with their group left out, widened until four of five points of a group
 * keep to the range that the other groups give.
 *
 * The rows are on H100 and H200 but for three. Source: the file's own \`source\` of each row.
 */
`;

function literal(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const entries = Object.entries(value).map(([key, entry]) => `${inner}${key}: ${literal(entry, inner)},\n`);
  return `{\n${entries.join("")}${indent}}`;
}

function tenths(value: number): number {
  return Number(value.toFixed(1));
}
