// Proves: what the catalog and the calendar have against a file, and the screen that a user sees for it.
import { describe, expect, it } from "vitest";
import { renderFindings } from "../../../config/diagnostics/render.ts";
import { load } from "../../../config/load.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { checkHosting, checkUsedPrices } from "../../../decisions/hosting/checks.ts";
import { decideStackHosting } from "../../../decisions/hosting/stack-hosting.ts";
import { checkResidencyPlaces } from "../../../decisions/residency/places.ts";
import { capacityOf } from "../../support/hosting.ts";
import { stackWith } from "../../support/stack-file.ts";

const today = { asOf: "2026-11-25" };

const sections = `residency: { mode: region-bound, regions: [eu] }
workloads:
  support:
    model: chat
    tokensPerMonth: 12e9
    inputTokens: { mean: 3500, p95: 12000 }
    outputTokens: { mean: 400, p95: 1500 }
    alternative: { provider: mistral, model: mistral-large-2512 }
`;
const priced = "{ usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }";

function stackText(...changes: readonly (readonly [from: string, to: string])[]): string {
  const text = stackWith(
    ["nodePools:\n", `${sections}nodePools:\n`],
    ["nodes: { min: 2, max: 2 } }", `nodes: { min: 2, max: 2 }, price: ${priced} }`],
  );
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The file does not hold ${JSON.stringify(from)}.`);
    return result.replace(from, () => to);
  }, text);
}

function findingsOf(text: string, asOf = today.asOf) {
  const { config } = load(text);
  if (config === null) throw new Error("The file is refused before its hosting is checked.");
  const capacities = { support: capacityOf({ gpusPerNode: 8 }) };
  return [
    ...checkResidencyPlaces(config),
    ...checkHosting(config, catalog, { asOf }),
    ...checkUsedPrices(decideStackHosting(config, catalog, capacities), { asOf }),
  ];
}

const codes = (text: string, asOf?: string) => findingsOf(text, asOf).map(({ code }) => code);
const screen = (text: string, asOf?: string) =>
  renderFindings(findingsOf(text, asOf), { files: { stack: { name: "config/stack.yaml", text } }, color: false });

const dated = (asOf: string) => stackText(["asOf: 2026-11-01", `asOf: ${asOf}`]);

describe("the age of a price", () => {
  it.each([
    ["today", "2026-11-25", []],
    ["yesterday", "2026-11-24", []],
    ["90 days ago", "2026-08-27", []],
    ["91 days ago", "2026-08-26", ["CST-108"]],
    ["tomorrow", "2026-11-26", ["CST-107"]],
  ])("%s", (_, asOf, expected) => expect(codes(dated(asOf))).toEqual(expected));

  it("is asked of catalog prices that are used, and of no others", () => {
    expect(codes(stackText(), "2026-12-22")).toEqual([]);
    expect(findingsOf(stackText(), "2026-12-23").map(({ code, title }) => `${code} ${title}`)).toEqual([
      "CST-108 The price catalog.prices.mistral.mistral-large-2512 is 91 days old (2026-09-23).",
      "CST-108 The price catalog.prices.ovhcloud.Qwen3-32B is 91 days old (2026-09-23).",
    ]);
  });

  it("ends early where the provider has announced it", () => {
    const text = stackText(
      ["residency: { mode: region-bound, regions: [eu] }\n", ""],
      ["{ provider: mistral, model: mistral-large-2512 }", "{ provider: google, model: gemini-3.8-flash }"],
    );
    expect(codes(text, "2026-12-20")).toEqual([]);
    expect(codes(text.replace("2026-11-01", "2027-01-01"), "2027-01-01")).toContain("CST-108");
  });

  it("is unknown of a price that the file chose and the catalog cannot date", () => {
    expect(
      codes(
        stackText(["{ provider: mistral, model: mistral-large-2512 }", "{ provider: scaleway, model: gpt-oss-120b }"]),
      ),
    ).toEqual(["CST-109"]);
  });
});

describe("an alternative", () => {
  const alternative = (to: string) => stackText(["{ provider: mistral, model: mistral-large-2512 }", to]);

  it.each([
    ["{ provider: anthropik, model: claude-sonnet-5 }", ["CST-111"]],
    ["{ provider: mistral, model: mistral-large-2513 }", ["CST-111"]],
    ["{ provider: anthropic, model: claude-sonnet-5 }", ["CST-116"]],
    ["{ provider: anthropic, model: claude-sonnet-5, regions: [fr] }", []],
    ["{ provider: anthropic, model: claude-sonnet-5, regions: [atlantis] }", ["CST-113", "CST-116"]],
    ["{ provider: openai, model: gpt-6-sol }", ["CST-116"]],
    ["{ provider: openai, model: gpt-6-sol, regions: [eu] }", []],
    ["{ provider: constructor, model: toString }", ["CST-111"]],
  ])("%s", (to, expected) => expect(codes(alternative(to))).toEqual(expected));

  it("is too short from one token on", () => {
    const quote = (context: number) =>
      alternative(
        `{ provider: acme, model: own, regions: [fr], price: { input: { usd: 1, per: million-tokens }, output: { usd: 2, per: million-tokens }, contextTokens: ${context}, asOf: 2026-11-01, source: our contract } }`,
      );
    expect(codes(quote(13_500))).toEqual([]);
    expect(codes(quote(13_499))).toEqual(["CST-112"]);
  });
});

describe("the price of a node pool", () => {
  const without = (...changes: readonly (readonly [string, string])[]) =>
    stackText([`, price: ${priced}`, ""], ...changes);

  it("is taken from the catalog where it lists such a node inside the allowed regions", () => {
    // Azure's price of June is older than 90 days by now.
    expect(findingsOf(without()).map(({ code, title }) => `${code} ${title}`)).toEqual([
      "CST-108 The price catalog.instances.azure.Standard_ND96is_H100_v5 is 160 days old (2026-06-18).",
    ]);
  });

  it.each([
    ["no such node", [["gpusPerNode: 8", "gpusPerNode: 6"]]],
    ["no such node in these regions", [["regions: [eu]", "regions: [fr]"]]],
    [
      "nothing for a building without a connection",
      [["{ mode: region-bound, regions: [eu] }", "{ mode: air-gapped }"]],
    ],
  ] as const)("is missing where the catalog has %s", (_, changes) => {
    expect(codes(without(...changes))).toContain("CST-118");
  });
});

describe("the screen of a file with", () => {
  it("a price of tomorrow", () => {
    expect(screen(dated("2027-11-01"))).toMatchInlineSnapshot(`
      "config/stack.yaml:15:127  CST-107  The price nodePools.h100.price is dated 2027-11-01, and today is 2026-11-25.

        14 | nodePools:
        15 | … 23.60, per: node-hour, asOf: 2027-11-01, source: our quote } }
           |                                ^^^^^^^^^^

        Why: asOf is the day on which the price was read or quoted. A day that has not come is a slip of the pen, or a price that does not hold yet.
        Fix: Write the day on which you read the price. A price that holds later is entered when it does.
        More: docs/reference/errors.md#cst-107

      1 error
      "
    `);
  });

  it("an old price", () => {
    expect(screen(dated("2026-06-01"))).toMatchInlineSnapshot(`
      "config/stack.yaml:15:127  CST-108  The price nodePools.h100.price is 177 days old (2026-06-01).

        14 | nodePools:
        15 | … 23.60, per: node-hour, asOf: 2026-06-01, source: our quote } }
           |                                ^^^^^^^^^^

        Why: Prices of GPUs and APIs have moved by half within months, so one older than 90 days may turn the verdict. It comes from: our quote.
        Fix: Read the price again and write it with its date. To accept it, give CST-108 and the reason under \`silence\`.
        More: docs/reference/errors.md#cst-108

      1 warning
      "
    `);
  });

  it("an undated price that it chose itself", () => {
    expect(
      screen(
        stackText(["{ provider: mistral, model: mistral-large-2512 }", "{ provider: scaleway, model: gpt-oss-120b }"]),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:8:3  CST-109  The date of the price catalog.prices.scaleway.gpt-oss-120b is not known.

        7 | workloads:
        8 |   support:
          |   ^^^^^^^

        Why: Its source bears none: https://mastra.ai/en/models/providers/scaleway (from models.dev); https://www.scaleway.com/en/docs/generative-apis/faq gives 0.90 euros where it prints 0.90 dollars. It was chosen in the file, because Freehold takes no undated price by itself.
        Fix: Write your own price with its date beside it. To accept it, give CST-109 and the reason under \`silence\`.
        More: docs/reference/errors.md#cst-109

      1 warning
      "
    `);
  });

  it("a misspelt model of a provider", () => {
    expect(screen(stackText(["mistral-large-2512", "mistral-large-2513"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:13:46  CST-111  The model "mistral-large-2513" of mistral, the alternative of "support", is not in the catalog.

        12 |     outputTokens: { mean: 400, p95: 1500 }
        13 |     alternative: { provider: mistral, model: mistral-large-2513 }
           |                                              ^^^^^^^^^^^^^^^^^^

        Why: Its price is what self-hosting is measured against. Models of mistral: devstral-small, magistral-medium, magistral-small, mistral-large, mistral-large-2512, mistral-medium-2312, mistral-medium-3-1, mistral-medium-3-5, mistral-medium-latest, mistral-small-24b-instruct-2501, mistral-small-2603, mistral-small-3.1-24b-instruct, mistral-small-3.2-24b-instruct, mistral-small-latest, pixtral-large and voxtral-small-24b-2507.
        Fix: Did you mean "mistral-large-2512"? Otherwise name another, or give its price under workloads.support.alternative.price.
        More: docs/reference/errors.md#cst-111

      1 error
      "
    `);
  });

  it("a misspelt provider", () => {
    expect(screen(stackText(["provider: mistral", "provider: mistrall"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:13:30  CST-111  The provider "mistrall" of the alternative of "support" is not in the catalog.

        12 |     outputTokens: { mean: 400, p95: 1500 }
        13 |     alternative: { provider: mistrall, model: mistral-large-2512 }
           |                              ^^^^^^^^

        Why: Its price is what self-hosting is measured against. Providers: anthropic, aws, azure, baseten, cerebras, deepseek, fireworks, google, groq, mistral, nebius, novita, openai, openrouter, ovhcloud, scaleway and together.
        Fix: Did you mean "mistral"? Otherwise name another, or give its price under workloads.support.alternative.price.
        More: docs/reference/errors.md#cst-111

      1 error
      "
    `);
  });

  it("an alternative with a short context", () => {
    const text = stackText(
      ["residency: { mode: region-bound, regions: [eu] }\n", ""],
      ["{ provider: mistral, model: mistral-large-2512 }", '{ provider: aws, model: "qwen.qwen3-32b-v1:0" }'],
      ["p95: 12000", "p95: 31000"],
    );
    expect(screen(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:12:42  CST-112  Requests of "support" reach 32500 tokens, and Amazon Bedrock qwen.qwen3-32b-v1:0 takes 32000.

        11 |     outputTokens: { mean: 400, p95: 1500 }
        12 |     alternative: { provider: aws, model: "qwen.qwen3-32b-v1:0" }
           |                                          ^^^^^^^^^^^^^^^^^^^^^
        also config/stack.yaml:10:37  the p95 of the input is set here: 31000

        Why: The p95 of the input is 31000 tokens and that of the output 1500. An API that refuses one request in twenty is no alternative, so its price would be compared with nothing.
        Fix: Name an alternative with a longer context, or correct the lengths of workloads.support.
        More: docs/reference/errors.md#cst-112

      1 error
      "
    `);
  });

  it("a misspelt region", () => {
    expect(screen(stackText(["regions: [eu]", "regions: [eu, eu-centrl-1]"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:6:48  CST-113  residency.regions names the region "eu-centrl-1", which is not in the catalog.

        5 | cluster: { target: local }
        6 | residency: { mode: region-bound, regions: [eu, eu-centrl-1] }
          |                                                ^^^^^^^^^^^
        also config/stack.yaml:6:20  the mode is set here: region-bound

        Why: Which offers lie inside is told from the region's country. Regions of AWS, Azure, Google Cloud and European hosts are known, countries by their two letters, and the areas eu and eea.
        Fix: Did you mean "eu-central-1"? For a building of your own, name its country, such as \`de\`.
        More: docs/reference/errors.md#cst-113

      1 error
      "
    `);
  });

  it("an alternative that residency forbids", () => {
    expect(
      screen(
        stackText([
          "{ provider: mistral, model: mistral-large-2512 }",
          "{ provider: anthropic, model: claude-sonnet-5 }",
        ]),
      ),
    ).toMatchInlineSnapshot(`
      "config/stack.yaml:13:30  CST-116  Under this residency Anthropic claude-sonnet-5, the alternative of "support", cannot be counted on.

        12 |     outputTokens: { mean: 400, p95: 1500 }
        13 |     alternative: { provider: anthropic, model: claude-sonnet-5 }
           |                              ^^^^^^^^^
        also config/stack.yaml:6:43  allowed are: eu

        Why: As far as is known, Anthropic processes requests anywhere or in the United States; residency.regions allows eu. It is shown with its price and not counted as available.
        Fix: Name an alternative that processes inside residency.regions, or set workloads.support.alternative.regions if your contract says where it does.
        More: docs/reference/errors.md#cst-116

      1 warning
      "
    `);
  });

  it("a pool without a price", () => {
    expect(screen(stackText([`, price: ${priced}`, ""], ["regions: [eu]", "regions: [fr]"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:13:30  CST-116  Under this residency Mistral mistral-large-2512, the alternative of "support", cannot be counted on.

        12 |     outputTokens: { mean: 400, p95: 1500 }
        13 |     alternative: { provider: mistral, model: mistral-large-2512 }
           |                              ^^^^^^^
        also config/stack.yaml:6:43  allowed are: fr

        Why: As far as is known, Mistral processes requests anywhere, in the European Union or in the United States; residency.regions allows fr. It is shown with its price and not counted as available.
        Fix: Name an alternative that processes inside residency.regions, or set workloads.support.alternative.regions if your contract says where it does.
        More: docs/reference/errors.md#cst-116

      config/stack.yaml:15:3  CST-118  What the node pool "h100" costs is not known, so hosting "support" has no cost.

        14 | nodePools:
        15 |   h100: { accelerator: nvidia-h100-sxm, gpusPerNode: 8, nodes: { min: 2, max: 2 } }
           |   ^^^^

        Why: nodePools.h100 gives no price, and the catalog has no dated list price of a node with 8 nvidia-h100-sxm in fr.
        Fix: Add nodePools.h100.price, such as \`price: { usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }\`.
        More: docs/reference/errors.md#cst-118

      2 warnings
      "
    `);
  });
});
