// Do not edit: written by `node bench/capacity/refit.mjs --write`.
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
 * The rows are on H100 and H200 but for three. Source: the file's own `source` of each row.
 */
export const throughputCoefficients: ThroughputCoefficients = {
  step: {
    weightReads: 1.015,
    cacheReads: 1.245,
    layers: 0.05135,
    engineLayers: 0.02534,
    expertLayers: 0.03043,
    denseArithmetic: 1.25,
    expertArithmetic: 3.585,
    exchange: 2.074,
    sequences: 0.0146,
  },
  firstToken: {
    layers: 0.6872,
    steps: 1.797,
    prefill: 1.434,
  },
  spread: {
    vllm: {
      ttftMilliseconds: 1.42,
      interTokenMilliseconds: 1.21,
      outputTokensPerSecond: 1.19,
    },
    trtllm: {
      ttftMilliseconds: 2.22,
      interTokenMilliseconds: 1.2,
      outputTokensPerSecond: 1.2,
    },
  },
  fit: {
    points: 189,
    asOf: "2026-11-25",
    inSample: {
      ttftMilliseconds: {
        medianPercent: 14.1,
        p90Percent: 52.8,
      },
      interTokenMilliseconds: {
        medianPercent: 4.1,
        p90Percent: 16.1,
      },
      outputTokensPerSecond: {
        medianPercent: 4.7,
        p90Percent: 17.8,
      },
    },
    leaveOneGroupOut: {
      ttftMilliseconds: {
        medianPercent: 17.4,
        p90Percent: 53.3,
      },
      interTokenMilliseconds: {
        medianPercent: 6.6,
        p90Percent: 22.2,
      },
      outputTokensPerSecond: {
        medianPercent: 6.5,
        p90Percent: 20.9,
      },
    },
    leaveOneGpuOut: {
      ttftMilliseconds: {
        medianPercent: 26.8,
        p90Percent: 54,
      },
      interTokenMilliseconds: {
        medianPercent: 6.7,
        p90Percent: 18.8,
      },
      outputTokensPerSecond: {
        medianPercent: 7,
        p90Percent: 21.3,
      },
    },
    leaveOneModelOut: {
      ttftMilliseconds: {
        medianPercent: 17.5,
        p90Percent: 53.4,
      },
      interTokenMilliseconds: {
        medianPercent: 6.6,
        p90Percent: 22.5,
      },
      outputTokensPerSecond: {
        medianPercent: 7.1,
        p90Percent: 20.5,
      },
    },
    coveragePercent: {
      ttftMilliseconds: 82.5,
      interTokenMilliseconds: 84.7,
      outputTokensPerSecond: 84.6,
    },
  },
};
