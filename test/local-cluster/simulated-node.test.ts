// Proves: a simulated node is changed only where it differs from what is wanted, in the forms the API server answers in.
import { describe, expect, it } from "vitest";
import {
  isReady,
  type NodeObject,
  nodeManifest,
  nodePatch,
  nodeStatusPatch,
  simulatedFrom,
} from "../../local-cluster/simulated-node.ts";
import { gpuNode, simulatedNode } from "../support/cluster.ts";

const made = (node = gpuNode()) => nodeManifest(node) as NodeObject & { metadata: { labels: Record<string, string> } };
const withResources = (allocatable: Record<string, string>): NodeObject => ({ ...made(), status: { allocatable } });
const resources = (node = gpuNode()) => ({ ...made(node).status?.allocatable });

describe("a node that was just made", () => {
  it("has the labels, taints and resources asked for", () => {
    const node = gpuNode({ name: "h100-1", labels: { pool: "h100" }, cpuMillicores: 1500 });
    expect(nodeManifest(node)).toMatchObject({
      kind: "Node",
      metadata: {
        name: "h100-1",
        labels: { "kubernetes.io/hostname": "h100-1", "kwok.x-k8s.io/node": "fake", pool: "h100" },
        annotations: { [simulatedFrom]: JSON.stringify(node) },
      },
      spec: { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
      status: { allocatable: { cpu: "1500m", memory: "2199023255552", pods: "110", "nvidia.com/gpu": "8" } },
    });
  });

  it("needs no patch", () => {
    expect(nodePatch(made(), gpuNode())).toBeUndefined();
    expect(nodeStatusPatch(made(), gpuNode())).toBeUndefined();
  });
});

describe("the patch of a node", () => {
  it("gives it new labels and takes away those that were dropped, but none that somebody else set", () => {
    const existing = made(gpuNode({ labels: { pool: "h100", zone: "a" } }));
    existing.metadata.labels.theirs = "kept";
    expect(nodePatch(existing, gpuNode({ labels: { pool: "l40s" } }))).toMatchObject({
      metadata: { labels: { pool: "l40s", zone: null } },
    });
    expect(nodePatch(existing, gpuNode({ labels: { pool: "l40s" } }))).not.toHaveProperty("metadata.labels.theirs");
  });

  it("sees a label as text, though it may look like an amount", () => {
    const existing = made(gpuNode({ labels: { memory: "1024" } }));
    existing.metadata.labels.memory = "1Ki";
    expect(nodePatch(existing, gpuNode({ labels: { memory: "1024" } }))).toMatchObject({
      metadata: { labels: { memory: "1024" } },
    });
  });

  it("lets kwok speak for a node again that was cut off", () => {
    const { "kwok.x-k8s.io/node": _, ...labels } = made().metadata.labels;
    const existing = { ...made(), metadata: { ...made().metadata, labels } };
    expect(nodePatch(existing, gpuNode())).toMatchObject({ metadata: { labels: { "kwok.x-k8s.io/node": "fake" } } });
  });

  it("changes taints but leaves those that Kubernetes sets by itself", () => {
    const own = { key: "node.kubernetes.io/not-ready", effect: "NoExecute" };
    const [gpu] = gpuNode().taints;
    const existing = { ...made(), spec: { taints: [own, ...gpuNode().taints] } };
    expect(nodePatch(existing, gpuNode())).toBeUndefined();
    expect(nodePatch(existing, gpuNode({ taints: [] }))).toMatchObject({ spec: { taints: [own] } });
    expect(nodePatch({ ...existing, spec: { taints: [own] } }, gpuNode())).toMatchObject({
      spec: { taints: [gpu, own] },
    });
  });

  it.each(["not json", "null", "{}"])("is made although what it was made from reads %s", (text) => {
    const { metadata } = made();
    const existing = { ...made(), metadata: { ...metadata, annotations: { [simulatedFrom]: text } } };
    expect(nodePatch(existing, gpuNode())).toMatchObject({
      metadata: { annotations: { [simulatedFrom]: JSON.stringify(gpuNode()) } },
    });
  });
});

describe("the patch of a node's resources", () => {
  it.each([
    ["memory", 2 * 2 ** 40, "2Ti"],
    ["memory", 512 * 2 ** 30, "512Gi"],
    ["memory", 128_000_000_000, "128G"],
    ["memory", 131_072_000, "131072k"],
  ])("is none where the API server has written %s %d as %s", (key, memoryBytes, answered) => {
    const node = gpuNode({ memoryBytes });
    expect(nodeStatusPatch(withResources({ ...resources(node), [key]: answered }), node)).toBeUndefined();
  });

  it.each(["1Ti", "2200", "2Xi", "much"])("is needed where there is %s memory in place of 2Ti", (memory) => {
    const patch = nodeStatusPatch(withResources({ ...resources(), memory }), gpuNode());
    expect(patch).toEqual({ status: { capacity: resources(), allocatable: resources() } });
  });

  it("takes away GPUs that a node no longer has", () => {
    const patch = nodeStatusPatch(made(), gpuNode({ gpus: 0 }));
    expect(patch).toMatchObject({
      status: { capacity: { "nvidia.com/gpu": null }, allocatable: { "nvidia.com/gpu": null } },
    });
  });

  it("is whole where there are none yet", () => {
    const { status: _, ...bare } = made();
    expect(nodeStatusPatch(bare, gpuNode())).toMatchObject({ status: { allocatable: { "nvidia.com/gpu": "8" } } });
  });
});

describe("a node", () => {
  const node = (status: string, ...taints: string[]): NodeObject => ({
    ...made(simulatedNode()),
    spec: { taints: taints.map((key) => ({ key, effect: "NoSchedule" })) },
    status: { conditions: [{ type: "Ready", status }] },
  });

  it("is ready when it says so and Kubernetes holds nothing against it", () => {
    expect(isReady(node("True"))).toBe(true);
    expect(isReady(node("True", "nvidia.com/gpu"))).toBe(true);
    expect(isReady(node("True", "node.kubernetes.io/not-ready"))).toBe(false);
    expect(isReady(node("Unknown"))).toBe(false);
    expect(isReady(made())).toBe(false);
  });

  it("is ready when a person has cordoned it", () => {
    expect(isReady(node("True", "node.kubernetes.io/unschedulable"))).toBe(true);
  });
});
