import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { connect, down, failNode, inspect, recoverNode, up } from "../../local-cluster/local-cluster.ts";
import { findByArgument, identify, isAlive } from "../../local-cluster/process-identity.ts";
import {
  gpuNode,
  noSignal,
  simulatedNode,
  startClusterIn,
  type TestCluster,
  testProgress,
  testTools,
} from "../support/cluster.ts";

// Proves that a real control plane is started, repaired and removed. Containers are simulated by kwok: these tests
// say nothing about what runs inside a pod.

const nodes = [
  gpuNode({ name: "h100-1", labels: { "topology.kubernetes.io/zone": "eu-1a", pool: "h100" } }),
  gpuNode({ name: "h100-2", labels: { "topology.kubernetes.io/zone": "eu-1b", pool: "h100" } }),
  simulatedNode({ name: "system-1" }),
];

const directory = path.join(inject("clusterFolder"), "own");
const neighbour = path.join(inject("clusterFolder"), "neighbour");
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
}, 900_000);

afterAll(async () => {
  await down({ directory: neighbour, signal: noSignal });
  await down({ directory, signal: noSignal });
});

async function processes() {
  return (await inspect({ directory }))?.processes ?? [];
}

async function eventually(description: string, look: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await look()) return;
    await delay(200);
  }
  throw new Error(`never came true: ${description}`);
}

describe("a cluster that was just started", () => {
  it("runs five processes of the version that is pinned", async () => {
    expect((await processes()).map(({ name, alive }) => [name, alive])).toEqual([
      ["etcd", true],
      ["kube-apiserver", true],
      ["kube-controller-manager", true],
      ["kube-scheduler", true],
      ["kwok", true],
    ]);
    expect(cluster.kubernetesVersion).toMatch(/^v1\.35\.\d+$/);
  });

  it("is known by the UID of its kube-system namespace", async () => {
    const uid = await cluster.kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    expect(uid).toBe(cluster.uid);
  });

  it("has exactly the nodes asked for, with their labels, taints and GPUs", async () => {
    const list = JSON.parse(await cluster.kubectl(["get", "nodes", "-o", "json"]));
    const seen = list.items.map(
      (node: {
        metadata: { name: string; labels: Record<string, string> };
        spec: { taints?: object[] };
        status: { allocatable: Record<string, string> };
      }) => ({
        name: node.metadata.name,
        zone: node.metadata.labels["topology.kubernetes.io/zone"],
        hostname: node.metadata.labels["kubernetes.io/hostname"],
        taints: node.spec.taints ?? [],
        gpus: node.status.allocatable["nvidia.com/gpu"],
      }),
    );
    const taints = [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }];
    expect(seen).toEqual([
      { name: "h100-1", hostname: "h100-1", zone: "eu-1a", taints, gpus: "8" },
      { name: "h100-2", hostname: "h100-2", zone: "eu-1b", taints, gpus: "8" },
      { name: "system-1", hostname: "system-1", zone: undefined, taints: [], gpus: undefined },
    ]);
  });

  it("keeps every file and folder from other users", () => {
    const open = filesBelow(directory).filter(
      (file) => !file.includes("sockets") && (statSync(file).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(directory, "sockets")).mode & 0o777).toBe(0o700);
  });

  it("refuses whoever brings no token, and whoever does not trust its authority", async () => {
    const server = readFileSync(cluster.kubeconfigPath, "utf8").match(/server: (\S+)/)?.[1] ?? "";
    const anonymous = await cluster.tryKubectl(["--token=guess", "get", "nodes"]);
    expect(anonymous.stderr).toContain("Unauthorized");
    await expect(fetch(`${server}/version`)).rejects.toThrow("fetch failed");
  });

  it("gives kwok no right to read secrets", async () => {
    const answer = await cluster.tryKubectl(["auth", "can-i", "get", "secrets", "--as=freehold:kwok"]);
    expect(answer.stdout).toContain("no");
  });
});

