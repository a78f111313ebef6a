import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard, list, type Resource } from "./guard.ts";

function deniesAll(policy: Resource, direction: "ingress" | "egress"): boolean {
  const spec = fields(policy.body.spec);
  const policyType = direction === "ingress" ? "Ingress" : "Egress";
  return (
    Object.keys(fields(spec.pod_selector)).length === 0 &&
    list(spec.policy_types).includes(policyType) &&
    list(spec[direction]).length === 0
  );
}

/** GRD-104: in every namespace nothing comes in and nothing goes out unless another policy says so. */
export const defaultDeny: Guard = ({ resources }) => {
  const policies = resources.filter(({ type }) => type === "kubernetes_network_policy_v1");
  return resources
    .filter(({ type }) => type === "kubernetes_namespace_v1")
    .flatMap(({ name, configPath }) =>
      (["ingress", "egress"] as const)
        .filter((direction) => !policies.some((policy) => policy.namespace === name && deniesAll(policy, direction)))
        .map((direction) => finding("GRD-104", at(configPath), { namespace: name, direction })),
    );
};
