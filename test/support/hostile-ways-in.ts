import type { Manifest } from "./helm.ts";

type Change = (object: Manifest) => void;
type Case = readonly [name: string, change: Change];

/** What the API server must refuse of the decided HTTPRoute, each as one change to it. */
export const hostileRoutes: readonly Case[] = [
  ["another name", ({ metadata }) => Object.assign(metadata, { name: "gateway-too" })],
  ["every host", ({ spec }) => delete spec.hostnames],
  ["a host more", ({ spec }) => spec.hostnames.push("llm.example.org")],
  ["a wildcard", ({ spec }) => Object.assign(spec, { hostnames: ["*.example.com"] })],
  ["every listener", ({ spec }) => delete spec.parentRefs[0].sectionName],
  ["another Gateway", ({ spec }) => Object.assign(spec.parentRefs[0], { name: "public" })],
  [
    "a Gateway more",
    ({ spec }) => spec.parentRefs.push({ name: "public", namespace: "gateways", sectionName: "http" }),
  ],
  ["all paths", ({ spec }) => delete spec.rules[0].matches],
  [
    "all paths below one",
    ({ spec }) => Object.assign(spec.rules[0].matches[0].path, { type: "PathPrefix", value: "/v1/models" }),
  ],
  ["a path of engines", ({ spec }) => Object.assign(spec.rules[0].matches[0].path, { value: "/invocations" })],
  ["an engine behind it", ({ spec }) => Object.assign(spec.rules[0].backendRefs[0], { namespace: "elsewhere" })],
  ["another Service", ({ spec }) => Object.assign(spec.rules[0].backendRefs[0], { name: "chat" })],
  [
    "copies sent elsewhere",
    ({ spec }) =>
      Object.assign(spec.rules[0], {
        filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "other", port: 80 } } }],
      }),
  ],
];

/** The same for the decided Ingress. */
export const hostileIngresses: readonly Case[] = [
  ["another name", ({ metadata }) => Object.assign(metadata, { name: "gateway-too" })],
  ["no certificate", ({ spec }) => delete spec.tls],
  ["a certificate of another host", ({ spec }) => Object.assign(spec.tls[0], { hosts: ["other.example.com"] })],
  ["another Secret", ({ spec }) => Object.assign(spec.tls[0], { secretName: "other" })],
  ["every host", ({ spec }) => delete spec.rules[0].host],
  ["another class", ({ spec }) => Object.assign(spec, { ingressClassName: "public" })],
  ["no class", ({ spec }) => delete spec.ingressClassName],
  [
    "an answer to whatever is asked",
    ({ spec }) => Object.assign(spec, { defaultBackend: { service: { name: "gateway", port: { name: "http" } } } }),
  ],
  ["all paths below one", ({ spec }) => Object.assign(spec.rules[0].http.paths[0], { path: "/", pathType: "Prefix" })],
  ["a path of engines", ({ spec }) => Object.assign(spec.rules[0].http.paths[0], { path: "/invocations" })],
  ["another Service", ({ spec }) => Object.assign(spec.rules[0].http.paths[0].backend.service, { name: "chat" })],
  [
    "a snippet",
    ({ metadata }) => Object.assign(metadata.annotations, { "haproxy.org/backend-config-snippet": "http-request" }),
  ],
];

/** The same for the Ingress of the agents, which passes on all paths of its own host. */
export const hostileAgentsIngresses: readonly Case[] = [
  ["another name", ({ metadata }) => Object.assign(metadata, { name: "gateway-way-in" })],
  [
    "the gateway behind it",
    ({ spec }) => Object.assign(spec.rules[0].http.paths[0].backend.service, { name: "gateway" }),
  ],
  ["another host", ({ spec }) => Object.assign(spec.rules[0], { host: "llm.example.com" })],
  [
    "a path that nobody decided",
    ({ spec }) => Object.assign(spec.rules[0].http.paths[0], { path: "/metrics", pathType: "Exact" }),
  ],
  ["no certificate", ({ spec }) => delete spec.tls],
];