describe("workloads", () => {
  const namespace = "workloads";
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };

  beforeAll(async () => {
    await cluster.kubectl(["apply", "-f", "-"], {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: restricted },
    });
  });

  it("rejects a privileged pod where Pod Security says restricted", async () => {
    const result = await cluster.tryKubectl(["-n", namespace, "run", "bad", "--image=x", "--privileged"]);
    expect(result.stderr).toContain('violates PodSecurity "restricted:latest"');
  });

  it("counts GPUs: what fits becomes Ready, what does not stays pending", async () => {
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], deployment("counted", { replicas: 3, gpus: 8 }));
    await eventually("two of three pods are ready", async () => {
      const ready = await cluster.kubectl([
        "get",
        "-n",
        namespace,
        "deployment",
        "counted",
        "-o",
        "jsonpath={.status.readyReplicas}",
      ]);
      return ready === "2";
    });
    const pending = JSON.parse(
      await cluster.kubectl(["get", "-n", namespace, "pods", "-l", "app=counted", "-o", "json"]),
    )
      .items.filter((pod: { status: { phase: string } }) => pod.status.phase === "Pending")
      .map((pod: { spec: { nodeName?: string }; status: { conditions: { reason: string }[] } }) => [
        pod.spec.nodeName,
        pod.status.conditions[0]?.reason,
      ]);
    expect(pending).toEqual([[undefined, "Unschedulable"]]);
    await cluster.kubectl(["delete", "-n", namespace, "deployment", "counted", "--wait"]);
  });

  it("rolls a Deployment and lets its old pods go", async () => {
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], deployment("rolled", { replicas: 2, gpus: 1 }));
    await cluster.kubectl(["rollout", "status", "-n", namespace, "deployment/rolled", "--timeout=60s"]);
    await cluster.kubectl(["set", "image", "-n", namespace, "deployment/rolled", "server=two"]);
    await cluster.kubectl(["rollout", "status", "-n", namespace, "deployment/rolled", "--timeout=60s"]);
    await eventually("only pods of the new image are left", async () => {
      const images = await cluster.kubectl([
        "get",
        "-n",
        namespace,
        "pods",
        "-l",
        "app=rolled",
        "-o",
        "jsonpath={.items[*].spec.containers[0].image}",
      ]);
      return images === "two two";
    });
    await cluster.kubectl(["delete", "-n", namespace, "deployment", "rolled", "--wait"]);
  });

  it("completes the pods of a Job", async () => {
    const { template } = deployment("done", { replicas: 1, gpus: 0 }).spec;
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "done" },
      spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
    });
    await expect(
      cluster.kubectl(["wait", "-n", namespace, "job/done", "--for=condition=Complete", "--timeout=60s"]),
    ).resolves.toContain("condition met");
  });

  it("binds a claim, and has its volume back for the next one after another start", async () => {
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "weights" },
      spec: {
        accessModes: ["ReadWriteMany"],
        storageClassName: "freehold-local",
        resources: { requests: { storage: "1Ti" } },
      },
    };
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], claim);
    await cluster.kubectl([
      "wait",
      "-n",
      namespace,
      "pvc/weights",
      "--for=jsonpath={.status.phase}=Bound",
      "--timeout=60s",
    ]);
    const volume = await cluster.kubectl(["get", "-n", namespace, "pvc/weights", "-o", "jsonpath={.spec.volumeName}"]);
    await cluster.kubectl(["delete", "-n", namespace, "pvc/weights"]);
    await cluster.kubectl(["wait", `pv/${volume}`, "--for=jsonpath={.status.phase}=Released", "--timeout=60s"]);
    await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
    await expect(
      cluster.kubectl(["wait", `pv/${volume}`, "--for=jsonpath={.status.phase}=Available", "--timeout=60s"]),
    ).resolves.toContain("condition met");
  });

  it("finds a node dead that fell silent, moves its pods, and takes it back", async () => {
    await cluster.kubectl(
      ["apply", "-n", namespace, "-f", "-"],
      deployment("moved", { replicas: 1, gpus: 8, patienceSeconds: 2 }),
    );
    await cluster.kubectl(["rollout", "status", "-n", namespace, "deployment/moved", "--timeout=60s"]);
    const nodeOf = async () => {
      const { items } = JSON.parse(
        await cluster.kubectl(["get", "-n", namespace, "pods", "-l", "app=moved", "-o", "json"]),
      ) as {
        items: { metadata: { deletionTimestamp?: string }; spec: { nodeName?: string }; status: { phase: string } }[];
      };
      const living = items.find(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === "Running");
      return living?.spec.nodeName ?? "";
    };
    const failed = await nodeOf();
    const api = connect({ directory });
    try {
      await failNode(api, failed);
      await cluster.kubectl(["wait", `node/${failed}`, "--for=condition=Ready=Unknown", "--timeout=90s"]);
      await eventually("the pod runs on the other node", async () => {
        const now = await nodeOf();
        return now.startsWith("h100-") && now !== failed;
      });
      await recoverNode(api, failed);
      await cluster.kubectl(["wait", `node/${failed}`, "--for=condition=Ready", "--timeout=60s"]);
      await eventually("its old pod is gone", async () => {
        const pods = JSON.parse(
          await cluster.kubectl(["get", "-n", namespace, "pods", "-l", "app=moved", "-o", "json"]),
        );
        return pods.items.length === 1;
      });
    } finally {
      api.close();
    }
  });
});

