import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import type { NodePoolConfig } from "../config/schema/index.ts";
import type { Decided, Reason } from "./blueprint.ts";
import { countText } from "./figures.ts";
import { type Packing, pack, type ReplicaGroup } from "./packing.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";
import type { SurgeRoom } from "./rollout.ts";

/** What a second version of a model takes while both run. */
type Overlap = Decided<{ readonly gpus: number; readonly fits: boolean }>;

/** How the releases of one pool lie on its nodes. */
export interface PoolPlacement {
  readonly gpusNeeded: Decided<number>;
  readonly gpusDuringRollout: Decided<number>;
  /** By release name; empty when the pool does not even hold what runs. */
  readonly surge: ReadonlyMap<string, SurgeRoom>;
  /** Nodes that hold replicas when nothing rolls, of `nodes.max`. */
  readonly nodesNeeded: number;
  /** True when what is deployed needs nodes beyond `nodes.min` even when nothing rolls. */
  readonly waitsForNodes: boolean;
  /** True when all replicas still find a place after the loss of one node of `nodes.max`. */
  readonly survivesNodeLoss: boolean;
  /** True when they still find one on `nodes.min` less one, so that nobody has to bring a node. */
  readonly survivesNodeLossAtMin: boolean;
  /** By model name. */
  readonly overlaps: ReadonlyMap<string, Overlap>;
  /** GPUs of all second versions that have room. */
  readonly gpusOfOverlaps: number;
  /** At most these GPUs are asked for: second versions where they have room, and pods that are on their way out. */
  readonly gpusAtMost: number;
  readonly findings: readonly Finding[];
}

/** Where the replicas of a pool's releases go, which of them may surge, and what does not fit. */
export function placeOnPool(
  poolName: string,
  pool: NodePoolConfig,
  releases: readonly ReleaseContext[],
): PoolPlacement {
  const groups = releases.map(groupOf);
  const steady = pack(groups, pool.nodes.max, pool.gpusPerNode);
  const needed = gpusOf(groups);
  const overlaps = decideOverlaps(pool, releases);
  const gpusOfOverlaps = [...overlaps.values()].reduce((sum, { value }) => sum + (value.fits ? value.gpus : 0), 0);
  const surge = steady.fits ? grantSurges(pool, releases, groups) : new Map<string, SurgeRoom>();
  const surging = releases.filter(({ release }) => surge.get(release)?.granted === true);
  const surgeGpus = surging.reduce((sum, { shape }) => sum + shape.tensorParallelSize.value, 0);
  // A replica larger than a node is a fault of its own, which would only hide behind this one.
  const overfull = !pack(
    groups.filter(({ gpus }) => gpus <= pool.gpusPerNode),
    pool.nodes.max,
    pool.gpusPerNode,
  ).fits;
  const fitsMin = pack(groups, pool.nodes.min, pool.gpusPerNode).fits;
  const survives = (nodes: number) => nodes > 0 && pack(groups, nodes - 1, pool.gpusPerNode).fits;
  return {
    gpusNeeded: decided(needed, ...neededReasons(poolName, pool, releases, steady, fitsMin)),
    gpusDuringRollout: decided(
      needed + surgeGpus,
      policy(
        surging.length === 0
          ? "No release surges, so a roll-out takes no more GPUs than are held anyway."
          : `${surging.map(({ release, shape }) => `${release} surges by ${countText(shape.tensorParallelSize.value, "GPU")}`).join(", ")}, on top of ${needed}.`,
      ),
    ),
    surge,
    nodesNeeded: steady.nodesUsed,
    waitsForNodes: !fitsMin,
    survivesNodeLoss: survives(pool.nodes.max),
    survivesNodeLossAtMin: survives(pool.nodes.min),
    overlaps,
    gpusOfOverlaps,
    gpusAtMost:
      needed +
      gpusOfOverlaps +
      releases.reduce((sum, { release, shape }) => {
        const leaving = shape.tensorParallelSize.value;
        return sum + leaving + (surge.get(release)?.granted === true ? leaving : 0);
      }, 0) +
      Math.min(pool.gpusPerNode, needed),
    findings: overfull ? [tooFewGpus(poolName, pool, releases, steady, needed)] : [],
  };
}

/**
 * What a second version of each model's shape takes while both run, and whether the pool has it: by model name. In order
 * of names, each gets its room beside those granted before it, so that all models may swap at the same moment.
 */
function decideOverlaps(pool: NodePoolConfig, releases: readonly ReleaseContext[]): Map<string, Overlap> {
  const overlaps = new Map<string, Overlap>();
  const granted: string[] = [];
  let held = releases.map(groupOf);
  for (const context of releases) {
    const { modelName } = context;
    if (overlaps.has(modelName)) continue;
    const wanted = [...held, groupOf(context)];
    const packing = pack(wanted, pool.nodes.max, pool.gpusPerNode);
    overlaps.set(modelName, decideOverlap(context, packing, granted));
    if (packing.fits) {
      held = wanted;
      granted.push(modelName);
    }
  }
  return overlaps;
}

