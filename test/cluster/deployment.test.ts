/**
 * Everything below runs against a real Kubernetes control plane: its API server, admission, quota, scheduler and
 * controllers. Nodes and containers are simulated, so these tests prove scheduling and API behaviour, not that an
 * engine starts.
 */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { connect, failNode, inspect, recoverNode } from "../../local-cluster/local-cluster.ts";
import { runProgram } from "../../local-cluster/run-program.ts";
import { type Checkout, newCheckout, type Ran } from "../support/checkout.ts";
import { noSignal, testTools } from "../support/cluster.ts";

const namespace = "demo-test-inference";

interface StackChanges {
  readonly nodes?: number;
  readonly chatRevision?: string;
  readonly chatGpus?: number;
  readonly withEmbeddings?: boolean;
}

function stack({ nodes = 2, chatRevision = "main", chatGpus = 2, withEmbeddings = true }: StackChanges = {}): object {
  const model = (repository: string, revision: string, more: object) => ({
    engine: "vllm",
    nodePool: "h100",
    maxModelLen: 8192,
    replicas: 2,
    versions: { v1: { weights: { repository, revision } } },
    traffic: { v1: 100 },
    ...more,
  });
  return {
    apiVersion: "freehold/v1alpha1",
    name: "demo",
    environment: "test",
    state: { backend: "local" },
    cluster: { target: "local" },
    nodePools: {
      h100: {
        accelerator: "nvidia-h100-sxm",
        gpusPerNode: 8,
        nodes: { min: nodes, max: nodes },
        zones: ["zone-a", "zone-b"],
      },
    },
    models: {
      chat: model("Qwen/Qwen3-32B", chatRevision, { tensorParallelSize: chatGpus }),
      ...(withEmbeddings
        ? {
            embeddings: model("Qwen/Qwen3-Embedding-0.6B", "main", { tensorParallelSize: 1, task: "embed" }),
          }
        : {}),
    },
  };
}

let checkout: Checkout;
let kubeconfigPath = "";

async function kubectl<T>(...args: string[]): Promise<T> {
  const { kubectl: path } = await testTools();
  const result = await runProgram(path, ["--kubeconfig", kubeconfigPath, ...args, "--output", "json"], {
    signal: noSignal,
    timeoutSeconds: 120,
  });
  if (result.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
  return JSON.parse(result.stdout) as T;
}

interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
  };
}
interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}
interface Node extends KubernetesObject {
  readonly status: { readonly capacity: Readonly<Record<string, string>> };
}
interface List<T> {
  readonly items: readonly T[];
}

