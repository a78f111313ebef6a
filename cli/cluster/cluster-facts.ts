import { secretsOf } from "../../decisions/agents/secrets.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { type ClusterSoftware, softwareIn, type Workload } from "./cluster-software.ts";
import { type ClusterAccess, kubectl, kubectlJson } from "./kubectl.ts";
import type { Target } from "./target.ts";

interface List<T> {
  readonly items: readonly T[];
}
interface Named {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}
interface Node extends Named {
  readonly status: { readonly allocatable?: Readonly<Record<string, string>> };
}

/** A key of a Secret that the stack refers to. Its value is never read. */
interface SecretReference {
  readonly namespace: string;
  readonly secret: string;
  readonly key: string;
}

/** What a cluster is, read once and without changing it. */
export interface ClusterFacts {
  readonly uid: string;
  readonly kubernetesVersion: string;
  /** Sorted by name; product and driver as the GPU operator's labels say them. */
  readonly nodes: readonly {
    readonly name: string;
    readonly gpus: number;
    readonly product: string | null;
    readonly driver: string | null;
  }[];
  readonly storageClasses: readonly {
    readonly name: string;
    readonly provisioner: string;
    readonly isDefault: boolean;
  }[];
  readonly customResources: readonly string[];
  /** Daemon sets that look like a network plugin. That one is there says nothing of whether it enforces policies. */
  readonly networkPlugins: readonly string[];
  /** Software of others that has a version floor, and whether something is published against it. */
  readonly software: readonly ClusterSoftware[];
  /** Keys of Secrets that the stack refers to, and whether they are there. */
  readonly secrets: readonly (SecretReference & { readonly isThere: boolean })[];
}

const networkPlugin =
  /^(aws-node|antrea-agent|azure-(cni|npm)|calico-node|canal|cilium|kube-flannel|kube-router|kindnet|ovnkube-node|weave-net)/;

/** Reads the facts of a stack's cluster. */
export async function readClusterFacts(
  { access, uid, kubernetesVersion }: Target,
  blueprint: Blueprint,
): Promise<ClusterFacts> {
  const [nodes, classes, definitions, workloads] = await Promise.all([
    kubectlJson<List<Node>>(access, ["get", "nodes"]),
    kubectlJson<List<Named & { readonly provisioner: string }>>(access, ["get", "storageclasses"]),
    kubectlJson<List<Named>>(access, ["get", "customresourcedefinitions"]),
    kubectlJson<List<Workload>>(access, ["get", "daemonsets,deployments,statefulsets", "--all-namespaces"]),
  ]);
  return {
    uid,
    kubernetesVersion,
    nodes: nodes.items.map(({ metadata: { name, labels = {} }, status }) => ({
      name,
      gpus: Number(status.allocatable?.["nvidia.com/gpu"] ?? 0),
      product: labels["nvidia.com/gpu.product"] ?? null,
      driver: labels["nvidia.com/cuda.driver-version.full"] ?? null,
    })),
    storageClasses: classes.items.map(({ metadata: { name, annotations = {} }, provisioner }) => ({
      name,
      provisioner,
      isDefault: annotations["storageclass.kubernetes.io/is-default-class"] === "true",
    })),
    customResources: names(definitions),
    networkPlugins: names({ items: workloads.items.filter(({ kind }) => kind === "DaemonSet") }).filter((name) =>
      networkPlugin.test(name),
    ),
    software: softwareIn(workloads.items, catalog.floors),
    secrets: await Promise.all(
      referencesOf(blueprint).map(async (reference) => ({
        ...reference,
        isThere: (await keysOf(access, reference.namespace, reference.secret)).includes(reference.key),
      })),
    ),
  };
}

function names(list: List<Named>): string[] {
  return list.items.map(({ metadata }) => metadata.name).sort();
}

/** Every Secret that the stack refers to, each once. */
function referencesOf({ models, gateway, agents, residency, namespaces }: Blueprint): readonly SecretReference[] {
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const secrets = releases.flatMap(({ weights }) => (weights.tokenSecret === null ? [] : [weights.tokenSecret]));
  const tokens = [...new Set(secrets)].sort();
  const signer = residency.signatures.value?.publicKeySecret;
  return [
    ...tokens.map((secret) => ({ namespace: namespaces.inference, secret, key: "token" })),
    ...(signer === undefined ? [] : [{ namespace: namespaces.inference, secret: signer, key: "publicKey" }]),
    ...(gateway === null
      ? []
      : gateway.secrets.map(({ secret, key }) => ({ namespace: gateway.namespace, secret, key }))),
    ...(agents === null
      ? []
      : secretsOf(agents).map(({ secret, key }) => ({ namespace: agents.namespace, secret, key }))),
  ];
}

/** Names of a Secret's keys; none when it is not there. The template prints names alone, so no value reaches this process. */
async function keysOf(access: ClusterAccess, namespace: string, secret: string): Promise<readonly string[]> {
  const template = '{{range $key, $value := .data}}{{$key}}{{"\\n"}}{{end}}';
  const result = await kubectl(access, [
    "get",
    "secret",
    secret,
    "--namespace",
    namespace,
    "--output",
    `go-template=${template}`,
  ]);
  return result.status === 0 ? result.stdout.split("\n").filter((line) => line !== "") : [];
}
