import { fields, list } from "../guard.ts";
import { forPods, type ObjectGuard } from "./object-guard.ts";

/** GRD-210: scratch volumes end somewhere, those in memory above all. */
export const memoryVolumes: ObjectGuard = forPods("GRD-210", ({ spec }) =>
  list(spec.volumes)
    .map(fields)
    .filter(({ emptyDir }) => emptyDir !== undefined && fields(emptyDir).sizeLimit === undefined)
    .map(({ name, emptyDir }) =>
      fields(emptyDir).medium === "Memory"
        ? `has the volume ${name} in memory without a sizeLimit`
        : `has the volume ${name} without a sizeLimit`,
    ),
);
