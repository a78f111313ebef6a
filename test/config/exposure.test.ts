// What the way in from outside says against itself, each fault with its place.
import { describe, expect, it } from "vitest";
import { load } from "../../config/load.ts";
import { stackWith } from "../support/stack-file.ts";

const keys = "keys: { secret: gateway-keys, key: keys.json }, tenants: { support: {} }";
const controller = "controller: { namespace: ingress, labels: { app: proxy } }";
const parent = "parent: { namespace: gateways, name: shared, listener: https }";

const existing = "{ target: existing, existing: { storageClass: fast } }";

/** Codes and places of what is found in a file whose gateway has this exposure. */
function found(exposure: string, residency = "", target = existing): readonly string[] {
  const stack = stackWith(
    ["state: { backend: local }", `state: { backend: ${target === existing ? "pg" : "local"} }`],
    ["cluster: { target: local }", `cluster: ${target}`],
  );
  const text = `${stack}${residency}
gateway: { image: registry.example.com/freehold/gateway:0.1.0, ${keys}, exposure: { ${exposure} } }
`;
  return load(text).findings.map(({ code, place }) => {
    const path = "path" in place ? place.path.join(".") : "";
    return `${code} ${path.replace("gateway.exposure", "").replace(/^\./, "")}`.trim();
  });
}

const route = (changes = "", host = "llm.example.com") =>
  found(`by: http-route, host: "${host}", ${parent}, ${controller}${changes}`);
const ingress = (className: string, more = "", tls = "tls: { secret: llm-tls }") =>
  found(`by: ingress, host: llm.example.com, class: "${className}", ${tls}, ${controller}${more}`);

describe("a way in", () => {
  it("by a route or an Ingress is accepted", () => {
    expect(route()).toEqual([]);
    expect(ingress("haproxy")).toEqual([]);
    expect(ingress("haproxy", "", "tls: { secret: llm-tls, issuer: { kind: Issuer, name: own-ca } }")).toEqual([]);
    expect(ingress("internal", ", software: traefik")).toEqual([]);
    expect(ingress("nginx", ", software: f5-nginx")).toEqual([]);
    expect(ingress("internal", ", software: other")).toEqual([]);
  });

  it.each([
    ["a wildcard", "*.example.com"],
    ["letters that look like others", "llm.exаmple.com"],
    ["letters from elsewhere", "llm.exämple.com"],
    ["punycode", "llm.xn--exmple-cua.com"],
    ["an address", "10.20.0.4"],
    ["a scheme", "https://llm.example.com"],
    ["a path", "llm.example.com/v1"],
    ["a port", "llm.example.com:8443"],
    ["a user", "admin@llm.example.com"],
    ["upper-case letters", "LLM.example.com"],
    ["a name of the cluster", "gateway.desk-test-gateway.svc"],
    ["a single word", "llm"],
    ["nothing that prints", "llm.example.com\\u200b"],
    ["the metadata service", "metadata.google.internal"],
  ])("has no host with %s", (_, host) => {
    expect(route("", host)).toEqual(["GTW-120 host"]);
  });

  it("has a host, and no key that it does not know", () => {
    expect(found(`by: http-route, ${parent}, ${controller}`)).toEqual(["CFG-101 host"]);
    expect(route(", tls: { secret: llm-tls }")).toEqual(["CFG-102 tls"]);
    expect(found("by: node-port, host: llm.example.com")).toEqual(["CFG-104 by"]);
  });

  it("has no Ingress without a certificate", () => {
    expect(found(`by: ingress, host: llm.example.com, class: haproxy, ${controller}`)).toEqual(["CFG-101 tls"]);
  });

  it("says which controller serves a class that does not tell", () => {
    expect(ingress("internal")).toEqual(["GTW-121 class"]);
  });

  it("leads through no controller that gets no fixes", () => {
    expect(ingress("nginx")).toEqual(["GTW-122 class"]);
    expect(ingress("internal", ", software: ingress-nginx")).toEqual(["GTW-122 software"]);
  });

  it("names the pods that pass requests on", () => {
    const of = (labels: string) =>
      found(`by: http-route, host: llm.example.com, ${parent}, controller: { namespace: ingress, labels: ${labels} }`);
    expect(of("{}")).toEqual(["GTW-123 controller.labels"]);
    expect(of('{ "-app": proxy }')).toEqual(["GTW-125 controller.labels.-app"]);
    expect(of('{ app: "a proxy" }')).toEqual(["GTW-125 controller.labels.app"]);
    expect(of('{ app: "" }')).toEqual([]);
  });

  it.each([
    ["parent.namespace", 'parent: { namespace: "Gate_ways", name: shared, listener: https }'],
    ["parent.name", 'parent: { namespace: gateways, name: "-shared", listener: https }'],
    ["parent.listener", 'parent: { namespace: gateways, name: shared, listener: "*" }'],
  ])("has names that Kubernetes knows: %s", (path, wrong) => {
    expect(found(`by: http-route, host: llm.example.com, ${wrong}, ${controller}`)).toEqual([`GTW-124 ${path}`]);
  });

  it("has names that Kubernetes knows in an Ingress as well", () => {
    expect(ingress("Haproxy", ", software: haproxy")).toEqual(["GTW-124 class"]);
    expect(ingress("haproxy", "", "tls: { secret: llm_tls }")).toEqual(["GTW-124 tls.secret"]);
    expect(ingress("haproxy", "", 'tls: { secret: a, issuer: { name: "ca\'" } }')).toEqual(["GTW-124 tls.issuer.name"]);
  });
});

