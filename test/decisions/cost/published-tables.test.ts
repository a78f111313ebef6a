// Proves: the arithmetic reproduces the unit costs and break-even volumes of the reference (its sections 5.2 and 5.3) to
// within 5 %, from the catalog's prices. Throughput of a node is the reference's, because measured points are not this
// test's business. Cells that differ by more are listed with the reason; the test fails when one no longer does.
import { describe, expect, it } from "vitest";
import { capacityPresets } from "../../../decisions/catalog/capacity-presets.ts";
import { catalog, lookUp } from "../../../decisions/catalog/index.ts";
import { blendedPrice } from "../../../decisions/cost/blended-price.ts";
import { breakEven } from "../../../decisions/cost/break-even.ts";
import { fleetPolicy, secondsPerMonth, sizeFleet } from "../../../decisions/cost/fleet.ts";
import {
  capacityCents,
  staffCents,
  tokenCents,
  usdPerMillion,
  utilizationNeeded,
} from "../../../decisions/cost/self-hosted.ts";

const never = Number.POSITIVE_INFINITY;

/** Tokens per second of a node of eight H100, and lengths of a request. */
const traffic = {
  "Llama-70B chat": { perNode: 17_568, input: 1000, output: 1000 },
  "Llama-70B RAG": { perNode: 17_024, input: 8000, output: 1000 },
  "gpt-oss chat": { perNode: 34_176, input: 1000, output: 1000 },
  "gpt-oss RAG": { perNode: 84_576, input: 8000, output: 1000 },
  "Qwen3-235B": { perNode: 18_272, input: 1000, output: 500 },
} as const;
type Traffic = keyof typeof traffic;

function usdPerHour(preset: string): number {
  return lookUp(capacityPresets, preset)?.usd ?? Number.NaN;
}

/** Blended price of a catalogued offer for a kind of traffic. US dollars per million tokens. */
function offered(provider: string, model: string, kind: Traffic, cacheReadShare = 0): number {
  const found = lookUp(catalog.providers, provider);
  const price = found === null ? null : lookUp(found.prices, model);
  if (price === null) throw new Error(`The catalog has no ${provider} ${model}.`);
  const { input, output } = traffic[kind];
  const shape = {
    inputTokens: { mean: input, p95: input },
    outputTokens: { mean: output, p95: output },
    cacheReadShare,
    batchShare: 0,
  };
  return blendedPrice({ ...price, batch: null, factor: { low: 1, high: 1 } }, shape).usdPerMillion.value;
}

const wholeNode = { gpusPerReplica: 8, gpusPerNode: 8 };
const presets = ["aws-on-demand", "azure-on-demand", "lambda", "nebius", "own"] as const;

describe("unit costs of a node that is always busy, dollars per million tokens (5.2)", () => {
  const rows: readonly (readonly [Traffic, ...number[]])[] = [
    ["Llama-70B chat", 0.87, 1.555, 0.505, 0.373, 0.214],
    ["Llama-70B RAG", 0.898, 1.604, 0.521, 0.385, 0.221],
    ["gpt-oss chat", 0.447, 0.799, 0.259, 0.192, 0.11],
    ["gpt-oss RAG", 0.181, 0.323, 0.105, 0.078, 0.044],
    ["Qwen3-235B", 0.837, 1.495, 0.485, 0.359, 0.206],
  ];
  const cells = rows.flatMap(([kind, ...published]) =>
    presets.map((preset, index) => ({ kind, preset, published: published[index] ?? Number.NaN })),
  );
  it.each(cells)("$kind on $preset: $published", ({ kind, preset, published }) => {
    const tokens = traffic[kind].perNode * secondsPerMonth;
    const cost = usdPerMillion(
      capacityCents({ nodes: 1, gpus: 8 }, { usd: usdPerHour(preset), per: "node-hour" }),
      tokens,
    );
    expect(Math.abs(cost / published - 1)).toBeLessThan(0.05);
  });
});

