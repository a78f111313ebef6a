import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { type Fleet, fleetOf, fleetPolicy } from "../cost/fleet.ts";
import type { Demand } from "./demand.ts";
import { admissionOf, figuresOf, type Task } from "./load-figures.ts";
import { type SpeedModel, speedModel, type UnknownSpeed } from "./loaded-replica.ts";
import { type MemoryBudget, memoryBudget } from "./memory-budget.ts";
import { type MissedObjective, type OperatingPoint, operatingPoint } from "./operating-point.ts";
import type { ServingEngine } from "./replica.ts";
import { type EngineRelease, type ServingSetup, servingSetup } from "./serving-setup.ts";

/** What somebody has set by hand; everything left out is decided. */
export interface ShapeOverrides {
  readonly tensorParallelSize?: number | undefined;
  readonly replicas?: number | undefined;
  readonly maxNumSeqs?: number | undefined;
  readonly maxNumBatchedTokens?: number | undefined;
  readonly gpuMemoryUtilization?: number | undefined;
  readonly kvCacheDtype?: "auto" | "fp8" | undefined;
}

export interface SizingRequest {
  readonly model: ModelFacts;
  readonly accelerator: AcceleratorFacts;
  /** Name of the accelerator in the catalog. */
  readonly acceleratorKey: string;
  readonly gpusPerNode: number;
  readonly engine: ServingEngine;
  readonly release: EngineRelease;
  readonly task: Task;
  readonly maxModelLen: number;
  readonly overrides: ShapeOverrides;
  /** Workloads that the model serves, together; none when memory alone decides. */
  readonly demands: readonly Demand[];
}

/** A replica's size that works. */
export interface Sizing {
  readonly kind: "sized";
  readonly tensorParallelSize: number;
  readonly setup: ServingSetup;
  readonly budget: Extract<MemoryBudget, { kind: "fits" }>;
  /** True when the cache holds one request of the longest length only if the estimate of the memory is not too high. */
  readonly isTight: boolean;
  /** One for each workload, in their order. */
  readonly points: readonly OperatingPoint[];
  /** Replicas' worth of requests in the busiest hour, headroom left out. */
  readonly load: number;
  /** Null where no workload says how many there are. */
  readonly fleet: Fleet | null;
  /** Working replicas at the upper and the lower end of the throughput; null as `fleet`. */
  readonly workingRange: { readonly low: number; readonly high: number } | null;
}

/** What became of one size of a replica. */
export type Candidate =
  | Sizing
  | {
      readonly kind: "does-not-fit";
      readonly tensorParallelSize: number;
      readonly setup: ServingSetup;
      readonly budget: Extract<MemoryBudget, { kind: "does-not-fit" }>;
    }
  | { readonly kind: "missed"; readonly tensorParallelSize: number; readonly missed: MissedObjective }
  | { readonly kind: "unknown"; readonly tensorParallelSize: number; readonly reason: string };

export interface SizingResult {
  /** The fewest GPUs in total, spare included; of equals the smaller replica; a tight one only where all are. Null when no size works. */
  readonly chosen: Sizing | null;
  /** Every size that was tried, smallest first. */
  readonly candidates: readonly Candidate[];
}

/** Share of each GPU's memory that the engine may take: vLLM's default until 0.21, kept because 0.92 leaves CUDA graphs less room. */
export const defaultUtilization = 0.9;
/** Sequences at once where no workload tells how many are useful: what vLLM takes on GPUs below 70 GiB. */
export const undemandedSeqs = 256;
const seqsLadder = [8, 16, 32, 64, 128, 256, 512, 1024] as const;

/**
 * The size of a replica and how many there are. Each tensor parallel size is tried with each limit of sequences: the limit
 * sets how much memory sampling takes from the cache, and how many requests run at once.
 */
export function sizeModel(request: SizingRequest): SizingResult {
  const candidates = replicaSizes(request).map((size) => candidateOf(request, size));
  const sized = candidates.filter((candidate) => candidate.kind === "sized");
  const [chosen = null] = [...sized].sort(
    (a, b) =>
      Number(a.isTight) - Number(b.isTight) ||
      gpusOf(a, request) - gpusOf(b, request) ||
      a.tensorParallelSize - b.tensorParallelSize,
  );
  return { chosen, candidates };
}

/** The setup of a replica with what is set by hand and, for the rest, the engine's defaults. */
export function setupOf(request: SizingRequest, tensorParallelSize: number, maxNumSeqs: number): ServingSetup {
  const { model, accelerator, release, maxModelLen, overrides } = request;
  const { maxNumBatchedTokens, kvCacheDtype } = overrides;
  return servingSetup({
    model,
    accelerator,
    release,
    maxModelLen,
    tensorParallelSize,
    maxNumSeqs: overrides.maxNumSeqs ?? maxNumSeqs,
    gpuMemoryUtilization: overrides.gpuMemoryUtilization ?? defaultUtilization,
    ...(maxNumBatchedTokens === undefined ? {} : { maxNumBatchedTokens }),
    ...(kvCacheDtype === undefined ? {} : { kvCacheDtype }),
  });
}

/** Sizes that divide the attention heads and fit a node; powers of two, which leave no gap on one. */
export function replicaSizes({
  model,
  gpusPerNode,
  overrides,
}: Pick<SizingRequest, "model" | "gpusPerNode" | "overrides">): number[] {
  if (overrides.tensorParallelSize !== undefined) return [overrides.tensorParallelSize];
  const sizes: number[] = [];
  for (let size = 1; size <= gpusPerNode; size *= 2) if (model.attentionHeads % size === 0) sizes.push(size);
  return sizes;
}

