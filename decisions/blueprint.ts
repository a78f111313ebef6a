import type { ClusterConfig, StateConfig } from "../config/schema/index.ts";
import type { AgentsSecret } from "./agents/secrets.ts";
import type { AgentsSettings, MigrationSettings } from "./agents/settings.ts";
import type { ExposureBlueprint } from "./exposure/blueprint.ts";
import type { GatewaySecret, GatewaySettings } from "./gateway/settings-form.ts";
import type { ResidencyBlueprint } from "./residency/facts.ts";
import type { SizingBlueprint } from "./sizing-blueprint.ts";

/** One ground of a decision: a key of the stack file, an entry of the lock or of the catalog, and what it says. */
export interface Reason {
  /** `models.chat.replicas`, `lock.images.<reference>`, `catalog.accelerators.<id>`, `policy` for a rule of Freehold's own. */
  readonly path: string;
  readonly text: string;
}

/** A decided value with everything that led to it. */
export interface Decided<T> {
  readonly value: T;
  readonly because: readonly Reason[];
}

/** What was decided, as plain data: the only door between the stack file and what is deployed. */
export interface Blueprint {
  readonly name: string;
  readonly environment: string;
  readonly state: StateConfig;
  readonly cluster: ClusterBlueprint;
  readonly namespaces: {
    readonly inference: string;
    /** Null where there is no gateway. */
    readonly gateway: string | null;
    /** Null where there are no agents. */
    readonly agents: string | null;
  };
  /** What may go where. */
  readonly residency: ResidencyBlueprint;
  /** What runs as the proxy of `residency.egress`; null where there is none. */
  readonly egressProxy: EgressProxyBlueprint | null;
  /** Most GPUs the inference namespace may request at any time, roll-outs included. */
  readonly gpuQuota: Decided<number>;
  /** One per distinct GPU count of a replica, in ascending order. */
  readonly priorityClasses: readonly PriorityClassBlueprint[];
  /** SHA-256 of the lock file's content, or null when there is no lock. */
  readonly lockHash: string | null;
  /** Seconds from a node's death until its replicas start elsewhere, if there is room. */
  readonly rescheduleSeconds: number;
  /** By pool name, sorted. */
  readonly nodePools: Readonly<Record<string, NodePoolBlueprint>>;
  /** By model name, sorted. */
  readonly models: Readonly<Record<string, ModelBlueprint>>;
  /** The one door to every model; null where callers reach the engines themselves. */
  readonly gateway: GatewayBlueprint | null;
  /** What works on runs of agents; null where the file has none. */
  readonly agents: AgentsBlueprint | null;
  /** Accepted warnings: code and written reason. */
  readonly silenced: Readonly<Record<string, string>>;
}

export interface EgressProxyBlueprint {
  readonly image: Decided<ImageBlueprint>;
  readonly replicas: Decided<number>;
  /** GPU nodes may be all that a cluster has. */
  readonly tolerations: Decided<readonly Toleration[]>;
}

export interface ClusterBlueprint {
  readonly target: ClusterConfig["target"];
  /** Context named in the file, or null. */
  readonly context: string | null;
  /** UID of the `kube-system` namespace named in the file, or null. */
  readonly uid: string | null;
  /** Storage class of the weight volumes; must offer ReadWriteMany. */
  readonly weightsStorageClass: string;
  /** Supported Kubernetes versions, inclusive, as `major.minor`. */
  readonly kubernetes: { readonly min: string; readonly max: string };
}

export interface PriorityClassBlueprint {
  readonly name: string;
  readonly gpusPerReplica: number;
  readonly value: number;
}

export interface NodePoolBlueprint {
  readonly accelerator: string;
  readonly gpusPerNode: number;
  readonly nodes: { readonly min: number; readonly max: number };
  readonly zones: readonly string[];
  /** Labels that select the pool's nodes. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly gpusAtMin: number;
  readonly gpusAtMax: number;
  /** GPUs that all versions in the file hold when nothing rolls. */
  readonly gpusNeeded: Decided<number>;
  /** GPUs held while every release that surges does so at once. */
  readonly gpusDuringRollout: Decided<number>;
  /** Whether all replicas still find a place without one node, of the smallest and of the largest pool. */
  readonly nodeLoss: { readonly survivesAtMin: boolean; readonly survivesAtMax: boolean };
}

