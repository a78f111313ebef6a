import { relative } from "node:path";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { up as startCluster } from "../../local-cluster/local-cluster.ts";
import { chooseWay } from "../apply/way.ts";
import { readLiveState } from "../cluster/live-state.ts";
import { requireEnforcement } from "../cluster/policy-gate.ts";
import { defaultStorageClass, preflight } from "../cluster/preflight.ts";
import { rememberCluster } from "../cluster/remembered-clusters.ts";
import { simulatedNodes } from "../cluster/simulated-nodes.ts";
import {
  chosenContext,
  existingTarget,
  localAccess,
  localClusterDirectory,
  stackIdentity,
  type Target,
} from "../cluster/target.ts";
import { type Command, type CommandContext, exitCodes, fileUsage } from "../command.ts";
import { deployBlueprint } from "../deployment.ts";
import { liveTables, stepTable } from "../live-report.ts";
import { bringUpServices, serviceLines } from "../local-services.ts";
import { inSession, type Session, synthesizeStacks } from "../session.ts";
import { report } from "../stack.ts";
import type { ProgressReport } from "../terminal/progress.ts";
import { findTools } from "../tools.ts";
import { contextOption, viaOption, wayOf, yesOption } from "./apply-options.ts";

export const up: Command = {
  name: "up",
  summary: "Brings everything up: the local control plane (or your own cluster with --context), then the stack on it.",
  usage: `${fileUsage} [--via terraform|manifests] [--context NAME] [--yes]`,
  positionals: 1,
  options: { ...viaOption, ...contextOption, ...yesOption },
  run(context, options, [file]) {
    const asked = wayOf(options.via);
    return inSession(context, "up", file, async (session) => {
      const { opened, progress, outputDirectory } = session;
      if (options["forget-cluster"] === true) rememberCluster(context.root, stackIdentity(session.blueprint), null);
      const { target, blueprint } = await bringUpTarget(session, options.context as string | undefined);
      const stacks = await synthesizeStacks(session, blueprint);
      if (stacks === null) return exitCodes.findings;
      if (!target.simulated && !report(context, await preflight(target.access, blueprint), opened.files)) {
        return exitCodes.findings;
      }
      if (!report(context, await requireEnforcement({ context, blueprint, target, progress }), opened.files)) {
        return exitCodes.findings;
      }
      const way = await progress.during(
        "way",
        "Choose the way to apply",
        () => chooseWay(context, blueprint, target.access, { asked, outputDirectory, canFallBack: true }),
        ({ name }) => name,
      );
      const yes = options.yes === true || target.simulated;
      const outcome = await deployBlueprint({ ...session, blueprint, stacks, target, way, yes });
      if (outcome === "declined") {
        context.terminal.stdout.write("Nothing was applied.\n");
        return exitCodes.fine;
      }
      const services = target.simulated ? await bringUpServices(context, blueprint, progress) : null;
      const state = await readLiveState(target.access, blueprint);
      progress.close();
      const shownFile = relative(context.workingDirectory, opened.path);
      context.terminal.stdout.write(
        [
          "",
          liveTables(state),
          "",
          stepTable(progress.finished),
          "",
          `Applied by ${way.name}: ${way.reason}.`.replace(/\.\.$/, "."),
          target.simulated
            ? `Kubernetes ${target.kubernetesVersion} on this machine; its GPU nodes and containers are simulated, so no model answers there.`
            : `Kubernetes ${target.kubernetesVersion}, cluster ${target.uid}.`,
          outcome === "changed" ? "Everything is up." : "Nothing had to change.",
          "",
          ...(services === null ? [] : [...serviceLines(services, blueprint, context.workingDirectory), ""]),
          "Worth trying next:",
          ...nextCommands(shownFile === "config/stack.yaml" ? "" : ` ${shownFile}`, target),
          "",
        ].join("\n"),
      );
      return exitCodes.fine;
    });
  },
};

/** The cluster to deploy to, started when it is the local one, with the Blueprint as it holds there. */
async function bringUpTarget(
  { context, blueprint, progress }: Session,
  option: string | undefined,
): Promise<{ readonly target: Target; readonly blueprint: Blueprint }> {
  const contextName = chosenContext(context.root, blueprint, option);
  if (contextName === null) return { target: await startLocalTarget(context, blueprint, progress), blueprint };
  const target = await existingTarget(context, blueprint, contextName, progress);
  // The local control plane's own storage class does not exist elsewhere; a cluster to play with has a default one.
  const storageClass = blueprint.cluster.target === "local" ? await defaultStorageClass(target.access) : null;
  if (storageClass === null) return { target, blueprint };
  return { target, blueprint: { ...blueprint, cluster: { ...blueprint.cluster, weightsStorageClass: storageClass } } };
}

async function startLocalTarget(
  context: CommandContext,
  blueprint: Blueprint,
  progress: ProgressReport,
): Promise<Target> {
  const tools = await findTools(
    context,
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "etcd", "kwok", "helm"],
    progress,
  );
  const { cluster } = await startCluster({
    directory: localClusterDirectory(context.root),
    tools,
    nodes: simulatedNodes(blueprint),
    progress,
    signal: context.signal,
  });
  return {
    access: localAccess(context, cluster, tools.kubectl),
    uid: cluster.uid,
    kubernetesVersion: cluster.kubernetesVersion,
    simulated: true,
  };
}

function nextCommands(file: string, target: Target): readonly string[] {
  return [
    `  npm run -s freehold -- explain${file}        why everything is as it is`,
    `  npm run -s freehold -- status${file}         what runs now`,
    target.simulated
      ? "  npm run -s freehold -- down           stop the local control plane and remove it"
      : `  npm run -s freehold -- destroy${file}        remove the stack from the cluster`,
  ];
}
