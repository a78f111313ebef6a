import type { Reason, ReleaseBlueprint } from "./blueprint.ts";
import { countText, durationText, gibText } from "./figures.ts";

/** One decided figure of a release as the explanation shows it. */
export interface ReleaseFact {
  readonly title: string;
  readonly value: string;
  readonly because: readonly Reason[];
  /** What a reader would touch to get another value. */
  readonly change: string;
}

/** Every figure of a release, in the order in which a reader asks for them. */
export function releaseFacts(release: ReleaseBlueprint): ReleaseFact[] {
  return [...identityFacts(release), ...sizeFacts(release), ...lifecycleFacts(release)];
}

function identityFacts({ image, weights }: ReleaseBlueprint): ReleaseFact[] {
  return [
    {
      title: "Image",
      value: image.value.deployed,
      because: image.because,
      change: "Set `image` of the version, then run `freehold lock`.",
    },
    {
      title: "Weights",
      value: `${gibText(weights.bytes.value)}, revision ${weights.deployedRevision}`,
      because: weights.bytes.because,
      change:
        "Add a version with other `weights` and run `freehold lock`; the old version stays until `traffic` names the new one.",
    },
    {
      title: "Weight volume",
      value: gibText(weights.claimBytes.value),
      because: weights.claimBytes.because,
      change: "It follows from the size of the weights. Another revision gets a volume of its own.",
    },
    {
      title: "Fetching the weights",
      value: `at most ${durationText(weights.fetchTimeoutSeconds.value)}`,
      because: weights.fetchTimeoutSeconds.because,
      change: "It follows from the size of the weights.",
    },
  ];
}

function sizeFacts(release: ReleaseBlueprint): ReleaseFact[] {
  return [
    {
      title: "Replicas",
      value: String(release.replicas.value),
      because: release.replicas.because,
      change: `Set \`replicas\` of the model; one more takes ${countText(release.gpusPerReplica.value, "GPU")} for each version.`,
    },
    {
      title: "GPUs a replica",
      value: String(release.gpusPerReplica.value),
      because: release.gpusPerReplica.because,
      change:
        "Set `tensorParallelSize` of the model: more GPUs leave more memory for the cache, and fewer replicas fit the pool.",
    },
    {
      title: "CPU a replica",
      value: `${countText(release.cpu.value.requestMillicores / 1000, "core")}, no limit`,
      because: release.cpu.because,
      change: "It follows from `tensorParallelSize`.",
    },
    {
      title: "Host memory a replica",
      value: gibText(release.hostMemoryBytes.value),
      because: release.hostMemoryBytes.because,
      change: "It follows from `tensorParallelSize` and the size of the weights, up to 5 GiB a GPU.",
    },
    {
      title: "Shared memory",
      value: gibText(release.sharedMemoryBytes.value),
      because: release.sharedMemoryBytes.because,
      change: "It follows from `tensorParallelSize`: one GPU or several.",
    },
  ];
}

function lifecycleFacts(release: ReleaseBlueprint): ReleaseFact[] {
  const { rollout, drain, startup, readiness, liveness, disruptionBudget } = release;
  const percent = Math.floor(rollout.value.capacityDuringRollout * 100);
  const surges = rollout.value.strategy === "surge";
  return [
    {
      title: "Roll-out",
      value: surges
        ? "the successor starts first, nothing is lost"
        : `in place, ${percent} % of the capacity serves meanwhile`,
      because: rollout.because,
      change: surges
        ? `It becomes in place when the pool has no longer ${countText(release.gpusPerReplica.value, "GPU")} to spare in one node.`
        : `It needs ${countText(release.gpusPerReplica.value, "spare GPU")} in one node: raise \`nodePools.${release.nodePool}.nodes.max\`, or lower what else runs there.`,
    },
    {
      title: "Stopping",
      value: `within ${drain.value.terminationGracePeriodSeconds} s`,
      because: drain.because,
      change: "Set `drainTimeout` of the model to the longest answer that must not be cut off.",
    },
    {
      title: "Starting",
      value: `within ${durationText(startup.value.budgetSeconds)}`,
      because: startup.because,
      change: "It follows from the size of the weights; above the floor each GiB more adds about 16 s.",
    },
    {
      title: "A stuck replica is reported after",
      value: durationText(release.progressDeadlineSeconds.value),
      because: release.progressDeadlineSeconds.because,
      change: "It follows from the start-up budget and the drain.",
    },
    {
      title: "Helm rolls back after",
      value: durationText(release.releaseTimeoutSeconds.value),
      because: release.releaseTimeoutSeconds.because,
      change: "It follows from `replicas` and what one replica may take.",
    },
    {
      title: "Ready",
      value: `${readiness.value.path} answers`,
      because: readiness.because,
      change: "No key of the file changes it.",
    },
    {
      title: "Alive",
      value: `no stall of ${liveness.value.stallSeconds} s under work`,
      because: liveness.because,
      change: "No key of the file changes it.",
    },
    {
      title: "Node drains",
      value: `${countText(disruptionBudget.value.maxUnavailable, "replica")} at a time`,
      because: disruptionBudget.because,
      change:
        disruptionBudget.value.maxUnavailable < release.replicas.value
          ? "No key changes it."
          : "No key changes it; with two `replicas` or more, something keeps serving.",
    },
  ];
}
