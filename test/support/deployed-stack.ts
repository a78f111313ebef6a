import { expect } from "vitest";
import { inspect } from "../../local-cluster/local-cluster.ts";
import { type ProgramResult, runProgram } from "../../local-cluster/run-program.ts";
import { type Checkout, newCheckout, type Ran } from "./checkout.ts";
import { noSignal, testTools } from "./cluster.ts";

/** Namespace of the stack that `demoStack` describes. */
export const namespace = "demo-test-inference";

export interface StackChanges {
  readonly nodes?: number;
  readonly chatRevision?: string;
  /** Overrides what is decided. */
  readonly chatGpus?: number;
  /** Versions of the chat model with their revisions. Left out: only `v1`, of `chatRevision`. */
  readonly chatVersions?: Readonly<Record<string, string>>;
  /** The version that takes the chat model's traffic. */
  readonly chatServes?: string;
  readonly withEmbeddings?: boolean;
  /** Whether weights come through the proxy that is then the only way out. */
  readonly withEgressProxy?: boolean;
}

/**
 * A stack of two small models on a pool of eight-GPU nodes. How large their replicas are and how many is decided from their
 * workloads: two of two GPUs for chat unless `chatGpus` says otherwise, two of one for embeddings.
 */
export function demoStack({
  nodes = 2,
  chatRevision = "main",
  chatGpus,
  chatVersions = { v1: chatRevision },
  chatServes = "v1",
  withEmbeddings = true,
  withEgressProxy = false,
}: StackChanges = {}): object {
  const model = (repository: string, revisions: Readonly<Record<string, string>>, more: object) => ({
    engine: "vllm",
    nodePool: "h100",
    maxModelLen: 8192,
    versions: Object.fromEntries(
      Object.entries(revisions).map(([version, revision]) => [version, { weights: { repository, revision } }]),
    ),
    traffic: { v1: 100 },
    ...more,
  });
  return {
    apiVersion: "freehold/v1alpha1",
    name: "demo",
    environment: "test",
    state: { backend: "local" },
    ...(withEgressProxy ? { residency: { mode: "none", egress: {} } } : {}),
    cluster: { target: "local" },
    nodePools: {
      h100: {
        accelerator: "nvidia-h100-sxm",
        gpusPerNode: 8,
        nodes: { min: nodes, max: nodes },
        zones: ["zone-a", "zone-b"],
      },
    },
    workloads: {
      support: {
        model: "chat",
        tokensPerMonth: 9e9,
        inputTokens: { mean: 3500, p95: 5000 },
        outputTokens: { mean: 400, p95: 1500 },
      },
      ...(withEmbeddings
        ? { indexing: { model: "embeddings", tokensPerMonth: 4e9, inputTokens: { mean: 500, p95: 1200 } } }
        : {}),
    },
    models: {
      chat: model("Qwen/Qwen3-32B", chatVersions, {
        ...(chatGpus === undefined ? {} : { tensorParallelSize: chatGpus }),
        traffic: { [chatServes]: 100 },
      }),
      ...(withEmbeddings
        ? {
            embeddings: model("Qwen/Qwen3-Embedding-0.6B", { v1: "main" }, { task: "embed" }),
          }
        : {}),
    },
  };
}

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
  };
}
export interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}
export interface Node extends KubernetesObject {
  readonly status: { readonly capacity: Readonly<Record<string, string>> };
}
interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly {
    readonly conditions: { readonly ready: boolean };
    readonly targetRef: { readonly name: string };
  }[];
}
export interface List<T> {
  readonly items: readonly T[];
}

/** The stack deployed to a control plane of its own, with the questions that tests ask of it. */
export interface DeployedStack {
  readonly checkout: Checkout;
  /** Deploys the stack with these changes as manifests; fails unless it ends without a finding. */
  up(changes?: StackChanges): Promise<Ran>;
  /** How a kubectl command ended, with text on its standard input. */
  run(args: readonly string[], input?: string): Promise<ProgramResult>;
  /** What kubectl prints as JSON. */
  get<T>(...args: string[]): Promise<T>;
  /** Names of the ready pods behind a Service, sorted. */
  endpointsOf(service: string): Promise<readonly string[]>;
  /** Pods of a release that are not being deleted. */
  podsOf(release: string): Promise<readonly Pod[]>;
  /** The newest revision of each Helm release, by name. */
  helmRevisions(): Promise<Readonly<Record<string, number>>>;
  /** Stops the control plane and removes everything. */
  remove(): Promise<void>;
}

/** Deploys `demoStack` for the first time. */
export async function deployStack(): Promise<DeployedStack> {
  const { kubectl } = await testTools();
  const checkout = newCheckout();
  const directory = `${checkout.root}/.freehold/local-cluster`;

  const run: DeployedStack["run"] = async (args, input) => {
    const found = await inspect({ directory });
    const kubeconfig = found?.cluster.kubeconfigPath ?? "";
    return runProgram(kubectl, ["--kubeconfig", kubeconfig, ...args], {
      signal: noSignal,
      timeoutSeconds: 120,
      ...(input === undefined ? {} : { input }),
    });
  };
  const get = async <T>(...args: string[]): Promise<T> => {
    const result = await run(["get", ...args, "--output", "json"]);
    if (result.code !== 0) throw new Error(`kubectl get ${args.join(" ")}: ${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  };
  const stack: DeployedStack = {
    checkout,
    run,
    get,
    async up(changes = {}) {
      checkout.write("config/stack.yaml", demoStack(changes));
      const ran = await checkout.freehold(["up", "--via", "manifests"]);
      expect(ran.stderr, "up ends without a finding").not.toMatch(/\d errors?$/m);
      expect(ran.code).toBe(0);
      return ran;
    },
    async podsOf(release) {
      const selector = `--selector=app.kubernetes.io/instance=${release}`;
      const { items } = await get<List<Pod>>("pods", "--namespace", namespace, selector);
      return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    async endpointsOf(service) {
      const selector = `--selector=kubernetes.io/service-name=${service}`;
      const { items } = await get<List<EndpointSlice>>("endpointslices", "--namespace", namespace, selector);
      return items
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ conditions }) => conditions.ready)
        .map(({ targetRef }) => targetRef.name)
        .sort();
    },
    async helmRevisions() {
      const { items } = await get<List<KubernetesObject>>("secrets", "--all-namespaces", "--selector=owner=helm");
      const revisions: Record<string, number> = {};
      for (const { metadata } of items) {
        const name = metadata.labels.name ?? "";
        revisions[name] = Math.max(revisions[name] ?? 0, Number(metadata.labels.version));
      }
      return revisions;
    },
    async remove() {
      await checkout.freehold(["down"]);
      checkout.remove();
    },
  };
  await stack.up();
  return stack;
}

/** Waits, for a minute at most, until the condition holds. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("It did not come about within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
