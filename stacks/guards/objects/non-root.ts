import { fields } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-204: nobody is root, by number or by leave. What a container says itself overrides its pod. */
export const nonRoot: ObjectGuard = forContainers("GRD-204", ({ body }, { spec }) => {
  const context = { ...fields(spec.securityContext), ...fields(body.securityContext) };
  return [
    ...(context.runAsNonRoot === true ? [] : ["may run as root"]),
    ...(context.runAsUser === 0 ? ["runs as user 0"] : []),
    ...(context.runAsGroup === 0 ? ["runs in group 0, which owns the image's files"] : []),
  ];
});
