import { describe, expect, it } from "vitest";
import { coefficientsOf } from "../../../bench/capacity/coefficients-file.ts";
import { coverageOf, errorsOf, predictions } from "../../../bench/capacity/cross-validation.ts";
import { measuredPoints } from "../../../bench/capacity/measured-points.ts";
import { throughputCoefficients } from "../../../decisions/capacity/coefficients.ts";
import { type LatencyMetric, latencyMetrics } from "../../../decisions/capacity/spread.ts";

const { points } = measuredPoints();

describe("throughputCoefficients", () => {
  it("are what a fit to the carried points gives", () => {
    expect(coefficientsOf(points)).toEqual(throughputCoefficients);
  });

  it("are none below zero", () => {
    const { step, firstToken } = throughputCoefficients;
    for (const value of [...Object.values(step), ...Object.values(firstToken)]) expect(value).toBeGreaterThanOrEqual(0);
  });

  // Bounds a little above what is reached: an edit that makes the predictor worse fails here. Percent, median and p90.
  const bounds = {
    group: { outputTokensPerSecond: [7, 21.5], interTokenMilliseconds: [7, 23], ttftMilliseconds: [18, 54] },
    gpu: { outputTokensPerSecond: [7.5, 22], interTokenMilliseconds: [7, 19.5], ttftMilliseconds: [27.5, 55] },
    model: { outputTokensPerSecond: [7.5, 21], interTokenMilliseconds: [7, 23], ttftMilliseconds: [18, 54.5] },
  } as const;

  for (const [fold, ofFold] of Object.entries(bounds) as [keyof typeof bounds, (typeof bounds)["group"]][]) {
    for (const [metric, [median, p90]] of Object.entries(ofFold) as [LatencyMetric, readonly [number, number]][]) {
      it(`keep ${metric} within ${median} % (median) and ${p90} % (p90) with a ${fold} left out`, () => {
        const errors = errorsOf(predictions(points, fold).filter((prediction) => prediction.metric === metric));
        expect(errors.medianPercent).toBeLessThan(median);
        expect(errors.p90Percent).toBeLessThan(p90);
      });
    }
  }

  it("keep TTFT of vLLM within 15 % (median) and 42 % (p90) with a group left out", () => {
    const errors = errorsOf(
      predictions(points, "group").filter(
        ({ point, metric }) => metric === "ttftMilliseconds" && point.replica.engine === "vllm",
      ),
    );
    expect(errors.medianPercent).toBeLessThan(15);
    expect(errors.p90Percent).toBeLessThan(42);
  });

  it("come with ranges that hold four of five points whose group was left out", () => {
    const list = predictions(points, "group");
    for (const metric of latencyMetrics) {
      const ofMetric = list.filter((prediction) => prediction.metric === metric);
      expect(coverageOf(ofMetric, throughputCoefficients.spread)).toBeGreaterThanOrEqual(0.8);
    }
  });
});
