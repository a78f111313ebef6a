import { type Blueprint, waysInOf } from "../../decisions/blueprint.ts";
import type { ExposureBlueprint } from "../../decisions/exposure/blueprint.ts";
import type { Edge, EgressFacts } from "../../decisions/residency/facts.ts";
import type { AdmissionPoliciesValues } from "./admission-policies-schema.ts";

/** Values of `charts/admission-policies` for a stack: what was decided about it, as far as the API server can tell. */
export function admissionPoliciesValues({
  name,
  environment,
  cluster,
  residency,
  ...services
}: Pick<Blueprint, "name" | "environment" | "cluster" | "residency" | "gateway" | "agents">): AdmissionPoliciesValues {
  const { registries, edges, signatures } = residency;
  const networks = edges.flatMap(({ to }) => (to.kind === "networks" ? to.networks.map(({ cidr }) => cidr) : []));
  const proxy = residency.egress.value;
  const waysIn = waysInOf(services);
  const inside = proxy === null ? [] : insideOf(edges, proxy);
  const hosts = (proxy?.workloads ?? []).flatMap((workload) =>
    workload.hosts.value.map(({ host, port }) => ({ host, text: `${host}:${port}`, byName: workload.byName })),
  );
  const byName = hosts.filter((each) => each.byName).map(({ host }) => host);
  return {
    stack: name,
    environment,
    registries: [...(registries.value ?? [])],
    networks: [...new Set(networks)].sort(),
    ...(inside.length === 0 ? {} : { inside }),
    reachable: reachableOf(edges),
    egressNamespace: proxy?.namespace ?? "",
    egressHosts: [...new Set(hosts.map(({ text }) => text))].sort(),
    egressHostsByName: [...new Set(byName)].sort(),
    ...(signatures.value === null
      ? {}
      : { verifier: { image: signatures.value.image, command: [...signatures.value.command] } }),
    ...(waysIn.length === 0 ? {} : { waysIn: waysIn.map(wayInValues) }),
    digestsRequired: cluster.target !== "local",
  };
}

function wayInValues(exposure: ExposureBlueprint): NonNullable<AdmissionPoliciesValues["waysIn"]>[number] {
  const { by, namespace, name, service, host, paths, pathMatch, annotations, from, port } = exposure;
  const common = { by, namespace, name, service, host, paths: [...paths], pathMatch };
  if (exposure.by === "http-route") return { ...common, parent: { ...exposure.parent } };
  if (exposure.by === "ingress") {
    const { ingressClass, tls } = exposure;
    return { ...common, ingressClass, secret: tls.secret, annotations: { ...annotations.value } };
  }
  return {
    ...common,
    annotations: { ...annotations.value },
    ...(exposure.className === null ? {} : { loadBalancerClass: exposure.className }),
    sourceRanges: [...exposure.sourceRanges],
    networks: from.kind === "networks" ? from.networks.map(({ cidr }) => cidr) : [],
    port,
  };
}

/** Pods that something of the stack calls, each once. */
function reachableOf(edges: readonly Edge[]): NonNullable<AdmissionPoliciesValues["reachable"]> {
  const parties = edges.flatMap(({ from, to }) => {
    if (from.kind !== "pods") return [];
    switch (to.kind) {
      case "pods":
        return [{ namespaceLabels: { "kubernetes.io/metadata.name": to.namespace }, labels: { ...to.labels } }];
      case "dns":
        return [
          {
            namespaceLabels: { "kubernetes.io/metadata.name": "kube-system" },
            labels: { "k8s-app": "kube-dns" },
          },
        ];
      case "clients":
        return [{ namespaceLabels: { ...to.namespaceLabels }, labels: { ...to.labels } }];
      default:
        return [];
    }
  });
  return [...new Map(parties.map((party) => [JSON.stringify(party), party])).values()];
}

/** Workloads with private networks of their own, which are not out of the stack's boundary. */
function insideOf(
  edges: readonly Edge[],
  { namespace: ofProxy }: EgressFacts,
): NonNullable<AdmissionPoliciesValues["inside"]> {
  return edges.flatMap(({ from, to }) =>
    from.kind === "pods" && from.namespace !== ofProxy && to.kind === "networks"
      ? [{ namespace: from.namespace, labels: { ...from.labels }, networks: to.networks.map(({ cidr }) => cidr) }]
      : [],
  );
}
