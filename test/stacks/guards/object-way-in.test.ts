// Proves: each guard on the way in from outside catches its mutants of three good stacks, with a route of the Gateway API,
// an Ingress and a load balancer, and lets its near misses pass.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { type Blueprint, waysInOf } from "../../../decisions/blueprint.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { checkObjects } from "../../../stacks/guards/objects/index.ts";
import type { ObjectLimits } from "../../../stacks/guards/objects/object-guard.ts";
import { toManifests } from "../../../stacks/manifests.ts";
import { gatewayValues } from "../../../stacks/values/gateway.ts";
import { wayInValues } from "../../../stacks/values/way-in.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { testChart } from "../../support/chart.ts";
import { goldenFolder, openExample } from "../support/example.ts";
import { type Any, describeGuards, type Mutation } from "../support/good-objects.ts";
import { sources } from "../support/stacks.ts";

/** An example's objects, what charts render included. */
function stackOf(example: string) {
  const { blueprint } = openExample(example);
  const charts = [
    "chat-v1",
    "gateway",
    "gateway-way-in",
    "orchestrator",
    "orchestrator-way-in",
    "policies",
    "egress-proxy",
  ].flatMap((release) => {
    try {
      return parseAllDocuments(readFileSync(`${goldenFolder(example)}/${release}.manifests.yaml`, "utf8"));
    } catch {
      return [];
    }
  });
  return changing(
    [
      ...buildStacks(blueprint, sources).flatMap(({ json }) => toManifests(json).objects),
      ...charts.map((document) => document.toJS()),
    ],
    blueprint,
  );
}

/** What is found in good objects after one of them has changed. */
function changing(good: readonly Any[], blueprint: Blueprint) {
  const limits = {
    target: blueprint.cluster.target,
    residency: blueprint.residency,
    waysIn: waysInOf(blueprint),
  };
  const found = (objects: readonly Any[], held: ObjectLimits = limits) =>
    checkObjects(objects, held).map(({ code }) => code);
  return {
    found: (...more: Any[]) => found([...good, ...more]),
    withoutOne: () => found(good, { ...limits, waysIn: [] }),
    afterChanging: (kind: string, name: string, mutate: Mutation) => {
      const objects = structuredClone(good) as Any[];
      const changed = objects.filter((body) => body?.kind === kind && body.metadata.name === name);
      if (changed.length !== 1) throw new Error(`${changed.length} objects ${kind} ${name}, one is expected.`);
      mutate(changed[0]);
      return found(objects);
    },
  };
}

/** The gateway behind an internal load balancer, as helm renders it. */
async function behindBalancer() {
  const blueprint = blueprintFor({
    gateway: {
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {} },
      exposure: {
        by: "aws-load-balancer",
        host: "llm.example.com",
        tls: { secret: "llm-tls" },
        sourceRanges: ["10.20.0.0/16"],
        subnetRanges: ["10.30.3.0/24"],
      },
    },
  });
  const { gateway } = blueprint;
  if (gateway?.exposure == null) throw new Error("the Blueprint has no gateway with a way in");
  const context = { stack: "desk", environment: "test", egress: null };
  const [service, wayIn] = [
    await testChart("gateway", gateway.namespace).render(gatewayValues(gateway, context)),
    await testChart("way-in", gateway.namespace, gateway.exposure.name).render(wayInValues(gateway.exposure, context)),
  ];
  return changing([...Object.values(service), ...Object.values(wayIn)], blueprint);
}

