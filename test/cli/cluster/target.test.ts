import { expect, it } from "vitest";
import { requireVersion } from "../../../cli/cluster/identity.ts";
import { simulatedNodes } from "../../../cli/cluster/simulated-nodes.ts";
import { chosenContext } from "../../../cli/cluster/target.ts";
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
    expect(chosenContext(checkout.root, named, "prod-us")).toBe("prod-us");
  } finally {
    checkout.remove();
  }
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
