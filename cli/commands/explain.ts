import { explain as explainBlueprint } from "../../decisions/explain.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { openStack, refuse } from "../stack.ts";

export const explain: Command = {
  name: "explain",
  summary: "Says what would be deployed and why: each figure, where it comes from, what would change it.",
  usage: `${fileUsage} [--json]`,
  positionals: 1,
  options: jsonOption,
  async run(context, options, [file]) {
    const { blueprint, hosting, findings, files } = openStack(context, file);
    if (blueprint === null) {
      refuse(context, options.json === true, findings, files);
      return exitCodes.findings;
    }
    const { stdout } = context.terminal;
    stdout.write(
      options.json === true
        ? `${JSON.stringify({ ...blueprint, hosting }, null, 2)}\n`
        : explainBlueprint(blueprint, hosting, findings),
    );
    return exitCodes.fine;
  },
};
