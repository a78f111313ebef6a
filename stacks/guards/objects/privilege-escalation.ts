import { fields } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-202: no program in a container gains more than the container has. */
export const privilegeEscalation: ObjectGuard = forContainers("GRD-202", ({ body }) =>
  fields(body.securityContext).allowPrivilegeEscalation === false
    ? []
    : ["does not set allowPrivilegeEscalation to false"],
);
