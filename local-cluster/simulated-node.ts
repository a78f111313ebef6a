/** A node that kwok stands for: the API knows it, the scheduler counts its resources, no container runs on it. */
export interface SimulatedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  }[];
  readonly gpus: number;
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

/**
 * The label by which kwok knows its nodes. A label and not the annotation of kwok's examples, because the API server
 * tells a watcher when a label stops to match: kwok lets go of the node at once, which `failNode` needs.
 */
export const managedByKwok = { key: "kwok.x-k8s.io/node", value: "fake" } as const;

/** The annotation that holds what a node was made from. Nodes without it (real ones) are never touched. */
export const simulatedFrom = "freehold.dev/simulated-from";

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** The parts of a Node object that are read here. */
export interface NodeObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly taints?: readonly Taint[] };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The Node object of a simulated node, with all the status that a kubelet would report on its first call. */
export function nodeManifest(node: SimulatedNode): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: labelsOf(node), annotations: annotationsOf(node) },
    ...(node.taints.length === 0 ? {} : { spec: { taints: node.taints } }),
    status: {
      ...resourcesOf(node),
      addresses: [{ type: "Hostname", address: node.name }],
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        osImage: "simulated",
        kernelVersion: "simulated",
        containerRuntimeVersion: "simulated://1",
        kubeletVersion: "simulated",
        kubeProxyVersion: "",
        bootID: "",
        machineID: "",
        systemUUID: "",
      },
    },
  };
}

/** The merge patch that makes an existing node what `node` says; undefined when it is that already. */
export function nodePatch(existing: NodeObject, node: SimulatedNode): object | undefined {
  const before = existing.metadata.annotations?.[simulatedFrom];
  const labels = labelsOf(node);
  const annotations = annotationsOf(node);
  const taints = existing.spec?.taints ?? [];
  const wanted = [...node.taints, ...taints.filter(isSetByKubernetes)];
  const isSame =
    holds(existing.metadata.labels, labels) &&
    holds(existing.metadata.annotations, annotations) &&
    JSON.stringify(sortedTaints(taints)) === JSON.stringify(sortedTaints(wanted));
  if (isSame) return undefined;
  const dropped = labelsBefore(before).filter((key) => !(key in labels));
  return {
    metadata: { labels: { ...labels, ...Object.fromEntries(dropped.map((key) => [key, null])) }, annotations },
    spec: { taints: wanted },
  };
}

/** The merge patch for the status of an existing node; undefined when its resources are right. */
export function nodeStatusPatch(existing: NodeObject, node: SimulatedNode): object | undefined {
  const wanted: Readonly<Record<string, string>> = resourcesOf(node).allocatable;
  const actual = existing.status?.allocatable ?? {};
  const surplus = Object.keys(actual).filter((key) => !(key in wanted));
  const isSame = Object.entries(wanted).every(([key, value]) => sameQuantity(actual[key], value));
  if (isSame && surplus.length === 0) return undefined;
  const resources = { ...wanted, ...Object.fromEntries(surplus.map((key) => [key, null])) };
  return { status: { capacity: resources, allocatable: resources } };
}

/** True when the node works. One that a person has cordoned works too: waiting for it to change would be for ever. */
export function isReady(node: NodeObject): boolean {
  const ready = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  const troubles = (node.spec?.taints ?? []).filter(isSetByKubernetes);
  return ready && troubles.every(({ key }) => key === "node.kubernetes.io/unschedulable");
}

function labelsOf(node: SimulatedNode): Record<string, string> {
  return {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    [managedByKwok.key]: managedByKwok.value,
    ...node.labels,
  };
}

function annotationsOf(node: SimulatedNode): Record<string, string> {
  return { [simulatedFrom]: JSON.stringify(node) };
}

function labelsBefore(annotation: string | undefined): string[] {
  if (annotation === undefined) return [];
  try {
    return Object.keys((JSON.parse(annotation) as SimulatedNode).labels ?? {});
  } catch {
    return [];
  }
}

function resourcesOf(node: SimulatedNode) {
  const resources = {
    cpu: quantityOfCpu(node.cpuMillicores),
    memory: String(node.memoryBytes),
    pods: "110",
    // Engines and databases ask for it, and a node without any refuses them.
    "ephemeral-storage": String(2 * 2 ** 40),
    ...(node.gpus === 0 ? {} : { "nvidia.com/gpu": String(node.gpus) }),
  };
  return { capacity: resources, allocatable: resources };
}

/** In the form in which the API server gives it back, so that comparing finds no difference where there is none. */
function quantityOfCpu(millicores: number): string {
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}

/** Taints that the control plane sets and clears by itself, such as `node.kubernetes.io/not-ready`. */
function isSetByKubernetes({ key }: Taint): boolean {
  return key.startsWith("node.kubernetes.io/");
}

function sortedTaints(taints: readonly Taint[]): string[] {
  return taints.map(({ key, value, effect }) => `${key}=${value ?? ""}:${effect}`).sort();
}

function holds(
  actual: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => actual?.[key] === value);
}

const binary = ["Ki", "Mi", "Gi", "Ti", "Pi"].map((suffix, index) => [suffix, 1024n ** BigInt(index + 1)] as const);
const decimal = ["k", "M", "G", "T", "P"].map((suffix, index) => [suffix, 1000n ** BigInt(index + 1)] as const);
const multipliers: ReadonlyMap<string, bigint> = new Map([["", 1n], ...binary, ...decimal]);

/** The API server shortens round numbers: 128000000000 comes back as 128G. */
function sameQuantity(actual: string | undefined, wanted: string): boolean {
  return actual === wanted || (actual !== undefined && wholeNumber(actual) === (wholeNumber(wanted) ?? -1n));
}

/** The number that a quantity without a fraction stands for. */
function wholeNumber(quantity: string): bigint | undefined {
  const [, digits, suffix = ""] = /^(\d+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const multiplier = multipliers.get(suffix);
  return digits === undefined || multiplier === undefined ? undefined : BigInt(digits) * multiplier;
}