/** The best that one size can do, over the limits of sequences. */
function candidateOf(request: SizingRequest, size: number): Candidate {
  const { overrides, demands, acceleratorKey } = request;
  const ladder =
    overrides.maxNumSeqs !== undefined
      ? [overrides.maxNumSeqs]
      : demands.length === 0
        ? [undemandedSeqs, ...seqsLadder]
        : seqsLadder;
  // The limit of sequences moves memory alone, so one model of the speed serves all limits.
  const speed =
    demands.length === 0
      ? null
      : speedModel(setupOf(request, size, undemandedSeqs), engineKind(request), acceleratorKey);
  const tried: Candidate[] = [];
  for (const seqs of ladder) {
    const candidate = tryOut(request, setupOf(request, size, seqs), speed);
    if (candidate.kind === "sized" && demands.length === 0) return candidate;
    tried.push(candidate);
  }
  const sized = tried.filter((candidate) => candidate.kind === "sized");
  // Of equal loads the first, which is the smaller limit.
  const [best] = [...sized].sort((a, b) => Number(a.isTight) - Number(b.isTight) || a.load - b.load);
  return best ?? mostUseful(tried);
}

/** The engine by whose coefficients a replica's speed is told: vLLM answers with vectors through other code. */
export function engineKind({ task, engine }: Pick<SizingRequest, "task" | "engine">): ServingEngine {
  return task === "embed" && engine === "vllm" ? "vllm-pooling" : engine;
}

/** Of several failures the one that is nearest to working. */
function mostUseful(tried: readonly Candidate[]): Candidate {
  const order = ["missed", "unknown", "does-not-fit"] as const;
  const [best] = order.flatMap((kind) => tried.filter((candidate) => candidate.kind === kind));
  if (best === undefined) throw new Error("no limit of sequences was tried");
  return best;
}

function tryOut(request: SizingRequest, setup: ServingSetup, speed: SpeedModel | UnknownSpeed | null): Candidate {
  const { tensorParallelSize } = setup;
  const { demands } = request;
  const budget = memoryBudget(setup);
  if (request.model.cache.kind === "measure") {
    return { kind: "unknown", tensorParallelSize, reason: `Measure it: ${request.model.cache.reason}.` };
  }
  if (budget.kind === "unknown-weights") return { kind: "unknown", tensorParallelSize, reason: budget.reason };
  if (budget.kind === "measure") return { kind: "unknown", tensorParallelSize, reason: budget.reason };
  if (budget.kind === "does-not-fit") return { kind: "does-not-fit", tensorParallelSize, setup, budget };
  const isTight = budget.poolBytes - budget.uncertaintyBytes < budget.needBytes;
  if (speed === null) {
    return {
      kind: "sized",
      tensorParallelSize,
      setup,
      budget,
      isTight,
      points: [],
      load: 0,
      fleet: null,
      workingRange: null,
    };
  }
  if (speed.kind === "unknown-speed")
    return { kind: "unknown", tensorParallelSize, reason: `Its speed is not known: ${speed.reason}.` };
  const points = pointsOf(request, setup, budget, speed);
  const missed = points.find((point) => point.kind === "missed");
  if (missed !== undefined) return { kind: "missed", tensorParallelSize, missed };
  const kept = points.filter((point) => point.kind === "load");
  const load = loadOf(demands, kept, "value");
  const working = workingOf(load);
  return {
    kind: "sized",
    tensorParallelSize,
    setup,
    budget,
    isTight,
    points: kept,
    load,
    fleet: fleetOf(working, { gpusPerReplica: tensorParallelSize, gpusPerNode: request.gpusPerNode }),
    workingRange: { low: workingOf(loadOf(demands, kept, "high")), high: workingOf(loadOf(demands, kept, "low")) },
  };
}

function pointsOf(
  { demands, task }: SizingRequest,
  setup: ServingSetup,
  budget: Extract<MemoryBudget, { kind: "fits" }>,
  speed: SpeedModel,
): (OperatingPoint | MissedObjective)[] {
  return demands.map((demand) =>
    operatingPoint(figuresOf(speed, setup, demand, task), demand, admissionOf(setup, budget.capacity, demand, task)),
  );
}

/** Replicas' worth of the busiest hour: each workload's requests over what one replica does of them alone. */
function loadOf(demands: readonly Demand[], points: readonly OperatingPoint[], pick: "low" | "value" | "high"): number {
  return demands.reduce((sum, { requestsPerSecond }, index) => {
    const point = points[index];
    return point === undefined ? sum : sum + requestsPerSecond / point.requestsPerSecond[pick];
  }, 0);
}

/** Working replicas that stay within their share in the busiest hour. */
function workingOf(load: number): number {
  // A load of exactly n replicas must not become n + 1 by the last bit of a quotient.
  return Math.max(1, Math.ceil((load / fleetPolicy.peakUtilization) * (1 - 1e-12)));
}

/** GPUs in total; of a fleet whose count is set by hand, or unknown, those of its replicas. */
function gpusOf({ tensorParallelSize, fleet }: Sizing, { overrides }: SizingRequest): number {
  return overrides.replicas === undefined
    ? (fleet?.gpus ?? tensorParallelSize)
    : overrides.replicas * tensorParallelSize;
}
