import { fields } from "../guard.ts";
import { forPods, type ObjectGuard } from "./object-guard.ts";

/** GRD-212: a policy says of each pod whom it may talk to. Asked only where the policies are among the objects. */
export const podSelected: ObjectGuard = forPods("GRD-212", ({ labels, object }, _, { objects }) => {
  const selectors = objects
    .filter(({ kind, namespace }) => kind === "NetworkPolicy" && namespace === object.namespace)
    .map(({ body }) => Object.entries(fields(fields(fields(body.spec).podSelector).matchLabels)))
    .filter((wanted) => wanted.length > 0);
  if (selectors.length === 0) return [];
  return selectors.some((wanted) => wanted.every(([key, value]) => labels[key] === value))
    ? []
    : ["is selected by no policy but default deny"];
});
