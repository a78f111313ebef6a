import { parse } from "yaml";
import type { EgressFacts, EgressHost } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

/** GRD-251: what the proxy is configured to let through is what was decided, workload by workload. */
export const proxyHosts: ObjectGuard = forObjects("GRD-251", ["ConfigMap"], ({ body, namespace }, { residency }) => {
  const egress = residency.egress.value;
  const text = fields(body.data)["envoy.yaml"];
  if (egress === null || namespace !== egress.namespace || typeof text !== "string") return [];
  let configuration: unknown;
  try {
    configuration = parse(text);
  } catch {
    return ["cannot be read as Envoy's configuration"];
  }
  return problemsOf(fields(configuration), egress);
});

const textOf = ({ host, port }: EgressHost) => `${host}:${port}`;

function problemsOf(configuration: Readonly<Record<string, unknown>>, { workloads }: EgressFacts): string[] {
  const { listeners, clusters } = fields(configuration.static_resources);
  const all = new Set(workloads.flatMap(({ hosts }) => hosts.value.map(textOf)));
  return [
    ...(configuration.admin === undefined ? [] : ["opens a port for administration"]),
    ...(configuration.dynamic_resources === undefined ? [] : ["takes further lists from elsewhere"]),
    ...list(listeners)
      .map(fields)
      .flatMap((listener) => listenerProblems(listener, workloads)),
    ...list(clusters)
      .map(fields)
      .flatMap((cluster) => clusterProblems(cluster, all)),
  ];
}

function listenerProblems(
  listener: Readonly<Record<string, unknown>>,
  workloads: EgressFacts["workloads"],
): readonly string[] {
  const chains = list(listener.filter_chains).map(fields);
  if (listener.internal_listener !== undefined) return greetingProblems(String(listener.name), chains);
  const port = Number(fields(fields(listener.address).socket_address).port_value);
  const served = chains.flatMap(({ filters }) => list(filters)).flatMap(virtualHosts);
  const own = workloads.find((workload) => workload.port === port);
  // The port of the probes has no virtual host, and answers one path by itself.
  if (own === undefined) return served.length === 0 ? [] : [`answers at the port ${port}, which is no workload's`];
  const allowed = new Set(own.hosts.value.map(textOf));
  return served
    .filter(({ routes }) => list(routes).some((route) => fields(route).route !== undefined))
    .flatMap(({ domains }) => list(domains).map(String))
    .filter((domain) => !allowed.has(domain))
    .map((domain) => `lets ${own.name} through to ${domain}`);
}

function virtualHosts(filter: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { route_config: routes } = fields(fields(filter).typed_config);
  return list(fields(routes).virtual_hosts).map(fields);
}

/** A tunnel goes on only when its greeting names the host that was asked for, which the listener's own name holds. */
function greetingProblems(name: string, chains: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const host = name.replace(/^to /, "").replace(/:[0-9]+$/, "");
  return chains.flatMap(({ filter_chain_match: match }) => {
    const { server_names: names, transport_protocol: protocol } = fields(match);
    const [first, ...more] = list(names).map(String);
    return first === host && more.length === 0 && protocol === "tls"
      ? []
      : [`passes on tunnels to ${host} whatever their greeting names`];
  });
}

function clusterProblems(cluster: Readonly<Record<string, unknown>>, all: ReadonlySet<string>): readonly string[] {
  if (cluster.cluster_type !== undefined) return [`resolves what a request names, in ${String(cluster.name)}`];
  const addresses = list(fields(cluster.load_assignment).endpoints)
    .flatMap((group) => list(fields(group).lb_endpoints))
    .map((item) => fields(fields(fields(item).endpoint).address));
  const outside = addresses
    .filter(({ envoy_internal_address: inner }) => inner === undefined)
    .map(({ socket_address: socket }) => `${String(fields(socket).address)}:${String(fields(socket).port_value)}`);
  const isOpen = outside.length === 0 && addresses.length === 0;
  return isOpen
    ? [`connects to whatever is asked for, in ${String(cluster.name)}`]
    : outside.filter((target) => !all.has(target)).map((target) => `connects to ${target}`);
}
