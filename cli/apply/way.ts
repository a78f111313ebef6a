import { setTimeout } from "node:timers/promises";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { type ClusterAccess, kubectl, unreachable } from "../cluster/kubectl.ts";
import type { CommandContext } from "../command.ts";
import { installedReleases } from "./helm.ts";
import { recordsNamespace, stackId } from "./manifest-units.ts";
import { initialize, stackDirectory, type TerraformStack } from "./terraform.ts";
import { findTerraform, type TerraformBinary } from "./terraform-binary.ts";

/** How a stack reaches the cluster, and why this way was taken. By Terraform its folders are initialized already. */
export type Way =
  | { readonly name: "manifests"; readonly reason: string }
  | { readonly name: "terraform"; readonly reason: string; readonly binary: TerraformBinary };

export const wayNames = ["terraform", "manifests"] as const;
export type WayName = (typeof wayNames)[number];

/** How long a namespace may take to go, and how often it is looked at. */
const usualPatienceSeconds = 60;
const pollMilliseconds = 500;

/**
 * The way to apply: the one asked for, else the one the stack was applied by before, else Terraform where it and its
 * providers can be had, else manifests. `canFallBack` false turns the last step into a `Failure` that says why.
 */
export async function chooseWay(
  context: Pick<CommandContext, "environment" | "signal">,
  blueprint: Blueprint,
  access: ClusterAccess,
  options: {
    readonly asked: WayName | undefined;
    readonly outputDirectory: string;
    readonly canFallBack: boolean;
    readonly patienceSeconds?: number;
  },
): Promise<Way> {
  const owner = await currentOwner(access, blueprint, options.patienceSeconds ?? usualPatienceSeconds);
  const { asked } = options;
  if (asked !== undefined && owner !== null && owner !== asked) {
    throw new Failure(
      finding(
        "RUN-135",
        { subject: blueprint.name },
        { stack: blueprint.name, namespace: blueprint.namespaces.inference, owner, wanted: asked },
      ),
    );
  }
  if (asked === "manifests") return { name: "manifests", reason: "asked for with --via manifests" };
  if (asked === undefined && owner === "manifests") {
    return { name: "manifests", reason: "the stack was applied as manifests before" };
  }
  try {
    const binary = await findTerraform(context);
    // Whether providers can be had is known only by asking for them.
    for (const stack of terraformStacks(binary, access, options.outputDirectory, blueprint)) await initialize(stack);
    const reason =
      asked === undefined
        ? `${binary.name} ${binary.version} and its providers are there`
        : "asked for with --via terraform";
    return { name: "terraform", reason, binary };
  } catch (error) {
    const canFallBack = options.canFallBack && asked === undefined && owner !== "terraform";
    if (!canFallBack || !(error instanceof Failure) || !meansNoTerraform(error)) throw error;
    return { name: "manifests", reason: `${error.finding.title} ${error.finding.why}` };
  }
}

function meansNoTerraform({ finding: { code } }: Failure): boolean {
  return code === "RUN-120" || code === "RUN-121" || code === "RUN-122";
}

interface NamespaceObject {
  readonly metadata: {
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/**
 * By which way the stack in the cluster was applied, or null when it is not there. A namespace that is on its way out
 * belongs to nobody: Helm takes a first install back that failed or was stopped, and its namespaces go after it.
 */
async function currentOwner(
  access: ClusterAccess,
  blueprint: Blueprint,
  patienceSeconds: number,
): Promise<WayName | null> {
  const releases = await installedReleases(access, stackId(blueprint));
  if (releases.some(({ namespace }) => namespace === recordsNamespace(blueprint))) return "manifests";
  const name = blueprint.namespaces.inference;
  const until = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const found = await kubectl(access, ["get", "namespace", name, "--ignore-not-found", "--output", "json"]);
    if (found.status !== 0) throw unreachable(access, found);
    if (found.stdout.trim() === "") return null;
    const { metadata } = JSON.parse(found.stdout) as NamespaceObject;
    if (metadata.deletionTimestamp === undefined) {
      return metadata.labels?.["app.kubernetes.io/managed-by"] === "Helm" ? "manifests" : "terraform";
    }
    if (performance.now() > until) {
      throw new Failure(finding("RUN-136", { subject: access.context }, { namespace: name, seconds: patienceSeconds }));
    }
    await setTimeout(pollMilliseconds, undefined, { signal: access.signal });
  }
}

/** Folders of the stacks as Terraform works on them, in the order they are applied. */
export function terraformStacks(
  binary: TerraformBinary,
  access: ClusterAccess,
  outputDirectory: string,
  { agents }: Pick<Blueprint, "agents">,
): readonly TerraformStack[] {
  return ["platform", "inference", ...(agents === null ? [] : ["agents"])].map((stack) => ({
    binary,
    stack,
    directory: stackDirectory(outputDirectory, stack),
    access,
  }));
}
