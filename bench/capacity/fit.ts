import type { ThroughputCoefficients } from "../../decisions/capacity/coefficients.ts";
import {
  type FirstTokenCoefficients,
  type FirstTokenTerm,
  firstTokenTerms,
  firstTokenUnits,
} from "../../decisions/capacity/first-token-time.ts";
import { type StepCoefficients, type StepTerm, stepTerms, stepUnits } from "../../decisions/capacity/step-time.ts";
import { nonNegativeLeastSquares } from "./non-negative-least-squares.ts";
import type { ThroughputPoint } from "./throughput-points.ts";

/** Logarithmic error from which a point counts less than its square: several rows contradict their neighbours. */
const outlierError = 0.15;
const rounds = 30;
const significantDigits = 4;
/** A TTFT above this is a queue at a full cache, which the step does not explain. */
const queueMilliseconds = 20_000;

/** Coefficients that suit the points best, in the logarithm of the measured values. */
export function fitCoefficients(
  points: readonly ThroughputPoint[],
): Pick<ThroughputCoefficients, "step" | "firstToken"> {
  const step = named<StepTerm>(
    stepTerms,
    points.flatMap(({ replica, measured }) => {
      const units = stepUnits(replica);
      return measured.interTokenMilliseconds === null
        ? []
        : [{ units: stepTerms.map((term) => units[term]), measured: measured.interTokenMilliseconds }];
    }),
  ) satisfies StepCoefficients;
  return { step, firstToken: fitFirstToken(points, step) };
}

/**
 * From vLLM's points alone: half of TensorRT-LLM's come from runs that admitted fewer requests than they were sent, so
 * that TTFT there grows with the length of the output. Where a fold leaves no vLLM points, all serve.
 */
function fitFirstToken(points: readonly ThroughputPoint[], step: StepCoefficients): FirstTokenCoefficients {
  const usable = points.filter(({ measured }) => (measured.ttftMilliseconds ?? Infinity) < queueMilliseconds);
  const vllm = usable.filter(({ replica }) => replica.engine === "vllm");
  return named<FirstTokenTerm>(
    firstTokenTerms,
    (vllm.length > 0 ? vllm : usable).map(({ replica, measured }) => {
      const units = firstTokenUnits(replica, step);
      return { units: firstTokenTerms.map((term) => units[term]), measured: measured.ttftMilliseconds as number };
    }),
  );
}

interface Row {
  readonly units: readonly number[];
  readonly measured: number;
}

function named<Term extends string>(terms: readonly Term[], rows: readonly Row[]): Record<Term, number> {
  const values = fitRows(rows);
  return Object.fromEntries(
    terms.map((term, index) => [term, Number((values[index] ?? 0).toPrecision(significantDigits))]),
  ) as Record<Term, number>;
}

/**
 * Least squares of (predicted - measured) / sqrt(predicted * measured), which is the logarithm of their ratio for small
 * errors, with points beyond `outlierError` weighted down (Huber); solved by repeating it with the last weights.
 */
function fitRows(rows: readonly Row[]): number[] {
  let weights = rows.map(({ measured }) => 1 / measured);
  let solution: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    solution = nonNegativeLeastSquares(
      rows.map(({ units }, k) => units.map((unit) => unit * (weights[k] ?? 0))),
      rows.map(({ measured }, k) => measured * (weights[k] ?? 0)),
    );
    weights = rows.map(({ units, measured }) => {
      const predicted = Math.max(
        units.reduce((sum, unit, j) => sum + unit * (solution[j] ?? 0), 0),
        measured * 1e-3,
      );
      const error = Math.abs(Math.log(predicted / measured));
      return Math.sqrt(Math.min(1, outlierError / Math.max(error, 1e-9)) / (predicted * measured));
    });
  }
  return solution;
}