async function podsOf(release: string): Promise<readonly Pod[]> {
  const selector = `--selector=app.kubernetes.io/instance=${release}`;
  const { items } = await kubectl<List<Pod>>("get", "pods", "--namespace", namespace, selector);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function helmRevisions(): Promise<Readonly<Record<string, number>>> {
  const { items } = await kubectl<List<KubernetesObject>>(
    "get",
    "secrets",
    "--all-namespaces",
    "--selector=owner=helm",
  );
  const revisions: Record<string, number> = {};
  for (const { metadata } of items) {
    const name = metadata.labels.name ?? "";
    revisions[name] = Math.max(revisions[name] ?? 0, Number(metadata.labels.version));
  }
  return revisions;
}

async function up(changes: StackChanges = {}): Promise<{ readonly stdout: string; readonly stderr: string }> {
  checkout.write("config/stack.yaml", stack(changes));
  const ran = await checkout.freehold(["up", "--via", "manifests"]);
  expect(ran.stderr, "up ends without a finding").not.toMatch(/\d errors?$/m);
  expect(ran.code).toBe(0);
  return ran;
}

/** Waits, for a minute at most, until the condition holds. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("It did not come about within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  checkout = newCheckout();
  await testTools();
  await up();
  const cluster = await inspect({ directory: `${checkout.root}/.freehold/local-cluster` });
  kubeconfigPath = cluster?.cluster.kubeconfigPath ?? "";
});

afterAll(async () => {
  await checkout.freehold(["down"]);
  checkout.remove();
});

describe("a first deployment", () => {
  it("has every replica ready on simulated GPU nodes, past Pod Security, quota and scheduling", async () => {
    for (const release of ["chat-v1", "embeddings-v1"]) {
      const pods = await podsOf(release);
      expect(pods).toHaveLength(2);
      for (const { status, spec } of pods) {
        expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
        expect(spec.nodeName).toMatch(/^h100-/);
      }
    }
    const { metadata } = await kubectl<KubernetesObject>("get", "namespace", namespace);
    expect(metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
  });

  it("refuses a pod that Pod Security `restricted` forbids", async () => {
    const { kubectl: path } = await testTools();
    const result = await runProgram(
      path,
      ["--kubeconfig", kubeconfigPath, "--namespace", namespace, "run", "intruder", "--image=busybox", "--privileged"],
      { signal: noSignal, timeoutSeconds: 60 },
    );
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('violates PodSecurity "restricted');
  });

  it("has as many GPUs on its nodes as the Blueprint says", async () => {
    const explained = await checkout.freehold(["explain", "--json"]);
    const blueprint = JSON.parse(explained.stdout) as {
      readonly nodePools: Readonly<Record<string, { readonly gpusAtMax: number }>>;
    };
    const { items } = await kubectl<List<Node>>("get", "nodes", "--selector=freehold/node-pool=h100");
    const gpus = items.reduce((sum, { status }) => sum + Number(status.capacity["nvidia.com/gpu"]), 0);
    expect(gpus).toBe(blueprint.nodePools.h100?.gpusAtMax);
  });

  it("points the model's stable Service at ready pods of the serving version only", async () => {
    const slices = await kubectl<
      List<{ endpoints: { conditions: { ready: boolean }; targetRef: { name: string } }[] }>
    >("get", "endpointslices", "--namespace", namespace, "--selector=kubernetes.io/service-name=chat");
    const ready = slices.items.flatMap(({ endpoints }) => endpoints.filter(({ conditions }) => conditions.ready));
    expect(ready.map(({ targetRef }) => targetRef.name).sort()).toEqual(
      (await podsOf("chat-v1")).map(({ metadata }) => metadata.name).sort(),
    );
  });

  it("shows in status what runs, for people and for machines", async () => {
    const ran = await checkout.freehold(["status"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^inference {2}chat-v1 +chat +2 of 2 {2}4$/m);
    expect(ran.stdout).toMatch(/^h100 +2 +6 of 16$/m);
    const asJson = JSON.parse((await checkout.freehold(["status", "--json"])).stdout) as { simulated: boolean };
    expect(asJson.simulated).toBe(true);
  });
});

describe("further deployments", () => {
  it("change nothing when nothing changed, and say so", async () => {
    const before = await helmRevisions();
    const ran = await up();
    expect(ran.stdout).toContain("Nothing had to change.");
    expect(await helmRevisions()).toEqual(before);
  });

  it("put back what somebody removed by hand", async () => {
    const { kubectl: path } = await testTools();
    await runProgram(path, ["--kubeconfig", kubeconfigPath, "--namespace", namespace, "delete", "service", "chat"], {
      signal: noSignal,
      timeoutSeconds: 60,
    });
    const before = await helmRevisions();
    await up();
    const after = await helmRevisions();
    expect(await kubectl<KubernetesObject>("get", "service", "chat", "--namespace", namespace)).toBeDefined();
    expect(after["chat-v1"]).toBe(before["chat-v1"]);
  });

  it("touch only the model whose revision changed", async () => {
    const revisions = await helmRevisions();
    const untouched = await podsOf("embeddings-v1");
    await up({ chatRevision: "candidate" });
    const after = await helmRevisions();
    const names = new Set([...Object.keys(revisions), ...Object.keys(after)]);
    const changed = [...names].filter((name) => after[name] !== revisions[name]);
    expect(changed.map((name) => name.replace(/[0-9a-f]{8}$/, "")).sort()).toEqual([
      "chat-v1",
      "weights.chat-v1-weights-",
      "weights.chat-v1-weights-",
    ]);
    expect((await podsOf("embeddings-v1")).map(({ metadata }) => metadata.uid).sort()).toEqual(
      untouched.map(({ metadata }) => metadata.uid).sort(),
    );
  });

  it("remove a model that the file no longer names, with its weights", async () => {
    await up({ withEmbeddings: false });
    expect(await podsOf("embeddings-v1")).toEqual([]);
    const claims = await kubectl<List<KubernetesObject>>("get", "persistentvolumeclaims", "--namespace", namespace);
    expect(claims.items.filter(({ metadata }) => metadata.name.startsWith("embeddings"))).toEqual([]);
    expect(await helmRevisions()).not.toHaveProperty("embeddings-v1");
  });
});

describe("a roll-out", () => {
  it("starts the successor first where a GPU is spare, and finishes", async () => {
    await up({ withEmbeddings: false, nodes: 2, chatGpus: 4, chatRevision: "main" });
    const { stdout } = await checkout.freehold(["explain", "--json"]);
    expect(stdout).toContain('"strategy": "surge"');
    await up({ withEmbeddings: false, nodes: 2, chatGpus: 4, chatRevision: "candidate" });
    expect(await podsOf("chat-v1")).toHaveLength(2);
  });

  it("replaces in place where none is spare, and finishes as well", async () => {
    await up({ withEmbeddings: false, nodes: 1, chatGpus: 4, chatRevision: "candidate" });
    const { stdout } = await checkout.freehold(["explain", "--json"]);
    expect(stdout).toContain('"strategy": "replace-in-place"');
    const before = await podsOf("chat-v1");
    await up({ withEmbeddings: false, nodes: 1, chatGpus: 4, chatRevision: "main" });
    const after = await podsOf("chat-v1");
    expect(after).toHaveLength(2);
    const kept = after.filter(({ metadata }) => before.some((pod) => pod.metadata.uid === metadata.uid));
    expect(kept).toEqual([]);
  });
});

describe("a failed or interrupted deployment", () => {
  const conflicting = stringify({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "embeddings-v1", namespace },
  });

  it("leaves no release behind that the next one trips over", async () => {
    await up({ withEmbeddings: false });
    const { kubectl: path } = await testTools();
    const run = (args: string[], input?: string) =>
      runProgram(path, ["--kubeconfig", kubeconfigPath, ...args], {
        signal: noSignal,
        timeoutSeconds: 60,
        ...(input === undefined ? {} : { input }),
      });
    await run(["apply", "--filename", "-"], conflicting);
    checkout.write("config/stack.yaml", stack());
    const failed = await checkout.freehold(["up", "--via", "manifests"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("embeddings-v1  RUN-140  The release embeddings-v1 could not be applied.");
    await run(["delete", "serviceaccount", "embeddings-v1", "--namespace", namespace]);
    await up();
    expect(await podsOf("embeddings-v1")).toHaveLength(2);
  });
});

describe("a deployment that is stopped while Helm waits for replicas", () => {
  const cordon = async (verb: "cordon" | "uncordon") => {
    const { kubectl: path } = await testTools();
    for (const node of ["h100-1", "h100-2"]) {
      await runProgram(path, ["--kubeconfig", kubeconfigPath, verb, node], { signal: noSignal, timeoutSeconds: 60 });
    }
  };

  /** Begins to install a model that cannot be scheduled, and lets `interrupt` happen once Helm waits for it. */
  async function interrupted(interrupt: (stop: AbortController) => void): Promise<Ran> {
    await up({ withEmbeddings: false });
    await cordon("cordon");
    checkout.write("config/stack.yaml", stack());
    const stop = new AbortController();
    const running = checkout.freehold(["up", "--via", "manifests"], { signal: stop.signal });
    await eventually(async () => (await releaseStatus("embeddings-v1")) === "pending-install");
    interrupt(stop);
    const ran = await running;
    await cordon("uncordon");
    return ran;
  }

  async function releaseStatus(name: string): Promise<string | undefined> {
    const selector = `--selector=owner=helm,name=${name}`;
    const { items } = await kubectl<List<KubernetesObject>>("get", "secrets", "--all-namespaces", selector);
    return items[0]?.metadata.labels.status;
  }

  it("by Ctrl-C goes back, says so, and goes on from there the next time", async () => {
    const ran = await interrupted((stop) => stop.abort());
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).not.toContain("fault of its own");
    await up();
    expect(await podsOf("embeddings-v1")).toHaveLength(2);
  });

  it("by kill -9 of Helm is healed by the next one", async () => {
    const ran = await interrupted(() =>
      execFileSync("pkill", ["-9", "-f", `helm upgrade embeddings-v1 .*${checkout.root}`]),
    );
    expect(ran.code).toBe(1);
    expect(await releaseStatus("embeddings-v1")).toBe("pending-install");
    const healed = await up();
    expect(healed.stderr).toContain("~ demo-test-inference/embeddings-v1 was left half done and is applied again");
    expect(await podsOf("embeddings-v1")).toHaveLength(2);
  });
});

