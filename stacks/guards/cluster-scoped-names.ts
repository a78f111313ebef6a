import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

const clusterScoped =
  /^kubernetes_(namespace|priority_class|cluster_role|cluster_role_binding|storage_class|runtime_class|persistent_volume|ingress_class|api_service|csi_driver|(mutating|validating)_webhook_configuration)_v[0-9]+$/;

/** GRD-110: two stacks share a cluster. */
export const clusterScopedNames: Guard = ({ resources }, limits) =>
  resources
    .filter(({ type, name }) => clusterScoped.test(type) && !name.startsWith(`${limits.name}-`))
    .map(({ label, configPath }) => finding("GRD-110", at(configPath), { resource: label, stack: limits.name }));
