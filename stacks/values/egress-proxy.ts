import type { Blueprint, EgressProxyBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import type { EgressProxyValues } from "./egress-proxy-schema.ts";

/** Values of `charts/egress-proxy` for a stack. What it leaves out has a default in the chart. */
export function egressProxyValues(
  { name, environment }: Pick<Blueprint, "name" | "environment">,
  { workloads }: EgressFacts,
  { image, replicas, tolerations }: EgressProxyBlueprint,
): EgressProxyValues {
  const byName = workloads.filter((workload) => workload.byName).flatMap(({ hosts }) => hosts.value);
  const unique = new Map(byName.map((host) => [`${host.host}:${host.port}`, { ...host }]));
  return {
    stack: name,
    environment,
    image: image.value.deployed,
    allowUnlocked: image.value.digest === null,
    replicas: replicas.value,
    tolerations: tolerations.value.map((toleration) => ({ ...toleration })),
    workloads: workloads.map(({ name: workload, port, from, hosts }) => ({
      name: workload,
      port,
      from: { namespace: from.namespace, labels: { ...from.labels } },
      hosts: hosts.value.map((host) => ({ ...host })),
    })),
    hostsByName: [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host),
  };
}
