import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard } from "./guard.ts";

/** CPU is left out on purpose: a CPU limit throttles, and the request already keeps neighbours their share. */
const wanted = [
  ["requests", "cpu", "CPU request"],
  ["requests", "memory", "memory request"],
  ["limits", "memory", "memory limit"],
  ["limits", "ephemeral-storage", "ephemeral storage limit"],
] as const;

/** GRD-101: each container says what it takes. */
export const containerLimits: Guard = ({ containers }) =>
  containers.flatMap(({ resource, name, body }) => {
    const resources = fields(body.resources);
    return wanted
      .filter(([side, amount]) => fields(resources[side])[amount] === undefined)
      .map(([, , missing]) =>
        finding("GRD-101", at(resource.configPath), { resource: resource.label, container: name, missing }),
      );
  });
