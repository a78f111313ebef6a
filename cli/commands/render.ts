import { relative, resolve } from "node:path";
import { renderManifests, renderMark } from "../apply/rendered-manifests.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { requireOutputFolder } from "../output-folder.ts";
import { openStack, report } from "../stack.ts";
import { ProgressReport } from "../terminal/progress.ts";
import { findTools } from "../tools.ts";

/** Where manifests go unless told otherwise. */
const defaultOutput = "manifests.out";

export const render: Command = {
  name: "render",
  summary: "Writes the same content as plain Kubernetes manifests and Helm values, for GitOps and scanners.",
  usage: `${fileUsage} [--out DIR]`,
  positionals: 1,
  options: {
    out: { type: "string", value: "DIR", description: `Output folder. Left out: ${defaultOutput} where you stand.` },
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    const out = resolve(context.workingDirectory, typeof options.out === "string" ? options.out : defaultOutput);
    requireOutputFolder(out, relative(context.workingDirectory, out) || ".", renderMark);
    const { helm } = await findTools(context, ["helm"], new ProgressReport(context.terminal));
    const rendered = await renderManifests(context, blueprint, helm, out);
    if (!report(context, rendered.findings, files)) return exitCodes.findings;
    for (const path of rendered.written) {
      context.terminal.stdout.write(`${relative(context.workingDirectory, path)}\n`);
    }
    return exitCodes.fine;
  },
};
