// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import {
  added,
  block,
  bound,
  callers,
  describeGuards,
  inPolicy,
  named,
  service,
  wayOut,
} from "../support/good-objects.ts";

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
      "a namespace by name": () => wayOut([named]),
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
});
