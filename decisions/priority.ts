import type { PriorityClassBlueprint } from "./blueprint.ts";
import type { ReleaseContext } from "./release-context.ts";

/** Above 0, where pods without a class are; far below the cluster's own classes, which begin at a billion. */
const baseValue = 10_000;

/** Name of the class for replicas of so many GPUs. The cluster has one space of these names, so it carries stack and environment. */
export function priorityClassName(stack: string, gpusPerReplica: number): string {
  return `${stack}-inference-${gpusPerReplica}gpu`;
}

/**
 * One class per distinct size of a replica, higher for larger ones. Small replicas find a gap anywhere; a large one
 * needs a whole node's worth, and without a class of its own small ones scattered over the nodes lock it out for ever.
 */
export function decidePriorityClasses(stack: string, releases: readonly ReleaseContext[]): PriorityClassBlueprint[] {
  const sizes = [...new Set(releases.map(({ shape }) => shape.tensorParallelSize.value))].sort((a, b) => a - b);
  return sizes.map((gpusPerReplica) => ({
    name: priorityClassName(stack, gpusPerReplica),
    gpusPerReplica,
    value: baseValue + gpusPerReplica,
  }));
}
