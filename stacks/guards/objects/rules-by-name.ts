import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

/** Kinds of network plugins and of the policy API beside NetworkPolicy: whatever they allow, NetworkPolicies cannot take back. */
const kinds = [
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "CiliumNetworkPolicy",
  "ClusterNetworkPolicy",
  "GlobalNetworkPolicy",
];

/** GRD-252: rules by name are written only where the network plugin has them, for the proxy, and for hosts that were decided. */
export const rulesByName: ObjectGuard = forObjects("GRD-252", kinds, ({ kind, body, namespace }, { residency }) => {
  const egress = residency.egress.value;
  const named = (egress?.workloads ?? []).filter(({ byName }) => byName).flatMap(({ hosts }) => hosts.value);
  const hosts = new Set(named.map(({ host }) => host));
  if (kind !== "CiliumNetworkPolicy" || hosts.size === 0) return ["is a rule that the stack does not ask for"];
  if (namespace !== egress?.namespace) return ["is a rule for others than the proxy"];
  const spec = fields(body.spec);
  return [
    ...(body.specs === undefined ? [] : ["holds more than one rule"]),
    ...list(spec.egress)
      .map(fields)
      .flatMap((rule) => ruleProblems(rule, hosts)),
  ];
});

function ruleProblems(
  { toFQDNs: names, toPorts: ports, ...others }: Readonly<Record<string, unknown>>,
  hosts: ReadonlySet<string>,
): readonly string[] {
  const numbers = list(ports)
    .flatMap((each) => list(fields(each).ports))
    .map((each) => String(fields(each).port));
  if (names === undefined) {
    const isForNames = Object.keys(others).join() === "toEndpoints" && numbers.length > 0;
    return isForNames && numbers.every((port) => port === "53") ? [] : ["lets the proxy out other than by name"];
  }
  if (numbers.length === 0) return ["lets the proxy out to every port"];
  return list(names)
    .map(fields)
    .filter(({ matchName, matchPattern }) => matchPattern !== undefined || !hosts.has(String(matchName)))
    .map(({ matchName, matchPattern }) => `lets the proxy out to ${String(matchPattern ?? matchName)}`);
}
