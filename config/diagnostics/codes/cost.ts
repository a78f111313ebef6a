import { entry } from "./entry.ts";

/** `a, b and c`, or `a` alone. */
function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** CST-1xx: volumes, lengths, prices and places that hosting and cost are computed from. */
export const costCodes = {
  "CST-101": entry<{ key: string; got: string }>({
    severity: "error",
    summary: "A volume or length is zero or negative",
    title: ({ key, got }) => `${key} is ${got}.`,
    why: () =>
      "Capacity, cost and the verdict on hosting are computed from it; without any traffic there is nothing to decide.",
    fix: ({ key }) =>
      `Write a number above zero, or remove the workload. What you measured last month is a start for ${key}.`,
    example: { key: "workloads.support.tokensPerMonth", got: "0" },
  }),
  "CST-102": entry<{ key: string; got: string; limit: string; comparison: string }>({
    severity: "error",
    summary: "A volume or length is beyond anything that is served",
    title: ({ key, got, limit }) => `${key} is ${got}, more than the ${limit} that Freehold computes with.`,
    why: ({ comparison }) => comparison,
    fix: () =>
      "Check the unit: the key counts single tokens, neither thousands nor millions of them, and a month, not a year.",
    example: {
      key: "workloads.support.tokensPerMonth",
      got: "5000000000000000",
      limit: "1000000000000000",
      comparison:
        "DeepSeek reported 776 billion tokens a day in 2025 for its whole service, which is about 24 million million a month.",
    },
  }),
  "CST-103": entry<{ workload: string; key: string; mean: number; p95: number }>({
    severity: "error",
    summary: "A 95th percentile is below the mean",
    title: ({ workload, key, mean, p95 }) =>
      `The p95 of ${key} of the workload "${workload}" is ${p95}, below the mean of ${mean}.`,
    why: () =>
      "Lengths of requests have a long tail, so 95 of 100 stay within a length above the average. Memory is sized from p95 and throughput from the mean, so exchanged figures size both wrongly.",
    fix: ({ mean, p95 }) => `Exchange the two if they were mixed up (mean ${p95}, p95 ${mean}), or measure p95 again.`,
    example: { workload: "support", key: "inputTokens", mean: 3500, p95: 1200 },
  }),
  "CST-104": entry<{ workload: string; sharedPrefix: number; mean: number }>({
    severity: "error",
    summary: "The shared prefix is longer than the mean input",
    title: ({ workload, sharedPrefix, mean }) =>
      `The sharedPrefix of the workload "${workload}" is ${sharedPrefix} tokens, and its mean input has ${mean}.`,
    why: () =>
      "The shared prefix is a part of every input, so the average input is at least as long. What lies above it would count as tokens that nobody sends.",
    fix: ({ mean }) => `Set sharedPrefix to ${mean} or less, or correct inputTokens.mean, which includes the prefix.`,
    example: { workload: "support", sharedPrefix: 6000, mean: 3500 },
  }),
  "CST-105": entry<{ workload: string; model: string; known: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "A workload names a model that is not defined",
    title: ({ workload, model }) =>
      `The workload "${workload}" is served by the model "${model}", which is not defined.`,
    why: ({ known }) =>
      known.length === 0 ? "models defines none." : `models defines ${listed(known.map((name) => `"${name}"`))}.`,
    fix: ({ nearest, model }) =>
      nearest === null
        ? `Name one of these models, or add "${model}" to models.`
        : `Did you mean "${nearest}"? Otherwise add "${model}" to models.`,
    example: { workload: "support", model: "caht", known: ["chat"], nearest: "chat" },
  }),
  "CST-106": entry<{ workload: string; model: string; input: number; output: number; maxModelLen: number }>({
    severity: "error",
    summary: "A workload's requests are longer than the model's maxModelLen",
    title: ({ workload, model, input, output, maxModelLen }) =>
      `Requests of the workload "${workload}" reach ${input + output} tokens, and "${model}" takes ${maxModelLen}.`,
    why: ({ input, output, maxModelLen }) =>
      `The p95 of the input is ${input} tokens and that of the output ${output}; both must fit maxModelLen ${maxModelLen} together. The engine refuses longer prompts and cuts longer answers.`,
    fix: ({ model, input, output }) =>
      `Raise models.${model}.maxModelLen to ${input + output} or more if the model allows it, or shorten the prompts.`,
    example: { workload: "support", model: "chat", input: 30000, output: 4000, maxModelLen: 32768 },
  }),
  "CST-107": entry<{ key: string; asOf: string; today: string }>({
    severity: "error",
    summary: "A price is dated in the future",
    title: ({ key, asOf, today }) => `The price ${key} is dated ${asOf}, and today is ${today}.`,
    why: () =>
      "asOf is the day on which the price was read or quoted. A day that has not come is a slip of the pen, or a price that does not hold yet.",
    fix: () => "Write the day on which you read the price. A price that holds later is entered when it does.",
    example: { key: "nodePools.h100.price", asOf: "2027-11-01", today: "2026-11-25" },
  }),
  "CST-108": entry<{ key: string; asOf: string; days: number; limitDays: number; source: string }>({
    severity: "warning",
    summary: "A price that the decision rests on is old",
    title: ({ key, days, asOf }) => `The price ${key} is ${days} days old (${asOf}).`,
    why: ({ limitDays, source }) =>
      `Prices of GPUs and APIs have moved by half within months, so one older than ${limitDays} days may turn the verdict. It comes from: ${source}.`,
    fix: () =>
      "Read the price again and write it with its date. To accept it, give CST-108 and the reason under `silence`.",
    example: {
      key: "nodePools.h100.price",
      asOf: "2026-06-01",
      days: 177,
      limitDays: 90,
      source: "our quote",
    },
  }),
  "CST-109": entry<{ key: string; source: string }>({
    severity: "warning",
    summary: "A price that the decision rests on has no known date",
    title: ({ key }) => `The date of the price ${key} is not known.`,
    why: ({ source }) =>
      `Its source bears none: ${source}. It was chosen in the file, because Freehold takes no undated price by itself.`,
    fix: () =>
      "Write your own price with its date beside it. To accept it, give CST-109 and the reason under `silence`.",
    example: {
      key: "catalog.prices.scaleway.gpt-oss-120b",
      source: "models.dev, as copied by mastra.ai",
    },
  }),
  "CST-110": entry<{ where: string; currency: string; amount: string }>({
    severity: "error",
    summary: "An amount is not in US dollars",
    title: ({ where, currency }) => `The amount in ${where} is in ${currency}; only usd is read.`,
    why: () =>
      "Every price of the catalog is in US dollars, and Freehold converts nothing: an exchange rate is a date and a source of its own, which would go stale unseen.",
    fix: ({ currency, amount }) =>
      `Convert ${amount} ${currency.toUpperCase()} at a rate you stand by and write the result as usd, with the rate in a comment.`,
    example: { where: "team.costPerMonth", currency: "eur", amount: "18000" },
  }),
  "CST-111": entry<{
    workload: string;
    kind: "provider" | "model";
    provider: string;
    got: string;
    known: readonly string[];
    nearest: string | null;
  }>({
    severity: "error",
    summary: "The alternative is not in the catalog and has no price of its own",
    title: ({ workload, kind, got, provider }) =>
      kind === "provider"
        ? `The provider "${got}" of the alternative of "${workload}" is not in the catalog.`
        : `The model "${got}" of ${provider}, the alternative of "${workload}", is not in the catalog.`,
    why: ({ kind, provider, known }) =>
      `Its price is what self-hosting is measured against. ${kind === "provider" ? "Providers" : `Models of ${provider}`}: ${listed(known)}.`,
    fix: ({ workload, nearest }) =>
      `${nearest === null ? "Name one of these" : `Did you mean "${nearest}"? Otherwise name another`}, or give its price under workloads.${workload}.alternative.price.`,
    example: {
      workload: "support",
      kind: "model",
      provider: "anthropic",
      got: "claude-sonet-5",
      known: ["claude-opus-5-5", "claude-sonnet-5"],
      nearest: "claude-sonnet-5",
    },
  }),
  "CST-112": entry<{ workload: string; offer: string; contextTokens: number; input: number; output: number }>({
    severity: "error",
    summary: "The alternative's context is shorter than the requests",
    title: ({ workload, offer, contextTokens, input, output }) =>
      `Requests of "${workload}" reach ${input + output} tokens, and ${offer} takes ${contextTokens}.`,
    why: ({ input, output }) =>
      `The p95 of the input is ${input} tokens and that of the output ${output}. An API that refuses one request in twenty is no alternative, so its price would be compared with nothing.`,
    fix: ({ workload }) =>
      `Name an alternative with a longer context, or correct the lengths of workloads.${workload}.`,
    example: { workload: "support", offer: "groq llama-3.3-70b", contextTokens: 32768, input: 60000, output: 4000 },
  }),
  "CST-113": entry<{ key: string; region: string; nearest: string | null; areas: readonly string[] }>({
    severity: "error",
    summary: "A region is not known",
    title: ({ key, region }) => `${key} names the region "${region}", which is not in the catalog.`,
    why: ({ areas }) =>
      `Which offers lie inside is told from the region's country. Regions of AWS, Azure, Google Cloud and European hosts are known, countries by their two letters, and the areas ${listed(areas)}.`,
    fix: ({ nearest }) =>
      `${nearest === null ? "" : `Did you mean "${nearest}"? `}For a building of your own, name its country, such as \`de\`.`,
    example: { key: "residency.regions", region: "eu-centrl-1", nearest: "eu-central-1", areas: ["eu", "eea"] },
  }),
  "CST-114": entry<{ regions: readonly string[] }>({
    severity: "error",
    summary: "Regions are named and bind nothing",
    title: ({ regions }) => `residency.regions names ${listed(regions)}, and residency.mode is none.`,
    why: () =>
      "With `none` requests may be processed anywhere, so the list would be read as a protection that is not there.",
    fix: () => "Set residency.mode to region-bound if the regions are meant, or remove residency.regions.",
    example: { regions: ["eu-central-1"] },
  }),
  "CST-115": entry<{ mode: string }>({
    severity: "error",
    summary: "Residency is bound to no region",
    title: ({ mode }) => `residency.mode is ${mode}, and residency.regions is missing.`,
    why: ({ mode }) => `${mode} keeps requests inside the regions named; without any, nothing would be inside.`,
    fix: () => "Add the regions, countries or areas, such as `regions: [eu-central-1]` or `regions: [eu]`.",
    example: { mode: "region-bound" },
  }),
  "CST-116": entry<{ workload: string; offer: string; reason: string; allowed: string | null }>({
    severity: "warning",
    summary: "Residency forbids the alternative",
    title: ({ workload, offer }) =>
      `Under this residency ${offer}, the alternative of "${workload}", cannot be counted on.`,
    why: ({ reason }) => `${reason} It is shown with its price and not counted as available.`,
    fix: ({ workload, allowed }) =>
      allowed === null
        ? `Name an alternative that processes inside residency.regions, or set workloads.${workload}.alternative.regions if your contract says where it does.`
        : `${allowed} To accept it, give CST-116 and the reason under \`silence\`.`,
    example: {
      workload: "support",
      offer: "anthropic claude-sonnet-5",
      reason: "Its endpoints process requests in the United States or anywhere; residency.regions allows eu.",
      allowed: null,
    },
  }),
  "CST-117": entry<{ workload: string; percent: number }>({
    severity: "error",
    summary: "Requests are escalated to nowhere",
    title: ({ workload, percent }) =>
      `The workload "${workload}" escalates ${percent} % of its tokens and names no alternative.`,
    why: () => "escalationShare is what is sent on to the alternative and paid there, so it needs one.",
    fix: ({ workload }) => `Add workloads.${workload}.alternative, or remove escalationShare.`,
    example: { workload: "support", percent: 10 },
  }),
  "CST-118": entry<{ workload: string; pool: string; accelerator: string; gpusPerNode: number; where: string }>({
    severity: "warning",
    summary: "What the node pool costs is not known",
    title: ({ pool, workload }) =>
      `What the node pool "${pool}" costs is not known, so hosting "${workload}" has no cost.`,
    why: ({ pool, accelerator, gpusPerNode, where }) =>
      `nodePools.${pool} gives no price, and the catalog has no dated list price of a node with ${gpusPerNode} ${accelerator}${where}.`,
    fix: ({ pool }) =>
      `Add nodePools.${pool}.price, such as \`price: { usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }\`.`,
    example: {
      workload: "support",
      pool: "h100",
      accelerator: "nvidia-h100-sxm",
      gpusPerNode: 8,
      where: " in eu-central-1",
    },
  }),
  "CST-119": entry<{ workload: string; offer: string; grounds: string }>({
    severity: "warning",
    summary: "An API would serve a workload for less",
    title: ({ workload, offer }) => `${offer} would serve the workload "${workload}" for less than hosting it does.`,
    why: ({ grounds }) => grounds,
    fix: () =>
      "Use it, and deploy nothing for this workload; `freehold decide` shows the figures and what would change them. To deploy all the same, give CST-119 and the reason under `silence`.",
    example: {
      workload: "support",
      offer: "ovh Qwen3-32B",
      grounds:
        "The cheapest offer that can be bought is ovh Qwen3-32B: $1,260 a month. Hosting it costs $42,300 a month. Even its cheapest estimate is no lower, so there is nothing to find out.",
    },
  }),
} as const;
