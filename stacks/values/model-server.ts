import type { GatewayBlueprint, ReleaseBlueprint } from "../../decisions/blueprint.ts";
import { cores, quantity } from "../quantity.ts";
import type { ModelServerValues } from "./model-server-schema.ts";

/** What a release's values need besides the release. */
export interface ModelServerContext {
  /** Value of the label `freehold/stack` on the namespaces whose pods may call the model. */
  readonly stack: string;
  /** Value of the label `freehold/environment` on them. */
  readonly environment: string;
  /** Who alone may call the model; null where pods with a label may. */
  readonly gateway: GatewayBlueprint | null;
}

/** Values of `charts/model-server` for one model version. What it leaves out has a default in the chart. */
export function modelServerValues(
  release: ReleaseBlueprint,
  { stack, environment, gateway }: ModelServerContext,
): ModelServerValues {
  const { rollout, drain, startup, readiness, liveness } = release;
  return {
    stack,
    environment,
    ...(gateway === null ? {} : { callers: serviceCallers(gateway) }),
    model: release.model,
    version: release.version,
    image: release.image.value.deployed,
    weights: { claim: release.weights.claim, revision: release.weights.deployedRevision },
    allowUnlocked: release.image.value.digest === null || release.weights.commit === null,
    args: [
      release.weights.repository,
      ...release.engineArguments.flatMap(({ flag, value }) => (value === null ? [flag] : [flag, value])),
    ],
    env: Object.fromEntries(release.environment.map(({ name, value }) => [name, value])),
    replicas: release.replicas.value,
    resources: {
      gpus: release.gpusPerReplica.value,
      cpu: cores(release.cpu.value.requestMillicores),
      memory: quantity(release.hostMemoryBytes.value),
      sharedMemory: quantity(release.sharedMemoryBytes.value),
    },
    nodeSelector: { ...release.nodeSelector },
    tolerations: release.tolerations.value.map((toleration) => ({ ...toleration })),
    priorityClassName: release.priorityClass,
    spreadOverZones: release.spreadOverZones,
    rollout: {
      maxSurge: rollout.value.maxSurge,
      maxUnavailable: rollout.value.maxUnavailable,
      progressDeadlineSeconds: release.progressDeadlineSeconds.value,
    },
    drain: {
      preStopSeconds: drain.value.preStopSeconds,
      terminationGracePeriodSeconds: drain.value.terminationGracePeriodSeconds,
    },
    probes: {
      startup: {
        path: startup.value.path,
        periodSeconds: startup.value.periodSeconds,
        failureThreshold: startup.value.failureThreshold,
      },
      readiness: { ...readiness.value },
      liveness: { ...liveness.value },
    },
    disruptionBudget: { ...release.disruptionBudget.value },
  };
}

/** Labels that select the pods of one release, and no others. The chart never changes them. */
export function modelServerSelector({ release }: Pick<ReleaseBlueprint, "release">): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/name": "model-server", "app.kubernetes.io/instance": release };
}

/** The gateway's pods, as a policy selects them. */
function serviceCallers({ namespace, release }: GatewayBlueprint): ModelServerValues["callers"] {
  return {
    namespaceLabels: { "kubernetes.io/metadata.name": namespace },
    podLabels: { "app.kubernetes.io/instance": release, "app.kubernetes.io/name": "gateway" },
  };
}
