// Proves what helm renders and refuses of ways in from outside, and of the services behind them. That Kubernetes accepts it is
// for the cluster tests.
import { describe, expect, it } from "vitest";
import type { AgentsConfig, GatewayConfig } from "../../config/schema/index.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { gatewayValues } from "../../stacks/values/gateway.ts";
import type { GatewayValues } from "../../stacks/values/gateway-schema.ts";
import { orchestratorValues } from "../../stacks/values/orchestrator.ts";
import type { OrchestratorValues } from "../../stacks/values/orchestrator-schema.ts";
import { wayInValues } from "../../stacks/values/way-in.ts";
import type { WayInValues } from "../../stacks/values/way-in-schema.ts";
import { agentsConfig } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { testChart } from "../support/chart.ts";
import type { Manifest } from "../support/helm.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;

const context = { stack: "desk", environment: "test", egress: null };
const wayIn = testChart<WayInValues>("way-in", "door", "gateway-way-in");
const door = testChart<GatewayValues>("gateway", "door");
const orchestrator = testChart<OrchestratorValues>("orchestrator", "agents");

const host = "llm.example.com";
const controller = { namespace: "ingress", labels: { app: "proxy" } };
const parent = { namespace: "gateways", name: "shared", listener: "https" };
const route = { by: "http-route", host, parent, controller } as const;
const ingress = (tls: Extract<Exposure, { by: "ingress" }>["tls"]) =>
  ({ by: "ingress", host, class: "internal", software: "f5-nginx", tls, controller }) as const;
const aws: Exposure = {
  by: "aws-load-balancer",
  host,
  tls: { secret: "llm-tls" },
  sourceRanges: ["10.20.0.0/16"],
  subnetRanges: ["10.30.3.0/24"],
};
const paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models"];

function blueprintWith(exposure?: Exposure, agents: Partial<AgentsConfig> | null = null): Blueprint {
  return blueprintFor({
    gateway: {
      image: "registry.example.com/freehold/gateway:0.1.0",
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {} },
      ...(exposure === undefined ? {} : { exposure }),
    },
    ...(agents === null ? {} : { agents: agentsConfig(agents) }),
  });
}

function behind(exposure?: Exposure): GatewayValues {
  const { gateway } = blueprintWith(exposure);
  if (gateway === null) throw new Error("the Blueprint has no gateway");
  return gatewayValues(gateway, context);
}

function valuesOf(service: "gateway" | "agents", blueprint: Blueprint): WayInValues {
  const exposure = blueprint[service]?.exposure;
  if (exposure == null) throw new Error(`the Blueprint has no way in to the ${service}`);
  return wayInValues(exposure, context);
}

const render = (exposure: Exposure) => wayIn.render(valuesOf("gateway", blueprintWith(exposure)));

/** What helm says to the values of a good way in with one part changed. */
const refusal = (exposure: Exposure, change: Partial<WayInValues>): Promise<string> =>
  wayIn.refusal({ ...valuesOf("gateway", blueprintWith(exposure)), ...change });

/** Rules of the gateway's policy beside the one for marked pods of the stack. */
async function outsideRules(exposure?: Exposure): Promise<Manifest[]> {
  const [, ...others] = (await door.render(behind(exposure)))["NetworkPolicy/gateway-callers"].spec.ingress;
  return others;
}

describe("without a way in", () => {
  it("marked pods of the stack alone may call", async () => {
    expect(await outsideRules()).toEqual([]);
  });
});

describe("an HTTPRoute", () => {
  it("leads one host and four paths from one listener to the gateway, and waits long enough", async () => {
    const objects = await render(route);
    expect(Object.keys(objects)).toEqual(["HTTPRoute/gateway-way-in"]);
    expect(objects["HTTPRoute/gateway-way-in"].spec).toEqual({
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
    expect(await outsideRules(route)).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress" } },
            podSelector: { matchLabels: { app: "proxy" } },
          },
        ],
        ports: [{ port: 8080, protocol: "TCP" }],
      },
    ]);
  });
});

