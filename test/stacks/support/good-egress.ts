// A good stack with a proxy as objects, and ways to change one thing in it; for test/stacks/guards/object-egress.test.ts.
import { readFileSync } from "node:fs";
import { parse, parseAllDocuments, stringify } from "yaml";
import { buildStacks } from "../../../stacks/build.ts";
import { checkObjects } from "../../../stacks/guards/objects/index.ts";
import type { ObjectLimits } from "../../../stacks/guards/objects/object-guard.ts";
import { toManifests } from "../../../stacks/manifests.ts";
import { goldenFolder, openExample } from "./example.ts";
import type { Any, Mutation } from "./good-objects.ts";
import { sources } from "./stacks.ts";

const example = "eu-residency";
const { blueprint } = openExample(example);
const rendered = ["chat-v1", "egress-proxy"].flatMap((release) =>
  parseAllDocuments(readFileSync(`${goldenFolder(example)}/${release}.manifests.yaml`, "utf8")),
);
const good: readonly Any[] = [
  ...buildStacks(blueprint, sources).flatMap(({ json }) => toManifests(json).objects),
  ...rendered.map((document) => document.toJS()),
];

/** Namespaces of the good stack. */
export const namespaces = {
  inference: "support-production-inference",
  egress: "support-production-egress",
  gateway: "support-production-gateway",
};

const limits: ObjectLimits = { target: "existing", residency: blueprint.residency, waysIn: [] };
const { egress } = blueprint.residency;
if (egress.value === null) throw new Error("The example has a proxy.");
/** Facts of the same stack, whose hosts the network plugin lets out by name. */
export const byName: ObjectLimits = {
  ...limits,
  residency: {
    ...blueprint.residency,
    egress: {
      ...egress,
      value: { ...egress.value, workloads: egress.value.workloads.map((each) => ({ ...each, byName: true })) },
    },
  },
};

const codes = (objects: readonly Any[], held: ObjectLimits = limits) =>
  checkObjects(objects, held).map(({ code }) => code);

/** What is found in the stack as it is, against `held`. */
export const unchanged = (held = limits) => codes(good, held);
/** What is found with one object more. */
export const withOne = (body: Any, held = limits) => codes([...good, body], held);

/** What is found after `mutate` has changed the only object of a kind, name and namespace. */
export function changed(kind: string, name: string, namespace: string, mutate: Mutation): readonly string[] {
  const objects = structuredClone(good) as Any[];
  const found = objects.filter(
    ({ kind: each, metadata }) => each === kind && metadata.name.startsWith(name) && metadata.namespace === namespace,
  );
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name}, one is expected.`);
  mutate(found[0]);
  return codes(objects);
}

/** What is found after `mutate` has changed the configuration of the proxy. */
export const inEnvoy = (mutate: (configuration: Any) => void) =>
  changed("ConfigMap", "egress-proxy", namespaces.egress, (body) => {
    const configuration = parse(body.data["envoy.yaml"]);
    mutate(configuration);
    body.data["envoy.yaml"] = stringify(configuration);
  });

/** A policy of a namespace that lets the pods of `labels` out to `cidr`. */
export const policy = (namespace: string, labels: object, cidr: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "more", namespace },
  spec: { podSelector: { matchLabels: labels }, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr } }] }] },
});

/** A rule of Cilium for the proxy. */
export const cilium = (egressRules: readonly object[], namespace = namespaces.egress) => ({
  apiVersion: "cilium.io/v2",
  kind: "CiliumNetworkPolicy",
  metadata: { name: "egress-proxy-names", namespace },
  spec: { endpointSelector: {}, egress: egressRules },
});
export const toHost = (match: object, ...ports: string[]) => ({
  toFQDNs: [match],
  ...(ports.length === 0 ? {} : { toPorts: [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }] }),
});
