import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** GRD-113: only Kubernetes types that carry their API version. */
export const resourceTypes: Guard = ({ resources }) =>
  resources
    .filter(({ type }) => type.startsWith("kubernetes_") && !/_v[0-9]+$/.test(type))
    .map(({ label, type, configPath }) => finding("GRD-113", at(configPath), { resource: label, type }));