const bound = (mode: string) => `residency:
  mode: ${mode}
  ${mode === "air-gapped" ? "" : "regions: [eu]"}
  sources: { registries: [registry.example.com], hub: hub.example.com, networks: [10.20.0.0/16] }
  keys: { custody: local, reference: "pkcs11:token=vault;object=freehold" }`;

/** Codes of the way in alone: what else a mode asks of a file is not in question here. */
const balancer = (by: string, more = "", ranges = "[10.20.0.0/16]", residency = "") =>
  found(`by: ${by}, host: llm.example.com, tls: { secret: llm-tls }, sourceRanges: ${ranges}${more}`, residency).filter(
    (code) => !/^(GTW-102|RES|CFG-2)/.test(code),
  );

describe("a load balancer", () => {
  const subnets = ", subnetRanges: [10.20.3.0/24]";

  it("of each cloud and of one's own network is accepted, with the networks that callers stand in", () => {
    expect(balancer("aws-load-balancer", subnets)).toEqual([]);
    expect(balancer("google-load-balancer")).toEqual([]);
    expect(balancer("azure-load-balancer")).toEqual([]);
    expect(balancer("metallb", ", addressPool: internal")).toEqual([]);
    expect(balancer("google-load-balancer", "", "[]")).toEqual(["CFG-111 sourceRanges"]);
    expect(balancer("aws-load-balancer")).toEqual(["CFG-101 subnetRanges"]);
    expect(balancer("metallb")).toEqual(["CFG-101 addressPool"]);
    expect(balancer("metallb", ", addressPool: In_ternal")).toEqual(["GTW-124 addressPool"]);
  });

  it.each(["0.0.0.0/0", "::/0", "203.0.0.0/8", "10.0.0.0/7", "10.20.0.1/16", "10.20.0.0", "everybody"])(
    "lets in no strangers: %s",
    (range) => {
      expect(balancer("google-load-balancer", "", `["${range}"]`)).toEqual(["GTW-126 sourceRanges.0"]);
      expect(balancer("aws-load-balancer", `, subnetRanges: ["${range}"]`)).toEqual(["GTW-126 subnetRanges.0"]);
    },
  );

  it("lets in private addresses alone where data is bound", () => {
    const own = "[203.0.112.0/20]";
    expect(balancer("google-load-balancer", "", own)).toEqual([]);
    expect(balancer("google-load-balancer", "", own, bound("region-bound"))).toEqual(["GTW-126 sourceRanges.0"]);
    expect(balancer("google-load-balancer", "", "[10.20.0.0/16]", bound("region-bound"))).toEqual([]);
  });

  it("of a cloud is no way into a building without one", () => {
    const pool = ", addressPool: internal";
    expect(balancer("google-load-balancer", "", "[10.20.0.0/16]", bound("air-gapped"))).toEqual(["GTW-127 by"]);
    expect(balancer("aws-load-balancer", subnets, "[10.20.0.0/16]", bound("air-gapped"))).toEqual(["GTW-127 by"]);
    expect(balancer("google-load-balancer", "", "[10.20.0.0/16]", bound("sovereign"))).toEqual([]);
    expect(balancer("metallb", pool, "[10.20.0.0/16]", bound("air-gapped"))).toEqual([]);
  });

  it("passes bytes on, and names no controller", () => {
    expect(balancer("google-load-balancer", `, ${controller}`)).toEqual(["CFG-102 controller"]);
  });
});

