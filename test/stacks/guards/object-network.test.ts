// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import { gatewayNamespace } from "../../../decisions/gateway/namespace.ts";
import {
  type Any,
  added,
  block,
  bound,
  callers,
  describeGuards,
  inPolicy,
  limits,
  named,
  service,
  wayOut,
} from "../support/good-objects.ts";

const door = gatewayNamespace({ name: "desk", environment: "test" });
const gatewayLabels = { "app.kubernetes.io/instance": "gateway", "app.kubernetes.io/name": "gateway" };
/** The good stack's facts with the gateway as the only caller of its engine. */
const behind = {
  ...limits,
  residency: {
    ...limits.residency,
    edges: limits.residency.edges.map((edge) =>
      edge.from.kind === "clients"
        ? { ...edge, from: { kind: "pods" as const, name: "gateway", namespace: door, labels: gatewayLabels } }
        : edge,
    ),
  },
};
const gatewayPods = (name: string, podLabels: Any) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  podSelector: { matchLabels: podLabels },
});
const nameServers = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};
const named53 = ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol }));
const enginePods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "support-production-inference" } },
  podSelector: { matchLabels: { "app.kubernetes.io/name": "model-server" } },
};
const calledBy = (...from: Any[]) =>
  inPolicy(
    "chat-v1",
    (body) => {
      body.spec.ingress[0].from = from;
    },
    behind,
  );

describeGuards({
  "GRD-213": {
    caught: {
      "the world under region-bound": () => wayOut([block("0.0.0.0/0", "169.254.169.254/32")], bound("region-bound")),
      everything: () => wayOut([]),
      "every pod": () => wayOut([{ namespaceSelector: {} }]),
      "a wider network": () => wayOut([block("10.0.0.0/8")], bound("sovereign")),
    },
    passed: {
      "a narrower network": () => wayOut([block("10.20.1.0/24")]),
      "the node's name servers": () => wayOut([block("169.254.20.10/32")]),
      "the cluster's name servers": () => wayOut([nameServers], limits, named53),
    },
  },
  "GRD-254": {
    caught: {
      "a namespace of others": () => wayOut([named]),
      "pods of another namespace": () => wayOut([{ ...named, podSelector: { matchLabels: { app: "relay" } } }]),
      "every pod beside them": () => wayOut([{ podSelector: {} }]),
      "an engine that they do not call": () => wayOut([enginePods], limits, [{ port: 8000, protocol: "TCP" }]),
      "all of the name servers' namespace": () =>
        wayOut([{ namespaceSelector: nameServers.namespaceSelector }], limits, named53),
      "another port of the name servers": () => wayOut([nameServers], limits, [{ port: 9153, protocol: "TCP" }]),
      "every port of the name servers": () => wayOut([nameServers], limits, []),
      "ports from that one up": () => wayOut([nameServers], limits, [{ port: 53, protocol: "UDP", endPort: 99 }]),
    },
    passed: {
      "one protocol of the name servers": () => wayOut([nameServers], limits, [{ port: 53, protocol: "UDP" }]),
      "name servers by one label more": () =>
        wayOut(
          [{ ...nameServers, podSelector: { matchLabels: { ...nameServers.podSelector.matchLabels, a: "b" } } }],
          limits,
          named53,
        ),
    },
  },
  "GRD-214": {
    caught: {
      "nothing left out": () => wayOut([block("0.0.0.0/0")]),
      "another address left out": () => wayOut([block("0.0.0.0/0", "169.254.169.253/32")]),
      "the address itself": () => wayOut([block("169.254.169.254/32")]),
      "of IPv6": () => wayOut([block("::/0")]),
    },
    passed: {
      "a network without it": () => wayOut([block("10.0.0.0/8")]),
      "a wider exception": () => wayOut([block("0.0.0.0/0", "169.254.0.0/16")]),
    },
  },
  "GRD-215": {
    caught: {
      "no peers": () => callers([]),
      "every pod": () => callers([{ namespaceSelector: {} }]),
      addresses: () => callers([block("10.0.0.0/8")]),
      "every port": () =>
        inPolicy("chat-v1", (body) => {
          body.spec.ingress[0].ports = [];
        }),
    },
    passed: {
      "a namespace by name": () => callers([named]),
      "pods of the namespace": () => callers([{ podSelector: { matchLabels: { a: "b" } } }]),
    },
  },
  "GRD-216": {
    caught: {
      LoadBalancer: () => service({ type: "LoadBalancer" }),
      NodePort: () => service({ type: "NodePort" }),
      ExternalName: () => service({ type: "ExternalName", externalName: "example.com" }),
      externalIPs: () => service({ externalIPs: ["203.0.113.5"] }),
      Ingress: () => added({ kind: "Ingress", metadata: { name: "door" }, spec: {} }),
    },
    passed: {
      "no type": () => service({ type: undefined }),
      headless: () => service({ clusterIP: "None" }),
      "no addresses": () => service({ externalIPs: [] }),
    },
  },
  "GRD-240": {
    caught: {
      "marked pods of the stack": () => inPolicy("chat-v1", () => undefined, behind),
      "a namespace that scrapes": () => calledBy(gatewayPods(door, gatewayLabels), named),
      "every pod of the gateway's namespace": () =>
        calledBy({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": door } } }),
      "pods of its name elsewhere": () => calledBy(gatewayPods("desk-test-other", gatewayLabels)),
    },
    passed: {
      "the gateway": () => calledBy(gatewayPods(door, gatewayLabels)),
      "one of its pods": () =>
        calledBy(gatewayPods(door, { ...gatewayLabels, "statefulset.kubernetes.io/pod-name": "a" })),
    },
  },
});
