import { describe, expect, it } from "vitest";

interface Rows {
  /** Mutants: a sound thing with one change, and the codes that are found. */
  readonly caught: Readonly<Record<string, () => readonly string[]>>;
  /** Near misses: changes that come close and are right. */
  readonly passed: Readonly<Record<string, () => readonly string[]>>;
}

/** Rows of a rule by its code. test/config/quota.test.ts counts the rules that have none. */
export type RuleTable = Readonly<Record<string, Rows>>;

/** Each mutant is caught by its rule and no other; each near miss passes all of them. */
export function describeRules(table: RuleTable): void {
  it("have at least three mutants and two near misses each", () => {
    for (const [code, { caught, passed }] of Object.entries(table)) {
      expect(Object.keys(caught).length, code).toBeGreaterThanOrEqual(3);
      expect(Object.keys(passed).length, code).toBeGreaterThanOrEqual(2);
    }
  });

  describe.each(Object.entries(table))("%s", (code, { caught, passed }) => {
    it.each(Object.entries(caught))("catches: %s", (_, found) => {
      const codes = found();
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set([code]));
    });

    it.each(Object.entries(passed))("lets pass: %s", (_, found) => expect(found()).toEqual([]));
  });
}
