import { fields, list } from "../guard.ts";
import { forContainers, forPods, type ObjectGuard } from "./object-guard.ts";

/** GRD-201: nothing shares the node's namespaces, files or ports, or runs with its privileges. */
export const hostAccess: ObjectGuard = (objects, limits) => [...pods(objects, limits), ...containers(objects, limits)];

const pods = forPods("GRD-201", ({ spec }) => [
  ...["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key] === true).map((key) => `sets ${key}`),
  ...(spec.hostUsers === true ? ["sets hostUsers"] : []),
  ...list(spec.volumes)
    .map(fields)
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => `mounts a folder of the node as ${name}`),
]);

const containers = forContainers("GRD-201", ({ body }) => {
  const context = fields(body.securityContext);
  return [
    ...(context.privileged === true ? ["is privileged"] : []),
    ...(context.procMount !== undefined && context.procMount !== "Default" ? ["sets procMount"] : []),
    ...list(body.ports)
      .map(fields)
      .filter(({ hostPort }) => hostPort !== undefined && hostPort !== 0)
      .map(({ hostPort }) => `takes the node's port ${hostPort}`),
  ];
});