export interface ModelBlueprint {
  /** Stable Service that callers use. */
  readonly service: string;
  readonly port: number;
  /** Key of `versions` that the stable Service points at. */
  readonly servingVersion: string;
  /** Share of the requests by version, in percent; several only where there is a gateway. */
  readonly traffic: Readonly<Record<string, number>>;
  /** What a second version of the same shape would take while both run, and whether the pool has it. */
  readonly overlap: Decided<{ readonly gpus: number; readonly fits: boolean }>;
  readonly versions: Readonly<Record<string, ReleaseBlueprint>>;
}

/** One model version: one Helm release. */
export interface ReleaseBlueprint {
  /** `<model>-<version>`: name of the Helm release and of its objects. */
  readonly release: string;
  readonly model: string;
  readonly version: string;
  readonly engine: "vllm";
  readonly task: "generate" | "embed";
  readonly image: Decided<ImageBlueprint>;
  readonly weights: WeightsBlueprint;
  readonly nodePool: string;
  readonly accelerator: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: Decided<readonly Toleration[]>;
  readonly priorityClass: string;
  readonly spreadOverZones: boolean;
  readonly replicas: Decided<number>;
  /** Null where neither memory nor speed could be computed, and the file sets size and number by hand. */
  readonly sizing: SizingBlueprint | null;
  readonly gpusPerReplica: Decided<number>;
  readonly cpu: Decided<{ readonly requestMillicores: number }>;
  /** Request and limit of the container, shared memory included. */
  readonly hostMemoryBytes: Decided<number>;
  readonly sharedMemoryBytes: Decided<number>;
  readonly rollout: Decided<Rollout>;
  readonly drain: Decided<Drain>;
  readonly startup: Decided<Startup>;
  readonly readiness: Decided<Probe>;
  readonly liveness: Decided<Liveness>;
  readonly disruptionBudget: Decided<{ readonly maxUnavailable: number }>;
  /** How long Helm waits for this release before it rolls back. */
  readonly releaseTimeoutSeconds: Decided<number>;
  readonly progressDeadlineSeconds: Decided<number>;
  readonly engineArguments: readonly EngineArgument[];
  readonly environment: readonly EnvironmentVariable[];
}

/** A service of Freehold's own: one Helm release. */
export interface ServiceBlueprint {
  /** Name of the Helm release and of its objects. */
  readonly release: string;
  readonly namespace: string;
  /** Service that callers use. */
  readonly service: string;
  readonly port: number;
  /** Health and metrics. */
  readonly adminPort: number;
  readonly image: Decided<ImageBlueprint>;
  readonly replicas: Decided<number>;
  readonly cpu: Decided<{ readonly requestMillicores: number }>;
  /** Request and limit. */
  readonly memoryBytes: Decided<number>;
  readonly drain: Decided<Drain>;
  /** How long Helm waits for the release before it rolls back. */
  readonly releaseTimeoutSeconds: Decided<number>;
  /** The way in from outside the cluster; null where there is none. */
  readonly exposure: ExposureBlueprint | null;
  /** Keys of existing Secrets in its namespace; `purpose` names the folder in which its pods find them. */
  readonly secrets: readonly { readonly purpose: string; readonly secret: string; readonly key: string }[];
}

/** The gateway. */
export interface GatewayBlueprint extends ServiceBlueprint {
  /** Keys of existing Secrets in its namespace. */
  readonly secrets: readonly GatewaySecret[];
  /** Whether all replicas count a day's limits together, or each has its share of them. */
  readonly budgets: Decided<"shared" | "divided">;
  /** After how long an answer that still runs is ended. Seconds. */
  readonly answerDeadline: Decided<number>;
  /** What its process reads; follows from the rest of the Blueprint. */
  readonly settings: GatewaySettings;
}

