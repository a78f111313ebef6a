import type { Reason } from "./blueprint.ts";
import type { Demand } from "./capacity/demand.ts";
import type { LoadLimit, OperatingPoint } from "./capacity/operating-point.ts";
import type { Candidate, Sizing } from "./capacity/sizing.ts";
import { fleetPolicy } from "./cost/fleet.ts";
import { countText } from "./figures.ts";
import { boundedText } from "./range.ts";
import { because, policy } from "./reason.ts";
import type { VersionContext } from "./version-context.ts";

/** What keeps a replica from more, as a clause. */
export const limitTexts: Readonly<Record<LoadLimit, string>> = {
  ttft: "more would keep first tokens waiting longer than the objective allows",
  itl: "more would put more time between tokens than the objective allows",
  cache: "the cache holds no more",
  maxNumSeqs: "maxNumSeqs allows no more",
};

/** Why one replica spans as many GPUs as it does: what every other size would come to. */
export function sizeReasons(
  { modelPath, pool }: VersionContext,
  candidates: readonly Candidate[],
  { tensorParallelSize, fleet }: Sizing,
): Reason[] {
  const others = candidates.filter((candidate) => candidate.tensorParallelSize !== tensorParallelSize);
  const head =
    fleet === null
      ? `${countText(tensorParallelSize, "GPU")} is the smallest size that holds the model and one request of its longest length.`
      : `Replicas of ${countText(tensorParallelSize, "GPU")} take the fewest GPUs in all, ${fleet.gpus}, the spare included.`;
  return [
    because(modelPath, `${head}${others.length === 0 ? "" : ` Others: ${others.map(candidateText).join("; ")}.`}`),
    policy(
      `Sizes are powers of two that divide the attention heads and fit a node of ${pool.gpusPerNode}; of equals the smaller is taken, because a spare of it costs less.`,
    ),
  ];
}

/** One size in a few words: `4 GPUs a replica: 3 replicas, 12 GPUs`. */
export function candidateText(candidate: Candidate): string {
  return `${countText(candidate.tensorParallelSize, "GPU")} a replica: ${outcomeText(candidate)}`;
}

function outcomeText(candidate: Candidate): string {
  switch (candidate.kind) {
    case "sized":
      if (candidate.isTight) return "the longest request fits only if the estimate of the memory is not too high";
      return candidate.fleet === null
        ? "does as well"
        : `${countText(candidate.fleet.replicas, "replica")}, ${countText(candidate.fleet.gpus, "GPU")}`;
    case "does-not-fit":
      return "too little memory";
    case "missed":
      return `${candidate.missed.objective} of ${candidate.missed.workload} at best ${Math.ceil(candidate.missed.bestMilliseconds)} ms, asked ${candidate.missed.wantedMilliseconds}`;
    case "unknown":
      return "not computed";
  }
}

/** Why there are as many replicas as there are: each workload's busiest hour, headroom and spare. */
export function replicasReasons({ points, fleet, load, workingRange }: Sizing, demands: readonly Demand[]): Reason[] {
  if (fleet === null || workingRange === null) return [];
  const percent = Math.round(fleetPolicy.peakUtilization * 100);
  const spread =
    workingRange.low === workingRange.high
      ? ""
      : ` (${workingRange.low} to ${workingRange.high} over the range of the throughput)`;
  return [
    ...points.map((point, index) => demandReason(point, demands[index])),
    policy(
      `Together that is the work of ${load.toFixed(2)} replicas; at ${percent} % of what they can do it takes ${fleet.working}${spread}. ${fleet.spare} more ${fleet.spare === 1 ? "is" : "are"} spare, at least one and ${Math.round(fleetPolicy.spareShare * 100)} % of many: ${fleet.replicas} replicas of ${countText(fleet.gpus / fleet.replicas, "GPU")} make ${countText(fleet.gpus, "GPU")}.`,
    ),
    ...basisReasons(points),
  ];
}

function demandReason(point: OperatingPoint, demand: Demand | undefined): Reason {
  const asked =
    demand === undefined ? "" : `${rate(demand.requestsPerSecond)} requests a second come in its busiest hour. `;
  return because(
    point.path,
    `${point.workload}: ${asked}One replica does ${boundedText(point.requestsPerSecond, rate)} with ${point.concurrency} at once; ${limitTexts[point.limit]}. ${latencyText(point)}`,
  );
}

/** Latencies at the operating point, as one sentence. */
export function latencyText({
  ttftMilliseconds,
  interTokenMilliseconds,
}: Pick<OperatingPoint, "ttftMilliseconds" | "interTokenMilliseconds">): string {
  const first = `${boundedText(ttftMilliseconds, whole)} ms`;
  return interTokenMilliseconds === null
    ? `A long input's vector then takes ${first}.`
    : `The first token of a long input then takes ${first}, each further token ${boundedText(interTokenMilliseconds, whole)} ms.`;
}

function basisReasons(points: readonly OperatingPoint[]): Reason[] {
  return [...new Set(points.flatMap(({ basis }) => basis))].map((sentence) => policy(sentence));
}

/** Why the engine runs so many requests at once at most. */
export function seqsReasons(sizing: Sizing | null): Reason[] {
  const most = Math.max(0, ...(sizing?.points ?? []).map(({ concurrency }) => concurrency));
  return most === 0
    ? [
        policy(
          "No workload says how many requests are useful at once; 256 is what vLLM takes on smaller GPUs. The engine sets memory aside for sampling as many.",
        ),
      ]
    : [
        policy(
          `The smallest of 8, 16, 32 and so on that lets ${most} run at once, which is as many as keep the objectives. What comes beyond waits before it starts, instead of slowing down what runs, and the engine sets less memory aside for sampling.`,
        ),
      ];
}

/** Three digits: enough for a rate that is known to a fifth. */
export function rate(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Without decimals. */
export function whole(value: number): string {
  return String(Math.round(value));
}