describe("blended prices that the tables are made with (5.2, 5.3)", () => {
  it.each([
    ["together", "meta-llama/Llama-3.3-70B-Instruct", "Llama-70B chat", 0, 0.88],
    ["aws", "meta.llama3-3-70b-instruct-v1:0", "Llama-70B chat", 0, 0.72],
    ["nebius", "meta-llama/Llama-3.3-70B-Instruct", "Llama-70B RAG", 0, 0.31],
    ["fireworks", "gpt-oss-120b", "gpt-oss chat", 0, 0.375],
    ["fireworks", "gpt-oss-120b", "gpt-oss RAG", 0, 0.2],
    ["fireworks", "qwen3-235b-a22b", "Qwen3-235B", 0, 0.44],
    ["aws", "qwen.qwen3-vl-235b-a22b-v1:0", "Qwen3-235B", 0, 1.24],
    ["anthropic", "claude-haiku-4-5", "gpt-oss RAG", 0, 1.44],
    ["anthropic", "claude-sonnet-5", "gpt-oss RAG", 0, 2.89],
    ["anthropic", "claude-opus-5-5", "gpt-oss RAG", 0, 5.78],
    ["anthropic", "claude-sonnet-5", "Qwen3-235B", 0, 4.67],
    ["anthropic", "claude-haiku-4-5", "gpt-oss RAG", 0.7, 0.88],
    ["anthropic", "claude-sonnet-5", "gpt-oss RAG", 0.7, 1.77],
    ["anthropic", "claude-opus-5-5", "gpt-oss RAG", 0.7, 3.41],
    ["openai", "gpt-6-luna", "gpt-oss chat", 0, 0.3],
    ["openai", "gpt-6-luna", "gpt-oss RAG", 0, 0.144],
  ] as const)("%s %s for %s with %s cached: %s", (provider, model, kind, cached, published) => {
    expect(Math.abs(offered(provider, model, kind, cached) / published - 1)).toBeLessThan(0.05);
  });
});

describe("utilization needed to match, undercut by 40 % and by 70 %, percent (5.2)", () => {
  const rows: readonly (readonly [Traffic, string, string, readonly number[], readonly number[], readonly number[]])[] =
    [
      ["Llama-70B chat", "together", "meta-llama/Llama-3.3-70B-Instruct", [99, 165, 330], [42, 71, 141], [24, 40, 81]],
      ["Llama-70B chat", "aws", "meta.llama3-3-70b-instruct-v1:0", [121, 201, 403], [52, 86, 173], [30, 49, 99]],
      [
        "Llama-70B RAG",
        "nebius",
        "meta-llama/Llama-3.3-70B-Instruct",
        [294, 490, 980],
        [126, 210, 420],
        [72, 120, 241],
      ],
      ["gpt-oss chat", "fireworks", "gpt-oss-120b", [119, 199, 398], [51, 85, 171], [29, 49, 98]],
      ["gpt-oss RAG", "fireworks", "gpt-oss-120b", [90, 151, 301], [39, 65, 129], [22, 37, 74]],
      ["Qwen3-235B", "fireworks", "qwen3-235b-a22b", [190, 317, 634], [82, 136, 272], [47, 78, 156]],
      ["Qwen3-235B", "aws", "qwen.qwen3-vl-235b-a22b-v1:0", [67, 112, 225], [29, 48, 96], [17, 28, 55]],
    ];
  const cells = rows.flatMap(([kind, provider, model, ...columns]) =>
    (["aws-on-demand", "nebius", "own"] as const).flatMap((preset, column) =>
      [1, 0.6, 0.3].map((share, index) => ({
        kind,
        provider,
        model,
        preset,
        share,
        published: columns[column]?.[index] ?? Number.NaN,
      })),
    ),
  );
  it.each(cells)("$kind on $preset against $provider at $share of its price: $published", (cell) => {
    const { kind, provider, model, preset, share, published } = cell;
    const cost = capacityCents({ nodes: 1, gpus: 8 }, { usd: usdPerHour(preset), per: "node-hour" });
    const price = offered(provider, model, kind) * share;
    const needed = utilizationNeeded(cost, { replicas: 1 }, traffic[kind].perNode, price) * 100;
    expect(Math.abs(needed / published - 1)).toBeLessThan(0.05);
  });
});

