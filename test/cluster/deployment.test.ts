/**
 * Everything below runs against a real Kubernetes control plane: its API server, admission, quota, scheduler and
 * controllers. Nodes and containers are simulated, so these tests prove scheduling and API behaviour, not that an
 * engine starts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DeployedStack,
  deployStack,
  type KubernetesObject,
  type List,
  type Node,
  namespace,
} from "../support/deployed-stack.ts";

let deployed: DeployedStack;

beforeAll(async () => {
  deployed = await deployStack();
});

afterAll(async () => {
  await deployed.remove();
});

describe("a first deployment", () => {
  it("has every replica ready on simulated GPU nodes, past Pod Security, quota and scheduling", async () => {
    for (const release of ["chat-v1", "embeddings-v1"]) {
      const pods = await deployed.podsOf(release);
      expect(pods).toHaveLength(2);
      for (const { status, spec } of pods) {
        expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
        expect(spec.nodeName).toMatch(/^h100-/);
      }
    }
    const { metadata } = await deployed.get<KubernetesObject>("namespace", namespace);
    expect(metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
  });

  it("refuses a pod that Pod Security `restricted` forbids", async () => {
    const intruder = ["--namespace", namespace, "run", "intruder", "--image=busybox", "--privileged"];
    const result = await deployed.run(intruder);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('violates PodSecurity "restricted');
  });

  it("has as many GPUs on its nodes as the Blueprint says", async () => {
    const explained = await deployed.checkout.freehold(["explain", "--json"]);
    const blueprint = JSON.parse(explained.stdout) as {
      readonly nodePools: Readonly<Record<string, { readonly gpusAtMax: number }>>;
    };
    const { items } = await deployed.get<List<Node>>("nodes", "--selector=freehold/node-pool=h100");
    const gpus = items.reduce((sum, { status }) => sum + Number(status.capacity["nvidia.com/gpu"]), 0);
    expect(gpus).toBe(blueprint.nodePools.h100?.gpusAtMax);
  });

  it("points the model's stable Service at ready pods of the serving version only", async () => {
    expect(await deployed.endpointsOf("chat")).toEqual(
      (await deployed.podsOf("chat-v1")).map(({ metadata }) => metadata.name).sort(),
    );
  });

  it("shows in status what runs, for people and for machines", async () => {
    const ran = await deployed.checkout.freehold(["status"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^platform {3}demo-test-inference +\(namespace, quota\) +yes +6 of \d+ allowed$/m);
    expect(ran.stdout).toMatch(/^inference {2}chat-v1 +chat +2 of 2 {2}4$/m);
    expect(ran.stdout).toMatch(/^h100 +2 +6 of 16$/m);
    const asJson = JSON.parse((await deployed.checkout.freehold(["status", "--json"])).stdout) as {
      simulated: boolean;
    };
    expect(asJson.simulated).toBe(true);
  });
});

describe("further deployments", () => {
  it("change nothing when nothing changed, and say so", async () => {
    const before = await deployed.helmRevisions();
    const ran = await deployed.up();
    expect(ran.stdout).toContain("Nothing had to change.");
    expect(await deployed.helmRevisions()).toEqual(before);
  });

  it("put back what somebody removed by hand", async () => {
    await deployed.run(["--namespace", namespace, "delete", "service", "chat"]);
    const before = await deployed.helmRevisions();
    await deployed.up();
    const after = await deployed.helmRevisions();
    expect(await deployed.get<KubernetesObject>("service", "chat", "--namespace", namespace)).toBeDefined();
    expect(after["chat-v1"]).toBe(before["chat-v1"]);
  });

  it("touch only the model whose revision changed", async () => {
    const revisions = await deployed.helmRevisions();
    const untouched = await deployed.podsOf("embeddings-v1");
    await deployed.up({ chatRevision: "candidate" });
    const after = await deployed.helmRevisions();
    const names = new Set([...Object.keys(revisions), ...Object.keys(after)]);
    const changed = [...names].filter((name) => after[name] !== revisions[name]);
    expect(changed.map((name) => name.replace(/[0-9a-f]{8}$/, "")).sort()).toEqual([
      "chat-v1",
      "fetch.chat-v1-weights-",
      "fetch.chat-v1-weights-",
      "weights.chat-v1-weights-",
      "weights.chat-v1-weights-",
    ]);
    expect((await deployed.podsOf("embeddings-v1")).map(({ metadata }) => metadata.uid).sort()).toEqual(
      untouched.map(({ metadata }) => metadata.uid).sort(),
    );
  });

  it("remove a model that the file no longer names, with its weights", async () => {
    await deployed.up({ withEmbeddings: false });
    expect(await deployed.podsOf("embeddings-v1")).toEqual([]);
    const claims = await deployed.get<List<KubernetesObject>>("persistentvolumeclaims", "--namespace", namespace);
    expect(claims.items.filter(({ metadata }) => metadata.name.startsWith("embeddings"))).toEqual([]);
    expect(await deployed.helmRevisions()).not.toHaveProperty("embeddings-v1");
  });
});

describe("a roll-out", () => {
  it("starts the successor first where a GPU is spare, and finishes", async () => {
    await deployed.up({ withEmbeddings: false, nodes: 2, chatGpus: 4, chatRevision: "main" });
    const { stdout } = await deployed.checkout.freehold(["explain", "--json"]);
    expect(stdout).toContain('"strategy": "surge"');
    await deployed.up({ withEmbeddings: false, nodes: 2, chatGpus: 4, chatRevision: "candidate" });
    expect(await deployed.podsOf("chat-v1")).toHaveLength(2);
  });

  it("replaces in place where none is spare, and finishes as well", async () => {
    await deployed.up({ withEmbeddings: false, nodes: 1, chatGpus: 4, chatRevision: "candidate" });
    const { stdout } = await deployed.checkout.freehold(["explain", "--json"]);
    expect(stdout).toContain('"strategy": "replace-in-place"');
    const before = await deployed.podsOf("chat-v1");
    await deployed.up({ withEmbeddings: false, nodes: 1, chatGpus: 4, chatRevision: "main" });
    const after = await deployed.podsOf("chat-v1");
    expect(after).toHaveLength(2);
    const kept = after.filter(({ metadata }) => before.some((pod) => pod.metadata.uid === metadata.uid));
    expect(kept).toEqual([]);
  });
});
