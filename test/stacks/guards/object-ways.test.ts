// Proves: the guard on the gateway's settings catches its mutants of a good stack that sends requests out, and lets its near misses
// pass. The good stack is the example on escalation; that its decisions are right is for test/decisions/routing/.
import { expect, it } from "vitest";
import { checkObjects } from "../../../stacks/guards/objects/index.ts";
import { openExample } from "../support/example.ts";
import { type Any, describeGuards } from "../support/good-objects.ts";

const { blueprint } = openExample("escalation");
const limits = { target: "existing", residency: blueprint.residency, waysIn: [] };
if (blueprint.gateway === null) throw new Error("The example has a gateway.");
const { settings } = blueprint.gateway;

const labels = { "freehold/stack": "helpdesk", "freehold/environment": "production" };
const held = (data: Readonly<Record<string, string>>) =>
  checkObjects(
    [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gateway-settings", namespace: "door", labels }, data }],
    limits,
  ).map(({ code }) => code);

/** What is found after `mutate` has changed the gateway's settings. */
const changed = (mutate: (settings: Any) => void) => () => {
  const copy = structuredClone(settings) as Any;
  mutate(copy);
  return held({ "settings.json": JSON.stringify(copy) });
};
const placement = (copy: Any, dataClass: string, tenant: string) =>
  copy.placements.find((each: Any) => each.dataClass === dataClass && each.tenant === tenant);

it("finds nothing in the good stack", () => {
  expect(changed(() => undefined)()).toEqual([]);
  expect(placement(settings, "customer", "desk").backends).toContain("outside/large");
});

describeGuards({
  "GRD-245": {
    caught: {
      "every tenant": changed((copy) => placement(copy, "public", "*").backends.push("outside/large")),
      "a class that never leaves": changed((copy) => placement(copy, "restricted", "*").backends.push("outside/large")),
      "a tenant that did not ask": changed((copy) =>
        copy.placements.push({ dataClass: "public", tenant: "audit", backends: ["chat-v1", "outside/large"] }),
      ),
      "another host": changed((copy) => {
        copy.backends["outside/large"].url = "https://api.evil.example.com";
      }),
      "another port of the host": changed((copy) => {
        copy.backends["outside/large"].url += ":8443";
      }),
      "the host without TLS": changed((copy) => {
        copy.backends["outside/large"].url = "http://api.eu.example.com";
      }),
      "a host outside that is called inside": changed((copy) => {
        copy.backends["outside/large"].location = "inside";
      }),
      "one host more": changed((copy) => {
        copy.backends.other = { ...copy.backends["outside/large"], url: "https://other.example.com" };
      }),
      "no redactor": changed((copy) => {
        delete copy.redactor;
      }),
      "a class as it is that leaves redacted": changed((copy) => {
        copy.dataClasses.customer.leavesBoundary = "allowed";
      }),
      "what cannot be read": () => held({ "settings.json": "{" }),
    },
    passed: {
      "fewer placements": changed((copy) => {
        copy.placements = copy.placements.filter(({ tenant }: Any) => tenant === "*");
      }),
      "a class that is closed": changed((copy) => {
        copy.dataClasses.public.leavesBoundary = "never";
      }),
      "settings of another service": () => held({ "settings.json": JSON.stringify({ agents: {} }) }),
      "no settings": () => held({ "other.json": "{" }),
    },
  },
});
