import type { Decided } from "./blueprint.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

/** How many replicas a node drain may take away at once: one, always. */
export function decideDisruptionBudget({ shape }: ReleaseContext): Decided<{ readonly maxUnavailable: number }> {
  const value = { maxUnavailable: 1 };
  if (shape.replicas.value === 1) {
    return decided(
      value,
      because(
        shape.replicas.path,
        "There is one replica. A budget of 0 would protect it from every node drain, so that no node could ever be upgraded; it may go, and nothing serves until it is back.",
      ),
    );
  }
  return decided(
    value,
    because(
      shape.replicas.path,
      `Of ${shape.replicas.value} replicas one may be taken away at a time; the rest keep serving while a node is drained.`,
    ),
    policy("The budget holds for drains and evictions only. A node that dies asks nobody."),
  );
}
