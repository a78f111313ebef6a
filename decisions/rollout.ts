import type { Decided, Rollout } from "./blueprint.ts";
import { countText } from "./figures.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

/** What placement found out about the surge of one release. */
export interface SurgeRoom {
  /** True when the pool holds everything plus one more replica of this release and of each release that surges before it by name. */
  readonly granted: boolean;
  /** Nodes beyond `nodes.min` that the surge needs; 0 when it fits on what is always there. */
  readonly nodesBeyondMin: number;
  /** Releases of the pool that surge before this one by name. */
  readonly before: readonly string[];
  /** Releases of the pool with smaller replicas, which a surging one may push aside because larger ones come first. */
  readonly mayEvict: readonly string[];
}

/** A release that may not surge, whatever the others do. */
export const noRoom: SurgeRoom = { granted: false, nodesBeyondMin: 0, before: [], mayEvict: [] };

/** Whether a replica's successor starts before it stops, which takes spare GPUs, or after. */
export function decideRollout(context: ReleaseContext, room: SurgeRoom): Decided<Rollout> {
  const { shape, pool, poolName } = context;
  const gpus = countText(shape.tensorParallelSize.value, "GPU");
  const nodes = `nodePools.${poolName}.nodes`;
  if (room.granted) {
    return decided(
      { strategy: "surge", maxSurge: 1, maxUnavailable: 0, capacityDuringRollout: 1 },
      because(
        `${nodes}.max`,
        `One more replica (${gpus} in one node) fits on ${poolName} at ${countText(pool.nodes.max, "node")}${others(room.before)}. The new replica is ready before the old one stops, and no capacity is lost.`,
      ),
      ...(room.mayEvict.length > 0
        ? [
            policy(
              `Where smaller replicas lie in the gap, the scheduler moves them: one of ${room.mayEvict.join(", ")} may start again elsewhere, and is away until it has.`,
            ),
          ]
        : []),
      ...(room.nodesBeyondMin > 0
        ? [
            because(
              `${nodes}.min`,
              `It needs ${countText(room.nodesBeyondMin, "node")} beyond the ${pool.nodes.min} that are always there; the roll-out waits until the node has joined.`,
            ),
          ]
        : []),
    );
  }
  const capacityDuringRollout = (shape.replicas.value - 1) / shape.replicas.value;
  return decided(
    { strategy: "replace-in-place", maxSurge: 0, maxUnavailable: 1, capacityDuringRollout },
    because(
      `${nodes}.max`,
      `One more replica (${gpus} in one node) finds no place on ${poolName} at ${countText(pool.nodes.max, "node")}${others(room.before)}. With a surge the new pod would wait for a GPU that only the old pod's end frees, for ever.`,
    ),
    because(
      shape.replicas.path,
      shape.replicas.value === 1
        ? "The only replica stops before its successor starts, so nothing serves in between."
        : `One replica at a time stops and is replaced: ${shape.replicas.value - 1} of ${shape.replicas.value} serve meanwhile, ${Math.floor(capacityDuringRollout * 100)} % of the capacity.`,
    ),
    ...(room.before.length > 0
      ? [policy("Spare GPUs go to the releases in order of their names, so that all that surge may do so at once.")]
      : []),
  );
}

function others(before: readonly string[]): string {
  return before.length === 0 ? "" : `, beside the surge of ${before.join(", ")}`;
}
