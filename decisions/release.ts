import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import type { Lock } from "../config/lock/schema.ts";
import { checkWeightsFit, decideGpusPerReplica } from "./accelerator-fit.ts";
import type { ReleaseBlueprint } from "./blueprint.ts";
import { decideDisruptionBudget } from "./disruption.ts";
import { decideDrain } from "./drain.ts";
import { decideEngineImage } from "./engines/image.ts";
import { vllmArguments, vllmEnvironment } from "./engines/vllm.ts";
import { decideCpu, decideHostMemory, decideSharedMemory } from "./memory.ts";
import { nodeSelectorOf } from "./node-pool.ts";
import type { PoolPlacement } from "./placement.ts";
import { priorityClassName } from "./priority.ts";
import type { ReleaseContext } from "./release-context.ts";
import { decideRollout, noRoom } from "./rollout.ts";
import { describeSizing } from "./sizing-blueprint.ts";
import { decideDeadlines, decideLiveness, decideReadiness, decideStartup } from "./startup.ts";
import { decideTolerations } from "./tolerations.ts";
import { decideWeights, gpuResidentBytes } from "./weights.ts";

interface DecidedRelease {
  /** Null when the size of the weights is not known: most of a release follows from it. */
  readonly release: ReleaseBlueprint | null;
  readonly findings: readonly Finding[];
}

/** One model version as it will be deployed. */
export function decideRelease(
  context: ReleaseContext,
  stack: string,
  lock: Lock | null,
  placement: PoolPlacement,
): DecidedRelease {
  const { modelName, model, shape, versionName, version, poolName, pool, versionPath, catalog } = context;
  const weights = decideWeights(context, lock);
  if (weights === null) {
    const { repository, revision } = version.weights;
    const parameters = { model: modelName, version: versionName, repository, revision };
    const place = at(["models", modelName, "versions", versionName, "weights"], "key");
    return { release: null, findings: [finding("CAP-105", place, parameters)] };
  }
  const residentBytes = gpuResidentBytes(weights);
  const room = placement.surge.get(context.release) ?? noRoom;
  const rollout = decideRollout(context, room);
  const drain = decideDrain(context);
  const sharedMemoryBytes = decideSharedMemory(context);
  const startup = decideStartup(weights.bytes, `${versionPath}.weights`);
  const deadlines = decideDeadlines({
    startup: startup.value,
    graceSeconds: drain.value.terminationGracePeriodSeconds,
    replicas: shape.replicas.value,
    waitsForNodes: placement.waitsForNodes || room.nodesBeyondMin > 0,
    replicasPath: shape.replicas.path,
  });
  const findings = [...checkWeightsFit(context, residentBytes)];
  if (rollout.value.capacityDuringRollout === 0) {
    findings.push(
      finding("CAP-107", at(["models", modelName, "replicas"]), {
        model: modelName,
        version: versionName,
        gpus: shape.tensorParallelSize.value,
        pool: poolName,
        minutes: Math.ceil((drain.value.terminationGracePeriodSeconds + startup.value.budgetSeconds) / 60),
      }),
    );
  }
  const release: ReleaseBlueprint = {
    release: context.release,
    model: modelName,
    version: versionName,
    engine: model.engine,
    task: model.task,
    image: decideEngineImage(context, lock),
    weights,
    nodePool: poolName,
    accelerator: pool.accelerator,
    nodeSelector: nodeSelectorOf(poolName, pool),
    tolerations: decideTolerations(catalog),
    priorityClass: priorityClassName(stack, shape.tensorParallelSize.value),
    spreadOverZones: (pool.zones?.length ?? 1) > 1,
    replicas: { value: shape.replicas.value, because: shape.replicas.because },
    sizing: shape.sizing === null ? null : describeSizing(shape.sizing),
    gpusPerReplica: decideGpusPerReplica(context, residentBytes),
    cpu: decideCpu(context),
    hostMemoryBytes: decideHostMemory(context, weights.bytes, sharedMemoryBytes),
    sharedMemoryBytes,
    rollout,
    drain,
    startup,
    readiness: decideReadiness(),
    liveness: decideLiveness(),
    disruptionBudget: decideDisruptionBudget(context),
    releaseTimeoutSeconds: deadlines.release,
    progressDeadlineSeconds: deadlines.progress,
    engineArguments: vllmArguments(context, weights, drain),
    environment: vllmEnvironment(weights),
  };
  return { release, findings };
}
