// Proves what helm renders and refuses of the way in from outside. That Kubernetes accepts it is for the cluster tests.
import { describe, expect, it } from "vitest";
import type { GatewayConfig } from "../../config/schema/index.ts";
import { gatewayValues } from "../../stacks/values/gateway.ts";
import type { GatewayExposureValues } from "../../stacks/values/gateway-exposure-schema.ts";
import type { GatewayValues } from "../../stacks/values/gateway-schema.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { testChart } from "../support/chart.ts";
import type { Manifest } from "../support/helm.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;

const chart = testChart<GatewayValues>("gateway", "door");
const host = "llm.example.com";
const controller = { namespace: "ingress", labels: { app: "proxy" } };
const parent = { namespace: "gateways", name: "shared", listener: "https" };
const route: Exposure = { by: "http-route", host, parent, controller };
const ingress = (tls: Extract<Exposure, { by: "ingress" }>["tls"]): Exposure => ({
  by: "ingress",
  host,
  class: "internal",
  software: "f5-nginx",
  tls,
  controller,
});
const paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models"];

function valuesFor(exposure?: Exposure) {
  const { gateway } = blueprintFor({
    gateway: {
      image: "registry.example.com/freehold/gateway:0.1.0",
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {} },
      ...(exposure === undefined ? {} : { exposure }),
    },
  });
  if (gateway === null) throw new Error("the Blueprint has no gateway");
  return gatewayValues(gateway, { stack: "desk", environment: "test", egress: null });
}

const render = (exposure?: Exposure) => chart.render(valuesFor(exposure));

/** What helm says to the values of a good way in with one part changed. */
function refusal(exposure: Exposure, change: Partial<GatewayExposureValues>): Promise<string> {
  const values = valuesFor(exposure);
  return chart.refusal({ ...values, exposure: { ...values.exposure, ...change } });
}

/** Objects that a way in adds to the release. */
async function added(exposure: Exposure): Promise<string[]> {
  const without = Object.keys(await render());
  return Object.keys(await render(exposure)).filter((name) => !without.includes(name));
}

describe("without a way in", () => {
  it("nothing leads to the gateway from outside, and marked pods of the stack alone may call", async () => {
    const objects = await render();
    expect(Object.keys(objects).filter((name) => /Route|Ingress\/|Certificate/.test(name))).toEqual([]);
    expect(objects["NetworkPolicy/gateway-callers"].spec.ingress).toHaveLength(1);
  });
});

describe("an HTTPRoute", () => {
  it("is all that is added", async () => {
    expect(await added(route)).toEqual(["HTTPRoute/gateway"]);
  });

  it("leads one host and four paths from one listener to the gateway, and waits long enough", async () => {
    const { spec } = (await render(route))["HTTPRoute/gateway"];
    expect(spec).toEqual({
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          namespace: "gateways",
          name: "shared",
          sectionName: "https",
        },
      ],
      hostnames: [host],
      rules: [
        {
          matches: paths.map((value) => ({ path: { type: "Exact", value } })),
          timeouts: { request: "630s", backendRequest: "630s" },
          backendRefs: [{ name: "gateway", port: 8080 }],
        },
      ],
    });
  });

  it("lets the Gateway's pods connect, and no other pod of their namespace", async () => {
    const [, rule, ...others] = (await render(route))["NetworkPolicy/gateway-callers"].spec.ingress;
    expect(others).toEqual([]);
    expect(rule).toEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress" } },
          podSelector: { matchLabels: { app: "proxy" } },
        },
      ],
      ports: [{ port: 8080, protocol: "TCP" }],
    });
  });
});

describe("an Ingress", () => {
  it("leads one host and four paths to the gateway, with a certificate", async () => {
    const { spec } = (await render(ingress({ secret: "llm-tls" })))["Ingress/gateway"];
    const backend = { service: { name: "gateway", port: { name: "http" } } };
    expect(spec).toEqual({
      ingressClassName: "internal",
      tls: [{ hosts: [host], secretName: "llm-tls" }],
      rules: [{ host, http: { paths: paths.map((path) => ({ path, pathType: "Exact", backend })) } }],
    });
  });

  it("tells the controller to wait and not to buffer", async () => {
    const { metadata } = (await render(ingress({ secret: "llm-tls" })))["Ingress/gateway"];
    expect(metadata.annotations).toEqual({
      "nginx.org/client-max-body-size": "9m",
      "nginx.org/proxy-buffering": "False",
      "nginx.org/proxy-read-timeout": "630s",
      "nginx.org/proxy-send-timeout": "630s",
    });
  });

  it("has its certificate made where the file names an issuer, and nowhere else", async () => {
    expect(await added(ingress({ secret: "llm-tls" }))).toEqual(["Ingress/gateway"]);
    const made = ingress({ secret: "llm-tls", issuer: { kind: "Issuer", name: "own-ca" } });
    expect((await added(made)).sort()).toEqual(["Certificate/gateway", "Ingress/gateway"]);
    const { spec } = (await render(made))["Certificate/gateway"];
    expect(spec).toMatchObject({
      secretName: "llm-tls",
      dnsNames: [host],
      usages: ["server auth"],
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "own-ca" },
    });
  });
});

