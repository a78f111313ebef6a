// Proves: what a ledger of sound rows comes to: cost a month to the cent, the verdict and what it needs, by tables of cases
// with their borders named and by properties. The texts are compared to the character in the tests of the command.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config, WorkloadConfig } from "../../../config/schema/index.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { decideStackHosting } from "../../../decisions/hosting/stack-hosting.ts";
import type { PilotStack } from "../../../decisions/pilot/ledger-cost.ts";
import { type PilotReport, reportPilot, type WorkloadPilot } from "../../../decisions/pilot/report.ts";
import { modelConfig, poolConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { workloadConfig } from "../../support/hosting.ts";
import { dailyLedger, read } from "../../support/ledger.ts";

type Change = Parameters<typeof dailyLedger>[1];

function reportOf(days: number, change?: Change, stack: PilotStack | null = null): PilotReport {
  const ledger = read(dailyLedger(days, change));
  if (ledger.rows === null) throw new Error(`The ledger of the test has faults: ${JSON.stringify(ledger.findings)}`);
  return reportPilot(ledger.rows, stack);
}

function pilotOf(days: number, change?: Change, stack: PilotStack | null = null): WorkloadPilot {
  const [pilot] = reportOf(days, change, stack).workloads ?? [];
  if (pilot === undefined) throw new Error("The report of the test has no workload.");
  return pilot;
}

/** Self-hosting at so many dollars a day besides half an hour of an engineer on both; the API costs 100. */
const ownCosts =
  (usd: number | ((day: number) => number), more: Record<string, number | string> = {}): Change =>
  (day, option) =>
    option === "api"
      ? { engineer_hours: 0 }
      : { engineer_hours: 0, cost_usd: typeof usd === "number" ? usd : usd(day), ...more };

function stackWith(workload: Partial<WorkloadConfig>, more: Partial<Config> = {}): PilotStack {
  const price = { usd: 4, per: "gpu-hour", asOf: "2026-11-01", source: "our quote", commitment: "on-demand" } as const;
  const config = stackConfig({
    workloads: { support: workloadConfig(workload) },
    nodePools: { h100: poolConfig({ price }) },
    team: { engineers: 1, costPerMonth: { usd: 16_000 } },
    ...more,
  });
  return { config, workloads: decideStackHosting(config, catalog, {}).workloads, catalog };
}

describe("the total a month", () => {
  it("is 730 hours of the mean week, people included, to the cent", () => {
    const { options } = pilotOf(28, (_, option) => (option === "api" ? {} : { cost_usd: 70, engineer_hours: 2 }));
    // Without a stack file an engineer costs $25,000 a month: $156.25 an hour.
    expect(options?.api.bill).toEqual({
      lines: [
        { label: "Tokens", cents: Math.round((100 * 100 * 730) / 24) },
        { label: "Engineers", cents: Math.round((0.5 * 156.25 * 100 * 730) / 24) },
      ],
      totalCents: 304_167 + 237_630,
    });
    expect(options?.selfHost.bill.totalCents).toBe(Math.round((7000 * 730) / 24) + Math.round((31_250 * 730) / 24));
    expect(options?.selfHost.tokensPerMonth).toBeCloseTo((4_400_000 * 730) / 24, 3);
  });

  it("comes from the prices of the stack file where a row has no bill", () => {
    const change: Change = (_, option) => ({ cost_usd: "", engineer_hours: 1, gpu_hours: option === "api" ? "" : 96 });
    const { options } = pilotOf(28, change, stackWith({}));
    // Sonnet: $2 and $10 a million, $0.20 from its cache; 3.6M + 0.4M in and 0.4M out a day.
    const apiUsd = 3.6 * 2 + 0.4 * 0.2 + 0.4 * 10;
    expect(options?.api.bill.lines[0]?.cents).toBe(Math.round((apiUsd * 100 * 730) / 24));
    expect(options?.selfHost.bill.lines[0]?.cents).toBe(Math.round((96 * 4 * 100 * 730) / 24));
    expect(options?.selfHost.bill.lines[1]?.cents).toBe(Math.round((100 * 100 * 730) / 24));
  });

  it("counts the cheapest host of the same model where that is the cheapest offer", () => {
    const models = { chat: modelConfig({ versions: { v1: versionConfig({ repository: "Qwen/Qwen3-32B" }) } }) };
    const stack = stackWith({}, { models });
    const [decision] = stack.workloads;
    expect(decision?.hosted?.status).toBe("available");
    const change: Change = (_, option) => ({ cost_usd: "", engineer_hours: 0, gpu_hours: option === "api" ? "" : 96 });
    const { options, because } = pilotOf(28, change, stack);
    const [prices] = because;
    expect(prices?.text).toContain(`api is ${decision?.hosted?.name};`);
    const { provider = "", model = "" } = decision?.hosted ?? {};
    const listed = catalog.providers[provider]?.prices[model];
    const price = (amount: unknown) => (typeof amount === "number" ? amount : Number.NaN);
    const cached = price(listed?.cacheRead ?? listed?.input);
    const usd = 3.6 * price(listed?.input) + 0.4 * cached + 0.4 * price(listed?.output);
    expect(options?.api.bill.lines[0]?.cents).toBe(Math.round((usd * 100 * 730) / 24));
  });

  it("is refused where nothing says what a row cost", () => {
    const codes = (report: PilotReport) => report.findings.map(({ code, title }) => `${code} ${title}`);
    expect(codes(reportOf(1, (_, option) => (option === "api" ? { cost_usd: "" } : {})))).toEqual([
      "PLT-129 This row of api has no cost: cost_usd is empty, and no stack file with prices was given.",
    ]);
    const ungpued = reportOf(1, (_, option) => (option === "api" ? {} : { cost_usd: "" }), stackWith({}));
    expect(codes(ungpued)).toEqual([
      "PLT-129 This row of self-host has no cost: cost_usd is empty, and gpu_hours is empty.",
    ]);
    expect(ungpued.workloads).toBeNull();
  });
});

describe("the verdict", () => {
  const verdict = (days: number, change?: Change, stack: PilotStack | null = null) =>
    pilotOf(days, change, stack).verdict.value;

  it.each<[name: string, days: number, usd: number, expected: string]>([
    ["27 days, one short of four weeks", 27, 10, "not-enough-days"],
    ["28 days, four weeks", 28, 10, "self-host"],
    ["a saving of exactly 20 %", 28, 80, "self-host"],
    ["a saving just under 20 %", 28, 80.01, "api"],
    ["the same cost", 28, 100, "api"],
  ])("with %s", (_, days, usd, expected) => {
    expect(verdict(days, ownCosts(usd))).toBe(expected);
  });

  it("waits when the weeks differ too much, and says for how long", () => {
    const pilot = pilotOf(
      28,
      ownCosts((day) => [40, 90, 60, 80][Math.floor(day / 7)] ?? 0),
    );
    expect(pilot.verdict.value).toBe("not-enough-days");
    expect(pilot.verdict.because[0]?.text).toMatch(/^Self-hosting saves 32.5 %; .* About \d+ more days would tell/);
  });

  it("is the API when that costs nothing, without dividing by it", () => {
    const free: Change = (_, option) => ({ cost_usd: option === "api" ? 0 : 10, engineer_hours: 0 });
    const { verdict: decided } = pilotOf(28, free);
    expect(decided.value).toBe("api");
    expect(decided.because[0]?.text).toMatch(/^Self-hosting costs \$304\.17 a month, and the API nothing; /);
  });

  it("says how many weeks are missing, and starts anew after a gap", () => {
    const gap: Change = (day, option) => (day === 9 && option === "api" ? null : {});
    const { verdict: decided, wholeDays, weeks } = pilotOf(30, gap);
    // Days 0 to 6, then 10 to 29.
    expect([wholeDays, weeks]).toEqual([29, 3]);
    expect(decided.because[0]?.text).toBe(
      "29 whole days were measured on both options, which hold 3 runs of seven days without a gap. 4 are needed, 28 days with each weekday four times: 1 more.",
    );
  });

  it("leaves out days on which the options did not answer the same requests", () => {
    const split: Change = (day, option) => ({ requests: day === 3 && option === "self-host" ? 949 : 1000 });
    const report = reportOf(28, split);
    expect(report.findings.map(({ code }) => code)).toEqual(["PLT-134"]);
    expect(report.workloads?.[0]).toMatchObject({ wholeDays: 27, weeks: 3 });
    expect(reportOf(28, (_, option) => ({ requests: option === "api" ? 1000 : 950 })).findings).toEqual([]);
  });

  it("is the API when answers are worse, however cheap they are", () => {
    expect(verdict(28, ownCosts(10, { quality_score: 0.86 }))).toBe("api");
    expect(verdict(28, ownCosts(10, { quality_score: 0.88 }))).toBe("self-host");
  });

  it("waits when nothing was graded", () => {
    const ungraded: Change = (_, option) => ({
      quality_score: "",
      quality_samples: "",
      cost_usd: option === "api" ? 100 : 10,
    });
    const { verdict: decided } = pilotOf(28, ungraded);
    expect(decided.value).toBe("not-enough-days");
    expect(decided.because[0]?.text).toContain("graded in 0 of the weeks");
  });

  it("is the API when more requests fail", () => {
    expect(verdict(28, ownCosts(10, { errors: 15 }))).toBe("api");
    expect(verdict(28, ownCosts(10, { errors: 10 }))).toBe("self-host");
  });

  it("is the option that keeps the objectives when only one does", () => {
    const stack = stackWith({ objectives: { ttft: "1s", availability: "99.5%" } });
    expect(verdict(28, ownCosts(10, { ttft_p95_ms: 1001 }), stack)).toBe("api");
    expect(verdict(28, ownCosts(10, { ttft_p95_ms: 1000 }), stack)).toBe("self-host");
    expect(verdict(28, ownCosts(10, { errors: 6 }), stack)).toBe("api");
    const apiFails: Change = (_, option) => (option === "api" ? { ttft_p95_ms: 1001 } : { cost_usd: 300 });
    expect(verdict(28, apiFails, stack)).toBe("self-host");
    const bothFail: Change = (_, option) => ({ ttft_p95_ms: 1001, cost_usd: option === "api" ? 100 : 300 });
    expect(verdict(28, bothFail, stack)).toBe("api");
    expect(verdict(28, ownCosts(10, { ttft_p95_ms: "" }), stack)).toBe("not-enough-days");
  });

  it("lets 5 % of the requests fall into periods that are too slow", () => {
    const stack = stackWith({ objectives: { ttft: "1s" } });
    const slowDays = (count: number) => (day: number, option: string) =>
      option === "api" ? {} : { cost_usd: 10, engineer_hours: 0, ttft_p95_ms: day < count ? 2000 : 900 };
    expect(verdict(28, slowDays(1), stack)).toBe("self-host");
    expect(verdict(28, slowDays(2), stack)).toBe("api");
  });
});

describe("properties", () => {
  const dollars = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 28, maxLength: 28 });

  it("a ledger with all volumes and costs times k costs k times as much", () => {
    fc.assert(
      fc.property(dollars, fc.integer({ min: 2, max: 9 }), (costs, k) => {
        const change =
          (factor: number): Change =>
          (day) => ({
            cost_usd: (costs[day] ?? 0) * factor,
            engineer_hours: 0.25 * factor,
            requests: 1000 * factor,
            errors: 2 * factor,
            input_tokens: 4_000_000 * factor,
            output_tokens: 400_000 * factor,
          });
        const one = pilotOf(28, change(1)).options?.selfHost;
        const many = pilotOf(28, change(k)).options?.selfHost;
        // Two lines, each rounded once.
        expect(Math.abs((many?.bill.totalCents ?? 0) - k * (one?.bill.totalCents ?? 0))).toBeLessThanOrEqual(k + 1);
        expect(many?.usdPerMillion).toBeCloseTo(one?.usdPerMillion ?? 0, 4);
        expect(many?.errorShare).toEqual(one?.errorShare);
      }),
      { numRuns: 25 },
    );
  });

  it("weeks that come again as they were never widen the interval, and never change the mean", () => {
    fc.assert(
      fc.property(dollars, fc.integer({ min: 2, max: 4 }), (costs, times) => {
        const change = (day: number) => ({ cost_usd: costs[day % 28] ?? 0 });
        const once = pilotOf(28, change).options?.api.monthlyCents;
        const again = pilotOf(28 * times, change).options?.api.monthlyCents;
        expect(again?.value).toBe(once?.value);
        expect(again?.low).toBeGreaterThanOrEqual(once?.low ?? 0);
        expect(again?.high).toBeLessThanOrEqual(once?.high ?? 0);
      }),
      { numRuns: 25 },
    );
  });

  it("dearer self-hosting never turns the verdict towards it", () => {
    const rank = { api: 0, "not-enough-days": 1, "self-host": 2 };
    fc.assert(
      fc.property(dollars, fc.integer({ min: 0, max: 5000 }), (costs, more) => {
        const change =
          (added: number): Change =>
          (day, option) =>
            option === "api" ? { cost_usd: 4000 } : { cost_usd: (costs[day] ?? 0) + added };
        expect(rank[pilotOf(28, change(more)).verdict.value]).toBeLessThanOrEqual(
          rank[pilotOf(28, change(0)).verdict.value],
        );
      }),
      { numRuns: 50 },
    );
  });

  it("lines of both bills add up to their totals", () => {
    fc.assert(
      fc.property(dollars, fc.double({ min: 0, max: 20, noNaN: true }), (costs, hours) => {
        const change = (day: number) => ({ cost_usd: costs[day] ?? 0, engineer_hours: hours.toFixed(3) });
        const { options } = pilotOf(28, change);
        for (const option of [options?.api, options?.selfHost]) {
          expect(option?.bill.lines.reduce((sum, { cents }) => sum + cents, 0)).toBe(option?.bill.totalCents);
          expect(option?.monthlyCents?.value).toBe(option?.bill.totalCents);
        }
      }),
      { numRuns: 25 },
    );
  });
});
