import { chooseWay } from "../apply/way.ts";
import { reachTarget } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { destroyBlueprint } from "../deployment.ts";
import { inSession, synthesizeStacks } from "../session.ts";
import { contextOption, viaOption, wayOf, yesOption } from "./apply-options.ts";

export const destroy: Command = {
  name: "destroy",
  summary: "Removes everything of the stack from the cluster, weights included, after asking.",
  usage: `${fileUsage} [--via terraform|manifests] [--context NAME] [--yes]`,
  positionals: 1,
  options: { ...viaOption, context: contextOption.context, ...yesOption },
  run(context, options, [file]) {
    return inSession(context, "destroy", file, async (session) => {
      const { blueprint, progress, outputDirectory } = session;
      const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
      if (target === null) {
        context.terminal.stdout.write("Nothing to remove: the local control plane is down.\n");
        return exitCodes.fine;
      }
      if ((await synthesizeStacks(session, blueprint)) === null) return exitCodes.findings;
      const asked = wayOf(options.via);
      const way = await progress.during(
        "way",
        "Choose the way to apply",
        () => chooseWay(context, blueprint, target.access, { asked, outputDirectory, canFallBack: true }),
        ({ name }) => name,
      );
      const outcome = await destroyBlueprint({ ...session, target, way, yes: options.yes === true });
      const words = {
        changed: `${blueprint.name} is removed.`,
        "nothing to change": "Nothing to remove.",
        declined: "Nothing was removed.",
      };
      context.terminal.stdout.write(`${words[outcome]}\n`);
      return exitCodes.fine;
    });
  },
};
