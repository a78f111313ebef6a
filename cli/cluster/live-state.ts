import type { Blueprint } from "../../decisions/blueprint.ts";
import { type ClusterAccess, kubectlJson } from "./kubectl.ts";

export interface ReleaseState {
  readonly stack: "inference";
  readonly release: string;
  readonly model: string;
  readonly version: string;
  readonly serving: boolean;
  readonly replicasReady: number;
  readonly replicasWanted: number;
  readonly gpusHeld: number;
}

export interface PoolState {
  readonly pool: string;
  readonly nodesReady: number;
  readonly gpusHeld: number;
  readonly gpusAvailable: number;
}

/** The namespace that everything runs in, and its share of GPUs. */
export interface PlatformState {
  readonly namespace: string;
  /** True when the namespace is there, is not on its way out, and has its quota. */
  readonly ready: boolean;
  readonly gpusUsed: number;
  readonly gpusAllowed: number;
}

/** What runs of a stack file, as the cluster tells it. */
export interface LiveState {
  readonly platform: PlatformState;
  readonly releases: readonly ReleaseState[];
  readonly pools: readonly PoolState[];
}

interface Labelled {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}
interface Deployment extends Labelled {
  readonly status?: { readonly readyReplicas?: number };
}
interface Pod extends Labelled {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } }[];
  };
  readonly status: { readonly phase: string };
}
interface Namespace extends Labelled {
  readonly status?: { readonly phase?: string };
}
interface Quota extends Labelled {
  readonly spec: { readonly hard?: Readonly<Record<string, string>> };
  readonly status?: { readonly used?: Readonly<Record<string, string>> };
}
interface Node extends Labelled {
  readonly status: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}
interface List<T> {
  readonly items: readonly T[];
}

const gpusOf = (pod: Pod): number =>
  pod.spec.containers.reduce((sum, { resources }) => sum + Number(resources?.requests?.["nvidia.com/gpu"] ?? 0), 0);

function platformState(namespace: string, namespaces: List<Namespace>, quotas: List<Quota>): PlatformState {
  const resource = "requests.nvidia.com/gpu";
  const quota = quotas.items.find(({ spec }) => spec.hard?.[resource] !== undefined);
  const isActive = namespaces.items.some(
    ({ metadata, status }) => metadata.name === namespace && status?.phase === "Active",
  );
  return {
    namespace,
    ready: isActive && quota !== undefined,
    gpusUsed: Number(quota?.status?.used?.[resource] ?? 0),
    gpusAllowed: Number(quota?.spec.hard?.[resource] ?? 0),
  };
}

/** Reads the state of the platform, every release and node pool of a Blueprint. */
export async function readLiveState(access: ClusterAccess, blueprint: Blueprint): Promise<LiveState> {
  const namespace = blueprint.namespaces.inference;
  const [namespaces, quotas, deployments, pods, nodes] = await Promise.all([
    kubectlJson<List<Namespace>>(access, ["get", "namespaces", `--field-selector=metadata.name=${namespace}`]),
    kubectlJson<List<Quota>>(access, ["get", "resourcequotas", "--namespace", namespace]),
    kubectlJson<List<Deployment>>(access, ["get", "deployments", "--namespace", namespace]),
    // GPUs held by anybody count: two stacks may share the nodes.
    kubectlJson<List<Pod>>(access, ["get", "pods", "--all-namespaces"]),
    kubectlJson<List<Node>>(access, ["get", "nodes"]),
  ]);
  const running = pods.items.filter(
    ({ status, spec }) => spec.nodeName !== undefined && /Running|Pending/.test(status.phase),
  );
  const releases = Object.entries(blueprint.models).flatMap(([model, { versions, servingVersion }]) =>
    Object.entries(versions).map(([version, { release, replicas }]): ReleaseState => {
      const deployment = deployments.items.find(({ metadata }) => metadata.name === release);
      return {
        stack: "inference",
        release,
        model,
        version,
        serving: version === servingVersion,
        replicasReady: deployment?.status?.readyReplicas ?? 0,
        replicasWanted: replicas.value,
        gpusHeld: sumGpus(
          running.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/instance"] === release),
        ),
      };
    }),
  );
  const pools = Object.entries(blueprint.nodePools).map(([pool, { nodeSelector }]): PoolState => {
    const members = nodes.items.filter(({ metadata }) =>
      Object.entries(nodeSelector).every(([key, value]) => metadata.labels?.[key] === value),
    );
    const ready = members.filter(({ status }) =>
      status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"),
    );
    const names = new Set(members.map(({ metadata }) => metadata.name));
    return {
      pool,
      nodesReady: ready.length,
      gpusHeld: sumGpus(running.filter(({ spec }) => names.has(spec.nodeName ?? ""))),
      gpusAvailable: ready.reduce((sum, { status }) => sum + Number(status.allocatable?.["nvidia.com/gpu"] ?? 0), 0),
    };
  });
  return { platform: platformState(namespace, namespaces, quotas), releases, pools };
}

function sumGpus(pods: readonly Pod[]): number {
  return pods.reduce((sum, pod) => sum + gpusOf(pod), 0);
}

/** True when the platform is there and every wanted replica is ready. */
export function isReady({ platform, releases }: LiveState): boolean {
  return platform.ready && releases.every(({ replicasReady, replicasWanted }) => replicasReady >= replicasWanted);
}
