import type { Blueprint } from "../../decisions/blueprint.ts";
import type { AdmissionPoliciesValues } from "./admission-policies-schema.ts";

/** Values of `charts/admission-policies` for a stack: what was decided about it, as far as the API server can tell. */
export function admissionPoliciesValues({
  name,
  environment,
  cluster,
  residency,
}: Pick<Blueprint, "name" | "environment" | "cluster" | "residency">): AdmissionPoliciesValues {
  const { registries, edges } = residency;
  const networks = edges.flatMap(({ to }) => (to.kind === "networks" ? to.networks.map(({ cidr }) => cidr) : []));
  return {
    stack: name,
    environment,
    registries: [...(registries.value ?? [])],
    networks: [...new Set(networks)].sort(),
    digestsRequired: cluster.target !== "local",
  };
}
