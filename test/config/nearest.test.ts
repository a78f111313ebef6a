// Proves: a suggestion is made for a typing mistake and withheld for anything else.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "../../config/diagnostics/nearest.ts";

const keys = ["engine", "maxModelLen", "nodePool", "replicas", "traffic"];

describe("the nearest known word", () => {
  it.each([
    ["replcas", "replicas"],
    ["relpicas", "replicas"],
    ["Replicas", "replicas"],
    ["nodepool", "nodePool"],
    ["maxModelLength", "maxModelLen"],
    ["trafic", "traffic"],
  ])("for %s is %s", (word, expected) => {
    expect(nearest(word, keys)).toBe(expected);
  });

  it("for the beginning of a known word up to a hyphen is that word, not a shorter one of like letters", () => {
    expect(nearest("nvidia-h100", ["nvidia-a10g", "nvidia-h100-sxm"])).toBe("nvidia-h100-sxm");
  });

  it.each(["gateway", "x", "", "v2", "z".repeat(1000)])("for %j is none", (word) => {
    expect(nearest(word, [...keys, "v1"])).toBeNull();
  });
});

describe("the edit distance", () => {
  const word = fc.string({ maxLength: 12 });

  it("is zero exactly for equal words, and the same both ways", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
      }),
    );
  });

  it("never exceeds the longer word nor falls below the difference in length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  it("counts a swap of neighbours as one", () => {
    expect(editDistance("relpicas", "replicas")).toBe(1);
  });
});
