import { relative, resolve } from "node:path";
import { passes } from "../../config/diagnostics/finding.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { replaceFile } from "../disk.ts";
import { requireOutputFile } from "../output-file.ts";
import { openStack, report as reportFindings } from "../stack.ts";

/** Where the page goes unless told otherwise. */
const defaultOutput = "report.html";

export const report: Command = {
  name: "report",
  summary:
    "Writes one HTML page for whoever decides: verdicts, costs, latencies, what they rest on and what turns them.",
  usage: `${fileUsage} [--out HTML]`,
  positionals: 1,
  options: {
    out: {
      type: "string",
      value: "HTML",
      description: `The page. Left out: ${defaultOutput} where you stand. An earlier report there is replaced, anything else is not.`,
    },
  },
  async run(context, options, [file]) {
    const { name, config, hosting, findings, files } = openStack(context, file);
    reportFindings(context, findings, files);
    if (config === null) return exitCodes.findings;
    const path = resolve(context.workingDirectory, typeof options.out === "string" ? options.out : defaultOutput);
    const shown = relative(context.workingDirectory, path) || ".";
    // Only this command pays for the plotting library.
    const { renderReport, reportMark } = await import("../../report/report.ts");
    const target = requireOutputFile(path, shown, { what: "report", isOurs: (text) => text.includes(reportMark) });
    const asOf = context.now().toISOString().slice(0, 10);
    replaceFile(target, renderReport({ config, catalog, hosting, findings, files, file: name, asOf }));
    context.terminal.stdout.write(`${shown}\n`);
    return passes(findings) ? exitCodes.fine : exitCodes.findings;
  },
};
