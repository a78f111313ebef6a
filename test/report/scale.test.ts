// Proves: axes end at round figures around what they show, and figures beside them are short.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisNumber, axisTokens, axisUsd, decadesAround, niceSpan, niceTop } from "../../report/scale.ts";

const amount = fc.double({ min: 1e-3, max: 1e15, noNaN: true });

describe("an axis", () => {
  it("from zero ends at or above its largest figure, less than two steps away, in at most seven steps", () => {
    fc.assert(
      fc.property(amount, (most) => {
        const { top, step } = niceTop(most);
        expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-9));
        expect(top - most).toBeLessThan(step * (1 + 1e-6));
        expect(top / step).toBeLessThan(7);
      }),
    );
  });

  it("around zero holds both ends and zero", () => {
    fc.assert(
      fc.property(amount, amount, fc.boolean(), (a, b, isNegative) => {
        const least = isNegative ? -a : Math.min(a, b);
        const { bottom, top, step } = niceSpan(least, b);
        const hair = step * 1e-6;
        expect(bottom - hair).toBeLessThanOrEqual(Math.min(0, least));
        expect(top + hair).toBeGreaterThanOrEqual(Math.max(0, b));
      }),
    );
  });

  it("of powers of ten leaves room beside both ends", () => {
    expect(decadesAround(2e8, 12.9e9)).toEqual([1e8, 1e11]);
    expect(decadesAround(1e9, 9e9)).toEqual([1e8, 1e11]);
  });

  it("has ends even where there is nothing to show", () => {
    expect(niceTop(0)).toEqual({ top: 1, step: 0.25 });
    expect(niceSpan(0, 0)).toEqual({ bottom: 0, top: 1, step: 0.25 });
  });
});

describe("figures beside an axis", () => {
  it.each([
    [axisUsd(0), "$0"],
    [axisUsd(850), "$850"],
    [axisUsd(-40_000), "-$40k"],
    [axisUsd(1_250_000), "$1.25M"],
    [axisTokens(6e9), "6B"],
    [axisTokens(1e15), "1Q"],
    [axisNumber(0.5), "0.5"],
    [axisNumber(999.9), "1k"],
  ])("reads %s", (text, expected) => expect(text).toBe(expected));
});
