import { forPods, type ObjectGuard } from "./object-guard.ts";

const role = "fetch-weights";

/** GRD-229: the label that opens the way to the hub is carried by the pods of fetch Jobs alone. */
export const wayOutRole: ObjectGuard = forPods("GRD-229", ({ labels, spec, object }) =>
  labels["freehold/role"] !== role || (object.kind === "Job" && spec.serviceAccountName === role)
    ? []
    : [`carries the role ${role}`],
);
