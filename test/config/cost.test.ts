// Proves: what is refused in workloads, team, residency and prices, and the screen that a user sees for it. It does not
// prove what needs the catalog or today's date: test/decisions/hosting/checks.test.ts does.
import { describe, expect, it } from "vitest";
import { load } from "../../config/load.ts";
import { codesOf, screenOf, stackWith } from "../support/stack-file.ts";

const sound = `workloads:
  support:
    model: chat
    tokensPerMonth: 12e9
    inputTokens: { mean: 3500, p95: 12000, sharedPrefix: 1200 }
    outputTokens: { mean: 400, p95: 1500 }
    objectives: { ttft: 1s, itl: 50ms, availability: 99.5% }
    alternative: { provider: anthropic, model: claude-sonnet-5 }
team: { engineers: 1.5, costPerMonth: { usd: 18000 } }
residency: { mode: region-bound, regions: [eu-central-1] }
`;

/** The sound stack with the sections above, each `from` replaced by its `to`. */
function costed(...changes: readonly (readonly [from: string, to: string])[]): string {
  const text = stackWith(["nodePools:\n", `${sound}nodePools:\n`]);
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The file does not hold ${JSON.stringify(from)}.`);
    return result.replace(from, () => to);
  }, text);
}

const withPrice = (price: string) =>
  costed(["nodes: { min: 2, max: 2 } }", `nodes: { min: 2, max: 2 }, price: ${price} }`]);

describe("a stack file with workloads", () => {
  it("is read, with the defaults filled in", () => {
    const { config, findings } = load(costed());
    expect(findings).toEqual([]);
    expect(config?.workloads?.support).toMatchObject({
      tokensPerMonth: 12_000_000_000,
      peakToMean: 2.5,
      batchShare: 0,
      escalationShare: 0,
    });
  });

  it("is read without any of the sections", () => {
    const { config } = load(stackWith());
    expect(config?.workloads).toBeUndefined();
  });

  it("reads a price, on demand unless it says otherwise", () => {
    const { config, findings } = load(withPrice("{ usd: 63.30, per: node-hour, asOf: 2026-11-01, source: our quote }"));
    expect(findings).toEqual([]);
    expect(config?.nodePools.h100?.price).toEqual({
      usd: 63.3,
      per: "node-hour",
      asOf: "2026-11-01",
      source: "our quote",
      commitment: "on-demand",
    });
  });

  it("takes an own quote for the alternative", () => {
    const quote =
      "{ provider: acme, model: own, regions: [eu], price: { input: { usd: 1, per: million-tokens }, output: { usd: 2, per: million-tokens }, asOf: 2026-11-01, source: our contract } }";
    expect(codesOf(load(costed(["{ provider: anthropic, model: claude-sonnet-5 }", quote])))).toEqual([]);
  });
});

describe("volumes and lengths", () => {
  it.each([
    ["tokensPerMonth: 12e9", "tokensPerMonth: 0", ["CST-101"]],
    ["tokensPerMonth: 12e9", "tokensPerMonth: -1", ["CST-101"]],
    ["tokensPerMonth: 12e9", "tokensPerMonth: 1", []],
    ["tokensPerMonth: 12e9", "tokensPerMonth: 1e15", []],
    ["tokensPerMonth: 12e9", "tokensPerMonth: 1000000000000001", ["CST-102"]],
    ["{ mean: 400, p95: 1500 }", "{ mean: 0, p95: 1500 }", ["CST-101"]],
    ["{ mean: 400, p95: 1500 }", "{ mean: 2000000, p95: 3000000 }", ["CST-102", "CST-106"]],
    ["{ mean: 400, p95: 1500 }", "{ mean: 400, p95: 400 }", []],
    ["{ mean: 400, p95: 1500 }", "{ mean: 400, p95: 399 }", ["CST-103"]],
    ["p95: 12000, sharedPrefix: 1200", "p95: 12000, sharedPrefix: 3500", []],
    ["p95: 12000, sharedPrefix: 1200", "p95: 12000, sharedPrefix: 3501", ["CST-104"]],
    ["{ mean: 3500, p95: 12000, sharedPrefix: 1200 }", "{ mean: 3500, p95: 31268 }", []],
    ["{ mean: 3500, p95: 12000, sharedPrefix: 1200 }", "{ mean: 3500, p95: 31269 }", ["CST-106"]],
    ["    tokensPerMonth: 12e9\n", "", ["CFG-101"]],
    ["    model: chat\n    tokens", "    model: caht\n    tokens", ["CST-105"]],
    ["    objectives:", "    escalationShare: 0.1\n    objectives:", ["RES-104"]],
  ])("%s as %s", (from, to, codes) => {
    expect(codesOf(load(costed([from, to])))).toEqual(codes);
  });

  it("still names what is wrong with one workload when another cannot be read", () => {
    const text = costed(["tokensPerMonth: 12e9", "tokensPerMonth: 0"], ["team:", "  search:\n    model: chat\nteam:"]);
    expect(codesOf(load(text))).toContain("CST-101");
    expect(codesOf(load(text))).toContain("CFG-101");
  });
});

describe("residency", () => {
  it.each([
    ["{ mode: none }", []],
    ["{ mode: none, regions: [eu] }", ["CST-114"]],
    ["{ mode: region-bound }", ["CST-115"]],
    ["{ mode: sovereign }", ["CST-115"]],
    ["{ mode: air-gapped }", []],
    ["{ mode: sovereign, regions: [de] }", []],
    ["{ mode: region-bound, regions: [] }", ["CFG-111"]],
    ["{ mode: regional, regions: [eu] }", ["CFG-104"]],
  ])("%s", (value, codes) => {
    expect(codesOf(load(costed(["{ mode: region-bound, regions: [eu-central-1] }", value])))).toEqual(codes);
  });
});

describe("forms of values", () => {
  it.each([
    ["{ usd: 63.30, per: node-hour, source: our quote }", ["CFG-101"]],
    ["{ usd: 63.30, per: node-hour, asOf: 2026-02-30, source: our quote }", ["CFG-121"]],
    ["{ usd: 63.30, per: node-hour, asOf: 1.11.2026, source: our quote }", ["CFG-121"]],
    ["{ usd: -1, per: node-hour, asOf: 2026-11-01, source: our quote }", ["CFG-106"]],
    ["{ usd: 63.30, per: node, asOf: 2026-11-01, source: our quote }", ["CFG-104"]],
    ["{ eur: 63.30, per: node-hour, asOf: 2026-11-01, source: our quote }", ["CST-110"]],
    ["{ usd: 63.30, eur: 55, per: node-hour, asOf: 2026-11-01, source: our quote }", ["CST-110"]],
  ])("a price as %s", (price, codes) => {
    expect(codesOf(load(withPrice(price)))).toEqual(codes);
  });

  it.each([
    ["ttft: 1s", "ttft: 1.5s", "Write `1500ms`."],
    ["ttft: 1s", "ttft: 800 ms", "Write `800ms`."],
    ["ttft: 1s", "ttft: fast", "Write it in that form: 50ms or 1s."],
    ["ttft: 1s", "ttft: 1000", "Write it in that form: 50ms or 1s."],
    ["availability: 99.5%", "availability: 99.5", "Write `99.5%`."],
    ["availability: 99.5%", "availability: 0.995", "Write `99.5%`."],
    ["availability: 99.5%", "availability: 101%", "Write it in that form: 99.5%."],
  ])("%s as %s: %s", (from, to, fix) => {
    expect(load(costed([from, to])).findings.map((one) => one.fix)).toEqual([fix]);
  });
});

describe("the screen of a file with", () => {
  it("no volume, twice over: zero, and one that nobody serves", () => {
    expect(
      screenOf(
        costed(
          ["tokensPerMonth: 12e9", "tokensPerMonth: 0"],
          ["mean: 3500", "mean: 4000000"],
          ["p95: 12000", "p95: 4000000"],
        ),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:9:21  CST-101  workloads.support.tokensPerMonth is 0.

        8 |     model: chat
        9 |     tokensPerMonth: 0
          |                     ^

        Why: Capacity, cost and the verdict on hosting are computed from it; without any traffic there is nothing to decide.
        Fix: Write a number above zero, or remove the workload. What you measured last month is a start for workloads.support.tokensPerMonth.
        More: docs/reference/errors.md#cst-101

      config/stack.yaml:10:26  CST-102  workloads.support.inputTokens.mean is 4000000, more than the 1000000 that Freehold computes with.

         9 |     tokensPerMonth: 0
        10 |     inputTokens: { mean: 4000000, p95: 4000000, sharedPrefix: 1200 }
           |                          ^^^^^^^

        Why: The longest context of any model in the catalog is about a million tokens, and a mean lies well below the longest request.
        Fix: Check the unit: the key counts single tokens, neither thousands nor millions of them, and a month, not a year.
        More: docs/reference/errors.md#cst-102

      config/stack.yaml:10:40  CST-106  Requests of the workload "support" reach 4001500 tokens, and "chat" takes 32768.

         9 |     tokensPerMonth: 0
        10 |     inputTokens: { mean: 4000000, p95: 4000000, sharedPrefix: 1200 }
           |                                        ^^^^^^^
        also config/stack.yaml:22:18  maxModelLen is set here: 32768

        Why: The p95 of the input is 4000000 tokens and that of the output 1500; both must fit maxModelLen 32768 together. The engine refuses longer prompts and cuts longer answers.
        Fix: Raise models.chat.maxModelLen to 4001500 or more if the model allows it, or shorten the prompts.
        More: docs/reference/errors.md#cst-106

      3 errors
      "
    `);
  });

  it("a tail below the average and a prefix above it", () => {
    expect(
      screenOf(
        costed(["{ mean: 3500, p95: 12000, sharedPrefix: 1200 }", "{ mean: 3500, p95: 1200, sharedPrefix: 6000 }"]),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:10:37  CST-103  The p95 of inputTokens of the workload "support" is 1200, below the mean of 3500.

         9 |     tokensPerMonth: 12e9
        10 |     inputTokens: { mean: 3500, p95: 1200, sharedPrefix: 6000 }
           |                                     ^^^^
        also config/stack.yaml:10:26  the mean is set here: 3500

        Why: Lengths of requests have a long tail, so 95 of 100 stay within a length above the average. Memory is sized from p95 and throughput from the mean, so exchanged figures size both wrongly.
        Fix: Exchange the two if they were mixed up (mean 1200, p95 3500), or measure p95 again.
        More: docs/reference/errors.md#cst-103

      config/stack.yaml:10:57  CST-104  The sharedPrefix of the workload "support" is 6000 tokens, and its mean input has 3500.

         9 |     tokensPerMonth: 12e9
        10 |     inputTokens: { mean: 3500, p95: 1200, sharedPrefix: 6000 }
           |                                                         ^^^^
        also config/stack.yaml:10:26  the mean is set here: 3500

        Why: The shared prefix is a part of every input, so the average input is at least as long. What lies above it would count as tokens that nobody sends.
        Fix: Set sharedPrefix to 3500 or less, or correct inputTokens.mean, which includes the prefix.
        More: docs/reference/errors.md#cst-104

      2 errors
      "
    `);
  });

  it("a workload for a model that is not there", () => {
    expect(screenOf(costed(["    model: chat\n    tokens", "    model: caht\n    tokens"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:8:12  CST-105  The workload "support" is served by the model "caht", which is not defined.

        7 |   support:
        8 |     model: caht
          |            ^^^^

        Why: models defines "chat".
        Fix: Did you mean "chat"? Otherwise add "caht" to models.
        More: docs/reference/errors.md#cst-105

      1 error
      "
    `);
  });

  it("requests that are longer than the model takes", () => {
    expect(screenOf(costed(["p95: 12000", "p95: 32000"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:10:37  CST-106  Requests of the workload "support" reach 33500 tokens, and "chat" takes 32768.

         9 |     tokensPerMonth: 12e9
        10 |     inputTokens: { mean: 3500, p95: 32000, sharedPrefix: 1200 }
           |                                     ^^^^^
        also config/stack.yaml:22:18  maxModelLen is set here: 32768

        Why: The p95 of the input is 32000 tokens and that of the output 1500; both must fit maxModelLen 32768 together. The engine refuses longer prompts and cuts longer answers.
        Fix: Raise models.chat.maxModelLen to 33500 or more if the model allows it, or shorten the prompts.
        More: docs/reference/errors.md#cst-106

      1 error
      "
    `);
  });

  it("a currency that is not read", () => {
    expect(screenOf(costed(["{ usd: 18000 }", "{ eur: 18000 }"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:14:41  CST-110  The amount in team.costPerMonth is in eur; only usd is read.

        13 |     alternative: { provider: anthropic, model: claude-sonnet-5 }
        14 | team: { engineers: 1.5, costPerMonth: { eur: 18000 } }
           |                                         ^^^

        Why: Every price of the catalog is in US dollars, and Freehold converts nothing: an exchange rate is a date and a source of its own, which would go stale unseen.
        Fix: Convert 18000 EUR at a rate you stand by and write the result as usd, with the rate in a comment.
        More: docs/reference/errors.md#cst-110

      1 error
      "
    `);
  });

  it("a price without a date", () => {
    expect(screenOf(withPrice("{ usd: 63.30, per: node-hour, source: our quote }"))).toMatchInlineSnapshot(`
      "config/stack.yaml:17:84  CFG-101  The key asOf is missing in nodePools.h100.price.

        16 | nodePools:
        17 | …8, nodes: { min: 2, max: 2 }, price: { usd: 63.30, per: node-hour, source: our quote } }
           |                                ^^^^^

        Why: asOf is required and has no default. It means: Day on which the price was read or quoted, \`YYYY-MM-DD\`. A price without a date cannot be told from an outdated one.
        Fix: Add asOf to nodePools.h100.price.
        More: docs/reference/errors.md#cfg-101

      1 error
      "
    `);
  });

  it("regions that bind nothing", () => {
    expect(screenOf(costed(["mode: region-bound", "mode: none"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:15:35  CST-114  residency.regions names eu-central-1, and residency.mode is none.

        14 | team: { engineers: 1.5, costPerMonth: { usd: 18000 } }
        15 | residency: { mode: none, regions: [eu-central-1] }
           |                                   ^^^^^^^^^^^^^^
        also config/stack.yaml:15:20  the mode is set here: none

        Why: With \`none\` requests may be processed anywhere, so the list would be read as a protection that is not there.
        Fix: Set residency.mode to region-bound if the regions are meant, or remove residency.regions.
        More: docs/reference/errors.md#cst-114

      1 error
      "
    `);
  });

  it("a residency that is bound to no region", () => {
    expect(screenOf(costed([", regions: [eu-central-1]", ""]))).toMatchInlineSnapshot(`
      "config/stack.yaml:15:20  CST-115  residency.mode is region-bound, and residency.regions is missing.

        14 | team: { engineers: 1.5, costPerMonth: { usd: 18000 } }
        15 | residency: { mode: region-bound }
           |                    ^^^^^^^^^^^^

        Why: region-bound keeps requests inside the regions named; without any, nothing would be inside.
        Fix: Add the regions, countries or areas, such as \`regions: [eu-central-1]\` or \`regions: [eu]\`.
        More: docs/reference/errors.md#cst-115

      1 error
      "
    `);
  });

  it("an escalation to nowhere", () => {
    expect(
      screenOf(
        costed(["    alternative: { provider: anthropic, model: claude-sonnet-5 }", "    escalationShare: 0.1"]),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:13:22  RES-104  The workload "support" escalates requests that may not leave the boundary.

        12 |     objectives: { ttft: 1s, itl: 50ms, availability: 99.5% }
        13 |     escalationShare: 0.1
           |                      ^^^
        also config/stack.yaml:15:20  the mode is set here: region-bound

        Why: workloads.support says no \`dataClass\`, and under region-bound only data that is declared may leave. An escalated request goes to the API under \`alternative\`.
        Fix: Remove workloads.support.escalationShare, or give the workload a data class with \`leavesBoundary: allowed\` if that is what its requests hold.
        More: docs/reference/errors.md#res-104

      config/stack.yaml:13:22  CST-117  The workload "support" escalates 10 % of its tokens and names no alternative.

        12 |     objectives: { ttft: 1s, itl: 50ms, availability: 99.5% }
        13 |     escalationShare: 0.1
           |                      ^^^

        Why: escalationShare is what is sent on to the alternative and paid there, so it needs one.
        Fix: Add workloads.support.alternative, or remove escalationShare.
        More: docs/reference/errors.md#cst-117

      2 errors
      "
    `);
  });

  it("a date, a latency and a percentage in other forms", () => {
    expect(
      screenOf(
        withPrice("{ usd: 63.30, per: node-hour, asOf: 1.11.2026, source: our quote }")
          .replace("ttft: 1s", "ttft: 1.5s")
          .replace("99.5%", "99.5"),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:12:25  CFG-122  workloads.support.objectives.ttft must be a latency such as 50ms; it is "1.5s".

        11 |     outputTokens: { mean: 400, p95: 1500 }
        12 |     objectives: { ttft: 1.5s, itl: 50ms, availability: 99.5 }
           |                         ^^^^

        Why: A latency is a whole number above zero and one unit without a space: ms or s.
        Fix: Write \`1500ms\`.
        More: docs/reference/errors.md#cfg-122

      config/stack.yaml:12:56  CFG-123  workloads.support.objectives.availability must be a percentage such as 99.5%; it is the number 99.5.

        11 |     outputTokens: { mean: 400, p95: 1500 }
        12 |     objectives: { ttft: 1.5s, itl: 50ms, availability: 99.5 }
           |                                                        ^^^^

        Why: A percentage is a number from 0 to 100 and the sign %, without a space.
        Fix: Write \`99.5%\`.
        More: docs/reference/errors.md#cfg-123

      config/stack.yaml:17:127  CFG-121  nodePools.h100.price.asOf must be a date such as 2026-11-01; it is "1.11.2026".

        16 | nodePools:
        17 | … 63.30, per: node-hour, asOf: 1.11.2026, source: our quote } }
           |                                ^^^^^^^^^

        Why: A date is a year, a month and a day that the calendar has, in this order, with hyphens between them.
        Fix: Write \`2026-11-01\`.
        More: docs/reference/errors.md#cfg-121

      3 errors
      "
    `);
  });
});
