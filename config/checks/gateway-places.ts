import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { insideNetworkProblem, networkProblem, serviceNamespace } from "../inside-place.ts";
import type { GatewayConfig } from "../schema/index.ts";
import { check } from "./check.ts";

/** What the gateway calls besides models stands in one place each, inside. */
export const gatewayPlaces = check({
  reads: ["gateway"],
  run: ({ gateway }) => {
    if (gateway === undefined) return [];
    const { telemetry, budgets, networks = [] } = gateway;
    return [
      ...(telemetry === undefined ? [] : [...placeOf("telemetry", telemetry), ...endpointOf(telemetry)]),
      ...(budgets === undefined ? [] : placeOf("budgets", budgets)),
      ...networks.flatMap((text, index) => networkFinding(["gateway", "networks", index], text, networkProblem(text))),
    ];
  },
});

type Telemetry = NonNullable<GatewayConfig["telemetry"]>;
type Place = Pick<Telemetry, "pods" | "networks">;

function placeOf(key: "telemetry" | "budgets", { pods, networks }: Place): Finding[] {
  const path = ["gateway", key];
  if ((pods === undefined) === (networks === undefined)) {
    return [finding("GTW-109", at(path, "key"), { key, isBoth: pods !== undefined })];
  }
  return (networks ?? []).flatMap((text, index) =>
    networkFinding([...path, "networks", index], text, insideNetworkProblem(text)),
  );
}

/** Pods may have any addresses that the cluster gives them; what stands elsewhere inside has private ones. */
function networkFinding(path: ConfigPath, text: string, problem: string | null): Finding[] {
  return problem === null ? [] : [finding("GTW-110", at(path), { text, problem })];
}

/** A Service is named with the namespace that its pods are in: the policy opens the way to those alone. */
function endpointOf({ endpoint, pods }: Telemetry): Finding[] {
  if (pods === undefined) return [];
  const { hostname } = new URL(endpoint);
  if (serviceNamespace(hostname) === pods.namespace) return [];
  const also = [{ path: ["gateway", "telemetry", "pods", "namespace"], text: `the pods are in ${pods.namespace}` }];
  const parameters = { host: hostname, namespace: pods.namespace };
  return [finding("GTW-111", at(["gateway", "telemetry", "endpoint"]), parameters, also)];
}
