import type { Decided, Toleration } from "./blueprint.ts";
import type { Catalog } from "./catalog/index.ts";
import { because, decided, policy } from "./reason.ts";

/** Longer than a short network fault, shorter than anybody's patience. */
const deadNodeSeconds = 30;

/** Seconds from a node's death until its replicas start elsewhere, if there is room. */
export function rescheduleSeconds(catalog: Catalog): number {
  return catalog.kubernetes.nodeMonitorGraceSeconds + deadNodeSeconds;
}

/** Which taints a replica stays with: GPU nodes always, a dead node for half a minute. */
export function decideTolerations(catalog: Catalog): Decided<readonly Toleration[]> {
  const grace = catalog.kubernetes.nodeMonitorGraceSeconds;
  return decided(
    [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      {
        key: "node.kubernetes.io/not-ready",
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: deadNodeSeconds,
      },
      {
        key: "node.kubernetes.io/unreachable",
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: deadNodeSeconds,
      },
    ],
    policy("GPU nodes are commonly tainted `nvidia.com/gpu`, with differing values, so any value is tolerated."),
    policy(
      `Kubernetes leaves a pod on a dead node for 300 s by default. Replicas hold no state, so they leave after ${deadNodeSeconds} s; the published range for inference is 15 to 30 s.`,
    ),
    because(
      "catalog.kubernetes.nodeMonitorGraceSeconds",
      `A node counts as dead after ${grace} s, so a replacement starts about ${grace + deadNodeSeconds} s after the node's death instead of ${grace + 300} s.`,
    ),
  );
}
