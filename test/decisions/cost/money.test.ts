import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocate, cents, perMillionText, usdText, volumeText } from "../../../decisions/cost/money.ts";
import { bill } from "../../../decisions/cost/self-hosted.ts";

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [87, "$0.87"],
    [99_999, "$999.99"],
    [100_000, "$1,000"],
    [4_017_920, "$40,179"],
    [-250_000, "-$2,500"],
    [123_456_789_012, "$1,234,567,890"],
  ])("%s cents read %s", (amount, text) => expect(usdText(amount)).toBe(text));

  it.each([
    [0.8703, "$0.870"],
    [9.9994, "$9.999"],
    [12, "$12.00"],
    [123.4, "$123"],
  ])("%s a million reads %s", (usd, text) => expect(perMillionText(usd)).toBe(text));

  it.each([
    [950, "950"],
    [1e6, "1 million"],
    [999_900_000, "1 billion"],
    [12e9, "12 billion"],
    [12_340_000_000, "12.3 billion"],
    [1.05e9, "1.05 billion"],
    [2.5e14, "250 trillion"],
  ])("%s tokens read %s", (tokens, text) => expect(volumeText(tokens)).toBe(text));

  it("adds up to the cent, however it is split", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }), (total, weights) => {
        const parts = allocate(total, weights);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        expect(parts.every((part) => Number.isInteger(part) && part >= 0)).toBe(true);
      }),
    );
  });

  it("adds up to the cent, whatever is on the bill", () => {
    const dollars = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(dollars, { maxLength: 20 }), (amounts) => {
        const lines = amounts.map((usd) => ({ label: "line", cents: cents(usd) }));
        const { totalCents } = bill(lines);
        expect(Number.isSafeInteger(totalCents)).toBe(true);
        expect(BigInt(totalCents)).toBe(lines.reduce((sum, line) => sum + BigInt(line.cents), 0n));
      }),
    );
  });
});
