import type { Blueprint } from "../../decisions/blueprint.ts";
import type { SimulatedNode } from "../../local-cluster/local-cluster.ts";

// What an AWS p5.48xlarge has for each of its 8 GPUs: 192 vCPU and 2048 GiB a node.
// Source: cloud instance data of karpenter-provider-aws, 2026-07-20.
const cpuMillicoresPerGpu = 24_000;
const memoryBytesPerGpu = 256 * 2 ** 30;

/** Nodes that stand for the pools of a Blueprint at their largest, and one without GPUs for everything else. */
export function simulatedNodes(blueprint: Pick<Blueprint, "nodePools">): readonly SimulatedNode[] {
  const gpuNodes = Object.entries(blueprint.nodePools).flatMap(([pool, { gpusPerNode, nodes, zones, nodeSelector }]) =>
    Array.from({ length: nodes.max }, (_, index): SimulatedNode => {
      const name = `${pool}-${index + 1}`;
      const zone = zones[index % zones.length];
      return {
        name,
        labels: {
          ...nodeSelector,
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          ...(zone === undefined ? {} : { "topology.kubernetes.io/zone": zone }),
        },
        taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
        gpus: gpusPerNode,
        cpuMillicores: gpusPerNode * cpuMillicoresPerGpu,
        memoryBytes: gpusPerNode * memoryBytesPerGpu,
      };
    }),
  );
  return [
    ...gpuNodes,
    {
      name: "system-1",
      labels: { "kubernetes.io/hostname": "system-1", "kubernetes.io/os": "linux" },
      taints: [],
      gpus: 0,
      cpuMillicores: 32_000,
      memoryBytes: 128 * 2 ** 30,
    },
  ];
}
