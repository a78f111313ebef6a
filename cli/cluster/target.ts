import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { inspect, type LocalCluster } from "../../local-cluster/local-cluster.ts";
import type { CommandContext } from "../command.ts";
import type { ProgressReport } from "../terminal/progress.ts";
import { findTools } from "../tools.ts";
import { identify, requireContext, requireIdentity, requireVersion } from "./identity.ts";
import type { ClusterAccess } from "./kubectl.ts";
import { recallCluster } from "./remembered-clusters.ts";

export interface Target {
  readonly access: ClusterAccess;
  readonly uid: string;
  readonly kubernetesVersion: string;
  /** True for the control plane on this machine: nodes and containers are simulated. */
  readonly simulated: boolean;
}

/** Where the local control plane of a checkout keeps its files. */
export function localClusterDirectory(root: string): string {
  return join(root, ".freehold", "local-cluster");
}

/** How this stack is called where clusters are remembered and locks name their owner. */
export function stackIdentity(blueprint: Pick<Blueprint, "name" | "environment">): string {
  return `${blueprint.name}/${blueprint.environment}`;
}

/**
 * The context to use instead of the local control plane: what the file says, else what `--context` says, else what is
 * remembered. Null means the local control plane. `--context` may not contradict the file, whose context is in the output.
 */
export function chosenContext(root: string, blueprint: Blueprint, option: string | undefined): string | null {
  const { context } = blueprint.cluster;
  if (option !== undefined && context !== null && option !== context) {
    throw new Failure(finding("RUN-137", { subject: "--context" }, { given: option, context }));
  }
  const named = context ?? option;
  if (named !== undefined) return named;
  const remembered = recallCluster(root, stackIdentity(blueprint));
  if (remembered !== null) return remembered.context;
  if (blueprint.cluster.target === "local") return null;
  throw new Failure(finding("RUN-134", { subject: "cluster" }, { file: "The stack file" }));
}

/**
 * What leads one of the programs past kubeconfig and context: kubectl reads none of these, the Terraform providers read
 * the first, Helm the second. A program that follows them works on another cluster than the one that was checked.
 */
const detours = /^(KUBE_(CONFIG_PATHS?|CTX.*|HOST|TOKEN|USER|PASSWORD|INSECURE|CLIENT_.*|CLUSTER_CA_.*)|HELM_KUBE.*)$/;

/** An environment in which every program finds the cluster of one context of a kubeconfig, and no other. */
export function clusterEnvironment(
  environment: CommandContext["environment"],
  kubeconfig: string,
  contextName: string,
): CommandContext["environment"] {
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !detours.test(name))),
    KUBECONFIG: kubeconfig,
    KUBE_CONFIG_PATHS: kubeconfig,
    KUBE_CTX: contextName,
  };
}

/** The kubeconfig that kubectl reads: one file or several, as KUBECONFIG lists them. An empty variable counts as unset. */
export function kubeconfigOf({ KUBECONFIG, HOME }: CommandContext["environment"]): string {
  return KUBECONFIG === undefined || KUBECONFIG === "" ? join(HOME ?? "", ".kube", "config") : KUBECONFIG;
}

/** Access to the control plane on this machine. */
export function localAccess(context: CommandContext, cluster: LocalCluster, kubectlPath: string): ClusterAccess {
  return {
    context: cluster.context,
    kubeconfigPath: cluster.kubeconfigPath,
    kubectlPath,
    environment: clusterEnvironment(context.environment, cluster.kubeconfigPath, cluster.context),
    signal: context.signal,
  };
}

/** The running local control plane as a target, or null when it does not run. */
async function runningLocalTarget(context: CommandContext, progress: ProgressReport): Promise<Target | null> {
  const found = await inspect({ directory: localClusterDirectory(context.root) });
  if (found === null || found.processes.some(({ alive }) => !alive)) return null;
  const { kubectl } = await findTools(context, ["kubectl"], progress);
  return {
    access: localAccess(context, found.cluster, kubectl),
    uid: found.cluster.uid,
    kubernetesVersion: found.cluster.kubernetesVersion,
    simulated: true,
  };
}

/**
 * A cluster that is already there, held against everything known about it: the UID in the file, the UID remembered,
 * the supported versions.
 */
export async function existingTarget(
  context: CommandContext,
  blueprint: Blueprint,
  contextName: string,
  progress: ProgressReport,
): Promise<Target> {
  const { kubectl: kubectlPath } = await findTools(context, ["kubectl"], progress);
  const access: ClusterAccess = {
    context: contextName,
    kubeconfigPath: null,
    kubectlPath,
    environment: clusterEnvironment(context.environment, kubeconfigOf(context.environment), contextName),
    signal: context.signal,
  };
  await requireContext(access);
  const identity = await identify(access);
  const remembered = recallCluster(context.root, stackIdentity(blueprint));
  if (blueprint.cluster.uid !== null) {
    requireIdentity(contextName, identity, { uid: blueprint.cluster.uid, from: "cluster.existing.uid" });
  } else if (remembered !== null) {
    requireIdentity(contextName, identity, { uid: remembered.uid, from: "the last deployment from this checkout" });
  }
  requireVersion(contextName, identity, blueprint.cluster.kubernetes);
  return { access, ...identity, simulated: false };
}

/** The cluster of a stack as it stands, without starting anything; null when the local control plane is down. */
export async function reachTarget(
  context: CommandContext,
  blueprint: Blueprint,
  option: string | undefined,
  progress: ProgressReport,
): Promise<Target | null> {
  const contextName = chosenContext(context.root, blueprint, option);
  return contextName === null
    ? runningLocalTarget(context, progress)
    : existingTarget(context, blueprint, contextName, progress);
}
