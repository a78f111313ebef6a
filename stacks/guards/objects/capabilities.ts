import { fields, list } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-203: all capabilities are dropped; only the one for ports below 1024 may be added, as Pod Security has it. */
export const capabilities: ObjectGuard = forContainers("GRD-203", ({ body }) => {
  const { drop, add } = fields(fields(body.securityContext).capabilities);
  return [
    ...(list(drop).includes("ALL") ? [] : ["does not drop ALL capabilities"]),
    ...list(add)
      .filter((name) => name !== "NET_BIND_SERVICE")
      .map((name) => `adds the capability ${name}`),
  ];
});