describe("an Ingress", () => {
  it("leads one host and four paths to the gateway, with a certificate", async () => {
    const { spec } = (await render(ingress({ secret: "llm-tls" })))["Ingress/gateway-way-in"];
    const backend = { service: { name: "gateway", port: { name: "http" } } };
    expect(spec).toEqual({
      ingressClassName: "internal",
      tls: [{ hosts: [host], secretName: "llm-tls" }],
      rules: [{ host, http: { paths: paths.map((path) => ({ path, pathType: "Exact", backend })) } }],
    });
  });

  it("tells the controller to wait and not to buffer", async () => {
    const { metadata } = (await render(ingress({ secret: "llm-tls" })))["Ingress/gateway-way-in"];
    expect(metadata.annotations).toEqual({
      "nginx.org/client-max-body-size": "9m",
      "nginx.org/proxy-buffering": "False",
      "nginx.org/proxy-read-timeout": "630s",
      "nginx.org/proxy-send-timeout": "630s",
    });
  });

  it("has its certificate made where the file names an issuer, and nowhere else", async () => {
    expect(Object.keys(await render(ingress({ secret: "llm-tls" })))).toEqual(["Ingress/gateway-way-in"]);
    const made = await render(ingress({ secret: "llm-tls", issuer: { kind: "Issuer", name: "own-ca" } }));
    expect(Object.keys(made).sort()).toEqual(["Certificate/gateway-way-in", "Ingress/gateway-way-in"]);
    expect(made["Certificate/gateway-way-in"].spec).toMatchObject({
      secretName: "llm-tls",
      dnsNames: [host],
      usages: ["server auth"],
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "own-ca" },
    });
  });
});

describe("a load balancer", () => {
  it("is a Service beside the one that pods of the stack use, over TLS alone", async () => {
    const objects = await render(aws);
    expect(Object.keys(objects)).toEqual(["Service/gateway-way-in"]);
    expect(objects["Service/gateway-way-in"].spec).toEqual({
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: "Local",
      loadBalancerClass: "service.k8s.aws/nlb",
      loadBalancerSourceRanges: ["10.20.0.0/16"],
      selector: { "app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": "gateway" },
      ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP" }],
    });
    expect(objects["Service/gateway-way-in"].metadata.annotations).toEqual({
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes": "preserve_client_ip.enabled=true",
    });
  });

  it("selects the pods of the gateway's own release", async () => {
    const { spec } = (await render(aws))["Service/gateway-way-in"];
    const { labels } = (await door.render(behind(aws)))["Deployment/gateway"].spec.template.metadata;
    expect(labels).toMatchObject(spec.selector);
  });

  it("names no class where the cluster has one kind", async () => {
    const { subnetRanges: _, ...rest } = aws as Extract<Exposure, { by: "aws-load-balancer" }>;
    const objects = await render({ ...rest, by: "google-load-balancer" });
    expect(objects["Service/gateway-way-in"].spec.loadBalancerClass).toBeUndefined();
  });

  it("lets in callers and health checks by their networks, to the port over TLS alone", async () => {
    expect(await outsideRules(aws)).toEqual([
      {
        from: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "10.30.3.0/24" } }],
        ports: [{ port: 8443, protocol: "TCP" }],
      },
    ]);
  });

  it("gives the gateway the certificate, for its group alone", async () => {
    const { spec } = (await door.render(behind(aws)))["Deployment/gateway"].spec.template;
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
    const without = (await door.render(behind(ingress({ secret: "llm-tls" }))))["Deployment/gateway"].spec.template
      .spec;
    expect(JSON.stringify(without)).not.toContain("certificate");
  });
});

