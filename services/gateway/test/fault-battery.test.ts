import { describe, expect, it } from "vitest";
import { faultTrial, type Strike, strikes, type TrialOutcome } from "./support/fault-trial.ts";

/** `npm run bench:faults` prints the table of docs/reference/failure-behaviour.md, with the gateway's own deadlines. */
const isLong = process.env.FREEHOLD_FIGURES === "1";

const loads = [
  { name: "idle", load: 0 },
  { name: "50 %", load: 0.5 },
  { name: "95 %", load: 0.95 },
];

function row(strike: Strike, load: string, { hit, streams, whole }: TrialOutcome): string {
  const share = (all: readonly unknown[], good: readonly unknown[]) =>
    all.length === 0 ? "-" : `${((good.length / all.length) * 100).toFixed(1)} %`;
  const gaps = hit.map(({ longestGapSeconds }) => longestGapSeconds).sort((a, b) => a - b);
  const at = (part: number) => `${(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))] ?? 0).toFixed(2)} s`;
  const columns = [
    strike.name,
    load,
    `${hit.length} of ${streams.length}`,
    share(
      hit,
      hit.filter(({ isWhole }) => isWhole),
    ),
    share(
      streams,
      streams.filter(({ isPrefix }) => isPrefix),
    ),
    share(
      streams,
      streams.filter(({ isTyped }) => isTyped),
    ),
    at(0.95),
    at(1),
    `${whole.filter(({ isWhole }) => isWhole).length} of ${whole.length}`,
  ];
  return `| ${columns.join(" | ")} |`;
}

function expectPromise({ hit, streams, whole }: TrialOutcome): void {
  expect(streams.filter(({ isPrefix }) => !isPrefix)).toEqual([]);
  expect(streams.filter(({ isTyped }) => !isTyped)).toEqual([]);
  expect(hit.length).toBeGreaterThan(0);
  expect(hit.filter(({ isWhole }) => isWhole).length / hit.length).toBeGreaterThanOrEqual(0.99);
  expect(whole.length).toBeGreaterThan(0);
  expect(whole.filter(({ isWhole }) => isWhole).length / whole.length).toBeGreaterThanOrEqual(0.999);
}

if (isLong) {
  it("prints the table of the gateway's own deadlines", { timeout: 3_600_000 }, async () => {
    console.log(
      "| Fault of one of three replicas | Load | Streams hit | Of these whole, token for token | All: prefix | All: typed end | Longest gap, p95 | Most | Not streamed, whole |\n|---|---|---|---|---|---|---|---|---|",
    );
    const options = { stepMilliseconds: 25, milliseconds: 4000, settings: { deadlines: {}, retries: {} } };
    for (const strike of strikes) {
      for (const { name, load } of loads) {
        const all: TrialOutcome[] = [];
        for (let round = 0; round < (load === 0 ? 2 : 1); round += 1)
          all.push(await faultTrial(strike, { load, ...options }));
        const outcome = {
          hit: all.flatMap(({ hit }) => hit),
          streams: all.flatMap(({ streams }) => streams),
          whole: all.flatMap(({ whole }) => whole),
        };
        console.log(row(strike, name, outcome));
      }
    }
  });
} else {
  describe("one of three replicas at 95 % load", () => {
    const settings = {
      deadlines: { firstTokenMilliseconds: 5000, interTokenMilliseconds: 1500 },
      retries: { budgetShare: 1, ejectionMilliseconds: 500 },
    };
    it.each(strikes)("continues every stream, and ends none without a word: $name", async (strike) => {
      expectPromise(await faultTrial(strike, { load: 0.95, stepMilliseconds: 10, milliseconds: 500, settings }));
    });
  });
}
