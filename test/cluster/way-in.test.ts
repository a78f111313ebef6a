/**
 * What `gateway.exposure` names, held against a real API server with the Gateway API's and cert-manager's own definitions. No
 * controller runs there: what it would say of an object is written through the API. That a Gateway which fits also answers is
 * not proven here.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parse, stringify } from "yaml";
import type { ClusterAccess } from "../../cli/cluster/kubectl.ts";
import { checkWaysIn } from "../../cli/cluster/way-in.ts";
import { load } from "../../config/load.ts";
import { lockText } from "../../config/lock/write.ts";
import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import { down } from "../../local-cluster/local-cluster.ts";
import { withAgents } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { newCheckout } from "../support/checkout.ts";
import { gpuNode, noSignal, startClusterIn, type TestCluster, testTools } from "../support/cluster.ts";
import { existingCluster, lockFor } from "../support/config.ts";
import { establish, othersDefinitions } from "../support/resource-definitions.ts";
import { stackWith } from "../support/stack-file.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;

const directory = path.join(inject("clusterFolder"), "way-in");
const host = "llm.example.com";
const controller = { namespace: "proxies", labels: { app: "proxy" } };
const route: Exposure = {
  by: "http-route",
  host,
  parent: { namespace: "gateways", name: "internal", listener: "llm" },
  controller,
};
const ingress = (
  className: string,
  tls: Extract<Exposure, { by: "ingress" }>["tls"] = { secret: "llm-tls" },
): Exposure => ({
  by: "ingress",
  host,
  class: className,
  software: "other",
  tls,
  controller,
});
const balancer = { host, tls: { secret: "llm-tls" }, sourceRanges: ["10.20.0.0/16"] };
const issued = (kind: "Issuer" | "ClusterIssuer") => ({ secret: "llm-tls", issuer: { kind, name: "corp-ca" } });

let cluster: TestCluster;
let access: ClusterAccess;
/** The same cluster for an account that may read nothing. */
let stranger: ClusterAccess;

beforeAll(async () => {
  const labels = { "freehold/node-pool": "h100" };
  cluster = await startClusterIn(directory, { nodes: [gpuNode({ labels }), gpuNode({ name: "gpu-2", labels })] });
  const { kubectl: kubectlPath } = await testTools();
  const { context, kubeconfigPath } = cluster;
  access = { context, kubeconfigPath, kubectlPath, environment: process.env, signal: noSignal };
  const kubeconfig = parse(readFileSync(kubeconfigPath, "utf8"));
  for (const { user } of kubeconfig.users) user.as = "nobody";
  const strangersPath = path.join(directory, "stranger.kubeconfig");
  writeFileSync(strangersPath, stringify(kubeconfig), { mode: 0o600 });
  stranger = { ...access, kubeconfigPath: strangersPath };
}, 900_000);

afterAll(async () => {
  await down({ directory, signal: noSignal });
});

const create = (...items: readonly object[]) =>
  cluster.kubectl(["create", "--filename", "-"], { apiVersion: "v1", kind: "List", items });
const replaceStatus = (kind: string, name: string, status: object, ...where: readonly string[]) =>
  cluster.kubectl([
    "patch",
    kind,
    name,
    ...where,
    "--subresource=status",
    "--type=merge",
    `--patch=${JSON.stringify({ status })}`,
  ]);
const namespaceOf = (name: string, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
const gatewayObject = (listeners: readonly object[]) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "internal", namespace: "gateways" },
  spec: { gatewayClassName: "proxy", listeners },
});
/** A listener that the API server takes and that fits, but for what a test changes. */
const listener = (overrides: object = {}) => ({
  name: "llm",
  port: 443,
  protocol: "HTTPS",
  hostname: "*.example.com",
  tls: { certificateRefs: [{ name: "llm-tls" }] },
  allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: { "freehold/stack": "desk" } } } },
  ...overrides,
});
const replaceGateway = (listeners: readonly object[]) =>
  cluster.kubectl(["replace", "--filename", "-"], gatewayObject(listeners));

