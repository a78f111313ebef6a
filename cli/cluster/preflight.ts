import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { type ClusterAccess, kubectlJson } from "./kubectl.ts";
import { checkWaysIn } from "./way-in.ts";

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: { readonly unschedulable?: boolean };
    readonly status: { readonly allocatable?: Readonly<Record<string, string>> };
  }[];
}

interface StorageClassList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  }[];
}

/** What keeps this Blueprint from a cluster of the user's own, found before anything is applied. */
export async function preflight(access: ClusterAccess, blueprint: Blueprint): Promise<readonly Finding[]> {
  const [nodes, classes, wayIn] = await Promise.all([
    kubectlJson<NodeList>(access, ["get", "nodes"]),
    kubectlJson<StorageClassList>(access, ["get", "storageclasses"]),
    checkWaysIn(access, blueprint),
  ]);
  return [
    ...unlockedReferences(access.context, blueprint),
    ...missingGpus(nodes, access.context, blueprint),
    ...missingStorageClass(classes, access.context, blueprint.cluster.weightsStorageClass),
    ...wayIn,
  ];
}

/** `target: local` may be unlocked because containers are simulated there; with `--context` the same file runs for real. */
function unlockedReferences(context: string, { models }: Blueprint): readonly Finding[] {
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const references = releases.flatMap(({ image, weights }) => [
    ...(image.value.digest === null ? [image.value.reference] : []),
    ...(weights.commit === null ? [`${weights.repository}@${weights.revision}`] : []),
  ]);
  if (references.length === 0) return [];
  return [finding("RUN-145", { subject: context }, { context, references: [...new Set(references)] })];
}

function missingGpus(nodes: NodeList, context: string, blueprint: Blueprint): readonly Finding[] {
  return Object.entries(blueprint.nodePools).flatMap(([pool, { nodeSelector, gpusNeeded, gpusAtMin, gpusAtMax }]) => {
    const selector = Object.entries(nodeSelector);
    const found = nodes.items
      .filter(({ spec }) => spec.unschedulable !== true)
      .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
      .reduce((sum, { status }) => sum + Number(status.allocatable?.["nvidia.com/gpu"] ?? 0), 0);
    // An autoscaler adds the nodes between min and max only once pods wait for them.
    const needed = gpusAtMax > gpusAtMin ? Math.min(gpusNeeded.value, gpusAtMin) : gpusNeeded.value;
    if (found >= needed) return [];
    return [
      finding(
        "RUN-143",
        { subject: context },
        { context, pool, found, needed, selector: selector.map(([key, value]) => `${key}=${value}`).join(",") },
      ),
    ];
  });
}

function missingStorageClass(classes: StorageClassList, context: string, wanted: string): readonly Finding[] {
  const names = classes.items.map(({ metadata }) => metadata.name);
  if (names.includes(wanted)) return [];
  return [finding("RUN-144", { subject: context }, { context, storageClass: wanted, classes: names })];
}

/** The cluster's own default storage class, or null. */
export async function defaultStorageClass(access: ClusterAccess): Promise<string | null> {
  const { items } = await kubectlJson<StorageClassList>(access, ["get", "storageclasses"]);
  const isDefault = "storageclass.kubernetes.io/is-default-class";
  return items.find(({ metadata }) => metadata.annotations?.[isDefault] === "true")?.metadata.name ?? null;
}
