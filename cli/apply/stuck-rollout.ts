import { setTimeout } from "node:timers/promises";
import { type ClusterAccess, kubectl } from "../cluster/kubectl.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
}
interface List<T> {
  readonly items: readonly T[];
}
export interface DeploymentObject {
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}
interface PodObject {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

/** A roll-out that its Deployment has given up. */
export interface StuckRollout {
  /** Differs from one roll-out that got stuck to the next. */
  readonly mark: string;
  readonly detail: string;
}

const pollMilliseconds = 5000;

/** The first Deployment that has passed its progress deadline, or null. What its controller has not seen yet is not stuck. */
export function findStuck(deployments: readonly DeploymentObject[]): StuckRollout | null {
  for (const { metadata, status } of deployments) {
    if (metadata.generation !== status?.observedGeneration) continue;
    const condition = status?.conditions?.find(
      ({ type, status: state, reason }) =>
        type === "Progressing" && state === "False" && reason === "ProgressDeadlineExceeded",
    );
    if (condition === undefined) continue;
    return {
      mark: `${metadata.name} ${metadata.generation} ${condition.lastUpdateTime ?? ""}`,
      detail: `Deployment ${metadata.name}: ${condition.message ?? "it has passed its progress deadline"}`,
    };
  }
  return null;
}

/** What keeps the first pod that is not ready, in Kubernetes' own words, or null. */
export function firstTrouble(pods: readonly PodObject[]): string | null {
  for (const { metadata, status } of pods) {
    const unscheduled = status.conditions?.find(
      ({ type, status: state }) => type === "PodScheduled" && state === "False",
    );
    if (unscheduled !== undefined) {
      return `Pod ${metadata.name} has no node: ${unscheduled.message ?? unscheduled.reason ?? "no reason was given"}`;
    }
    const waiting = status.containerStatuses?.find(({ state }) => state?.waiting !== undefined)?.state?.waiting;
    if (waiting !== undefined) return `Pod ${metadata.name}: ${waiting.reason ?? ""} ${waiting.message ?? ""}`.trim();
  }
  return null;
}

/** Objects of one release; none when the cluster does not answer: it is asked again, and Helm has its own time-out. */
async function objectsOf<T>(access: ClusterAccess, kind: string, place: ReleasePlace): Promise<readonly T[]> {
  const selector = `--selector=app.kubernetes.io/instance=${place.name}`;
  const result = await kubectl(access, ["get", kind, "--namespace", place.namespace, selector, "--output", "json"]);
  if (result.status !== 0) return [];
  try {
    return (JSON.parse(result.stdout) as List<T>).items;
  } catch {
    // Broken off in the middle of its answer.
    return [];
  }
}

interface ReleasePlace {
  readonly name: string;
  readonly namespace: string;
}

/**
 * What stopped a roll-out, once its Deployment has passed its progress deadline; null once `signal` is aborted. Helm waits
 * for replicas without looking at that, for hours where there are many. A roll-out that was stuck before is another one.
 */
export async function rolloutStuck(
  access: ClusterAccess,
  place: ReleasePlace,
  signal: AbortSignal,
): Promise<string | null> {
  const stuck = async () => findStuck(await objectsOf<DeploymentObject>(access, "deployments", place));
  const before = await stuck();
  while (!signal.aborted) {
    try {
      await setTimeout(pollMilliseconds, undefined, { signal });
    } catch {
      return null;
    }
    const now = await stuck();
    if (now === null || now.mark === before?.mark) continue;
    const trouble = firstTrouble(await objectsOf<PodObject>(access, "pods", place));
    return trouble === null ? now.detail : `${now.detail}\n${trouble}`;
  }
  return null;
}