describe("a second start", () => {
  it("changes nothing", async () => {
    const before = await processes();
    const versions = () =>
      cluster.kubectl([
        "get",
        "pv,storageclass,clusterroles,clusterrolebindings",
        "-o",
        "jsonpath={.items[*].metadata.resourceVersion}",
      ]);
    await eventually("the control plane has looked at every volume", async () => {
      const phases = await cluster.kubectl(["get", "pv", "-o", "jsonpath={.items[*].status.phase}"]);
      return phases.split(" ").every((phase) => phase === "Available");
    });
    const versionsBefore = await versions();
    const again = await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
    expect(again.outcome).toBe("reused");
    expect(await processes()).toEqual(before);
    expect(await versions()).toBe(versionsBefore);
  });

  it("adds, changes and removes nodes so that they equal the list", async () => {
    const [first, , system] = nodes;
    if (first === undefined || system === undefined) throw new Error("the list of nodes is too short");
    const labels = { pool: "l40s" };
    const changed = [{ ...first, gpus: 4, labels, taints: [] }, system, gpuNode({ name: "h200-1" })];
    const again = await startClusterIn(directory, { nodes: changed, nodeMonitorGracePeriodSeconds: 12 });
    expect(again.outcome).toBe("reused");
    const row =
      "{.metadata.name} {.status.allocatable.nvidia\\.com/gpu} {.metadata.labels.pool} {.metadata.labels.topology\\.kubernetes\\.io/zone} {.spec.taints[*].key}";
    const lines = await cluster.kubectl(["get", "nodes", "-o", `jsonpath={range .items[*]}${row}{"\\n"}{end}`]);
    expect(
      lines
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    ).toEqual(["h100-1 4 l40s", "h200-1 8   nvidia.com/gpu", "system-1"]);
    await startClusterIn(directory, { nodes: [{ ...first, gpus: 0 }], nodeMonitorGracePeriodSeconds: 12 });
    const { status } = JSON.parse(await cluster.kubectl(["get", "node", "h100-1", "-o", "json"]));
    for (const resources of [status.allocatable, status.capacity]) {
      expect(resources).toMatchObject({ pods: "110" });
      expect(resources).not.toHaveProperty(["nvidia.com/gpu"]);
    }
    await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
  });

  it.each(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"])(
    "starts %s again when it was killed, on the same data",
    async (name) => {
      const before = await processes();
      const killed = before.find((process) => process.name === name);
      if (killed === undefined) throw new Error(`${name} does not run`);
      const identity = identify(killed.pid);
      process.kill(killed.pid, "SIGKILL");
      await eventually("the process has ended", async () => identity === undefined || !isAlive(identity));
      const again = await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
      expect(again.outcome).toBe("repaired");
      expect(again.uid).toBe(cluster.uid);
      // What talks to the API may end when it is gone, and is then started again as well; the data stays.
      const kept = name === "kube-apiserver" ? ["etcd"] : before.map((process) => process.name);
      const unchanged = (list: typeof before) =>
        list.filter((process) => process.name !== name && kept.includes(process.name));
      expect(unchanged(await processes())).toEqual(unchanged(before));
      expect((await processes()).every(({ alive }) => alive)).toBe(true);
    },
  );
});

