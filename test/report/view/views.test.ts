// Proves: what stands on the page is what was decided: amounts add up, marks lie on the lines, flags are raised.
import { describe, expect, it } from "vitest";
import { dollars } from "../../../decisions/cost/money.ts";
import { offeredPrices } from "../../../decisions/hosting/cost-curve.ts";
import { judge } from "../../../decisions/hosting/judge.ts";
import { exactUsd } from "../../../report/view/offers-view.ts";
import { reportView } from "../../../report/view/report-view.ts";
import { spanText } from "../../../report/view/sensitivity-view.ts";
import { apiStack, changed, hostingStack, reportInput, viewOf, workloadOf } from "../../support/report.ts";

const parsed = (text: string) => Math.round(Number(text.replace(/[$,]/g, "")) * 100);

describe("the bill", () => {
  it.each([
    ["support of a stack that hosts", hostingStack, "support"],
    ["support, which shares a node", apiStack, "support"],
    ["indexing, which shares a node", apiStack, "indexing"],
  ])("of %s adds up to the cent as it is printed", (_, stack, name) => {
    const bill = workloadOf(stack, name).bill;
    const lines = bill?.lines.map(({ text }) => parsed(text)) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.reduce((sum, cents) => sum + cents, 0)).toBe(parsed(bill?.totalText ?? ""));
  });

  it.each([
    [5, "$0.05"],
    [1_148_533, "$11,485.33"],
    [-250_000_000, "-$2,500,000.00"],
  ])("prints %d cents as %s", (cents, text) => expect(exactUsd(cents)).toBe(text));
});

describe("cost against volume", () => {
  const input = reportInput(hostingStack);
  const decision = input.hosting?.workloads[0];
  const cost = workloadOf(hostingStack, "support").cost;

  it("marks the file's volume where hosting costs what is said", () => {
    expect(cost?.volume).toEqual({ tokens: 80e9, usd: dollars(decision?.selfHosted?.monthlyCents.value ?? 0) });
  });

  it("marks the break-even where hosting costs what the offer does, to a thousandth", () => {
    const [mark] = cost?.breakEvens ?? [];
    expect(mark?.tokens).toBe(decision?.selfHosted?.standings[0]?.breakEven.value?.firstTokens);
    const situation = decision?.situation;
    if (situation === null || situation === undefined || mark === undefined) throw new Error("both are known");
    const { selfHosted } = judge({ ...situation, tokensPerMonth: mark.tokens });
    expect(dollars(selfHosted.value) / mark.usd).toBeCloseTo(1, 3);
    expect(mark.usd).toBeCloseTo((mark.tokens / 1e6) * (offeredPrices(situation).frontier?.value ?? 0), 2);
  });

  it("takes logarithmic axes only where the marks lie far apart", () => {
    expect(cost?.isLogarithmic).toBe(true);
    expect(workloadOf(apiStack, "support").cost?.isLogarithmic).toBe(false);
  });

  it("holds every mark and reaches from end to end of its axis", () => {
    for (const view of [cost, workloadOf(apiStack, "support").cost]) {
      if (view === null || view === undefined) throw new Error("both are drawn");
      for (const { tokens } of [view.volume, ...view.breakEvens]) {
        expect(tokens).toBeGreaterThan(view.fromTokens);
        expect(tokens).toBeLessThan(view.toTokens);
      }
      for (const points of Object.values(view.own)) {
        expect(points[0]?.tokens).toBe(view.fromTokens);
        expect(points.at(-1)?.tokens).toBe(view.toTokens);
        expect(points.every(({ usd }) => Number.isFinite(usd))).toBe(true);
      }
    }
  });

  it("stays linear where hosting is free, because nothing has no logarithm", () => {
    const free = changed(
      hostingStack,
      ["engineers: 1,", "engineers: 0,"],
      ["usd: 23.60", "usd: 0"],
      ["escalationShare: 0.05", "escalationShare: 0"],
    );
    expect(workloadOf(free, "support").cost?.isLogarithmic).toBe(false);
  });

  it("tells of a break-even that is too far off to be drawn", () => {
    const tiny = changed(apiStack, ["tokensPerMonth: 6e9", "tokensPerMonth: 1e6"]);
    const view = workloadOf(tiny, "support").cost;
    expect(view?.breakEvens).toEqual([]);
    expect(view?.notes).toEqual([
      expect.stringMatching(/^Hosting breaks even with Anthropic .* too far off to be drawn\.$/),
    ]);
  });
});

describe("the advice", () => {
  it("names the cost also where there is nothing to compare it with", () => {
    const { lead, text, verdict } = workloadOf(apiStack, "indexing");
    expect([lead, verdict]).toEqual(["", null]);
    expect(text).toMatch(
      /^At 4 billion tokens a month hosting the model costs \$[\d,]+ a month, and there is nothing to compare/,
    );
  });

  it("says why the two answers differ, or that they agree", () => {
    expect(workloadOf(apiStack, "support").difference).toContain("The rule of thumb looks at volume alone.");
    expect(workloadOf(hostingStack, "support").difference).toBe("Both say the same.");
  });
});