/** The same for the decided Service behind an internal load balancer. */
export const hostileBalancers: readonly Case[] = [
  ["another name", ({ metadata }) => Object.assign(metadata, { name: "gateway-too" })],
  ["a public address", ({ metadata }) => delete metadata.annotations["networking.gke.io/load-balancer-type"]],
  [
    "a public type",
    ({ metadata }) => Object.assign(metadata.annotations, { "networking.gke.io/load-balancer-type": "External" }),
  ],
  [
    "an older word for public",
    ({ metadata }) => Object.assign(metadata.annotations, { "cloud.google.com/load-balancer-type": "External" }),
  ],
  [
    "another cloud's word for public",
    ({ metadata }) =>
      Object.assign(metadata.annotations, {
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
      }),
  ],
  ["a class", ({ spec }) => Object.assign(spec, { loadBalancerClass: "example.com/public" })],
  ["the world as callers", ({ spec }) => delete spec.loadBalancerSourceRanges],
  ["strangers as callers", ({ spec }) => spec.loadBalancerSourceRanges.push("203.0.113.0/24")],
  ["ports of every node", ({ spec }) => delete spec.allocateLoadBalancerNodePorts],
  ["callers behind addresses of nodes", ({ spec }) => Object.assign(spec, { externalTrafficPolicy: "Cluster" })],
  ["the port in the clear", ({ spec }) => Object.assign(spec.ports[0], { targetPort: "http" })],
  ["the port in the clear by number", ({ spec }) => Object.assign(spec.ports[0], { targetPort: 8080 })],
  ["another port", ({ spec }) => Object.assign(spec.ports[0], { port: 80 })],
  ["other pods", ({ spec }) => Object.assign(spec, { selector: { "app.kubernetes.io/name": "model-server" } })],
  ["addresses beside it", ({ spec }) => Object.assign(spec, { externalIPs: ["203.0.113.5"] })],
];

/** The same for the network policy of the gateway behind it, whose second rule lets callers in. */
export const hostileCallers: readonly Case[] = [
  ["strangers", ({ spec }) => spec.ingress[1].from.push({ ipBlock: { cidr: "203.0.113.0/24" } })],
  ["a wider network", ({ spec }) => Object.assign(spec.ingress[1].from[0].ipBlock, { cidr: "10.0.0.0/8" })],
  ["the port in the clear", ({ spec }) => Object.assign(spec.ingress[1].ports[0], { port: 8080 })],
  ["every port", ({ spec }) => delete spec.ingress[1].ports],
  ["a range of ports", ({ spec }) => Object.assign(spec.ingress[1].ports[0], { endPort: 9999 })],
];

/** What comes close to the decided way in and is admitted: narrower, or what tools write beside it. */
export const nearRoutes: readonly Case[] = [
  ["fewer paths", ({ spec }) => spec.rules[0].matches.pop()],
  ["a label of one's own", ({ metadata }) => Object.assign(metadata.labels, { team: "platform" })],
];
export const nearIngresses: readonly Case[] = [
  ["fewer paths", ({ spec }) => spec.rules[0].http.paths.pop()],
  [
    "what Helm writes beside it",
    ({ metadata }) => Object.assign(metadata.annotations, { "meta.helm.sh/release-name": "gateway" }),
  ],
];

export const nearAgentsIngresses: readonly Case[] = [
  ["a label of one's own", ({ metadata }) => Object.assign(metadata.labels, { team: "platform" })],
];

export const nearBalancers: readonly Case[] = [
  ["the name that DNS is told", ({ metadata }) => Object.assign(metadata.annotations, { "external-dns/name": "llm" })],
  ["a label of one's own", ({ metadata }) => Object.assign(metadata.labels, { team: "platform" })],
];
export const nearCallers: readonly Case[] = [
  ["a narrower network", ({ spec }) => Object.assign(spec.ingress[1].from[0].ipBlock, { cidr: "10.20.7.0/24" })],
  ["nobody outside", ({ spec }) => spec.ingress.pop()],
];

/** Objects of the Gateway API that nobody decided, in a namespace of the stack. */
export function strayObjects(namespace: string): readonly (readonly [name: string, object: Manifest])[] {
  const object = (kind: string, apiVersion: string, spec: object) => ({
    apiVersion: `gateway.networking.k8s.io/${apiVersion}`,
    kind,
    metadata: { name: "gateway", namespace },
    spec,
  });
  const parentRefs = [{ name: "shared", namespace: "gateways" }];
  return [
    ["a route where none was decided", object("HTTPRoute", "v1", { parentRefs, hostnames: ["llm.example.com"] })],
    ["a route for gRPC", object("GRPCRoute", "v1", { parentRefs })],
    [
      "a route for bytes",
      object("TCPRoute", "v1", { parentRefs, rules: [{ backendRefs: [{ name: "gateway", port: 8080 }] }] }),
    ],
    [
      "a Gateway",
      object("Gateway", "v1", {
        gatewayClassName: "any",
        listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
      }),
    ],
    [
      "a grant to others' routes",
      object("ReferenceGrant", "v1", {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "default" }],
        to: [{ group: "", kind: "Service" }],
      }),
    ],
  ];
}