describe("a start that was cut off", () => {
  it("is finished by the next one, even when nothing was written down", async () => {
    const before = await processes();
    await rm(path.join(directory, "cluster.json"));
    const again = await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 });
    expect(again.outcome).toBe("started");
    expect(again.uid).toBe(cluster.uid);
    expect(findByArgument(`--data-dir=${path.join(directory, "etcd")}`)).toHaveLength(1);
    expect((await processes()).map(({ pid }) => pid)).not.toEqual(before.map(({ pid }) => pid));
    cluster = again;
  });

  it("leaves nothing when it is interrupted", async () => {
    const interrupted = path.join(inject("clusterFolder"), "interrupted");
    const controller = new AbortController();
    const progress = {
      ...testProgress,
      advance: (_id: string, fraction: number) => {
        if (fraction >= 0.6) controller.abort(new Error("interrupted by the user"));
      },
    };
    const start = up({ directory: interrupted, tools: await testTools(), nodes, progress, signal: controller.signal });
    await expect(start).rejects.toThrow("interrupted by the user");
    expect(existsSync(interrupted)).toBe(false);
    expect(findByArgument(`--data-dir=${path.join(interrupted, "etcd")}`)).toEqual([]);
  });
});

describe("two clusters", () => {
  it("live side by side and end one by one, without leaving a process or a file", async () => {
    const other = await startClusterIn(neighbour, { nodes: [simulatedNode({ name: "alone" })] });
    expect(other.outcome).toBe("started");
    expect(other.uid).not.toBe(cluster.uid);
    expect(other.context).not.toBe(cluster.context);
    expect(await other.kubectl(["get", "nodes", "-o", "name"])).toBe("node/alone");

    const ended = ((await inspect({ directory: neighbour }))?.processes ?? []).map(({ pid }) => identify(pid));
    expect(await down({ directory: neighbour, signal: noSignal })).toEqual({ outcome: "stopped" });
    expect(ended.filter((identity) => identity !== undefined && isAlive(identity))).toEqual([]);
    expect(readdirSync(path.dirname(neighbour)).filter((name) => name.startsWith("neighbour"))).toEqual([]);

    expect(await down({ directory: neighbour, signal: noSignal })).toEqual({ outcome: "nothing-to-stop" });
    expect((await startClusterIn(directory, { nodes, nodeMonitorGracePeriodSeconds: 12 })).outcome).toBe("reused");
  });
});

function deployment(name: string, options: { replicas: number; gpus: number; patienceSeconds?: number }) {
  const { replicas, gpus, patienceSeconds } = options;
  const seconds = patienceSeconds === undefined ? {} : { tolerationSeconds: patienceSeconds };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
          tolerations: [
            { key: "nvidia.com/gpu", operator: "Exists" },
            { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", ...seconds },
          ],
          containers: [
            {
              name: "server",
              image: "one",
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              ...(gpus === 0 ? {} : { resources: { limits: { "nvidia.com/gpu": String(gpus) } } }),
            },
          ],
        },
      },
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? [file, ...filesBelow(file)] : [file];
  });
}
