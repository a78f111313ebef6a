import { resolve } from "node:path";
import { chooseWay } from "../apply/way.ts";
import { preflight } from "../cluster/preflight.ts";
import { rememberCluster } from "../cluster/remembered-clusters.ts";
import { reachTarget, stackIdentity } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { deployBlueprint } from "../deployment.ts";
import { alone } from "../run-lock.ts";
import { openStack, report } from "../stack.ts";
import { synthesizeInto } from "../synth-output.ts";
import { ProgressReport } from "../terminal/progress.ts";
import { contextOption, viaOption, wayOf, yesOption } from "./apply-options.ts";
import { defaultOutput } from "./synth.ts";

export const deploy: Command = {
  name: "deploy",
  summary: "Synthesizes and applies stack by stack: shows what changes, asks, applies exactly what was shown.",
  usage: `${fileUsage} [--via terraform|manifests] [--context NAME] [--yes]`,
  positionals: 1,
  options: { ...viaOption, ...contextOption, ...yesOption },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    // Without --via, deploy means Terraform: whoever reviews plans must not get something else by accident.
    const asked = wayOf(options.via) ?? "terraform";
    return alone(context.root, "deploy", async () => {
      const progress = new ProgressReport(context.terminal);
      try {
        if (options["forget-cluster"] === true) rememberCluster(context.root, stackIdentity(blueprint), null);
        const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
        if (target === null) {
          context.terminal.stderr.write("The local control plane is down. npm start brings it up and deploys.\n");
          return exitCodes.findings;
        }
        const outputDirectory = resolve(context.root, defaultOutput);
        const synthesis = await synthesizeInto(blueprint, outputDirectory, context.root);
        if (!report(context, synthesis.findings, files)) return exitCodes.findings;
        if (!target.simulated && !report(context, await preflight(target.access, blueprint), files)) {
          return exitCodes.findings;
        }
        const way = await chooseWay(context, blueprint, target.access, { asked, outputDirectory, canFallBack: false });
        const outcome = await deployBlueprint({
          context,
          blueprint,
          stacks: synthesis.stacks,
          outputDirectory,
          target,
          way,
          progress,
          yes: options.yes === true,
        });
        const words = {
          changed: `${blueprint.name} is deployed by ${way.name}.`,
          "nothing to change": "Nothing to change.",
          declined: "Nothing further was applied.",
        };
        context.terminal.stdout.write(`${words[outcome]}\n`);
        return exitCodes.fine;
      } finally {
        progress.close();
      }
    });
  },
};
