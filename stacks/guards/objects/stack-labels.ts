import { forPods, type ObjectGuard } from "./object-guard.ts";

/** GRD-228: each pod carries the labels by which policies and quotas of its stack find it. */
export const stackLabelsCarried: ObjectGuard = forPods("GRD-228", ({ labels }) =>
  ["freehold/stack", "freehold/environment"]
    .filter((key) => typeof labels[key] !== "string" || labels[key] === "")
    .map((key) => `lacks the label ${key}`),
);
