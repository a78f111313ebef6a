import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { isAtLeast } from "../../decisions/residency/mode.ts";
import type { CommandContext } from "../command.ts";
import type { ProgressReport } from "../terminal/progress.ts";
import { measureEnforcement, type PolicyEnforcement, simulatedNodes } from "./policy-probe.ts";
import { hasPassed, rememberProbe } from "./remembered-probes.ts";
import type { Target } from "./target.ts";

interface Gate {
  readonly context: CommandContext;
  readonly blueprint: Blueprint;
  readonly target: Target;
  readonly progress: ProgressReport;
}

/** Whether policies are enforced on a stack's cluster, measured now; on the local one that cannot be, because nodes are simulated. */
export async function measurePolicies({ context, blueprint, target, progress }: Gate): Promise<PolicyEnforcement> {
  if (target.simulated) return simulatedNodes;
  const [release] = Object.values(blueprint.models).flatMap(({ versions }) => Object.values(versions));
  if (release === undefined) throw new Error("The Blueprint has no release.");
  const { image, tolerations } = release;
  const enforcement = await progress.during(
    "policies",
    "Try whether the cluster enforces network policies",
    () =>
      measureEnforcement(target.access, {
        // The cluster runs this image anyway, and it holds a Python.
        image: image.value.deployed,
        tolerations: tolerations.value
          .filter(({ effect }) => effect === "NoSchedule")
          .map(({ key, operator, effect }) => ({ key, operator, effect })),
      }),
    ({ state }) => state,
  );
  rememberProbe(context.root, target.uid, enforcement.state === "enforced", context.now());
  return enforcement;
}

/** What keeps a stack whose data must not leave from a cluster where nothing, or nobody knows whether anything, keeps it in. */
export function checkEnforcement(
  { blueprint, target }: Pick<Gate, "blueprint" | "target">,
  { state, reason }: PolicyEnforcement,
): readonly Finding[] {
  const mode = blueprint.residency.mode.value;
  // The local control plane runs no container: nothing could leave, and nothing is measured.
  if (target.simulated || state === "enforced" || !isAtLeast(mode, "region-bound")) return [];
  const { context } = target.access;
  return [finding(state === "not enforced" ? "RUN-162" : "RUN-163", { subject: context }, { context, mode, reason })];
}

/** The same before a deployment: a probe that passed within a day is not repeated, and without a residency none is run. */
export async function requireEnforcement(gate: Gate): Promise<readonly Finding[]> {
  const { context, blueprint, target } = gate;
  if (target.simulated || !isAtLeast(blueprint.residency.mode.value, "region-bound")) return [];
  if (hasPassed(context.root, target.uid, context.now())) return [];
  return checkEnforcement(gate, await measurePolicies(gate));
}