function decideOverlap(context: ReleaseContext, packing: Packing, before: readonly string[]): Overlap {
  const { shape, modelPath, pool, poolName } = context;
  const gpus = gpusOf([groupOf(context)]);
  const beside = before.length === 0 ? "" : `, beside a second version of ${before.join(", ")}`;
  return decided(
    { gpus, fits: packing.fits },
    because(
      modelPath,
      `A second version of the same shape is ${countText(shape.replicas.value, "replica")} of ${countText(shape.tensorParallelSize.value, "GPU")}: ${gpus}.`,
    ),
    because(
      `nodePools.${poolName}.nodes.max`,
      packing.fits
        ? `${poolName} holds both at ${countText(pool.nodes.max, "node")}${beside}, so a swap can run both versions side by side and switch back at once.`
        : `${poolName} cannot hold both even at ${countText(pool.nodes.max, "node")}${beside}: ${packing.unplacedGpus === 1 ? "1 GPU finds" : `${packing.unplacedGpus} GPUs find`} no node. A swap has to take the old version away first, or lower its replicas.`,
    ),
  );
}

function groupOf({ shape }: ReleaseContext): ReplicaGroup {
  return { gpus: shape.tensorParallelSize.value, replicas: shape.replicas.value };
}

function gpusOf(groups: readonly ReplicaGroup[]): number {
  return groups.reduce((sum, { gpus, replicas }) => sum + gpus * replicas, 0);
}

/** In order of names, each release gets a surge if it fits beside all surges granted before it. */
function grantSurges(
  pool: NodePoolConfig,
  releases: readonly ReleaseContext[],
  groups: readonly ReplicaGroup[],
): Map<string, SurgeRoom> {
  const rooms = new Map<string, SurgeRoom>();
  const granted: string[] = [];
  let held = [...groups];
  for (const { release, shape } of releases) {
    const wanted = [...held, { gpus: shape.tensorParallelSize.value, replicas: 1 }];
    const packing = pack(wanted, pool.nodes.max, pool.gpusPerNode);
    rooms.set(release, {
      granted: packing.fits,
      nodesBeyondMin: packing.fits ? Math.max(0, packing.nodesUsed - pool.nodes.min) : 0,
      before: [...granted],
      mayEvict: releases
        .filter((other) => other.shape.tensorParallelSize.value < shape.tensorParallelSize.value)
        .map((other) => other.release),
    });
    if (packing.fits) {
      held = wanted;
      granted.push(release);
    }
  }
  return rooms;
}

function neededReasons(
  poolName: string,
  pool: NodePoolConfig,
  releases: readonly ReleaseContext[],
  steady: Packing,
  fitsMin: boolean,
): [Reason, ...Reason[]] {
  const nodes = `nodePools.${poolName}.nodes`;
  const first =
    releases.length === 0
      ? because(`nodePools.${poolName}`, "No model runs on this pool.")
      : because(
          "models",
          `${releases.map(({ release, shape }) => `${release} ${shape.replicas.value} × ${shape.tensorParallelSize.value}`).join(", ")} GPUs: every version in the file counts, whether it serves or not.`,
        );
  const atMax = because(
    `${nodes}.max`,
    `Placed whole and largest first they take ${countText(steady.nodesUsed, "node")} of at most ${pool.nodes.max}, with ${countText(pool.gpusPerNode, "GPU")} each.`,
  );
  if (releases.length === 0) return [first];
  if (fitsMin) return [first, atMax];
  return [
    first,
    atMax,
    because(
      `${nodes}.min`,
      `That is more than the ${pool.nodes.min} always there (${countText(pool.nodes.min * pool.gpusPerNode, "GPU")}): until further nodes join, some replicas wait.`,
    ),
  ];
}

function tooFewGpus(
  poolName: string,
  pool: NodePoolConfig,
  releases: readonly ReleaseContext[],
  steady: Packing,
  neededGpus: number,
): Finding {
  const largest = releases.reduce((a, b) => (gpusOf([groupOf(b)]) > gpusOf([groupOf(a)]) ? b : a));
  const parameters = {
    pool: poolName,
    neededGpus,
    availableGpus: pool.nodes.max * pool.gpusPerNode,
    unplacedReplicas: steady.unplacedReplicas,
    unplacedGpus: steady.unplacedGpus,
    maxNodes: pool.nodes.max,
    gpusPerNode: pool.gpusPerNode,
  };
  const models = new Map(releases.map((context) => [context.modelName, context]));
  return finding("CAP-101", at(["models", largest.modelName, "replicas"]), parameters, [
    ...[...models.values()]
      .filter(({ modelName }) => modelName !== largest.modelName)
      .map(({ modelName }) => ({
        path: ["models", modelName, "replicas"],
        text: `${modelName} holds ${countText(gpusOf(releases.filter((context) => context.modelName === modelName).map(groupOf)), "GPU")} on the same pool`,
      })),
    {
      path: ["nodePools", poolName, "nodes", "max"],
      text: `at most ${countText(pool.nodes.max, "node")} are set here`,
    },
  ]);
}
