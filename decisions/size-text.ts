import type { Demand } from "./capacity/demand.ts";
import type { OperatingPoint } from "./capacity/operating-point.ts";
import type { Candidate, Sizing, SizingRequest } from "./capacity/sizing.ts";
import { countText, gibText } from "./figures.ts";
import { boundedText } from "./range.ts";
import { candidateText, limitTexts, rate, whole } from "./sizing-reasons.ts";

const labelWidth = 18;

/** The answer of sizing on one screen: how many GPUs, what they hold, what they deliver, what else was tried, on what it rests. */
export function sizeText(
  repository: string,
  request: SizingRequest,
  sizing: Sizing,
  candidates: readonly Candidate[],
): string {
  const [demand] = request.demands;
  const [point] = sizing.points;
  return [
    `${repository} on ${request.acceleratorKey}${demand === undefined ? "" : `, ${demandText(demand)}`}`,
    "",
    `  ${headline(sizing)}`,
    "",
    ...row("Memory of a GPU", memoryTexts(sizing)),
    ...row("Cache of a replica", cacheTexts(request, sizing)),
    ...(point === undefined ? [] : row("One replica", pointTexts(point))),
    ...(demand === undefined || sizing.fleet === null ? [] : row("Replicas", fleetTexts(sizing, demand))),
    ...row("Other sizes", otherTexts(sizing, candidates)),
    ...row("Engine options", [flagsText(sizing)]),
    ...row("Rests on", [
      ...new Set(sizing.points.flatMap(({ basis }) => basis)),
      `Facts: ${request.model.source} (${request.model.asOf}).`,
    ]),
    "",
  ].join("\n");
}

function demandText({ requestsPerSecond, inputTokens, outputTokens, objectives }: Demand): string {
  const limits = [
    objectives.ttftMilliseconds === null ? [] : [`TTFT ${objectives.ttftMilliseconds} ms`],
    objectives.interTokenMilliseconds === null ? [] : [`ITL ${objectives.interTokenMilliseconds} ms`],
  ].flat();
  return `${rate(requestsPerSecond)} requests a second of ${whole(inputTokens)} + ${whole(outputTokens)} tokens${limits.length === 0 ? ", throughput alone" : `, ${limits.join(" and ")} at the 95th percentile`}`;
}

/** `4 replicas x 2 GPUs = 8 GPUs: 3 working + 1 spare`. */
function headline({ fleet, workingRange, tensorParallelSize }: Sizing): string {
  const size = countText(tensorParallelSize, "GPU");
  if (fleet === null || workingRange === null) return `${size} a replica; how many replicas depends on the load.`;
  const { working, spare, replicas, gpus } = fleet;
  const range =
    workingRange.low === workingRange.high
      ? ""
      : `; ${workingRange.low} to ${workingRange.high} working over the range of the throughput`;
  return `(${working} working + ${spare} spare) replicas x ${size} = ${countText(gpus, "GPU")} in ${countText(replicas, "replica")}${range}`;
}

function memoryTexts({ budget, isTight }: Sizing): string[] {
  const { visibleBytes, usableBytes, terms, poolBytes, uncertaintyBytes } = budget;
  return [
    `${gibText(visibleBytes)} visible, ${gibText(usableBytes)} for the engine: ${terms.map(({ name, bytes }) => `${name} ${gibText(bytes)}`).join(", ")},`,
    `which leaves ${gibText(poolBytes)} (${gibText(uncertaintyBytes)} more or less) for the cache.`,
    ...(isTight ? ["That holds the longest request only if the estimate is not too high."] : []),
  ];
}

function cacheTexts({ maxModelLen }: SizingRequest, { budget, points }: Sizing): string[] {
  const { tokens, longestRequests } = budget.capacity;
  return [
    `${tokens} tokens: ${longestRequests.toFixed(1)} requests of ${maxModelLen}${points.length === 0 ? "" : `, ${points.map(({ concurrency }) => `${concurrency} of the asked lengths within the objectives`).join(", ")}`}.`,
  ];
}

function pointTexts({
  requestsPerSecond,
  totalTokensPerSecond,
  ttftMilliseconds,
  interTokenMilliseconds,
  concurrency,
  limit,
}: OperatingPoint): string[] {
  return [
    `${boundedText(requestsPerSecond, rate)} requests, ${boundedText(totalTokensPerSecond, rate)} tokens a second with ${concurrency} at once;`,
    `${limitTexts[limit]}.`,
    `TTFT of a long input ${boundedText(ttftMilliseconds, whole)} ms${interTokenMilliseconds === null ? "" : `, ITL ${boundedText(interTokenMilliseconds, rate)} ms`}.`,
  ];
}

function fleetTexts({ load, fleet }: Sizing, { requestsPerSecond }: Demand): string[] {
  return [
    `${rate(requestsPerSecond)} requests a second are the work of ${load.toFixed(2)}; at 80 % of what they can do that takes ${fleet?.working ?? 0}.`,
  ];
}

function otherTexts(sizing: Sizing, candidates: readonly Candidate[]): string[] {
  const others = candidates.filter((candidate) => candidate.tensorParallelSize !== sizing.tensorParallelSize);
  return others.length === 0
    ? ["None was tried: the size is set."]
    : others.map((candidate) => `${candidateText(candidate)}.`);
}

function flagsText({ setup }: Sizing): string {
  return [
    `--tensor-parallel-size ${setup.tensorParallelSize}`,
    `--max-model-len ${setup.maxModelLen}`,
    `--max-num-seqs ${setup.maxNumSeqs}`,
    `--max-num-batched-tokens ${setup.maxNumBatchedTokens}`,
    `--gpu-memory-utilization ${setup.gpuMemoryUtilization}`,
    `--kv-cache-dtype ${setup.kvCacheDtype}`,
  ].join(" ");
}

function row(label: string, [first = "", ...more]: readonly string[]): string[] {
  return [`  ${label.padEnd(labelWidth)}  ${first}`, ...more.map((line) => `  ${"".padEnd(labelWidth)}  ${line}`)];
}
