import { join } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import type { Blueprint } from "../decisions/blueprint.ts";
import type { SynthesizedStack } from "../stacks/build.ts";
import { applyManifests, destroyManifests, planManifests } from "./apply/manifests.ts";
import { applyPlan, plan, type StackPlan } from "./apply/terraform.ts";
import { terraformStacks, type Way } from "./apply/way.ts";
import { rememberCluster } from "./cluster/remembered-clusters.ts";
import { stackIdentity, type Target } from "./cluster/target.ts";
import type { CommandContext } from "./command.ts";
import type { ProgressReport } from "./terminal/progress.ts";
import { confirm } from "./terminal/terminal.ts";
import { findTools } from "./tools.ts";

/** One deployment of a synthesized Blueprint to one cluster. */
export interface Deployment {
  readonly context: CommandContext;
  readonly blueprint: Blueprint;
  readonly stacks: readonly SynthesizedStack[];
  readonly outputDirectory: string;
  readonly target: Target;
  readonly way: Way;
  readonly progress: ProgressReport;
  /** True when nobody is asked before changes are made. */
  readonly yes: boolean;
}

export type DeploymentOutcome = "changed" | "nothing to change" | "declined";

/** Folder for charts and values on their way to Helm. */
function workshop(root: string): string {
  return join(root, ".freehold", "manifests");
}

/** Shows what changes, asks, and applies exactly that. */
export async function deployBlueprint(deployment: Deployment): Promise<DeploymentOutcome> {
  const outcome =
    deployment.way.name === "terraform"
      ? await deployByTerraform(deployment, deployment.way)
      : await deployAsManifests(deployment);
  if (outcome === "nothing to change") remember(deployment);
  return outcome;
}

/** From the first change on, also one that then fails, the stack belongs to this cluster. */
function remember({ context, blueprint, target }: Pick<Deployment, "context" | "blueprint" | "target">): void {
  if (target.simulated) return;
  rememberCluster(context.root, stackIdentity(blueprint), { context: target.access.context, uid: target.uid });
}

async function deployAsManifests(deployment: Deployment): Promise<DeploymentOutcome> {
  const { context, blueprint, stacks, outputDirectory, target, progress } = deployment;
  const { helm: path } = await findTools(context, ["helm"], progress);
  const helm = { path, access: target.access };
  const plan = await progress.during(
    "plan",
    "Compare with the cluster",
    () => planManifests(helm, blueprint, stacks, { outputDirectory, workshop: workshop(context.root) }),
    ({ summary }) => (summary.length === 0 ? "nothing to change" : `${summary.length} changes`),
  );
  if (plan.summary.length === 0) return "nothing to change";
  context.terminal.stderr.write(`${plan.summary.map((line) => `  ${line}`).join("\n")}\n`);
  if (!(await mayGoOn(deployment, `Apply these changes to ${blueprint.name}?`))) return "declined";
  remember(deployment);
  await applyManifests(helm, plan, progress);
  return "changed";
}

async function deployByTerraform(
  deployment: Deployment,
  { binary }: Extract<Way, { name: "terraform" }>,
): Promise<DeploymentOutcome> {
  const { target, outputDirectory, progress, context, blueprint } = deployment;
  let outcome: DeploymentOutcome = "nothing to change";
  for (const stack of terraformStacks(binary, target.access, outputDirectory, blueprint)) {
    const planned = await progress.during(
      `plan ${stack.stack}`,
      `Plan ${stack.stack}`,
      () => plan(stack),
      ({ hasChanges }) => (hasChanges ? "changes" : "nothing to change"),
    );
    if (!planned.hasChanges) continue;
    context.terminal.stderr.write(`\n${target.simulated ? outlineOf(planned.text) : planned.text}\n\n`);
    if (!(await mayGoOn(deployment, `Apply this plan to the stack ${stack.stack}?`))) return "declined";
    remember(deployment);
    await applyShown(planned, progress);
    outcome = "changed";
  }
  return outcome;
}

/** Which resources a plan touches, without their attributes: on the local cluster the first plan would fill screens. */
function outlineOf(plan: string): string {
  return plan
    .split("\n")
    .filter((line) => /^ {2}# \S+ (will|must) be |^Plan: /.test(line))
    .join("\n");
}

function applyShown(planned: StackPlan, progress: ProgressReport): Promise<void> {
  const { stack } = planned.stack;
  return progress.during(
    `apply ${stack}`,
    `Apply ${stack}`,
    () =>
      applyPlan(planned, (text) => {
        const line = text.trim().split("\n").at(-1) ?? "";
        progress.advance(`apply ${stack}`, null, line.slice(0, 60));
      }),
    () => "changed",
  );
}

/** Removes everything of a stack from the cluster, after asking, and forgets that it was there. */
export async function destroyBlueprint(deployment: Omit<Deployment, "stacks">): Promise<DeploymentOutcome> {
  const outcome = await removeBlueprint(deployment);
  if (outcome !== "declined") rememberCluster(deployment.context.root, stackIdentity(deployment.blueprint), null);
  return outcome;
}

async function removeBlueprint(deployment: Omit<Deployment, "stacks">): Promise<DeploymentOutcome> {
  const { context, blueprint, target, way, progress, outputDirectory } = deployment;
  const question = `Remove everything of ${blueprint.name} from ${target.access.context}, weights included?`;
  if (way.name === "manifests") {
    if (!(await mayGoOn(deployment, question))) return "declined";
    const { helm: path } = await findTools(context, ["helm"], progress);
    const removed = await destroyManifests({ path, access: target.access }, blueprint, progress);
    return removed === 0 ? "nothing to change" : "changed";
  }
  let outcome: DeploymentOutcome = "nothing to change";
  for (const stack of [...terraformStacks(way.binary, target.access, outputDirectory, blueprint)].reverse()) {
    const planned = await plan(stack, { destroy: true });
    if (!planned.hasChanges) continue;
    context.terminal.stderr.write(`\n${planned.text}\n\n`);
    if (!(await mayGoOn(deployment, question))) return "declined";
    await applyShown(planned, progress);
    outcome = "changed";
  }
  return outcome;
}

async function mayGoOn({ context, yes, progress }: Pick<Deployment, "context" | "yes" | "progress">, question: string) {
  if (yes) return true;
  progress.close();
  if (!context.terminal.canAsk) throw new Failure(finding("RUN-142", { subject: "freehold" }, { question }));
  return confirm(context.terminal, question, context.signal);
}
