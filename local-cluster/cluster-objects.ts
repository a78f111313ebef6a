import type { ApiClient } from "./api-client.ts";
import { kwokUser } from "./credentials.ts";
import {
  managedByKwok,
  type NodeObject,
  nodeManifest,
  nodePatch,
  nodeStatusPatch,
  type SimulatedNode,
  simulatedFrom,
} from "./simulated-node.ts";

/** The StorageClass that claims name here. */
const storageClassName = "freehold-local";

const volumeCount = 40;
const volumeSize = "2Ti";

interface List<T> {
  readonly items: readonly T[];
}

/** Gives kwok the rights it needs, and no others. */
export async function grantKwokAccess(api: ApiClient): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const name = "freehold:kwok";
  const read = ["get", "list", "watch"];
  const write = ["create", "update", "patch"];
  await api.patch(`${rbac}/clusterroles/${name}`, "apply", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: [
      { apiGroups: [""], resources: ["nodes"], verbs: read },
      { apiGroups: [""], resources: ["pods"], verbs: [...read, "update", "patch", "delete"] },
      { apiGroups: [""], resources: ["nodes/status", "pods/status"], verbs: ["update", "patch"] },
      { apiGroups: [""], resources: ["events"], verbs: write },
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [...read, ...write] },
    ],
  });
  await api.patch(`${rbac}/clusterrolebindings/${name}`, "apply", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: kwokUser }],
  });
}

interface VolumeObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string };
}

/**
 * Sees that claims of the local StorageClass find a volume. Nothing makes volumes on demand here, so a stock of
 * them lies ready; nothing is ever mounted, so their paths need not exist. Volumes whose claim is gone are put
 * back into the stock.
 */
export async function ensureVolumes(api: ApiClient): Promise<void> {
  const classPath = `/apis/storage.k8s.io/v1/storageclasses/${storageClassName}`;
  if ((await api.get(classPath)) === undefined) {
    await api.patch(classPath, "apply", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "kubernetes.io/no-provisioner",
      volumeBindingMode: "Immediate",
      reclaimPolicy: "Retain",
    });
  }
  const volumes = "/api/v1/persistentvolumes";
  const existing = (await api.get<List<VolumeObject>>(volumes))?.items ?? [];
  const names = new Set(existing.map(({ metadata }) => metadata.name));
  const missing = Array.from({ length: volumeCount }, (_, index) => volumeName(index)).filter(
    (name) => !names.has(name),
  );
  const released = existing.filter(({ status }) => status?.phase === "Released");
  await Promise.all([
    ...missing.map((name) => api.create(volumes, volumeManifest(name))),
    ...released.map(({ metadata }) => api.patch(`${volumes}/${metadata.name}`, "merge", { spec: { claimRef: null } })),
  ]);
}

function volumeName(index: number): string {
  return `${storageClassName}-${String(index + 1).padStart(2, "0")}`;
}

function volumeManifest(name: string): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      storageClassName,
      capacity: { storage: volumeSize },
      accessModes: ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path: `/var/lib/freehold-simulated/${name}` },
    },
  };
}

/** Makes the simulated nodes of the cluster equal to `nodes`. Nodes that are not simulated are left alone. */
export async function convergeNodes(api: ApiClient, nodes: readonly SimulatedNode[]): Promise<void> {
  const existing = new Map((await listNodes(api)).map((node) => [node.metadata.name, node]));
  await Promise.all(
    nodes.map(async (node) => {
      const found = existing.get(node.name);
      if (found === undefined) return api.create("/api/v1/nodes", nodeManifest(node));
      const patch = nodePatch(found, node);
      const statusPatch = nodeStatusPatch(found, node);
      if (patch !== undefined) await api.patch(nodePath(node.name), "merge", patch);
      if (statusPatch !== undefined) await api.patch(`${nodePath(node.name)}/status`, "merge", statusPatch);
    }),
  );
  const wanted = new Set(nodes.map(({ name }) => name));
  const surplus = [...existing.values()].filter(
    ({ metadata }) => simulatedFrom in (metadata.annotations ?? {}) && !wanted.has(metadata.name),
  );
  await Promise.all(surplus.map(({ metadata }) => api.delete(nodePath(metadata.name))));
}

/**
 * Cuts a simulated node off: kwok no longer speaks for it, as when a machine loses power. Its lease runs out, the
 * control plane finds it dead after the grace period, and its pods are moved as on a real cluster.
 */
export async function failNode(api: ApiClient, name: string): Promise<void> {
  await api.patch(nodePath(name), "merge", { metadata: { labels: { [managedByKwok.key]: null } } });
}

/** Lets kwok speak for a node again, as when its machine comes back. */
export async function recoverNode(api: ApiClient, name: string): Promise<void> {
  await api.patch(nodePath(name), "merge", { metadata: { labels: { [managedByKwok.key]: managedByKwok.value } } });
}

export async function listNodes(api: ApiClient): Promise<readonly NodeObject[]> {
  return (await api.get<List<NodeObject>>("/api/v1/nodes"))?.items ?? [];
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}
