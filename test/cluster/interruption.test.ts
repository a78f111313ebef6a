/**
 * Everything below runs against a real Kubernetes control plane: its API server, admission, quota, scheduler and
 * controllers. Nodes and containers are simulated, so these tests prove scheduling and API behaviour, not that an
 * engine starts.
 */
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { connect, failNode, recoverNode } from "../../local-cluster/local-cluster.ts";
import { findByArgument } from "../../local-cluster/process-identity.ts";
import type { Ran } from "../support/checkout.ts";
import {
  type DeployedStack,
  demoStack,
  deployStack,
  eventually,
  type KubernetesObject,
  type List,
  namespace,
  type Pod,
} from "../support/deployed-stack.ts";

let deployed: DeployedStack;

beforeAll(async () => {
  deployed = await deployStack();
});

afterAll(async () => {
  await deployed.remove();
});

describe("a failed or interrupted deployment", () => {
  const conflicting = stringify({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "embeddings-v1", namespace },
  });

  it("leaves no release behind that the next one trips over", async () => {
    await deployed.up({ withEmbeddings: false });
    await deployed.run(["apply", "--filename", "-"], conflicting);
    deployed.checkout.write("config/stack.yaml", demoStack());
    const failed = await deployed.checkout.freehold(["up", "--via", "manifests"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("embeddings-v1  RUN-140  The release embeddings-v1 could not be applied.");
    await deployed.run(["delete", "serviceaccount", "embeddings-v1", "--namespace", namespace]);
    await deployed.up();
    expect(await deployed.podsOf("embeddings-v1")).toHaveLength(2);
  });
});

describe("a roll-out that stands still", () => {
  it("ends when its Deployment gives up, and says what kept it, long before Helm would", async () => {
    await deployed.up({ withEmbeddings: false });
    await deployed.run(["cordon", "h100-1", "h100-2"]);
    deployed.checkout.write("config/stack.yaml", demoStack());
    const stop = new AbortController();
    const running = deployed.checkout.freehold(["up", "--via", "manifests"], { signal: stop.signal });
    try {
      // The shortest that the API takes: longer than a replica has to be ready to count.
      const shorter = JSON.stringify({ spec: { minReadySeconds: 0, progressDeadlineSeconds: 1 } });
      const patch = ["patch", "deployment", "embeddings-v1", "--namespace", namespace, "--patch", shorter];
      await eventually(async () => (await deployed.run(patch)).code === 0);
      const ran = await Promise.race([running, setTimeout(120_000, null)]);
      expect(ran?.code).toBe(1);
      expect(ran?.stderr).toMatch(
        /Deployment embeddings-v1: ReplicaSet "embeddings-v1-\w+" has timed out progressing\./,
      );
      expect(ran?.stderr).toMatch(/Pod embeddings-v1-\S+ has no node: 0\/3 nodes are available/);
    } finally {
      stop.abort();
      await running;
      await deployed.run(["uncordon", "h100-1", "h100-2"]);
    }
    await deployed.up();
    expect(await deployed.podsOf("embeddings-v1")).toHaveLength(2);
  });
});

describe("a deployment that is stopped while Helm waits for replicas", () => {
  const cordon = async (verb: "cordon" | "uncordon") => {
    await deployed.run([verb, "h100-1", "h100-2"]);
  };

  /** Begins to install a model that cannot be scheduled, and lets `interrupt` happen once Helm waits for it. */
  async function interrupted(interrupt: (stop: AbortController) => void): Promise<Ran> {
    await deployed.up({ withEmbeddings: false });
    await cordon("cordon");
    deployed.checkout.write("config/stack.yaml", demoStack());
    const stop = new AbortController();
    const running = deployed.checkout.freehold(["up", "--via", "manifests"], { signal: stop.signal });
    await eventually(async () => (await releaseStatus("embeddings-v1")) === "pending-install");
    interrupt(stop);
    const ran = await running;
    await cordon("uncordon");
    return ran;
  }

  /** The file by which every program that works on this checkout's cluster is known. */
  const kubeconfig = () => `${deployed.checkout.root}/.freehold/local-cluster/kubeconfig`;

  /** The numbers of the processes whose command lines have all these words. */
  function processesWith(...words: readonly string[]): readonly number[] {
    const [first = [], ...others] = words.map((word) => findByArgument(word).map(({ pid }) => pid));
    return first.filter((pid) => others.every((pids) => pids.includes(pid)));
  }

  async function releaseStatus(name: string): Promise<string | undefined> {
    const selector = `--selector=owner=helm,name=${name}`;
    const { items } = await deployed.get<List<KubernetesObject>>("secrets", "--all-namespaces", selector);
    return items[0]?.metadata.labels.status;
  }

  it("by Ctrl-C goes back, says so, and goes on from there the next time", async () => {
    const ran = await interrupted((stop) => stop.abort());
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("Stopped. The same command goes on from here.");
    await deployed.up();
    expect(await deployed.podsOf("embeddings-v1")).toHaveLength(2);
  });

  it("by kill -9 of Helm is healed by the next one", async () => {
    const ran = await interrupted(() => {
      const found = processesWith("upgrade", "embeddings-v1", kubeconfig());
      expect(found).toHaveLength(1);
      for (const pid of found) process.kill(pid, "SIGKILL");
    });
    expect(ran.code).toBe(1);
    expect(await releaseStatus("embeddings-v1")).toBe("pending-install");
    const healed = await deployed.up();
    expect(healed.stderr).toContain("~ demo-test-inference/embeddings-v1 was left half done and is applied again");
    expect(await deployed.podsOf("embeddings-v1")).toHaveLength(2);
  });
});

describe("weights", () => {
  const claim = async () => {
    const claims = await deployed.get<List<KubernetesObject>>("persistentvolumeclaims", "--namespace", namespace);
    return claims.items.find(({ metadata }) => metadata.name.startsWith("embeddings-v1-weights-"))?.metadata;
  };
  const jobs = async () => {
    const { items } = await deployed.get<List<KubernetesObject>>("jobs", "--namespace", namespace);
    return items.filter(({ metadata }) => metadata.name.startsWith("embeddings-v1-weights-"));
  };

  it("stay on their claim when the fetch is taken back, and the next run fetches the rest", async () => {
    await deployed.up({ withEmbeddings: false });
    const nodes = ["h100-1", "h100-2", "system-1"];
    await deployed.run(["cordon", ...nodes]);
    deployed.checkout.write("config/stack.yaml", demoStack());
    const stop = new AbortController();
    const running = deployed.checkout.freehold(["up", "--via", "manifests"], { signal: stop.signal });
    await eventually(async () => (await jobs()).length > 0);
    const before = await claim();
    stop.abort();
    expect((await running).code).toBe(1);
    expect(await jobs()).toEqual([]);
    await deployed.run(["uncordon", ...nodes]);
    await deployed.up();
    expect(before).toBeDefined();
    expect((await claim())?.uid).toBe(before?.uid);
  });

  it("stay on their claim when Helm's record of it was left half done", async () => {
    await deployed.up();
    const before = await claim();
    const record = `--selector=owner=helm,name=weights.${before?.name}`;
    await deployed.run(["label", "secrets", "--all-namespaces", "--overwrite", record, "status=pending-install"]);
    const healed = await deployed.up();
    expect(healed.stderr).toContain("was left half done and is applied again");
    expect((await claim())?.uid).toBe(before?.uid);
    expect((await deployed.up()).stdout).toContain("Nothing had to change.");
  });
});

describe("a node that dies", () => {
  it("has its replicas started elsewhere within the Blueprint's time when there is room", async () => {
    await deployed.up();
    const { stdout } = await deployed.checkout.freehold(["explain", "--json"]);
    const { rescheduleSeconds } = JSON.parse(stdout) as { readonly rescheduleSeconds: number };
    const before = await deployed.podsOf("chat-v1");
    const node = before[0]?.spec.nodeName ?? "";
    const orphans = [...before, ...(await deployed.podsOf("embeddings-v1"))].filter(
      ({ spec }) => spec.nodeName === node,
    );
    expect(orphans.length).toBeGreaterThan(0);
    const failedAt = Date.now();
    const api = connect({ directory: `${deployed.checkout.root}/.freehold/local-cluster` });
    await failNode(api, node);
    try {
      let successors: readonly Pod[] = [];
      const deadline = failedAt + (rescheduleSeconds + 60) * 1000;
      while (Date.now() < deadline) {
        const now = [...(await deployed.podsOf("chat-v1")), ...(await deployed.podsOf("embeddings-v1"))];
        successors = now.filter(({ metadata }) => new Date(metadata.creationTimestamp).getTime() >= failedAt - 1000);
        if (successors.length >= orphans.length && successors.every(({ spec }) => spec.nodeName !== undefined)) break;
        await setTimeout(1000);
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
