import { expect, it } from "vitest";
import { requireVersion } from "../../../cli/cluster/identity.ts";
import { simulatedNodes } from "../../../cli/cluster/simulated-nodes.ts";
import { chosenContext, clusterEnvironment, kubeconfigOf } from "../../../cli/cluster/target.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { newCheckout } from "../../support/checkout.ts";
import { stackConfig } from "../../support/config.ts";

const local = blueprintFor(stackConfig());
const existing = { ...local, cluster: { ...local.cluster, target: "existing" as const } };

it("uses the local control plane unless told otherwise, and a context of one's own when given", () => {
  const checkout = newCheckout();
  try {
    expect(chosenContext(checkout.root, local, undefined)).toBeNull();
    expect(chosenContext(checkout.root, local, "kind")).toBe("kind");
    const named = { ...existing, cluster: { ...existing.cluster, context: "prod-eu" } };
    expect(chosenContext(checkout.root, named, undefined)).toBe("prod-eu");
    expect(chosenContext(checkout.root, named, "prod-eu")).toBe("prod-eu");
  } finally {
    checkout.remove();
  }
});

it("rejects a --context that contradicts the file, whose context is what Terraform applies to", () => {
  const named = { ...existing, cluster: { ...existing.cluster, context: "prod-eu" } };
  expect(() => chosenContext("/nowhere", named, "prod-us")).toThrow(
    'RUN-137 --context prod-us contradicts the stack file, which names "prod-eu".',
  );
});

it("hands programs one kubeconfig and one context, and nothing that leads past them", () => {
  const misleading = {
    KUBECONFIG: "/home/ana/.kube/other",
    KUBE_CONFIG_PATH: "/home/ana/.kube/config",
    KUBE_CONFIG_PATHS: "/home/ana/.kube/config",
    KUBE_CTX: "staging",
    KUBE_CTX_CLUSTER: "staging",
    KUBE_HOST: "https://10.0.0.1:6443",
    KUBE_TOKEN: "secret",
    KUBE_CLUSTER_CA_CERT_DATA: "…",
    HELM_KUBEAPISERVER: "https://10.0.0.1:6443",
    HELM_KUBECONTEXT: "staging",
  };
  const harmless = { PATH: "/usr/bin", KUBE_EDITOR: "vi", HELM_CACHE_HOME: "/cache", HTTPS_PROXY: "http://proxy" };
  expect(clusterEnvironment({ ...misleading, ...harmless }, "/the/kubeconfig", "prod")).toEqual({
    ...harmless,
    KUBECONFIG: "/the/kubeconfig",
    KUBE_CONFIG_PATHS: "/the/kubeconfig",
    KUBE_CTX: "prod",
  });
});

it.each([
  [undefined, "/home/ana/.kube/config"],
  ["", "/home/ana/.kube/config"],
  ["/a:/b", "/a:/b"],
])("takes KUBECONFIG %j for %s", (value, expected) => {
  expect(kubeconfigOf({ HOME: "/home/ana", KUBECONFIG: value })).toBe(expected);
});

it("rejects an existing target for which no context was ever given", () => {
  const checkout = newCheckout();
  try {
    expect(() => chosenContext(checkout.root, existing, undefined)).toThrow("RUN-134 No cluster was named.");
  } finally {
    checkout.remove();
  }
});

it.each([
  ["1.34", true],
  ["1.36", true],
  ["1.33", false],
  ["1.37", false],
  ["2.0", false],
])("holds Kubernetes %s against 1.34 to 1.36", (kubernetesVersion, supported) => {
  const check = () => requireVersion("prod", { uid: "", kubernetesVersion }, { min: "1.34", max: "1.36" });
  if (supported) expect(check).not.toThrow();
  else expect(check).toThrow("RUN-133");
});

it("simulates each pool at its largest, spread over its zones, with one node for everything else", () => {
  const nodes = simulatedNodes(local);
  const pools = Object.values(local.nodePools);
  expect(nodes).toHaveLength(pools.reduce((sum, pool) => sum + pool.nodes.max, 0) + 1);
  const gpus = nodes.reduce((sum, node) => sum + node.gpus, 0);
  expect(gpus).toBe(pools.reduce((sum, pool) => sum + pool.gpusAtMax, 0));
  expect(nodes.at(-1)).toMatchObject({ name: "system-1", gpus: 0, taints: [] });
});