describe("a way in to the agents", () => {
  const agents = (exposure: string, more = "", gatewayExposure = "") => {
    const stack = stackWith(
      ["state: { backend: local }", "state: { backend: pg }"],
      ["cluster: { target: local }", `cluster: ${existing}`],
    );
    const text = `${stack}
gateway: { image: registry.example.com/freehold/gateway:0.1.0, ${keys}${gatewayExposure} }
agents:
  image: registry.example.com/freehold/orchestrator:0.1.0
  database: { url: { secret: agents-database, key: url }, networks: [10.20.7.0/24] }
  gatewayKeys: { secret: agents-gateway-keys, key: keys.json }
  keys: { secret: callers, key: keys.json }
  assistants: { helpdesk: { graph: support, model: chat } }
  exposure: { ${exposure} }
${more}`;
    return load(text).findings.map(({ code, place, also }) => {
      const paths = [place, ...also].map((one) => ("path" in one ? one.path.join(".") : ""));
      return `${code} ${paths.join(" and ")}`;
    });
  };
  const outside = `${parent}, ${controller}`;
  const certificate = "class: haproxy, tls: { secret: agents-tls }";

  it("is a route or an Ingress, held to the same rules at its own place", () => {
    expect(agents(`by: http-route, host: agents.example.com, ${outside}`)).toEqual([]);
    expect(agents(`by: ingress, host: agents.example.com, ${certificate}, ${controller}`)).toEqual([]);
    expect(agents(`by: http-route, host: "*.example.com", ${outside}`)).toEqual(["GTW-120 agents.exposure.host"]);
    expect(agents(`by: ingress, host: agents.example.com, class: nginx, tls: { secret: a }, ${controller}`)).toEqual([
      "GTW-122 agents.exposure.class",
    ]);
    expect(
      agents(`by: http-route, host: agents.example.com, ${parent}, controller: { namespace: ingress, labels: {} }`),
    ).toEqual(["GTW-123 agents.exposure.controller.labels"]);
  });

  it("is no load balancer: the orchestrator ends no TLS", () => {
    expect(agents("by: metallb, host: agents.example.com")).toEqual(["CFG-104 agents.exposure.by"]);
  });

  it("has a host of its own", () => {
    const ofGateway = `, exposure: { by: http-route, host: llm.example.com, ${outside} }`;
    expect(agents(`by: http-route, host: llm.example.com, ${outside}`, "", ofGateway)).toEqual([
      "GTW-129 agents.exposure.host and gateway.exposure.host",
    ]);
    expect(agents(`by: http-route, host: agents.example.com, ${outside}`, "", ofGateway)).toEqual([]);
  });

  it("lets in pages of origins that are one host each, over TLS", () => {
    const pages = (origin: string) =>
      agents(`by: http-route, host: agents.example.com, ${outside}`, `  browserOrigins: ["${origin}"]\n`);
    expect(pages("https://chat.example.com")).toEqual([]);
    expect(pages("https://chat.example.com:8443")).toEqual([]);
    for (const wrong of [
      "*",
      "null",
      "http://chat.example.com",
      "https://*.example.com",
      "https://chat.example.com/",
      "https://chat.example.com:443",
      "https://CHAT.example.com",
      "https://ch\u0430t.example.com",
      "https://user@chat.example.com",
      "https://gateway.desk-test-gateway.svc",
    ]) {
      expect(pages(wrong), wrong).toEqual(["AGT-123 agents.browserOrigins.0"]);
    }
  });
});

describe("where data is bound, a way in", () => {
  it("takes tokens and no keys", () => {
    const exposure = `by: http-route, host: llm.example.com, ${parent}, ${controller}`;
    expect(found(exposure, bound("region-bound"))).toContain("GTW-102 gateway.keys");
    expect(found(exposure)).toEqual([]);
  });
});

describe("on the local cluster, a way in", () => {
  const locally = (exposure: string) => found(exposure, "", "{ target: local }");
  const certificate = "tls: { secret: llm-tls, issuer: { name: own-ca } }";

  it("is one whose objects the cluster knows", () => {
    expect(
      locally(`by: ingress, host: llm.example.com, class: haproxy, tls: { secret: llm-tls }, ${controller}`),
    ).toEqual([]);
    expect(locally(`by: http-route, host: llm.example.com, ${parent}, ${controller}`)).toEqual(["GTW-128 by"]);
    expect(
      locally("by: google-load-balancer, host: llm.example.com, tls: { secret: a }, sourceRanges: [10.20.0.0/16]"),
    ).toEqual(["GTW-128 by"]);
    expect(locally(`by: ingress, host: llm.example.com, class: haproxy, ${certificate}, ${controller}`)).toEqual([
      "GTW-128 tls.issuer",
    ]);
  });
});
