import { at, type Finding, finding } from "../diagnostics/finding.ts";
import type { WorkloadConfig } from "../schema/index.ts";
import { check } from "./check.ts";

/** A tail is not shorter than the average, nor the average than what every input begins with. */
export const workloadLengths = check({
  reads: ["workloads"],
  run: ({ workloads = {} }) =>
    Object.entries(workloads).flatMap(([name, workload]) => [
      ...tailFindings(name, "inputTokens", workload.inputTokens),
      ...tailFindings(name, "outputTokens", workload.outputTokens),
      ...prefixFindings(name, workload),
    ]),
});

function tailFindings(
  workload: string,
  key: "inputTokens" | "outputTokens",
  { mean, p95 }: { readonly mean: number; readonly p95: number },
): Finding[] {
  if (p95 >= mean) return [];
  const also = [{ path: ["workloads", workload, key, "mean"], text: `the mean is set here: ${mean}` }];
  return [finding("CST-103", at(["workloads", workload, key, "p95"]), { workload, key, mean, p95 }, also)];
}

function prefixFindings(workload: string, { inputTokens }: WorkloadConfig): Finding[] {
  const { sharedPrefix = 0, mean } = inputTokens;
  // A mean at fault has its own finding.
  if (sharedPrefix <= mean || mean <= 0) return [];
  const also = [{ path: ["workloads", workload, "inputTokens", "mean"], text: `the mean is set here: ${mean}` }];
  const place = at(["workloads", workload, "inputTokens", "sharedPrefix"]);
  return [finding("CST-104", place, { workload, sharedPrefix, mean }, also)];
}