const balanced = await behindBalancer();
const inBalancer = (mutate: Mutation) => balanced.afterChanging("Service", "gateway-way-in", mutate);
const inItsCallers = (mutate: Mutation) => balanced.afterChanging("NetworkPolicy", "gateway-callers", mutate);
const block = (cidr: string) => ({ ipBlock: { cidr } });
const gatewayApi = stackOf("eu-residency");
const ingress = stackOf("canary");
const inRoute = (mutate: Mutation) => gatewayApi.afterChanging("HTTPRoute", "gateway-way-in", mutate);
const inIngress = (mutate: Mutation) => ingress.afterChanging("Ingress", "gateway-way-in", mutate);
const inCallers = (mutate: Mutation) => gatewayApi.afterChanging("NetworkPolicy", "gateway-callers", mutate);
const door = "support-production-gateway";
const another = (kind: string, name: string, namespace = door) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind,
  metadata: { name, namespace },
  spec: {},
});
const pods = (namespace: string, labels: Any) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  ...(labels === undefined ? {} : { podSelector: { matchLabels: labels } }),
});
const proxies = { "gateway.envoyproxy.io/owning-gateway-name": "internal" };
const ofAgents = stackOf("agents");
const inAgents = (mutate: Mutation) => ofAgents.afterChanging("Ingress", "orchestrator-way-in", mutate);
const inAgentsCallers = (mutate: Mutation) => ofAgents.afterChanging("NetworkPolicy", "orchestrator-callers", mutate);
const passOn = (path: string, pathType = "Exact") =>
  inIngress(({ spec }) => Object.assign(spec.rules[0].http.paths[0], { path, pathType }));

