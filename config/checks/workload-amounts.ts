import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { pathText } from "../diagnostics/show.ts";
import type { WorkloadConfig } from "../schema/index.ts";
import { check } from "./check.ts";

/** Beyond this nothing is served; it also keeps every amount of money exact in a double. Tokens a month. */
const mostTokensPerMonth = 1e15;
/** No catalogued model takes a longer prompt. Tokens. */
const longestMean = 1e6;

interface Amount {
  readonly path: ConfigPath;
  readonly value: number;
  readonly limit: number;
  readonly comparison: string;
}

/** Volumes and lengths are above zero and of this world. */
export const workloadAmounts = check({
  reads: ["workloads", "models"],
  run: ({ workloads = {}, models = {} }) =>
    Object.entries(workloads).flatMap(([name, workload]) => {
      const served = Object.hasOwn(models, workload.model) ? models[workload.model] : undefined;
      return amounts(name, workload, served?.task === "embed").flatMap(amountFindings);
    }),
});

function amounts(
  name: string,
  { tokensPerMonth, inputTokens, outputTokens }: WorkloadConfig,
  isEmbedding: boolean,
): Amount[] {
  const path = ["workloads", name];
  const length = {
    limit: longestMean,
    comparison:
      "The longest context of any model in the catalog is about a million tokens, and a mean lies well below the longest request.",
  };
  return [
    {
      path: [...path, "tokensPerMonth"],
      value: tokensPerMonth,
      limit: mostTokensPerMonth,
      comparison:
        "DeepSeek reported 776 billion tokens a day in 2025 for its whole service, which is about 24 million million a month.",
    },
    { path: [...path, "inputTokens", "mean"], value: inputTokens.mean, ...length },
    ...(isEmbedding && outputTokens.mean === 0
      ? []
      : [{ path: [...path, "outputTokens", "mean"], value: outputTokens.mean, ...length }]),
  ];
}

function amountFindings({ path, value, limit, comparison }: Amount): Finding[] {
  const key = pathText(path);
  if (value <= 0) return [finding("CST-101", at(path), { key, got: String(value) })];
  if (value <= limit) return [];
  return [finding("CST-102", at(path), { key, got: wholeNumber(value), limit: wholeNumber(limit), comparison })];
}

/** Digits without an exponent, which people misread by three. */
function wholeNumber(value: number): string {
  return BigInt(Math.round(value)).toString();
}
