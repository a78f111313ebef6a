import { passes } from "../../config/diagnostics/finding.ts";
import { jsonText } from "../../config/diagnostics/render.ts";
import { decisionText } from "../../decisions/decision-text.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { openStack, refuse, report } from "../stack.ts";

export const decide: Command = {
  name: "decide",
  summary: "Says whether to host at all, on how many GPUs and at what cost, for each workload of the stack file.",
  usage: `${fileUsage} [--json]`,
  positionals: 1,
  options: jsonOption,
  async run(context, options, [file]) {
    const { name, blueprint, hosting, findings, files, config } = openStack(context, file);
    const { stdout } = context.terminal;
    if (config === null) {
      refuse(context, options.json === true, findings, files);
      return exitCodes.findings;
    }
    const code = passes(findings) ? exitCodes.fine : exitCodes.findings;
    if (options.json === true) {
      const models = blueprint?.models ?? null;
      stdout.write(
        `${JSON.stringify({ hosting, models, findings: JSON.parse(jsonText(findings, files)) }, null, 2)}\n`,
      );
      return code;
    }
    report(context, findings, files);
    stdout.write(decisionText(`${config.name} / ${config.environment} (${name})`, blueprint, hosting));
    return code;
  },
};
