/** Equal replicas that want a place: each needs `gpus` in one node. */
export interface ReplicaGroup {
  readonly gpus: number;
  readonly replicas: number;
}

/** How replicas came to lie on nodes. */
export interface Packing {
  readonly fits: boolean;
  /** Nodes that hold at least one replica. */
  readonly nodesUsed: number;
  /** Free GPUs of each node count: `free[n]` nodes have `n` GPUs left. Its length is `gpusPerNode + 1`. */
  readonly free: readonly number[];
  readonly unplacedReplicas: number;
  readonly unplacedGpus: number;
}

/**
 * Replicas on nodes: whole replicas only, the largest first, each on the fullest node that still has room. That is the
 * order in which the priority classes make the scheduler settle a contest, so what fits here also comes to fit there.
 * Nodes with equally many free GPUs are interchangeable, so only their number is kept: the cost does not grow with the
 * number of replicas.
 */
export function pack(groups: readonly ReplicaGroup[], nodes: number, gpusPerNode: number): Packing {
  const free = new Array<number>(gpusPerNode + 1).fill(0);
  free[gpusPerNode] = nodes;
  let unplacedReplicas = 0;
  let unplacedGpus = 0;
  for (const { gpus, replicas } of [...groups].sort((a, b) => b.gpus - a.gpus)) {
    let waiting = replicas;
    for (let left = gpus; left <= gpusPerNode && waiting > 0; left++) {
      waiting -= fill(free, left, gpus, waiting);
    }
    unplacedReplicas += waiting;
    unplacedGpus += waiting * gpus;
  }
  return {
    fits: unplacedReplicas === 0,
    nodesUsed: nodes - (free[gpusPerNode] ?? 0),
    free,
    unplacedReplicas,
    unplacedGpus,
  };
}

/** Fills the nodes that have `left` GPUs free, one node after another; the number of replicas placed. */
function fill(free: number[], left: number, gpus: number, waiting: number): number {
  const perNode = Math.floor(left / gpus);
  const full = Math.min(free[left] ?? 0, Math.floor(waiting / perNode));
  move(free, left, left - perNode * gpus, full);
  const rest = waiting - full * perNode;
  if (rest >= perNode || rest === 0 || (free[left] ?? 0) === 0) return full * perNode;
  move(free, left, left - rest * gpus, 1);
  return waiting;
}

function move(free: number[], from: number, to: number, nodes: number): void {
  free[from] = (free[from] ?? 0) - nodes;
  free[to] = (free[to] ?? 0) + nodes;
}

/** Sizes that are powers of two fill a node without a gap. `count` is a whole number above 0. */
export function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