describe("the three offers", () => {
  it("are always there, and say which is the cheapest", () => {
    const offers = workloadOf(apiStack, "support").offers;
    expect(offers.map(({ kind, isCheapest }) => [kind, isCheapest])).toEqual([
      ["frontier", false],
      ["hosted", true],
      ["own", false],
    ]);
    expect(workloadOf(hostingStack, "support").offers.map(({ isCheapest }) => isCheapest)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("show what residency forbids with its price and reason, and give it no bar", () => {
    const bound = changed(apiStack, [
      "environment: trial",
      "environment: trial\nresidency: { mode: sovereign, regions: [eu-central-1] }",
    ]);
    const [frontier] = workloadOf(bound, "support").offers;
    expect(frontier).toMatchObject({ monthly: null, usdPerMonth: null, perMillion: "$2.267" });
    expect(frontier?.note).toContain("May not be used. ");
  });
});

describe("the sensitivity", () => {
  it("turns on what is saved now, which lies between or beside the ends of every row", () => {
    const view = workloadOf(hostingStack, "support").sensitivity;
    expect(view?.rows.length).toBeGreaterThan(4);
    expect(view?.savingUsd).toBeGreaterThan(0);
    const widths = view?.rows.map(({ low, high }) => Math.abs(high.savingUsd - low.savingUsd)) ?? [];
    expect([...widths].sort((a, b) => b - a)).toEqual(widths);
  });

  it("says where a bound turns the verdict, and what it turns to", () => {
    const near = changed(hostingStack, ["tokensPerMonth: 80e9", "tokensPerMonth: 16e9"]);
    const { sensitivity, verdict } = workloadOf(near, "support");
    const turns = sensitivity?.rows.flatMap(({ low, high }) => [low.turnsTo, high.turnsTo]).filter((to) => to !== null);
    expect(turns?.length).toBeGreaterThan(0);
    expect(turns).not.toContain(verdict);
  });

  it.each([
    ["3 billion tokens a month", "12 billion tokens a month", "3 to 12 billion tokens a month"],
    ["$14.16 a node-hour", "$30.68 a node-hour", "$14.16 to $30.68 a node-hour"],
    ["0.5 engineers", "1 engineer", "0.5 engineers to 1 engineer"],
    ["0 %", "0 %", "0 to 0 %"],
  ])("puts %s and %s into one phrase", (low, high, text) => expect(spanText(low, high)).toBe(text));
});

describe("the assumptions", () => {
  it("flag what has no date, what is old, what no longer holds and what lies ahead", () => {
    const stack = changed(hostingStack, ["asOf: 2026-11-01\n        source", "asOf: 2026-06-01\n        source"]);
    const { prices, facts } = reportView(reportInput(stack)).assumptions;
    expect(prices.map(({ path, flag }) => [path, flag])).toEqual([
      ["workloads.support.alternative.price", "176 days old"],
      ["nodePools.h100.price", null],
    ]);
    expect(facts.find(({ path }) => path === "catalog.models.Qwen/Qwen2.5-72B-Instruct")).toMatchObject({
      asOf: null,
      flag: "no date",
    });
    const late = reportView(reportInput(hostingStack, { asOf: "2026-10-01" })).assumptions;
    expect(late.prices.map(({ flag }) => flag)).toEqual(["dated in the future", "dated in the future"]);
  });

  it("count a promotion that has ended as no longer valid", () => {
    const input = reportInput(apiStack);
    const [indexing, support] = input.hosting?.workloads ?? [];
    if (input.hosting === null || support === undefined || indexing === undefined) throw new Error("both are decided");
    const sources = support.sources.map((source) => ({ ...source, validUntil: "2026-11-01" }));
    const hosting = { ...input.hosting, workloads: [indexing, { ...support, sources }] };
    const flags = reportView({ ...input, hosting }).assumptions.prices.map(({ flag }) => flag);
    expect(flags).toContain("no longer holds since 2026-11-01");
  });

  it("say each price and fact once, though two workloads rest on it", () => {
    const { prices, facts } = viewOf(apiStack).assumptions;
    const keys = [...prices, ...facts].map(({ path, text }) => `${path} ${text}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("a stack that cannot be deployed", () => {
  it("keeps its verdict and its costs, and shows the errors first", () => {
    const small = changed(hostingStack, ["nodes: { min: 8, max: 8 }", "nodes: { min: 1, max: 1 }"]);
    const view = viewOf(small);
    expect(view.isDeployable).toBe(false);
    expect(view.findings[0]).toMatchObject({ severity: "error", code: "CAP-101" });
    expect(view.workloads[0]?.verdict).toBe("self-host");
    expect(view.workloads[0]?.latency?.points.length).toBeGreaterThan(1);
  });

  it("says what is missing where no size keeps an objective", () => {
    const view = viewOf(changed(hostingStack, ["itl: 50ms", "itl: 1ms"]));
    const [support] = view.workloads;
    expect(support).toMatchObject({ cost: null, bill: null, latency: null, verdict: null, sensitivity: null });
    expect(support?.missing).toContain("could not be sized");
    expect(view.releases[0]?.sizing).toBeNull();
  });

  it("says what is missing where a node has no price", () => {
    const unpriced = changed(
      hostingStack,
      ["    price: { usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }\n", ""],
      ["gpusPerNode: 8", "gpusPerNode: 6"],
      ["    escalationShare: 0.05\n", ""],
      ["environment: trial", "environment: trial\nresidency: { mode: air-gapped }"],
    );
    const [support] = viewOf(unpriced).workloads;
    expect(support).toMatchObject({ verdict: "self-host", cost: null, bill: null });
    expect(support?.missing).toBe("What a node of its pool costs is not known.");
    expect(support?.latency).not.toBeNull();
  });
});