function wayIn(exposure: Exposure, changes: Partial<Config> = {}, by: ClusterAccess = access) {
  const gateway: GatewayConfig = {
    image: "registry.example.com/freehold-gateway:0.1.0",
    jwt: {
      issuer: "https://login.example.com",
      audience: "freehold",
      keySet: { secret: "login", key: "jwks.json" },
      tenantClaim: "tenant",
      dataClassClaim: "data_class",
    },
    tenants: { support: {} },
    exposure,
  };
  return checkWaysIn(by, blueprintFor({ cluster: existingCluster, gateway, ...changes }));
}

const said = async (...args: Parameters<typeof wayIn>) =>
  (await wayIn(...args)).map(({ code, title }) => `${code}  ${title}`).sort();
const noPod = "RUN-158  No pod in proxies carries app=proxy.";

describe("a cluster without the kinds", () => {
  it("is told apart by what is missing", async () => {
    expect(await said(route)).toEqual([
      `RUN-151  The cluster of "${cluster.context}" has no Gateways: the definitions of the Gateway API are missing.`,
      noPod,
    ]);
    expect(
      await said({
        by: "aws-load-balancer",
        ...balancer,
        subnetRanges: ["10.60.0.0/24"],
        tls: issued("ClusterIssuer"),
      }),
    ).toEqual([
      `RUN-151  The cluster of "${cluster.context}" has no AWS Load Balancer Controller: its definitions are missing.`,
      `RUN-151  The cluster of "${cluster.context}" has no ClusterIssuers: the definitions of cert-manager are missing.`,
    ]);
    expect((await wayIn({ by: "metallb", ...balancer, addressPool: "edge" })).map(({ code }) => code)).toEqual([
      "RUN-151",
    ]);
  });

  it("is not asked where nobody comes in from outside", async () => {
    expect(await checkWaysIn({ ...access, kubectlPath: "/nonexistent" }, blueprintFor())).toEqual([]);
  });
});

describe("a Gateway", () => {
  beforeAll(async () => {
    await establish(cluster, await othersDefinitions());
    await create(namespaceOf("gateways"), namespaceOf("proxies"));
    const containers = [{ name: "proxy", image: "proxy" }];
    await create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "proxy", namespace: "proxies", labels: { app: "proxy" } },
      spec: { containers, tolerations: [{ operator: "Exists" }], automountServiceAccountToken: false },
    });
  }, 300_000);

  it("has to be there", async () => {
    const [first, ...more] = await wayIn(route);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      code: "RUN-152",
      title: `The Gateway gateways/internal is not in the cluster of "${cluster.context}".`,
      why: "gateway.exposure.parent names it, and without it nobody comes in from outside. The cluster has none.",
    });
  });

  it("has to have the listener, and somebody who runs it", async () => {
    await create(gatewayObject([listener({ name: "web" })]));
    expect(await said(route)).toEqual([
      `RUN-152  The GatewayClass proxy is not in the cluster of "${cluster.context}".`,
      "RUN-153  The listener llm of the Gateway gateways/internal is not one of it: it has web.",
      "RUN-154  The Gateway gateways/internal is there, but its condition Programmed is Unknown: Waiting for controller.",
    ]);
  });

  it.each<[object, string]>([
    [{ protocol: "HTTP", port: 80, tls: undefined }, "speaks HTTP and ends no TLS for HTTP"],
    [{ hostname: "chat.example.com" }, "answers for chat.example.com and not for llm.example.com"],
    [{ allowedRoutes: { namespaces: { from: "Same" } } }, "admits routes of gateways alone"],
    [
      { allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: { expose: "true" } } } } },
      "admits routes of namespaces with labels that desk-test-gateway lacks",
    ],
  ])("has to have a listener that fits: %o", async (overrides, problem) => {
    await replaceGateway([listener(overrides)]);
    const problems = (await said(route)).filter((text) => text.startsWith("RUN-153"));
    expect(problems).toEqual([`RUN-153  The listener llm of the Gateway gateways/internal ${problem}.`]);
  });

  it("is found in order when its controller says so, also by a label that somebody gave the namespace", async () => {
    await create({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "proxy" },
      spec: { controllerName: "example.com/proxy" },
    });
    const selector = { matchLabels: { expose: "true" } };
    await replaceGateway([listener({ allowedRoutes: { namespaces: { from: "Selector", selector } } })]);
    await create(namespaceOf("desk-test-gateway", { expose: "true" }));
    const [lastTransitionTime, reason, message] = ["2026-11-24T00:00:00Z", "Done", ""];
    const condition = (type: string) => [{ type, status: "True", reason, message, lastTransitionTime }];
    await replaceStatus("gatewayclass", "proxy", { conditions: condition("Accepted") });
    await replaceStatus("gateway", "internal", { conditions: condition("Programmed") }, "--namespace", "gateways");
    expect(await said(route)).toEqual([]);
    await cluster.kubectl(["delete", "namespace", "desk-test-gateway"]);
  });

  it("is said to be unseen by an account that may not read it", async () => {
    const [first, ...more] = await wayIn(route, {}, stranger);
    expect(first).toMatchObject({ code: "RUN-155", severity: "warning" });
    expect(first?.why).toContain('"internal" is forbidden');
    expect(more).toEqual([]);
  });
});

