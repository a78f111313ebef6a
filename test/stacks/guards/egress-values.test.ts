// Proves: what the release of the proxy is given in the synthesized Terraform is held against what was decided, before any chart
// is rendered. The good stack is a real synthesis; broken are its values, because nothing in this checkout writes such a thing.
import { expect, it } from "vitest";
import { buildStacks } from "../../../stacks/build.ts";
import { checkStacks } from "../../../stacks/guards/index.ts";
import type { EgressProxyValues } from "../../../stacks/values/egress-proxy-schema.ts";
import { decideResidencyFor, residentStack, soundResidency } from "../../support/residency.ts";
import { describeRules } from "../../support/rule-table.ts";
import { blueprint } from "../support/blueprint.ts";
import { sources } from "../support/stacks.ts";

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
type Values = Mutable<EgressProxyValues>;

const { residency } = decideResidencyFor(
  residentStack(soundResidency("sovereign"), { name: "demo", environment: "trial" }),
);
const from = blueprint({ residency });

/** Codes found after a change to the values of the proxy's release. */
function afterChanging(change: (values: Values) => void): readonly string[] {
  const stacks = structuredClone(buildStacks(from, sources));
  const [release, ...more] = stacks
    .flatMap(({ json }) => Object.values(json.resource.helm_release ?? {}))
    .filter(({ name }) => name === "egress-proxy") as unknown as { values: [string] }[];
  if (release === undefined || more.length > 0) throw new Error("One release of the proxy is expected.");
  const values = JSON.parse(release.values[0]) as Values;
  change(values);
  release.values = [JSON.stringify(values)];
  const limits = { name: from.name, target: "existing", egress: residency.egress.value };
  return checkStacks(stacks, limits)
    .map(({ code }) => code)
    .filter((code) => code !== "GRD-114" && !(code === "GRD-102" && values.image.includes("@sha256:")));
}

const firstOf = ({ workloads }: Values) => {
  const [workload] = workloads;
  if (workload === undefined) throw new Error("A workload is expected.");
  return workload;
};

/** The same, with hosts of the first workload. */
const withHosts =
  (...hosts: readonly (readonly [host: string, port: number])[]) =>
  () =>
    afterChanging((values) => {
      firstOf(values).hosts = hosts.map(([host, port]) => ({ host, port }));
    });

describeRules({
  "GRD-130": {
    caught: {
      "a host more": () =>
        afterChanging((values) => firstOf(values).hosts.push({ host: "evil.example.com", port: 443 })),
      "a wildcard": withHosts(["*.example.com", 443]),
      "another port of a host": withHosts(["hub.example.com", 22]),
      "the port of another workload": () =>
        afterChanging((values) => {
          firstOf(values).port = 3129;
        }),
      "a rule by name that was not decided": () =>
        afterChanging((values) => {
          values.hostsByName = [{ host: "hub.example.com", port: 443 }];
        }),
    },
    passed: {
      "nothing changed": () => afterChanging(() => undefined),
      "fewer hosts": withHosts(),
      "another number of replicas": () =>
        afterChanging((values) => {
          values.replicas = 3;
        }),
    },
  },
});

it("holds the proxy's image to its digest", () =>
  expect(
    afterChanging((values) => {
      values.image = "registry.example.com/envoyproxy/envoy:distroless-v1.40.0";
    }),
  ).toEqual(["GRD-102"]));
