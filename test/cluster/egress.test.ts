/**
 * The proxy on a real control plane: a running stack is given it, and it is taken away again. Containers are simulated, so
 * what it lets through is not proven here, and neither is that a network plugin enforces policies.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type DeployedStack,
  deployStack,
  eventually,
  type KubernetesObject,
  type List,
  namespace,
} from "../support/deployed-stack.ts";

const egress = "demo-test-egress";
let deployed: DeployedStack;

interface Job extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly env: readonly { name: string; value?: string }[] }] };
    };
  };
  readonly status: { readonly succeeded?: number };
}
interface Policy extends KubernetesObject {
  readonly spec: { readonly egress?: readonly { readonly to?: readonly { readonly ipBlock?: { cidr: string } }[] }[] };
}
interface Deployment extends KubernetesObject {
  readonly status: { readonly readyReplicas?: number };
}

/** Names of the policies of a namespace that let pods out of the cluster. */
async function waysOut(of: string): Promise<readonly string[]> {
  const { items } = await deployed.get<List<Policy>>("networkpolicies", "--namespace", of);
  const beyondNode = (cidr: string | undefined) => cidr !== undefined && cidr !== "169.254.20.10/32";
  return items
    .filter(({ spec }) => spec.egress?.some(({ to }) => to?.some(({ ipBlock }) => beyondNode(ipBlock?.cidr))))
    .map(({ metadata }) => metadata.name);
}

beforeAll(async () => {
  deployed = await deployStack();
});

afterAll(async () => {
  await deployed.remove();
});

it("is not there unless the file asks for it", async () => {
  expect(await waysOut(namespace)).toEqual(["fetch-weights"]);
  const { items } = await deployed.get<List<KubernetesObject>>("namespaces");
  expect(items.map(({ metadata }) => metadata.name)).not.toContain(egress);
});

it("is ready past Pod Security, quota, scheduling and the stack's own policies, and alone has a way out", async () => {
  await deployed.up({ withEgressProxy: true });
  const { status } = await deployed.get<Deployment>("deployment", "egress-proxy", "--namespace", egress);
  expect(status.readyReplicas).toBe(2);
  expect(await waysOut(namespace)).toEqual([]);
  expect(await waysOut(egress)).toEqual(["egress-proxy"]);
});

it("is what the Jobs that fetch weights ask, and they complete", async () => {
  const { items } = await deployed.get<List<Job>>("jobs", "--namespace", namespace);
  expect(items.length).toBeGreaterThan(0);
  for (const { spec, status } of items) {
    expect(spec.template.spec.containers[0].env).toContainEqual({
      name: "HTTPS_PROXY",
      value: `http://egress-proxy.${egress}.svc:3128`,
    });
    expect(status.succeeded).toBe(1);
  }
});

it("leaves the API server to refuse a way out beside it", async () => {
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "beside", namespace },
    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }] },
  };
  const { code, stderr } = await deployed.run(["create", "--filename", "-"], JSON.stringify(policy));
  expect(code).not.toBe(0);
  expect(stderr).toContain("GRD-250");
});

it("goes with its namespace when the file no longer asks for it", async () => {
  await deployed.up();
  expect(await waysOut(namespace)).toEqual(["fetch-weights"]);
  await eventually(async () => {
    const { items } = await deployed.get<List<KubernetesObject>>("namespaces");
    return items.every(({ metadata }) => metadata.name !== egress);
  });
});
