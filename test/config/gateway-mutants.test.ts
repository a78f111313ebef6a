// Proves: each rule about who may reach the gateway catches its mutants of a sound file, itself and no other, and lets its near
// misses pass. Form and places of these findings are tested in gateway.test.ts and gateway-exposure.test.ts.
import { type Change, codes, inMode } from "../support/resident-file.ts";
import { describeRules } from "../support/rule-table.ts";

const jwt = "jwt: { issuer: https://login.example.com, audience: freehold, keySet: { secret: login, key: jwks.json } }";
const keys = "keys: { secret: gateway-keys, key: keys.json }";
const controller = "controller: { namespace: ingress, labels: { app: proxy } }";
const parent = "parent: { namespace: gateways, name: shared, listener: https }";
const none: readonly Change[] = [
  ["escalationShare: 0.1", "escalationShare: 0"],
  ["  regions: [eu-central-1]\n", ""],
  ["mode: region-bound", "mode: none"],
];
/** Codes of a sound file with a gateway that takes these callers, and further changes. */
const gateway =
  (lines: readonly string[], ...changes: readonly Change[]) =>
  () =>
    codes(
      [
        "workloads:\n",
        `gateway:\n${["image: registry.example.com/mirror/gateway:0.1.0", ...lines].map((line) => `  ${line}\n`).join("")}workloads:\n`,
      ],
      ["cluster: { target: local }", "cluster: { target: existing, existing: { storageClass: fast } }"],
      ["state: { backend: local }", "state: { backend: pg }"],
      ...changes,
    );
const open = "tenants: { website: { dataClasses: [public] } }";
const exposed = (exposure: string, ...changes: readonly Change[]) =>
  gateway([jwt, open, `exposure: { ${exposure} }`], ...changes);
const route = (host: string, labels = "{ app: proxy }") =>
  exposed(`by: http-route, host: "${host}", ${parent}, controller: { namespace: ingress, labels: ${labels} }`);
const ingress = (className: string, more = "") =>
  exposed(`by: ingress, host: llm.example.com, class: "${className}", tls: { secret: llm-tls }, ${controller}${more}`);
const balancer = (by: string, ranges: string, more = "", ...changes: readonly Change[]) =>
  exposed(`by: ${by}, host: llm.example.com, tls: { secret: llm-tls }, sourceRanges: ["${ranges}"]${more}`, ...changes);

describeRules({
  "GTW-101": {
    caught: {
      "tenants alone": gateway([open]),
      "a way in and no caller": gateway([
        open,
        `exposure: { by: http-route, host: llm.example.com, ${parent}, ${controller} }`,
      ]),
      "without a mode": gateway([open], ...none),
    },
    passed: { tokens: gateway([jwt, open]), "keys, without a mode": gateway([keys, open], ...none) },
  },
  "GTW-102": {
    caught: {
      "region-bound": gateway([keys, open]),
      "keys beside tokens": gateway([keys, jwt, open]),
      sovereign: gateway([keys, "tenants: { website: {} }"], ...inMode("sovereign")),
    },
    passed: { tokens: gateway([jwt, open]), "keys beside tokens, without a mode": gateway([keys, jwt, open], ...none) },
  },
  "GTW-120": {
    caught: {
      "a wildcard": route("*.example.com"),
      "a letter of another script": route("llm.ex\u0430mple.com"),
      "a name of the cluster": route("gateway.support-agents-trial-gateway.svc"),
      "an address": route("10.20.0.4"),
    },
    passed: { "a host": route("llm.example.com"), "a long name": route("llm.prod.eu-central-1.example.com") },
  },
  "GTW-122": {
    caught: {
      "by its class": ingress("nginx"),
      "by its software": ingress("internal", ", software: ingress-nginx"),
      "by software, whatever the class": ingress("haproxy", ", software: ingress-nginx"),
    },
    passed: {
      "another controller": ingress("haproxy"),
      "another of that name": ingress("nginx", ", software: f5-nginx"),
    },
  },
  "GTW-123": {
    caught: {
      "a route": route("llm.example.com", "{}"),
      "an Ingress": exposed(
        "by: ingress, host: llm.example.com, class: haproxy, tls: { secret: llm-tls }, controller: { namespace: ingress, labels: {} }",
      ),
      "another namespace": exposed(
        `by: http-route, host: llm.example.com, ${parent}, controller: { namespace: gateways, labels: {} }`,
      ),
    },
    passed: {
      "one label": route("llm.example.com"),
      "two of them": route("llm.example.com", "{ app: proxy, tier: edge }"),
    },
  },
  "GTW-126": {
    caught: {
      "the world": balancer("google-load-balancer", "0.0.0.0/0"),
      "addresses of others": balancer("google-load-balancer", "203.0.112.0/20"),
      "no network": balancer("azure-load-balancer", "10.20.0.1/16"),
      "subnets of the world": balancer("aws-load-balancer", "10.20.0.0/16", ", subnetRanges: ['0.0.0.0/0']"),
    },
    passed: {
      "private addresses": balancer("google-load-balancer", "10.20.0.0/16"),
      "one's own addresses, without a mode": balancer("google-load-balancer", "203.0.112.0/20", "", ...none),
    },
  },
  "GTW-127": {
    caught: {
      Google: balancer("google-load-balancer", "10.20.0.0/16", "", ...inMode("air-gapped")),
      Azure: balancer("azure-load-balancer", "10.20.0.0/16", "", ...inMode("air-gapped")),
      AWS: balancer("aws-load-balancer", "10.20.0.0/16", ", subnetRanges: [10.20.3.0/24]", ...inMode("air-gapped")),
    },
    passed: {
      "the building's own": balancer("metallb", "10.20.0.0/16", ", addressPool: internal", ...inMode("air-gapped")),
      "a cloud's, where there is one": balancer("google-load-balancer", "10.20.0.0/16", "", ...inMode("sovereign")),
    },
  },
});
