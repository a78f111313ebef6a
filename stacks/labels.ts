import type { Blueprint } from "../decisions/blueprint.ts";

type Labels = Readonly<Record<string, string>>;

/** Labels on everything a stack file deploys, so that one selector finds all of it. */
export function stackLabels({ name, environment }: Pick<Blueprint, "name" | "environment">): Labels {
  return {
    "app.kubernetes.io/managed-by": "freehold",
    "app.kubernetes.io/part-of": name,
    "freehold/environment": environment,
    "freehold/stack": name,
  };
}