describe("an Ingress", () => {
  it("needs its class, which no controller without fixes may serve", async () => {
    const classOf = (name: string, by: string) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name },
      spec: { controller: by },
    });
    await create(classOf("edge", "example.com/proxy"), classOf("old", "k8s.io/ingress-nginx"));
    expect(await said(ingress("edge"))).toEqual([]);
    expect(await said(ingress("old"))).toEqual(["RUN-156  The IngressClass old is served by k8s.io/ingress-nginx."]);
    const [absent] = await wayIn(ingress("none"));
    expect(absent).toMatchObject({ code: "RUN-152" });
    expect(absent?.why).toContain("There are: edge, old.");
  });

  it("needs the issuer of its certificate, ready", async () => {
    expect(await said(ingress("edge", issued("ClusterIssuer")))).toEqual([
      `RUN-152  The ClusterIssuer corp-ca is not in the cluster of "${cluster.context}".`,
    ]);
    const spec = { selfSigned: {} };
    await create({ apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name: "corp-ca" }, spec });
    expect(await said(ingress("edge", issued("ClusterIssuer")))).toEqual([
      "RUN-154  The ClusterIssuer corp-ca is there, but its condition Ready is not set.",
    ]);
    const condition = { type: "Ready", status: "False", reason: "Broken", message: "The key is missing." };
    await replaceStatus("clusterissuer", "corp-ca", { conditions: [condition] });
    expect(await said(ingress("edge", issued("ClusterIssuer")))).toEqual([
      "RUN-154  The ClusterIssuer corp-ca is there, but its condition Ready is False: The key is missing.",
    ]);
    await replaceStatus("clusterissuer", "corp-ca", { conditions: [{ ...condition, status: "True" }] });
    expect(await said(ingress("edge", issued("ClusterIssuer")))).toEqual([]);
  });

  it("is not held up by an Issuer of a namespace that a first deployment makes", async () => {
    await cluster.kubectl(["wait", "--for=delete", "namespace/desk-test-gateway", "--timeout=60s"]);
    expect(await wayIn(ingress("edge", issued("Issuer")))).toMatchObject([{ code: "RUN-155", severity: "warning" }]);
    await create(namespaceOf("desk-test-gateway"));
    expect(await wayIn(ingress("edge", issued("Issuer")))).toMatchObject([
      { code: "RUN-152", title: expect.stringContaining("The Issuer desk-test-gateway/corp-ca") },
    ]);
  });
});

it("of the agents is looked at beside the gateway's, by its own keys", async () => {
  const blueprint = blueprintFor({
    cluster: existingCluster,
    ...withAgents({
      image: "registry.example.com/freehold-orchestrator:0.1.0",
      exposure: {
        by: "ingress",
        host: "agents.example.com",
        class: "none",
        software: "other",
        tls: { secret: "t" },
        controller,
      },
    }),
  });
  const gateway = blueprint.gateway === null ? null : { ...blueprint.gateway, exposure: null };
  expect(await checkWaysIn(access, { ...blueprint, gateway })).toMatchObject([
    { code: "RUN-152", why: expect.stringContaining("agents.exposure.class names it") },
  ]);
});

