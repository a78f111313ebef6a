import { fields } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-205: the kernel's surface is the runtime's default or a profile of the node. */
export const seccomp: ObjectGuard = forContainers("GRD-205", ({ body }, { spec }) => {
  const own = fields(fields(body.securityContext).seccompProfile).type;
  const type = own ?? fields(fields(spec.securityContext).seccompProfile).type;
  return type === "RuntimeDefault" || type === "Localhost"
    ? []
    : [type === undefined ? "has no seccomp profile" : `has the seccomp profile ${type}`];
});
