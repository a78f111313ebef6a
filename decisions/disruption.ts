import type { Decided } from "./blueprint.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

/** How many replicas a node drain may take away at once: one, always. */
export function decideDisruptionBudget({
  model,
  modelPath,
}: ReleaseContext): Decided<{ readonly maxUnavailable: number }> {
  const value = { maxUnavailable: 1 };
  if (model.replicas === 1) {
    return decided(
      value,
      because(
        `${modelPath}.replicas`,
        "There is one replica. A budget of 0 would protect it from every node drain, so that no node could ever be upgraded; it may go, and nothing serves until it is back.",
      ),
    );
  }
  return decided(
    value,
    because(
      `${modelPath}.replicas`,
      `Of ${model.replicas} replicas one may be taken away at a time; the rest keep serving while a node is drained.`,
    ),
    policy("The budget holds for drains and evictions only. A node that dies asks nobody."),
  );
}