describe("an internal load balancer", () => {
  it.each([
    ["google-load-balancer", "GKE", "cloud.google.com/gke-nodepool"],
    ["azure-load-balancer", "AKS", "kubernetes.azure.com/cluster"],
  ] as const)("of %s needs nodes of that cloud", async (by, cloud, label) => {
    expect(await said({ by, ...balancer })).toEqual([
      `RUN-157  No node in the cluster of "${cluster.context}" is one of ${cloud}.`,
    ]);
    await cluster.kubectl(["label", "node", "gpu-1", `${label}=pool`]);
    expect(await said({ by, ...balancer })).toEqual([]);
  });

  it("of MetalLB needs its pool, of private addresses where the mode asks for them", async () => {
    await establish(cluster, [
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "ipaddresspools.metallb.io" },
        spec: {
          group: "metallb.io",
          names: { kind: "IPAddressPool", plural: "ipaddresspools" },
          scope: "Namespaced",
          versions: [
            {
              name: "v1beta1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
            },
          ],
        },
      },
    ]);
    const exposure: Exposure = { by: "metallb", ...balancer, addressPool: "edge" };
    expect((await wayIn(exposure)).map(({ code }) => code)).toEqual(["RUN-152"]);
    await create({
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "edge", namespace: "proxies" },
      spec: { addresses: ["10.9.0.0/24", "10.10.0.10-10.10.0.20", "203.0.113.0/28", "10.0.0.1-172.31.0.1"] },
    });
    expect(await said(exposure)).toEqual([]);
    const blueprint = blueprintFor({ cluster: existingCluster });
    const residency = { ...blueprint.residency, mode: { ...blueprint.residency.mode, value: "region-bound" as const } };
    const open = blueprintFor({
      cluster: existingCluster,
      gateway: {
        keys: { secret: "keys", key: "keys.json" },
        tenants: { support: {} },
        image: "registry.example.com/g:1",
        exposure,
      },
    });
    const found = await checkWaysIn(access, { ...open, residency });
    expect(found.map(({ code, title }) => `${code}  ${title}`)).toEqual([
      "RUN-159  MetalLB's pool edge holds 203.0.113.0/28, which is not private address space.",
      "RUN-159  MetalLB's pool edge holds 10.0.0.1-172.31.0.1, which is not private address space.",
    ]);
  });
});

it("stands on the screen of preflight, beside the Secret of a certificate that is missing", async () => {
  const checkout = newCheckout();
  try {
    const text = `${stackWith(
      [
        "cluster: { target: local }",
        `cluster: { target: existing, existing: { context: ${cluster.context}, storageClass: freehold-local } }`,
      ],
      ["state: { backend: local }", "state: { backend: pg }"],
    )}gateway:
  image: registry.example.com/freehold-gateway:0.1.0
  keys: { secret: gateway-keys, key: keys.json }
  tenants: { support: {} }
  exposure:
    by: ingress
    host: llm.example.com
    class: public
    software: other
    tls: { secret: llm-tls }
    controller: { namespace: proxies, labels: { app: proxy } }
`;
    checkout.write("config/stack.yaml", text);
    const { config, findings } = load(text);
    if (config === null) throw new Error(JSON.stringify(findings));
    checkout.write("config/stack.lock.yaml", lockText(lockFor(config)));
    const environment = { ...process.env, FREEHOLD_STACK: undefined, KUBECONFIG: cluster.kubeconfigPath };
    const { code, stderr } = await checkout.freehold(["preflight"], { environment });
    expect(code).toBe(1);
    expect(stderr).toContain(`RUN-152  The IngressClass public is not in the cluster of "${cluster.context}".`);
    for (const key of ["tls.crt", "tls.key"]) {
      expect(stderr).toContain(`RUN-146  The Secret llm-tls with the key \`${key}\``);
    }
  } finally {
    checkout.remove();
  }
});
