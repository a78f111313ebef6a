import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { isToolName, neededToolNames, toolNames } from "../../local-cluster/tools.ts";
import { type Command, exitCodes } from "../command.ts";
import { ProgressReport } from "../terminal/progress.ts";
import { table } from "../terminal/table.ts";
import { findTools } from "../tools.ts";

export const tools: Command = {
  name: "tools",
  summary:
    "Finds the pinned tools on PATH or compiles them once: control plane, kwok, kubectl, helm, crane; cyclonus by name.",
  usage: "[NAME…]",
  positionals: toolNames.length,
  options: {},
  async run(context, _options, names) {
    const unknown = names.find((name) => !isToolName(name));
    if (unknown !== undefined) {
      throw new Failure(
        finding(
          "RUN-111",
          { subject: "freehold tools" },
          { problem: `there is no tool "${unknown}"`, usage: `freehold tools ${toolNames.join(" ")}`, options: [] },
        ),
      );
    }
    const progress = new ProgressReport(context.terminal);
    const wanted = names.length === 0 ? neededToolNames : names.filter(isToolName);
    const paths = await findTools(context, wanted, progress);
    progress.close();
    context.terminal.stdout.write(`${table(["TOOL", "PATH"], Object.entries(paths))}\n`);
    return exitCodes.fine;
  },
};
