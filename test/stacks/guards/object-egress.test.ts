// Proves: each guard on the way out catches its mutants of a good stack with a proxy and lets its near misses pass; what the
// good stack is stands in test/stacks/support/good-egress.ts.
import { expect, it } from "vitest";
import {
  byName,
  changed,
  cilium,
  inEnvoy,
  namespaces,
  policy,
  toHost,
  unchanged,
  withOne,
} from "../support/good-egress.ts";
import { type Any, describeGuards, variable } from "../support/good-objects.ts";

const { inference, egress, gateway } = namespaces;
const door = { "app.kubernetes.io/instance": "gateway", "app.kubernetes.io/name": "gateway" };
const listener = (configuration: Any, name: string) =>
  configuration.static_resources.listeners.find((each: Any) => each.name === name);
const manager = (configuration: Any) =>
  listener(configuration, "fetch-weights").filter_chains[0].filters[0].typed_config;
const hosts = (configuration: Any) => manager(configuration).route_config.virtual_hosts;
const inJob = (mutate: (container: Any, template: Any) => void) =>
  changed("Job", "chat-v1", inference, (body) => mutate(body.spec.template.spec.containers[0], body.spec.template));
const inProxy = (mutate: (template: Any, body: Any) => void) =>
  changed("Deployment", "egress-proxy", egress, (body) => mutate(body.spec.template, body));
const proxyOf = (name: string, namespace: string, port: number) => `http://${name}.${namespace}.svc:${port}`;
const names = { toEndpoints: [{}], toPorts: [{ ports: [{ port: "53", protocol: "ANY" }] }] };

it("finds nothing in the good stack", () => {
  expect(unchanged()).toEqual([]);
  expect(unchanged(byName)).toEqual([]);
});