describe("a node that dies", () => {
  it("has its replicas started elsewhere within the Blueprint's time when there is room", async () => {
    await up();
    const { stdout } = await checkout.freehold(["explain", "--json"]);
    const { rescheduleSeconds } = JSON.parse(stdout) as { readonly rescheduleSeconds: number };
    const before = await podsOf("chat-v1");
    const node = before[0]?.spec.nodeName ?? "";
    const orphans = [...before, ...(await podsOf("embeddings-v1"))].filter(({ spec }) => spec.nodeName === node);
    expect(orphans.length).toBeGreaterThan(0);
    const failedAt = Date.now();
    const api = connect({ directory: `${checkout.root}/.freehold/local-cluster` });
    await failNode(api, node);
    try {
      let successors: readonly Pod[] = [];
      const deadline = failedAt + (rescheduleSeconds + 60) * 1000;
      while (Date.now() < deadline) {
        const now = [...(await podsOf("chat-v1")), ...(await podsOf("embeddings-v1"))];
        successors = now.filter(({ metadata }) => new Date(metadata.creationTimestamp).getTime() >= failedAt - 1000);
        if (successors.length >= orphans.length && successors.every(({ spec }) => spec.nodeName !== undefined)) break;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      expect(successors).toHaveLength(orphans.length);
      const slowest = Math.max(...successors.map(({ metadata }) => new Date(metadata.creationTimestamp).getTime()));
      // The API's own clock, in whole seconds; the kubelet's last heartbeat may lie up to one lease period back.
      expect((slowest - failedAt) / 1000).toBeLessThanOrEqual(rescheduleSeconds + 10);
      for (const { spec } of successors) expect(spec.nodeName).not.toBe(node);
    } finally {
      await recoverNode(api, node);
      api.close();
    }
  });
});
