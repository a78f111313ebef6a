import type { NodePoolConfig } from "../config/schema/index.ts";
import type { NodePoolBlueprint } from "./blueprint.ts";
import { byName } from "./figures.ts";
import type { PoolPlacement } from "./placement.ts";

/** Labels that a pool's nodes carry: the file's own, or the one Freehold asks for. */
export function nodeSelectorOf(poolName: string, pool: NodePoolConfig): Record<string, string> {
  const labels = Object.entries(pool.labels ?? {}).sort(([a], [b]) => byName(a, b));
  return labels.length === 0 ? { "freehold/node-pool": poolName } : Object.fromEntries(labels);
}

/** A node pool as it is used: what it has, what it must hold, and what a lost node means. */
export function describePool(poolName: string, pool: NodePoolConfig, placement: PoolPlacement): NodePoolBlueprint {
  return {
    accelerator: pool.accelerator,
    gpusPerNode: pool.gpusPerNode,
    nodes: { min: pool.nodes.min, max: pool.nodes.max },
    zones: [...(pool.zones ?? [])],
    nodeSelector: nodeSelectorOf(poolName, pool),
    gpusAtMin: pool.nodes.min * pool.gpusPerNode,
    gpusAtMax: pool.nodes.max * pool.gpusPerNode,
    gpusNeeded: placement.gpusNeeded,
    gpusDuringRollout: placement.gpusDuringRollout,
    nodeLoss: {
      survivesAtMin: placement.survivesNodeLossAtMin,
      survivesAtMax: placement.survivesNodeLoss,
    },
  };
}
