import { resolve } from "node:path";
import { chooseWay } from "../apply/way.ts";
import { reachTarget } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { destroyBlueprint } from "../deployment.ts";
import { alone } from "../run-lock.ts";
import { openStack, report } from "../stack.ts";
import { synthesizeInto } from "../synth-output.ts";
import { ProgressReport } from "../terminal/progress.ts";
import { contextOption, viaOption, wayOf, yesOption } from "./apply-options.ts";
import { defaultOutput } from "./synth.ts";

export const destroy: Command = {
  name: "destroy",
  summary: "Removes everything of the stack from the cluster, weights included, after asking.",
  usage: `${fileUsage} [--via terraform|manifests] [--context NAME] [--yes]`,
  positionals: 1,
  options: { ...viaOption, ...contextOption, ...yesOption },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    return alone(context.root, "destroy", async () => {
      const progress = new ProgressReport(context.terminal);
      try {
        const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
        if (target === null) {
          context.terminal.stdout.write("Nothing to remove: the local control plane is down.\n");
          return exitCodes.fine;
        }
        const outputDirectory = resolve(context.root, defaultOutput);
        const synthesis = await synthesizeInto(blueprint, outputDirectory, context.root);
        if (!report(context, synthesis.findings, files)) return exitCodes.findings;
        const way = await chooseWay(context, blueprint, target.access, {
          asked: wayOf(options.via),
          outputDirectory,
          canFallBack: true,
        });
        const outcome = await destroyBlueprint({
          context,
          blueprint,
          outputDirectory,
          target,
          way,
          progress,
          yes: options.yes === true,
        });
        const words = {
          changed: `${blueprint.name} is removed.`,
          "nothing to change": "Nothing to remove.",
          declined: "Nothing was removed.",
        };
        context.terminal.stdout.write(`${words[outcome]}\n`);
        return exitCodes.fine;
      } finally {
        progress.close();
      }
    });
  },
};