type Row = readonly [
  Traffic,
  string,
  string,
  aws: readonly number[],
  nebius: readonly number[],
  own: readonly number[],
];
const none = [never, never, never];
const llama = "meta-llama/Llama-3.3-70B-Instruct";
/** First crossings in billions of tokens a month, for one, two and three engineers. */
const table: readonly Row[] = [
  ["Llama-70B chat", "together", llama, none, none, [175, 293, 411]],
  ["Llama-70B chat", "aws", "meta.llama3-3-70b-instruct-v1:0", none, none, [693, 1194, 1668]],
  ["Llama-70B chat", "anthropic", "claude-haiku-4-5", [236, 325, 427], [26, 40, 54], [18, 27, 38]],
  ["Llama-70B chat", "anthropic", "claude-sonnet-5", [24, 29, 39], [10, 14, 21], [7.5, 12, 18]],
  ["Llama-70B chat", "anthropic", "claude-opus-5-5", [8.8, 11, 13], [5.0, 7.1, 9.2], [3.8, 5.9, 7.9]],
  ["Llama-70B RAG", "anthropic", "claude-haiku-4-5", none, [185, 285, 399], [52, 83, 114]],
  ["Llama-70B RAG", "anthropic", "claude-sonnet-5", [830, 1131, 1473], [27, 41, 56], [19, 28, 40]],
  ["Llama-70B RAG", "anthropic", "claude-opus-5-5", [25, 37, 41], [10, 18, 22], [7.8, 12, 18]],
  ["gpt-oss chat", "fireworks", "gpt-oss-120b", none, none, [1148, 1977, 2816]],
  ["gpt-oss chat", "anthropic", "claude-sonnet-5", [18, 22, 26], [10, 14, 18], [7.5, 12, 16]],
  ["gpt-oss RAG", "fireworks", "gpt-oss-120b", none, none, [621, 993, 1415]],
  ["gpt-oss RAG", "anthropic", "claude-haiku-4-5", [101, 119, 136], [41, 59, 88], [31, 48, 66]],
  ["gpt-oss RAG", "anthropic", "claude-sonnet-5", [37, 45, 54], [21, 29, 38], [16, 24, 33]],
  ["gpt-oss RAG", "anthropic", "claude-opus-5-5", [18, 23, 27], [10, 15, 19], [7.8, 12, 16]],
  ["Qwen3-235B", "fireworks", "qwen3-235b-a22b", none, none, none],
  ["Qwen3-235B", "aws", "qwen.qwen3-vl-235b-a22b-v1:0", none, [368, 582, 797], [60, 104, 149]],
  ["Qwen3-235B", "anthropic", "claude-sonnet-5", [40, 45, 59], [13, 22, 27], [9.6, 15, 22]],
];
const columns = ["aws-on-demand", "nebius", "own"] as const;

function crossing(
  kind: Traffic,
  provider: string,
  model: string,
  preset: string,
  engineers: number,
  spareShare: number,
) {
  const found = breakEven({
    capacity: wholeNode,
    tokensPerSecond: traffic[kind].perNode,
    peakToMean: 2.5,
    nodePrice: { usd: usdPerHour(preset), per: "node-hour" },
    fixedCents: staffCents({ engineers, usdPerMonthEach: 25_000 }),
    usdPerMillion: offered(provider, model, kind),
    policy: { ...fleetPolicy, spareShare },
  });
  return found === null ? never : found.firstTokens / 1e9;
}

/** Cells with more than 5 % between the figure printed and the one computed. */
function deviations(spareShare: number): string[] {
  return table.flatMap(([kind, provider, model, ...published]) =>
    columns.flatMap((preset, column) =>
      [1, 2, 3].flatMap((engineers) => {
        const printed = published[column]?.[engineers - 1] ?? Number.NaN;
        const computed = crossing(kind, provider, model, preset, engineers, spareShare);
        const agrees = printed === computed || Math.abs(computed / printed - 1) < 0.05;
        return agrees
          ? []
          : [`${kind}, ${provider} ${model}, ${preset}, ${engineers}: ${printed} -> ${computed.toPrecision(3)}`];
      }),
    ),
  );
}

