import { chooseWay } from "../apply/way.ts";
import { requireEnforcement } from "../cluster/policy-gate.ts";
import { preflight } from "../cluster/preflight.ts";
import { rememberCluster } from "../cluster/remembered-clusters.ts";
import { reachTarget, stackIdentity } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { deployBlueprint } from "../deployment.ts";
import { inSession, synthesizeStacks } from "../session.ts";
import { report } from "../stack.ts";
import { contextOption, viaOption, wayOf, yesOption } from "./apply-options.ts";

export const deploy: Command = {
  name: "deploy",
  summary: "Synthesizes and applies stack by stack: shows what changes, asks, applies exactly what was shown.",
  usage: `${fileUsage} [--via terraform|manifests] [--context NAME] [--yes]`,
  positionals: 1,
  options: { ...viaOption, ...contextOption, ...yesOption },
  run(context, options, [file]) {
    // Without --via, deploy means Terraform: whoever reviews plans must not get something else by accident.
    const asked = wayOf(options.via) ?? "terraform";
    return inSession(context, "deploy", file, async (session) => {
      const { blueprint, progress, opened, outputDirectory } = session;
      if (options["forget-cluster"] === true) rememberCluster(context.root, stackIdentity(blueprint), null);
      const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
      if (target === null) {
        context.terminal.stderr.write("The local control plane is down. npm start brings it up and deploys.\n");
        return exitCodes.findings;
      }
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
        () => chooseWay(context, blueprint, target.access, { asked, outputDirectory, canFallBack: false }),
        ({ name }) => name,
      );
      const yes = options.yes === true;
      const outcome = await deployBlueprint({ ...session, stacks, target, way, yes });
      const words = {
        changed: `${blueprint.name} is deployed by ${way.name}.`,
        "nothing to change": "Nothing to change.",
        declined: "Nothing further was applied.",
      };
      context.terminal.stdout.write(`${words[outcome]}\n`);
      return exitCodes.fine;
    });
  },
};
