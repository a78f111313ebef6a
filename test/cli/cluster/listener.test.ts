import { describe, expect, it } from "vitest";
import { type AttachedRoute, type Listener, listenerProblems } from "../../../cli/cluster/listener.ts";

const route: AttachedRoute = {
  host: "llm.example.com",
  namespace: "desk-test-gateway",
  namespaceLabels: { "kubernetes.io/metadata.name": "desk-test-gateway", "freehold/stack": "desk" },
  gatewayNamespace: "gateways",
};

/** A listener that fits, but for what a test changes. */
const listener = (overrides: Partial<Listener> = {}): Listener => ({
  name: "llm",
  protocol: "HTTPS",
  allowedRoutes: { namespaces: { from: "All" } },
  ...overrides,
});

const admitting = (selector: object) => listener({ allowedRoutes: { namespaces: { from: "Selector", selector } } });

describe("a listener that fits", () => {
  it.each<[string, Listener]>([
    ["answers for every host", listener()],
    ["answers for the host", listener({ hostname: "llm.example.com" })],
    ["answers for all below its domain", listener({ hostname: "*.example.com" })],
    ["answers for all two levels below", listener({ hostname: "*.com" })],
    [
      "names the route's kind",
      listener({ allowedRoutes: { namespaces: { from: "All" }, kinds: [{ kind: "HTTPRoute" }] } }),
    ],
    ["selects the namespace by a label", admitting({ matchLabels: { "freehold/stack": "desk" } })],
    [
      "selects it by its name",
      admitting({
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["a", "desk-test-gateway"] }],
      }),
    ],
    ["selects it by a label it lacks", admitting({ matchExpressions: [{ key: "legacy", operator: "DoesNotExist" }] })],
    [
      "selects all but others",
      admitting({ matchExpressions: [{ key: "freehold/stack", operator: "NotIn", values: ["other"] }] }),
    ],
  ])("%s", (_, one) => {
    expect(listenerProblems(one, route)).toEqual([]);
  });

  it("stands in the gateway's own namespace where it admits no other", () => {
    expect(listenerProblems(listener({ allowedRoutes: {} }), { ...route, gatewayNamespace: route.namespace })).toEqual(
      [],
    );
  });
});

describe("a listener that does not fit", () => {
  it.each<[Listener, string]>([
    [listener({ protocol: "HTTP" }), "speaks HTTP and ends no TLS for HTTP"],
    [listener({ protocol: "TLS" }), "speaks TLS and ends no TLS for HTTP"],
    [listener({ hostname: "chat.example.com" }), "answers for chat.example.com and not for llm.example.com"],
    [listener({ hostname: "*.llm.example.com" }), "answers for *.llm.example.com and not for llm.example.com"],
    [listener({ hostname: "*.ample.com" }), "answers for *.ample.com and not for llm.example.com"],
    [listener({ allowedRoutes: {} }), "admits routes of gateways alone"],
    [
      admitting({ matchLabels: { expose: "true" } }),
      "admits routes of namespaces with labels that desk-test-gateway lacks",
    ],
    [
      admitting({ matchExpressions: [{ key: "expose", operator: "Exists" }] }),
      "admits routes of namespaces with labels that desk-test-gateway lacks",
    ],
    [
      listener({ allowedRoutes: { namespaces: { from: "All" }, kinds: [{ kind: "GRPCRoute" }] } }),
      "admits GRPCRoute and no HTTPRoute",
    ],
  ])("%o", (one, problem) => {
    expect(listenerProblems(one, route)).toEqual([problem]);
  });

  it("says everything that is wrong at once", () => {
    expect(listenerProblems(listener({ protocol: "HTTP", hostname: "other", allowedRoutes: {} }), route)).toHaveLength(
      3,
    );
  });
});