const aws: Exposure = {
  by: "aws-load-balancer",
  host,
  tls: { secret: "llm-tls" },
  sourceRanges: ["10.20.0.0/16"],
  subnetRanges: ["10.30.3.0/24"],
};

describe("a load balancer", () => {
  it("is a Service beside the one that pods of the stack use, over TLS alone", async () => {
    expect(await added(aws)).toEqual(["Service/gateway-internal"]);
    const objects = await render(aws);
    expect(objects["Service/gateway"].spec).toMatchObject({ type: "ClusterIP", ports: [{ port: 8080 }] });
    expect(objects["Service/gateway-internal"].spec).toEqual({
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: "Local",
      loadBalancerClass: "service.k8s.aws/nlb",
      loadBalancerSourceRanges: ["10.20.0.0/16"],
      selector: { "app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": "gateway" },
      ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP" }],
    });
    expect(objects["Service/gateway-internal"].metadata.annotations).toEqual({
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes": "preserve_client_ip.enabled=true",
    });
  });

  it("names no class where the cluster has one kind", async () => {
    const { subnetRanges: _, ...rest } = aws as Extract<Exposure, { by: "aws-load-balancer" }>;
    const objects = await render({ ...rest, by: "google-load-balancer" });
    expect(objects["Service/gateway-internal"].spec.loadBalancerClass).toBeUndefined();
  });

  it("lets in callers and health checks by their networks, to the port over TLS alone", async () => {
    const [, rule, ...others] = (await render(aws))["NetworkPolicy/gateway-callers"].spec.ingress;
    expect(others).toEqual([]);
    expect(rule).toEqual({
      from: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "10.30.3.0/24" } }],
      ports: [{ port: 8443, protocol: "TCP" }],
    });
  });

  it("gives the gateway the certificate, for its group alone", async () => {
    const { spec } = (await render(aws))["Deployment/gateway"].spec.template;
    const [{ ports, volumeMounts }] = spec.containers;
    expect(ports.map((port: Manifest) => `${port.name} ${port.containerPort}`)).toEqual([
      "http 8080",
      "https 8443",
      "admin 9090",
    ]);
    expect(volumeMounts.at(-1)).toEqual({
      name: "certificate",
      mountPath: "/etc/freehold/certificate",
      readOnly: true,
    });
    expect(spec.volumes.at(-1)).toEqual({ name: "certificate", secret: { secretName: "llm-tls", defaultMode: 0o440 } });
    const without = (await render(route))["Deployment/gateway"].spec.template.spec;
    expect(JSON.stringify(without)).not.toContain("certificate");
  });
});

describe("the gateway's chart refuses a way in", () => {
  it("by a load balancer that is public, for everybody, without a certificate, or leads to nothing", async () => {
    const fault = "a load balancer is public, for everybody, or without a certificate";
    expect(await refusal(aws, { annotations: {} })).toContain(fault);
    expect(await refusal(aws, { sourceRanges: [] })).toContain(fault);
    expect(await refusal(aws, { networks: [] })).toContain(fault);
    expect(await refusal(aws, { tls: {} })).toContain(fault);
    expect(await refusal(aws, { securePort: 8444 })).toContain("the load balancer would lead to nothing");
  });

  it("without a host or paths, or without pods that may connect", async () => {
    expect(await refusal(route, { host: "" })).toContain("exposure needs host and paths");
    expect(await refusal(route, { paths: [] })).toContain("exposure needs host and paths");
    expect(await refusal(route, { controller: { namespace: "ingress" } })).toContain("needs namespace and labels");
  });

  it("that is attached to no listener, or does not wait", async () => {
    expect(await refusal(route, { parent: { namespace: "gateways", name: "shared" } })).toContain("without a listener");
    expect(await refusal(route, { timeoutSeconds: 0 })).toContain("exposure.timeoutSeconds is missing");
  });

  it("without a class or a certificate", async () => {
    const good = ingress({ secret: "llm-tls" });
    expect(await refusal(good, { ingressClass: "" })).toContain("exposure needs ingressClass and tls.secret");
    expect(await refusal(good, { tls: {} })).toContain("exposure needs ingressClass and tls.secret");
  });

  it("with a wildcard, or a path that is a pattern", async () => {
    expect(await refusal(route, { host: "*.example.com" })).toContain("does not match pattern");
    expect(await refusal(route, { paths: ["/v1/(.*)"] })).toContain("does not match pattern");
  });
});