describe("a way in to the agents", () => {
  const agentsHost = "agents.example.com";
  const blueprint = (exposure: AgentsConfig["exposure"]) => blueprintWith(undefined, { exposure });
  const agentsWayIn = testChart<WayInValues>("way-in", "agents", "orchestrator-way-in");

  it("passes on all paths of its host, which is not the gateway's", async () => {
    const decided = blueprint({ ...ingress({ secret: "agents-tls" }), host: agentsHost });
    const objects = await agentsWayIn.render(valuesOf("agents", decided));
    expect(Object.keys(objects)).toEqual(["Ingress/orchestrator-way-in"]);
    const { spec, metadata } = objects["Ingress/orchestrator-way-in"];
    const backend = { service: { name: "orchestrator", port: { name: "http" } } };
    expect(spec).toEqual({
      ingressClassName: "internal",
      tls: [{ hosts: [agentsHost], secretName: "agents-tls" }],
      rules: [{ host: agentsHost, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    });
    expect(metadata.annotations).toMatchObject({
      "nginx.org/client-max-body-size": "11m",
      "nginx.org/proxy-read-timeout": "3630s",
    });
  });

  it("is a route where the cluster has a Gateway", async () => {
    const objects = await agentsWayIn.render(valuesOf("agents", blueprint({ ...route, host: agentsHost })));
    expect(objects["HTTPRoute/orchestrator-way-in"].spec.rules).toEqual([
      {
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        timeouts: { request: "3630s", backendRequest: "3630s" },
        backendRefs: [{ name: "orchestrator", port: 2024 }],
      },
    ]);
  });

  it("lets the controller's pods connect to the orchestrator, which reads no certificate", async () => {
    const { agents } = blueprint({ ...ingress({ secret: "agents-tls" }), host: agentsHost });
    if (agents === null) throw new Error("the Blueprint has no agents");
    const objects = await orchestrator.render(orchestratorValues(agents, context));
    const [, rule, ...others] = objects["NetworkPolicy/orchestrator-callers"].spec.ingress;
    expect(others).toEqual([]);
    expect(rule).toEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress" } },
          podSelector: { matchLabels: { app: "proxy" } },
        },
      ],
      ports: [{ port: 2024, protocol: "TCP" }],
    });
    expect(JSON.stringify(objects["Deployment/orchestrator"])).not.toContain("agents-tls");
    expect(agents.secrets).toContainEqual(expect.objectContaining({ secret: "agents-tls", key: "tls.key" }));
  });
});

describe("the chart refuses a way in", () => {
  it("by a load balancer that is public, for everybody, or leads to no pods", async () => {
    const fault = "it is public, for everybody, or leads to no pods";
    expect(await refusal(aws, { annotations: {} })).toContain(fault);
    expect(await refusal(aws, { sourceRanges: [] })).toContain(fault);
    expect(await refusal(aws, { service: { name: "gateway", port: 8080 } })).toContain(fault);
  });

  it("without a host or paths", async () => {
    expect(await refusal(route, { host: "" })).toContain("does not match pattern");
    expect(await refusal(route, { paths: [] })).toContain("every path would lead to the service");
  });

  it("that is attached to no listener, or does not wait", async () => {
    expect(await refusal(route, { parent: { namespace: "gateways", name: "shared" } })).toContain("without a listener");
    expect(await refusal(route, { timeoutSeconds: 0 })).toContain("timeoutSeconds is missing");
  });

  it("without a class or a certificate", async () => {
    const good = ingress({ secret: "llm-tls" });
    expect(await refusal(good, { ingressClass: "" })).toContain("an ingress needs ingressClass and tls.secret");
    expect(await refusal(good, { tls: {} })).toContain("an ingress needs ingressClass and tls.secret");
  });

  it("with a wildcard, or a path that is a pattern", async () => {
    expect(await refusal(route, { host: "*.example.com" })).toContain("does not match pattern");
    expect(await refusal(route, { paths: ["/v1/(.*)"] })).toContain("does not match pattern");
  });
});

describe("the gateway's chart refuses callers from outside", () => {
  const refusedGateway = (change: Partial<GatewayValues>, exposure: Exposure = aws) =>
    door.refusal({ ...behind(exposure), ...change });

  it("without a certificate or networks, or on a port that its settings do not open", async () => {
    const { secure } = behind(aws);
    const fault = "there is no certificate, or the network policy lets in everybody";
    expect(await refusedGateway({ secure: { ...secure, secret: "" } })).toContain(fault);
    expect(await refusedGateway({ secure: { ...secure, networks: [] } })).toContain(fault);
    expect(await refusedGateway({ secure: { ...secure, port: 8444 } })).toContain("would lead to nothing");
    expect(await refusedGateway({ secure: {} })).toContain("would lead to nothing");
  });

  it("that are every pod of a namespace", async () => {
    expect(await refusedGateway({ controller: { namespace: "ingress" } }, route)).toContain("every pod of it");
  });
});