describe("break-even with staff, spare node and peaks, billions of tokens a month (5.3)", () => {
  it("agrees on every cell by the reference's own rule of one spare node", () => {
    expect(deviations(0)).toEqual([]);
  });

  it("differs by Freehold's rule only where more than twenty nodes work, of which 5 % are spare", () => {
    expect(deviations(fleetPolicy.spareShare)).toMatchInlineSnapshot(`
      [
        "Llama-70B chat, together meta-llama/Llama-3.3-70B-Instruct, own, 3: 411 -> 455",
        "Llama-70B chat, aws meta.llama3-3-70b-instruct-v1:0, own, 1: 693 -> 1.43e+3",
        "Llama-70B chat, aws meta.llama3-3-70b-instruct-v1:0, own, 2: 1194 -> 2.87e+3",
        "Llama-70B chat, aws meta.llama3-3-70b-instruct-v1:0, own, 3: 1668 -> 4.11e+3",
        "Llama-70B chat, anthropic claude-haiku-4-5, aws-on-demand, 2: 325 -> 472",
        "Llama-70B chat, anthropic claude-haiku-4-5, aws-on-demand, 3: 427 -> 561",
        "Llama-70B RAG, anthropic claude-haiku-4-5, nebius, 3: 399 -> 457",
        "Llama-70B RAG, anthropic claude-sonnet-5, aws-on-demand, 1: 830 -> Infinity",
        "Llama-70B RAG, anthropic claude-sonnet-5, aws-on-demand, 2: 1131 -> Infinity",
        "Llama-70B RAG, anthropic claude-sonnet-5, aws-on-demand, 3: 1473 -> Infinity",
        "gpt-oss chat, fireworks gpt-oss-120b, own, 1: 1148 -> 2.07e+3",
        "gpt-oss chat, fireworks gpt-oss-120b, own, 2: 1977 -> 3.79e+3",
        "gpt-oss chat, fireworks gpt-oss-120b, own, 3: 2816 -> 5.52e+3",
        "Qwen3-235B, aws qwen.qwen3-vl-235b-a22b-v1:0, nebius, 1: 368 -> 506",
        "Qwen3-235B, aws qwen.qwen3-vl-235b-a22b-v1:0, nebius, 2: 582 -> 860",
        "Qwen3-235B, aws qwen.qwen3-vl-235b-a22b-v1:0, nebius, 3: 797 -> 1.21e+3",
      ]
    `);
  });

  it.each([
    [0.5, "claude-haiku-4-5", 14],
    [1, "claude-haiku-4-5", 24],
    [2, "claude-haiku-4-5", 45],
    [3, "claude-haiku-4-5", 68],
    [0.5, "claude-sonnet-5", 6.1],
    [1, "claude-sonnet-5", 11],
    [2, "claude-sonnet-5", 21],
    [3, "claude-sonnet-5", 30],
    [0.5, "claude-opus-5-5", 3.1],
    [1, "claude-opus-5-5", 5.3],
    [2, "claude-opus-5-5", 10],
    [3, "claude-opus-5-5", 14],
  ])("gpt-oss RAG on single H200 at 3.50 a GPU, %s engineers, against %s: %s", (engineers, model, published) => {
    const found = breakEven({
      capacity: { gpusPerReplica: 1, gpusPerNode: 1 },
      tokensPerSecond: singleH200,
      peakToMean: 2.5,
      nodePrice: { usd: usdPerHour("nebius-h200-gpu"), per: "gpu-hour" },
      fixedCents: staffCents({ engineers, usdPerMonthEach: 25_000 }),
      usdPerMillion: offered("anthropic", model, "gpt-oss RAG"),
    });
    expect(Math.abs((found?.firstTokens ?? never) / 1e9 / published - 1)).toBeLessThan(0.05);
  });
});

describe("bills for 8K in and 1K out, dollars a month (5.3)", () => {
  it.each([
    [1e9, 200, 1444, 2889, 5778, 5110, 34_456],
    [10e9, 2000, 14_444, 28_889, 57_778, 7665, 34_456],
    [100e9, 20_000, 144_444, 288_889, 577_778, 30_660, 51_684],
  ])("%s tokens", (tokens, ...published) => {
    const api = [
      offered("fireworks", "gpt-oss-120b", "gpt-oss RAG"),
      ...["claude-haiku-4-5", "claude-sonnet-5", "claude-opus-5-5"].map((model) =>
        offered("anthropic", model, "gpt-oss RAG"),
      ),
    ].map((price) => tokenCents(tokens, price) / 100);
    const single = { gpusPerReplica: 1, gpusPerNode: 1 };
    const cards = capacityCents(sizeFleet(tokens, 2.5, single, singleH200), {
      usd: usdPerHour("nebius-h200-gpu"),
      per: "gpu-hour",
    });
    const nodes = capacityCents(sizeFleet(tokens, 2.5, wholeNode, traffic["gpt-oss RAG"].perNode), {
      usd: usdPerHour("nebius"),
      per: "node-hour",
    });
    const computed = [...api, cards / 100, nodes / 100];
    expect(computed.filter((amount, index) => Math.abs(amount / (published[index] ?? 0) - 1) >= 0.05)).toEqual([]);
  });
});

/** The reference gives no figure for it: twelve cards at 100 billion tokens a month, of which one is spare, need 10,810 at least. */
const singleH200 = 10_820;
