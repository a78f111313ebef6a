import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nonNegativeLeastSquares } from "../../../bench/capacity/non-negative-least-squares.ts";

describe("nonNegativeLeastSquares", () => {
  it("finds the exact solution where there is one", () => {
    const solution = nonNegativeLeastSquares(
      [
        [1, 0],
        [0, 2],
        [1, 1],
      ],
      [3, 8, 7],
    );
    expect(solution[0]).toBeCloseTo(3, 10);
    expect(solution[1]).toBeCloseTo(4, 10);
  });

  it("holds a term at zero that would turn negative", () => {
    const rows = [
      [1, 1],
      [1, 2],
      [1, 3],
    ];
    expect(nonNegativeLeastSquares(rows, [3, 2, 1])).toEqual([expect.closeTo(2, 10), 0]);
  });

  it("leaves no step that makes the error smaller", () => {
    const value = fc.integer({ min: -20, max: 20 });
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.array(value, { minLength: 12, maxLength: 12 }), (matrix, right) => {
        const solution = nonNegativeLeastSquares(matrix, right.slice(0, matrix.length));
        const errorOf = (x: readonly number[]) =>
          matrix.reduce(
            (sum, row, i) => sum + (row.reduce((s, a, j) => s + a * (x[j] ?? 0), 0) - (right[i] ?? 0)) ** 2,
            0,
          );
        const reached = errorOf(solution);
        for (const [j, at] of solution.entries()) {
          expect(at).toBeGreaterThanOrEqual(0);
          for (const step of [-1e-3, 1e-3]) {
            const moved = solution.with(j, Math.max(0, at + step));
            expect(errorOf(moved)).toBeGreaterThanOrEqual(reached - 1e-6 * (1 + reached));
          }
        }
      }),
    );
  });
});