/** The orchestrator with its assistants. */
export interface AgentsBlueprint extends ServiceBlueprint {
  /** Connections to the database that all replicas open at most, while one more runs during a roll-out. */
  readonly connections: Decided<number>;
  /** Keys of existing Secrets in its namespace that replicas read. */
  readonly secrets: readonly AgentsSecret[];
  readonly migration: MigrationBlueprint;
  readonly environment: readonly EnvironmentVariable[];
  /** What its process reads; follows from the rest of the Blueprint. */
  readonly settings: AgentsSettings;
}

/** What changes the tables of the agents before replicas of a new release start: a Job of the release's own image. */
export interface MigrationBlueprint {
  /** Role of its pods, which opens their way to the database, and name of their account. */
  readonly role: string;
  readonly attempts: number;
  /** All the time it has, its attempts and the pauses between them. */
  readonly deadlineSeconds: Decided<number>;
  /** Keys of existing Secrets that it reads. */
  readonly secrets: readonly AgentsSecret[];
  readonly settings: MigrationSettings;
}

export interface ImageBlueprint {
  /** Registry, repository and tag as asked for. */
  readonly reference: string;
  /** From the lock; null while unlocked. */
  readonly digest: string | null;
  /** What the pod names: `repository@digest`, or the reference while unlocked. */
  readonly deployed: string;
  /** From the lock: its layers as a registry holds them; null while that is not known. */
  readonly bytes: number | null;
}

export interface WeightsBlueprint {
  readonly repository: string;
  /** Branch, tag or commit as asked for. */
  readonly revision: string;
  /** From the lock; null while unlocked. */
  readonly commit: string | null;
  /** What is fetched and served: the commit, or the revision while unlocked. */
  readonly deployedRevision: string;
  readonly bytes: Decided<number>;
  /** From the lock, sorted by name; empty while unlocked. The fetch Job checks each. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string | null }[];
  /** Name of the volume claim and of the Job that fills it; changes when the revision does. */
  readonly claim: string;
  readonly claimBytes: Decided<number>;
  readonly fetchTimeoutSeconds: Decided<number>;
  readonly tokenSecret: string | null;
}

export interface Toleration {
  readonly key: string;
  readonly operator: "Exists";
  readonly effect: "NoSchedule" | "NoExecute";
  /** Only with NoExecute. */
  readonly tolerationSeconds?: number;
}

export interface Rollout {
  /** `surge` starts the new replica before the old one stops; `replace-in-place` stops one first. */
  readonly strategy: "surge" | "replace-in-place";
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** Share of the version's replicas that still serves while one is replaced, 0 to 1. */
  readonly capacityDuringRollout: number;
}

export interface Drain {
  readonly preStopSeconds: number;
  /** How long what has begun may run on: `--shutdown-timeout` of vLLM. */
  readonly shutdownTimeoutSeconds: number;
  readonly terminationGracePeriodSeconds: number;
}

export interface Startup {
  /** Answers 200 only once the model is loaded. */
  readonly path: string;
  readonly budgetSeconds: number;
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Probe {
  readonly path: string;
  readonly periodSeconds: number;
  readonly failureThreshold: number;
  readonly timeoutSeconds: number;
}

/** Liveness by progress: the engine has work and its step counter has not moved for `stallSeconds`. */
export interface Liveness {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
  readonly stallSeconds: number;
}

export interface EngineArgument {
  readonly flag: string;
  /** Null for a switch without a value. */
  readonly value: string | null;
  readonly because: readonly Reason[];
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly because: readonly Reason[];
}

/** Every way in from outside the cluster. */
export function waysInOf({ gateway, agents }: Pick<Blueprint, "gateway" | "agents">): readonly ExposureBlueprint[] {
  return [gateway, agents].flatMap((service) => service?.exposure ?? []);
}
