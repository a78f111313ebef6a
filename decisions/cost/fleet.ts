/** What one replica delivers, and how GPUs come: everything that cost needs of capacity. */
export interface Capacity {
  /** Input and output tokens together, at the objectives. Tokens per second. */
  readonly totalTokensPerSecondPerReplica: { readonly value: number; readonly low: number; readonly high: number };
  readonly gpusPerReplica: number;
  readonly gpusPerNode: number;
}

/** Freehold's own rules for how many replicas there are. */
export interface FleetPolicy {
  /** Share of a replica's throughput that the busiest hour may take. */
  readonly peakUtilization: number;
  /** Share of the working replicas that is kept ready on top; at least one replica is. */
  readonly spareShare: number;
}

export const fleetPolicy: FleetPolicy = { peakUtilization: 0.8, spareShare: 0.05 };

/** A month has 730 hours, as clouds bill it. */
export const hoursPerMonth = 730;
export const secondsPerMonth = hoursPerMonth * 3600;

export interface Fleet {
  /** Replicas that the busiest hour needs. */
  readonly working: number;
  /** Replicas that take over when one is lost. */
  readonly spare: number;
  readonly replicas: number;
  /** GPUs that replicas hold. */
  readonly gpus: number;
  /** Whole nodes that hold them. */
  readonly nodes: number;
}

/** How many tokens a month one replica carries, so that the busiest hour stays within its share. */
export function tokensPerReplica(
  tokensPerSecond: number,
  peakToMean: number,
  policy: FleetPolicy = fleetPolicy,
): number {
  return (secondsPerMonth * tokensPerSecond * policy.peakUtilization) / peakToMean;
}

/**
 * The fleet that a volume needs.
 *
 * Formula: working = ceil(V × m / (s × t × u)), with V tokens a month, m peak to mean, s seconds in a month, t tokens per
 * second of a replica and u the share of it that the busiest hour may take; spare = max(1, ceil(5 % of working)).
 */
export function sizeFleet(
  tokensPerMonth: number,
  peakToMean: number,
  capacity: Pick<Capacity, "gpusPerReplica" | "gpusPerNode">,
  tokensPerSecond: number,
  policy: FleetPolicy = fleetPolicy,
): Fleet {
  const carried = tokensPerReplica(tokensPerSecond, peakToMean, policy);
  // A volume of exactly n replicas must not become n + 1 by the last bit of a product.
  const working = Math.max(1, Math.ceil((tokensPerMonth / carried) * (1 - 1e-12)));
  return fleetOf(working, capacity, policy);
}

/** The fleet with this many working replicas. */
export function fleetOf(
  working: number,
  { gpusPerReplica, gpusPerNode }: Pick<Capacity, "gpusPerReplica" | "gpusPerNode">,
  { spareShare }: FleetPolicy = fleetPolicy,
): Fleet {
  const spare = Math.max(1, Math.ceil(working * spareShare * (1 - 1e-12)));
  const replicas = working + spare;
  return {
    working,
    spare,
    replicas,
    gpus: replicas * gpusPerReplica,
    nodes: nodesFor(replicas, gpusPerReplica, gpusPerNode),
  };
}

/** Nodes for replicas that do not share their GPUs: several on a node where they fit, several nodes each where not. */
function nodesFor(replicas: number, gpusPerReplica: number, gpusPerNode: number): number {
  return gpusPerReplica > gpusPerNode
    ? replicas * Math.ceil(gpusPerReplica / gpusPerNode)
    : Math.ceil(replicas / Math.floor(gpusPerNode / gpusPerReplica));
}

/** Share of what the paid replicas could deliver that the month's volume takes. */
export function averageUtilization(tokensPerMonth: number, { replicas }: Fleet, tokensPerSecond: number): number {
  return tokensPerMonth / (replicas * tokensPerSecond * secondsPerMonth);
}