describeGuards({
  "GRD-215": {
    caught: {
      "addresses where pods are decided": () =>
        inCallers(({ spec }) => spec.ingress[0].from.push(block("10.20.0.0/16"))),
      "callers of the load balancer on the port in the clear": () =>
        inItsCallers(({ spec }) => {
          spec.ingress[1].ports = [{ port: 9090 }];
        }),
      "every port beside it": () =>
        inItsCallers(({ spec }) => {
          spec.ingress[1].ports = [{ port: 8443 }, { port: 9091 }];
        }),
    },
    passed: {
      "callers of the load balancer": () => balanced.found(),
      "some of them": () =>
        inItsCallers(({ spec }) => {
          spec.ingress[1].from = [block("10.20.7.0/24")];
        }),
    },
  },
  "GRD-216": {
    caught: {
      "a second load balancer": () =>
        balanced.found({
          kind: "Service",
          metadata: { name: "more", namespace: "desk-test-gateway" },
          spec: { type: "LoadBalancer" },
        }),
      "a load balancer where a route was decided": () =>
        gatewayApi.found({
          kind: "Service",
          metadata: { name: "gateway", namespace: door },
          spec: { type: "LoadBalancer" },
        }),
      "a second route": () => gatewayApi.found(another("HTTPRoute", "other")),
      "a route of this name elsewhere": () =>
        gatewayApi.found(another("HTTPRoute", "gateway-way-in", "support-production-inference")),
      "a way in that nobody decided": () => ingress.withoutOne(),
      "the gateway's way in where the agents' was decided": () =>
        ofAgents.found(another("Ingress", "gateway-way-in", "helpdesk-trial-gateway")),
      "an Ingress where a route was decided": () => gatewayApi.found(another("Ingress", "gateway-way-in")),
      "a Gateway of one's own": () => gatewayApi.found(another("Gateway", "gateway")),
      "a grant to others' routes": () => gatewayApi.found(another("ReferenceGrant", "others")),
      "a route for bytes": () => gatewayApi.found(another("TCPRoute", "gateway")),
    },
    passed: {
      "the route that was decided": () => gatewayApi.found(),
      "the Ingress that was decided": () => ingress.found(),
      "the load balancer that was decided": () => balanced.found(),
      "the way in to the agents": () => ofAgents.found(),
    },
  },
  "GRD-242": {
    caught: {
      "every name": () =>
        inRoute(({ spec }) => {
          delete spec.hostnames;
        }),
      "a name more": () => inRoute(({ spec }) => spec.hostnames.push("llm.example.org")),
      "a wildcard": () =>
        inRoute(({ spec }) => {
          spec.hostnames = ["*.eu.example.com"];
        }),
      "every listener of the Gateway": () =>
        inRoute(({ spec }) => {
          delete spec.parentRefs[0].sectionName;
        }),
      "a Gateway more": () => inRoute(({ spec }) => spec.parentRefs.push({ name: "public", namespace: "gateways" })),
      "all paths": () =>
        inRoute(({ spec }) => {
          delete spec.rules[0].matches;
        }),
      "all paths below one": () =>
        inRoute(({ spec }) => {
          spec.rules[0].matches[0].path = { type: "PathPrefix", value: "/v1/chat/completions" };
        }),
      "an engine behind it": () =>
        inRoute(({ spec }) => {
          spec.rules[0].backendRefs[0] = { name: "chat", namespace: "support-production-inference", port: 8000 };
        }),
      "the port of metrics behind a route": () =>
        inRoute(({ spec }) => {
          spec.rules[0].backendRefs[0].port = 9090;
        }),
      "copies sent elsewhere": () =>
        inRoute(({ spec }) => {
          spec.rules[0].filters = [{ type: "RequestMirror", requestMirror: { backendRef: { name: "other" } } }];
        }),
      "copies of one backend": () =>
        inRoute(({ spec }) => {
          spec.rules[0].backendRefs[0].filters = [{ type: "RequestMirror" }];
        }),
      "a public scheme": () =>
        inBalancer(({ metadata }) => {
          metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] = "internet-facing";
        }),
      "no scheme": () =>
        inBalancer(({ metadata }) => {
          delete metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"];
        }),
      "an older word for public": () =>
        inBalancer(({ metadata }) => {
          metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-internal"] = "false";
        }),
      "another class": () =>
        inBalancer(({ spec }) => {
          delete spec.loadBalancerClass;
        }),
      "the world": () =>
        inBalancer(({ spec }) => {
          delete spec.loadBalancerSourceRanges;
        }),
      "a wider network": () => inBalancer(({ spec }) => spec.loadBalancerSourceRanges.push("10.0.0.0/8")),
      "a port of every node": () =>
        inBalancer(({ spec }) => {
          delete spec.allocateLoadBalancerNodePorts;
        }),
      "callers behind addresses of nodes": () =>
        inBalancer(({ spec }) => {
          spec.externalTrafficPolicy = "Cluster";
        }),
      "the port in the clear": () =>
        inBalancer(({ spec }) => {
          spec.ports[0].targetPort = "http";
        }),
      "the port of metrics": () =>
        inBalancer(({ spec }) => spec.ports.push({ name: "admin", port: 9090, targetPort: "admin" })),
      "other pods": () =>
        inBalancer(({ spec }) => {
          spec.selector = { "app.kubernetes.io/name": "model-server" };
        }),
      "an address beside it": () =>
        inBalancer(({ spec }) => {
          spec.externalIPs = ["203.0.113.5"];
        }),
      "no certificate": () =>
        inIngress(({ spec }) => {
          delete spec.tls;
        }),
      "a certificate of another host": () =>
        inIngress(({ spec }) => {
          spec.tls[0].hosts = ["other.example.com"];
        }),
      "a rule for every host": () =>
        inIngress(({ spec }) => {
          delete spec.rules[0].host;
        }),
      "an answer to whatever is asked": () =>
        inIngress(({ spec }) => {
          spec.defaultBackend = { service: { name: "gateway", port: { name: "http" } } };
        }),
      "another class of Ingress": () =>
        inIngress(({ spec }) => {
          spec.ingressClassName = "public";
        }),
      "a path of an engine": () => passOn("/invocations"),
      "whatever begins like a path": () => passOn("/v1/models", "Prefix"),
      "another Service": () =>
        inIngress(({ spec }) => {
          spec.rules[0].http.paths[0].backend.service.name = "chat";
        }),
      "the gateway behind the agents' host": () =>
        inAgents(({ spec }) => {
          spec.rules[0].http.paths[0].backend.service.name = "gateway";
        }),
      "the agents under the gateway's host": () =>
        inAgents(({ spec }) => {
          spec.rules[0].host = "llm.example.com";
        }),
      "a path of the agents that nobody decided": () =>
        inAgents(({ spec }) => {
          spec.rules[0].http.paths[0] = { ...spec.rules[0].http.paths[0], path: "/metrics", pathType: "Exact" };
        }),
      "a word to the controller": () =>
        inIngress(({ metadata }) => {
          metadata.annotations["haproxy.org/backend-config-snippet"] = "http-request return";
        }),
    },
    passed: {
      "a narrower network": () =>
        inBalancer(({ spec }) => {
          spec.loadBalancerSourceRanges = ["10.20.7.0/24"];
        }),
      "fewer paths": () => inRoute(({ spec }) => spec.rules[0].matches.pop()),
      "the same host twice": () => inIngress(({ spec }) => spec.tls[0].hosts.push("llm.example.com")),
      "a port by number": () =>
        inIngress(({ spec }) => {
          spec.rules[0].http.paths[0].backend.service.port = { number: 8080 };
        }),
    },
  },
  "GRD-243": {
    caught: {
      "a minute": () =>
        inRoute(({ spec }) => {
          spec.rules[0].timeouts = { request: "60s", backendRequest: "60s" };
        }),
      "no times": () =>
        inRoute(({ spec }) => {
          delete spec.rules[0].timeouts;
        }),
      "a backend that is given up early": () =>
        inRoute(({ spec }) => {
          spec.rules[0].timeouts.backendRequest = "1711s";
        }),
      "no word about times": () =>
        inIngress(({ metadata }) => {
          delete metadata.annotations["haproxy.org/timeout-server"];
        }),
      "a shorter time": () =>
        inIngress(({ metadata }) => {
          metadata.annotations["haproxy.org/timeout-server"] = "60s";
        }),
    },
    passed: {
      "an hour": () =>
        inRoute(({ spec }) => {
          spec.rules[0].timeouts = { request: "1h", backendRequest: "60m" };
        }),
      "another label": () =>
        inIngress(({ metadata }) => {
          metadata.labels.team = "platform";
        }),
    },
  },
  "GRD-244": {
    caught: {
      "marked pods on the port of the load balancer": () =>
        inItsCallers(({ spec }) => spec.ingress[1].from.push(pods("default", { a: "b" }))),
      "every pod of the controller's namespace": () =>
        inCallers(({ spec }) => {
          spec.ingress[1].from = [pods("envoy-gateway-system", undefined)];
        }),
      "pods of the same labels elsewhere": () =>
        inCallers(({ spec }) => {
          spec.ingress[1].from = [pods("default", proxies)];
        }),
      "a namespace more for the agents": () =>
        inAgentsCallers(({ spec }) => spec.ingress[1].from.push(pods("default", { a: "b" }))),
      "one namespace more": () => inCallers(({ spec }) => spec.ingress[1].from.push(pods("default", { a: "b" }))),
      "a range of ports with it": () =>
        inCallers(({ spec }) =>
          spec.ingress.push({ from: [pods("default", {})], ports: [{ port: 8000, endPort: 9000 }] }),
        ),
      "a policy beside it": () =>
        gatewayApi.found({
          kind: "NetworkPolicy",
          metadata: { name: "more", namespace: door },
          spec: { podSelector: {}, ingress: [{ from: [pods("default", { a: "b" })], ports: [{ port: "http" }] }] },
        }),
    },
    passed: {
      "one of the controller's pods": () =>
        inCallers(({ spec }) => {
          spec.ingress[1].from = [pods("envoy-gateway-system", { ...proxies, zone: "a" })];
        }),
      "a namespace that scrapes metrics": () =>
        inCallers(({ spec }) => spec.ingress.push({ from: [pods("monitoring", undefined)], ports: [{ port: 9090 }] })),
    },
  },
});
