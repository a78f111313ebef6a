import { passes } from "../../config/diagnostics/finding.ts";
import { jsonText } from "../../config/diagnostics/render.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { openStack, report } from "../stack.ts";

export const check: Command = {
  name: "check",
  summary: "Reads the stack file and its lock, decides, and prints everything that is wrong. Changes nothing.",
  usage: `${fileUsage} [--json]`,
  positionals: 1,
  options: jsonOption,
  async run(context, options, [file]) {
    const { findings, files, name, blueprint } = openStack(context, file);
    const code = passes(findings) ? exitCodes.fine : exitCodes.findings;
    if (options.json === true) {
      context.terminal.stdout.write(jsonText(findings, files));
      return code;
    }
    report(context, findings, files, "full");
    if (blueprint !== null) {
      const releases = Object.values(blueprint.models).flatMap((model) => Object.keys(model.versions)).length;
      const gpus = Object.values(blueprint.nodePools).reduce((sum, pool) => sum + pool.gpusNeeded.value, 0);
      const counted = [
        counts(Object.keys(blueprint.models).length, "model"),
        `in ${counts(releases, "release")}`,
        `on ${counts(gpus, "GPU")}`,
      ];
      context.terminal.stdout.write(`${name} can be deployed: ${counted.join(" ")}.\n`);
    }
    return code;
  },
};

function counts(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
