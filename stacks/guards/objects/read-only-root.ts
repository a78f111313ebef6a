import { fields } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-206: images are read-only, but for engines that cannot start so. */
export const readOnlyRoot: ObjectGuard = forContainers("GRD-206", ({ body }, { component }, { residency }) =>
  fields(body.securityContext).readOnlyRootFilesystem === true ||
  residency.switches.some((facts) => facts.component === component && facts.needsWritableRoot)
    ? []
    : ["can write to its image"],
);