describeGuards({
  "GRD-229": {
    caught: {
      "a proxy of another account": () =>
        inProxy((template) => {
          template.spec.serviceAccountName = "chat-v1";
        }),
      "a Job that calls itself the proxy": () =>
        withOne({
          kind: "CronJob",
          metadata: { name: "robot", namespace: egress },
          spec: {
            jobTemplate: {
              spec: {
                template: {
                  metadata: {
                    labels: {
                      "freehold/role": "egress-proxy",
                      "freehold/stack": "support",
                      "freehold/environment": "production",
                    },
                  },
                  spec: { serviceAccountName: "egress-proxy", automountServiceAccountToken: false },
                },
              },
            },
          },
        }),
      "a proxy elsewhere": () =>
        inProxy((_, body) => {
          body.metadata.namespace = "elsewhere";
        }),
    },
    passed: {
      "the proxy with a label more": () =>
        inProxy((template) => {
          template.metadata.labels.tier = "edge";
        }),
      "the Job with a label more": () =>
        inJob((_, template) => {
          template.metadata.labels.tier = "edge";
        }),
    },
  },
  "GRD-250": {
    caught: {
      "the pods that fetch": () => withOne(policy(inference, { "freehold/role": "fetch-weights" }, "10.40.0.0/16")),
      "the proxy's label in another namespace": () =>
        withOne(policy(inference, { "freehold/role": "egress-proxy" }, "10.40.0.0/16")),
      "another pod beside the proxy": () => withOne(policy(egress, { app: "other" }, "10.40.7.0/24")),
      "the gateway where the proxy alone leads": () => withOne(policy(gateway, door, "10.40.7.0/24")),
      "others to the gateway's database": () => withOne(policy(gateway, { app: "other" }, "10.50.7.0/24")),
      "engines to the gateway's database": () => withOne(policy(inference, door, "10.50.7.0/24")),
      "every pod beside the proxy": () => withOne(policy(egress, {}, "10.40.7.7/32")),
    },
    passed: {
      "a narrower network for the proxy": () =>
        withOne(policy(egress, { "freehold/role": "egress-proxy" }, "10.40.7.0/24")),
      "the node's name servers for others": () => withOne(policy(inference, { a: "b" }, "169.254.20.10/32")),
      "the gateway to one host of its database": () => withOne(policy(gateway, door, "10.50.7.9/32")),
      "the proxy by one label more": () =>
        withOne(policy(egress, { "freehold/role": "egress-proxy", tier: "edge" }, "10.40.0.0/16")),
    },
  },
  "GRD-251": {
    caught: {
      "a host more": () =>
        inEnvoy((configuration) => {
          hosts(configuration)[0].domains.push("evil.example.com:443");
        }),
      "a wildcard": () =>
        inEnvoy((configuration) => {
          hosts(configuration)[0].domains = ["*.eu.example.com:443"];
        }),
      "every host": () =>
        inEnvoy((configuration) => {
          hosts(configuration).at(-1).routes = hosts(configuration)[0].routes;
        }),
      "another port of a host": () =>
        inEnvoy((configuration) => {
          hosts(configuration)[0].domains = ["hub.eu.example.com:22"];
        }),
      "a port that is no workload's": () =>
        inEnvoy((configuration) => {
          listener(configuration, "fetch-weights").address.socket_address.port_value = 3999;
        }),
      "another target behind a name": () =>
        inEnvoy((configuration) => {
          const { clusters } = configuration.static_resources;
          const outside = clusters.find(({ type }: Any) => type === "LOGICAL_DNS");
          outside.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address = "10.0.0.1";
        }),
      "a cluster that resolves whatever is asked for": () =>
        inEnvoy((configuration) => {
          configuration.static_resources.clusters.push({
            name: "any",
            cluster_type: { name: "envoy.clusters.dynamic_forward_proxy" },
          });
        }),
      "a cluster that goes where the client meant to": () =>
        inEnvoy((configuration) => {
          configuration.static_resources.clusters.push({ name: "any", type: "ORIGINAL_DST" });
        }),
      "any greeting": () =>
        inEnvoy((configuration) => {
          const inner = listener(configuration, "to hub.eu.example.com:443");
          inner.filter_chains[0].filter_chain_match = undefined;
        }),
      "the greeting of another host": () =>
        inEnvoy((configuration) => {
          const inner = listener(configuration, "to hub.eu.example.com:443");
          inner.filter_chains[0].filter_chain_match.server_names = ["evil.example.com"];
        }),
      administration: () =>
        inEnvoy((configuration) => {
          configuration.admin = { address: { socket_address: { address: "0.0.0.0", port_value: 9901 } } };
        }),
      "lists from elsewhere": () =>
        inEnvoy((configuration) => {
          configuration.dynamic_resources = { lds_config: {} };
        }),
      "what is no configuration": () =>
        changed("ConfigMap", "egress-proxy", egress, (body) => {
          body.data["envoy.yaml"] = "a: [";
        }),
    },
    passed: {
      "a host less": () =>
        inEnvoy((configuration) => {
          hosts(configuration).shift();
        }),
      "another time to wait": () =>
        inEnvoy((configuration) => {
          manager(configuration).stream_idle_timeout = "60s";
        }),
      "a configuration of somebody else": () =>
        withOne({
          kind: "ConfigMap",
          metadata: { name: "sidecar", namespace: inference },
          data: { "envoy.yaml": "admin: {}" },
        }),
    },
  },
  "GRD-252": {
    caught: {
      "a rule where none is asked for": () => withOne(cilium([toHost({ matchName: "hub.eu.example.com" }, "443")])),
      "a host that was not decided": () => withOne(cilium([toHost({ matchName: "evil.example.com" }, "443")]), byName),
      "a pattern": () => withOne(cilium([toHost({ matchPattern: "*.eu.example.com" }, "443")]), byName),
      "every port": () => withOne(cilium([toHost({ matchName: "hub.eu.example.com" })]), byName),
      "addresses beside names": () => withOne(cilium([names, { toCIDR: ["0.0.0.0/0"] }]), byName),
      "the world as a whole": () => withOne(cilium([{ toEntities: ["world"] }]), byName),
      "others than the proxy": () =>
        withOne(cilium([toHost({ matchName: "hub.eu.example.com" }, "443")], inference), byName),
      "a rule of the whole cluster": () =>
        withOne({ kind: "CiliumClusterwideNetworkPolicy", metadata: { name: "all" }, spec: {} }, byName),
    },
    passed: {
      "a host that was decided": () =>
        withOne(cilium([names, toHost({ matchName: "hub.eu.example.com" }, "443")]), byName),
      "two of them": () =>
        withOne(
          cilium([
            toHost({ matchName: "hub.eu.example.com" }, "443"),
            toHost({ matchName: "storage.eu.example.com" }, "443"),
          ]),
          byName,
        ),
    },
  },
  "GRD-253": {
    caught: {
      "no proxy": () => inJob(variable("HTTPS_PROXY", undefined)),
      "another port": () => inJob(variable("HTTPS_PROXY", proxyOf("egress-proxy", egress, 3129))),
      "another proxy": () => inJob(variable("HTTPS_PROXY", proxyOf("proxy", "corporate", 3128))),
    },
    passed: {
      "one more variable": () => inJob(variable("ALL_PROXY", "")),
      "others that need no way out": () =>
        changed("Deployment", "chat-v1", inference, (body) => {
          body.spec.template.metadata.labels.tier = "edge";
        }),
    },
  },
});
