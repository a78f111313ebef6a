import type { Reason, ReleaseBlueprint } from "./blueprint.ts";
import { countText, durationText, gibText } from "./figures.ts";
import { because } from "./reason.ts";
import type { SizingBlueprint } from "./sizing-blueprint.ts";

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
  const { sizing, replicas, gpusPerReplica } = release;
  return [
    {
      title: "Replicas",
      value: `${replicas.value} of ${countText(gpusPerReplica.value, "GPU")}${fleetText(release)}`,
      because: replicas.because,
      change: `It follows from what the workloads ask; \`replicas\` of the model overrides it. One more takes ${countText(gpusPerReplica.value, "GPU")} for each version.`,
    },
    {
      title: "GPUs a replica",
      value: String(gpusPerReplica.value),
      because: gpusPerReplica.because,
      change:
        "`tensorParallelSize` of the model overrides it: more GPUs leave more memory for the cache and answer sooner, and fewer replicas fit the pool.",
    },
    ...(sizing === null ? [] : [memoryFact(sizing), ...cacheFacts(sizing)]),
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

/** `, 3 working and 1 spare`; nothing where the file sets another number. */
function fleetText({ sizing, replicas }: ReleaseBlueprint): string {
  const fleet = sizing?.fleet ?? null;
  return fleet === null || fleet.working + fleet.spare !== replicas.value
    ? ""
    : `, ${fleet.working} working and ${fleet.spare} spare`;
}

function memoryFact({ memory }: SizingBlueprint): ReleaseFact {
  const { visibleBytes, usableBytes, terms, cacheBytes, uncertaintyBytes } = memory;
  return {
    title: "Memory of a GPU",
    value: `${gibText(cacheBytes)} for the cache, ${gibText(uncertaintyBytes)} more or less`,
    because: [
      because(
        "policy",
        `It shows ${gibText(visibleBytes)}; gpuMemoryUtilization leaves the engine ${gibText(usableBytes)}. Of that go ${terms.map(({ name, bytes }) => `${gibText(bytes)} to ${termNames[name] ?? name}`).join(", ")}.`,
      ),
      ...terms.filter(({ name }) => name !== "non-torch").map(({ why }) => because("policy", why)),
    ],
    change: "Fewer requests at once (`maxNumSeqs`), smaller steps (`maxNumBatchedTokens`) or other weights leave more.",
  };
}

const termNames: Readonly<Record<string, string>> = {
  weights: "weights",
  "non-torch": "CUDA",
  activation: "the largest step",
  "cuda-graphs": "CUDA graphs",
};

function cacheFacts({ cacheTokens, longestRequests, points }: SizingBlueprint): ReleaseFact[] {
  return [
    {
      title: "Cache of a replica",
      value: `${cacheTokens} tokens, ${longestRequests.toFixed(1)} requests of the longest length`,
      because: [
        because("policy", "The figures that the engine prints when it starts; hold them against its log."),
        ...points.map(({ workload, path, concurrency }) =>
          because(path, `${workload}: ${concurrency} at once keep the objectives.`),
        ),
      ],
      change: "`maxModelLen` sets the longest length; the cache itself follows from the memory above.",
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
