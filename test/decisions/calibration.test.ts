// Proves: the threshold is the cheapest that reaches the quality, by trying all; a perfect signal comes up to the oracle,
// a useless one to chance; and the half that measures is not the half that chose.
import fc from "fast-check";
import { expect, it } from "vitest";
import { calibrate, type Threshold } from "../../decisions/calibration/calibrate.ts";
import type { LabelledRequest } from "../../decisions/calibration/labelled-request.ts";
import { checkedOutcome, figuresOf } from "../../decisions/calibration/policy.ts";

function request(index: number, more: Partial<LabelledRequest> = {}): LabelledRequest {
  return {
    line: index + 1,
    id: `r${index}`,
    promptTokens: 100 + index,
    signals: {},
    localCorrect: 1,
    frontierCorrect: 1,
    localUsd: 0.001,
    frontierUsd: 0.02,
    verifierUsd: 0,
    ...more,
  };
}

const set = (count: number, of: (index: number) => Partial<LabelledRequest>) =>
  Array.from({ length: count }, (_, index) => request(index, of(index)));
const signalOf = (requests: LabelledRequest[], name: string, quality: number | null = null) =>
  calibrate(requests, quality).signals.find(({ signal }) => signal === name);
const codes = (requests: LabelledRequest[], quality: number | null = null) =>
  calibrate(requests, quality).findings.map(({ code }) => code);

it("finds the border of a perfect signal, and wins what the oracle wins", () => {
  const requests = set(400, (index) => ({
    localCorrect: index % 4 === 0 ? 0 : 1,
    signals: { judge: index % 4 === 0 ? 0.3 : 0.8 },
  }));
  const judge = signalOf(requests, "judge", 1);
  expect(judge?.chosen?.threshold).toBe(0.8);
  expect(judge?.chosen?.figures.correct.value).toBe(1);
  expect(judge?.chosen?.figures.sentOn).toBeCloseTo(calibrate(requests, 1).oracle.sentOn, 10);
  expect(judge?.overRandom?.low).toBeGreaterThan(0.1);
  expect(codes(requests, 1)).not.toContain("CLB-111");
});

it("warns of a signal that says nothing, though its half chose a threshold for it", () => {
  let state = 1;
  const draw = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const requests = set(1000, () => ({ localCorrect: draw() < 0.6 ? 1 : 0, signals: { coin: draw() } }));
  const coin = signalOf(requests, "coin", 0.8);
  expect(Math.abs(coin?.overRandom?.value ?? 1)).toBeLessThan(0.05);
  expect(codes(requests, 0.8)).toContain("CLB-111");
});

it("sends nothing on where the model inside is good enough, and everything where nothing less will do", () => {
  const good = set(200, () => ({ signals: { judge: 0.5 } }));
  expect(signalOf(good, "judge", 0.9)?.chosen?.threshold).toBe("none");
  const poor = set(200, () => ({ localCorrect: 0, signals: { judge: 0.5 } }));
  expect(signalOf(poor, "judge", 1)?.chosen?.threshold).toBe("all");
});

it("says when no threshold reaches the quality, and when the other model is no better", () => {
  const both = set(200, (index) => ({
    localCorrect: 0,
    frontierCorrect: index % 3 === 0 ? 0 : 1,
    signals: { judge: 0.5 },
  }));
  expect(codes(both, 0.99)).toEqual(["CLB-112", "CLB-112"]);
  expect(codes(set(200, () => ({ frontierCorrect: 0 })))).toEqual(["CLB-110"]);
});

it("pays for the draft and the check of what it sends on, and by length for neither", () => {
  const requests = set(200, () => ({ localCorrect: 0, verifierUsd: 0.002, signals: { judge: 0 } }));
  expect(signalOf(requests, "judge", 1)?.chosen?.figures.usd).toBeCloseTo(0.023, 10);
  expect(signalOf(requests, "promptTokens", 1)?.chosen?.figures.usd).toBeCloseTo(0.02, 10);
});

const anySet = fc.array(
  fc.record({
    judge: fc.integer({ min: 0, max: 10 }).map((grade) => grade / 10),
    localCorrect: fc.integer({ min: 0, max: 1 }),
    frontierCorrect: fc.integer({ min: 0, max: 1 }),
    frontierUsd: fc.integer({ min: 0, max: 50 }).map((cents) => cents / 1000),
  }),
  { minLength: 40, maxLength: 120 },
);

it("chooses the cheapest of all thresholds that reach the quality", () => {
  fc.assert(
    fc.property(anySet, fc.integer({ min: 1, max: 10 }), (rows, tenths) => {
      const requests = rows.map(({ judge, ...row }, index) => request(index, { ...row, signals: { judge } }));
      const quality = tenths / 10;
      const result = calibrate(requests, quality);
      const chosen = result.signals.find(({ signal }) => signal === "judge")?.chosen ?? null;
      // The half that chose is the one whose size the result names: both are tried.
      const halves = [0, 1].map((half) => requests.filter(({ id }) => calibrationHalf(id) === half));
      const choosing = halves.find((half) => half.length === result.chosenOn) ?? [];
      if (halves[0]?.length === halves[1]?.length) return;
      const tried = (["none", "all", ...Array.from({ length: 11 }, (_, grade) => grade / 10)] as Threshold[])
        .map((threshold) =>
          figuresOf(
            choosing.map((one) =>
              checkedOutcome(
                one,
                threshold === "all" || (threshold !== "none" && (one.signals.judge ?? 0) < threshold),
              ),
            ),
          ),
        )
        .filter(({ correct }) => correct.value >= quality - 1e-9);
      if (chosen === null) expect(tried).toEqual([]);
      else {
        const own = figuresOf(
          choosing.map((one) =>
            checkedOutcome(
              one,
              chosen.threshold === "all" ||
                (chosen.threshold !== "none" && (one.signals.judge ?? 0) < chosen.threshold),
            ),
          ),
        );
        expect(own.correct.value).toBeGreaterThanOrEqual(quality - 1e-9);
        expect(own.usd).toBeCloseTo(Math.min(...tried.map(({ usd }) => usd)), 10);
      }
    }),
  );
});

/** FNV-1a, as the decision splits: written again, so that a change of the split is seen. */
function calibrationHalf(id: string): number {
  let hash = 2166136261;
  for (const character of id) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 16777619);
  }
  return (hash ^ (hash >>> 15)) & 1;
}

it("does not depend on the order of the file", () => {
  const requests = set(150, (index) => ({
    localCorrect: index % 3 === 0 ? 0 : 1,
    signals: { judge: (index % 10) / 10 },
  }));
  expect(calibrate([...requests].reverse(), 0.9).signals.map(({ chosen }) => chosen?.threshold)).toEqual(
    calibrate(requests, 0.9).signals.map(({ chosen }) => chosen?.threshold),
  );
});
