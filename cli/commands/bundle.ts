import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { type Command, exitCodes, jsonOption } from "../command.ts";
import { openStack, refuse, report } from "../stack.ts";
import { synthesizeInto } from "../synth-output.ts";
import { table } from "../terminal/table.ts";

const usage = "list [FILE] [--json]";

export const bundle: Command = {
  name: "bundle",
  summary:
    "Lists what a site without a network must carry in: images, charts, providers, models, tokenizers, templates.",
  usage,
  positionals: 2,
  options: jsonOption,
  async run(context, options, [action, file]) {
    if (action !== "list") {
      const problem = `bundle takes \`list\`, not ${action === undefined ? "nothing" : `\`${action}\``}`;
      throw new Failure(
        finding(
          "RUN-111",
          { subject: "freehold" },
          { problem, usage: `freehold bundle ${usage}`, options: ["--json"] },
        ),
      );
    }
    const { blueprint, findings, files } = openStack(context, file);
    if (blueprint === null) {
      refuse(context, options.json === true, findings, files);
      return exitCodes.findings;
    }
    const workshop = mkdtempSync(join(tmpdir(), "freehold-bundle-"));
    try {
      const synthesis = await synthesizeInto(blueprint, join(workshop, "out"), context.root);
      if (!report(context, synthesis.findings, files)) return exitCodes.findings;
      // Loaded on demand, like all that knows the stacks.
      const { bundleItems } = await import("../../stacks/bundle.ts");
      const items = bundleItems(blueprint, synthesis.stacks, synthesis.charts);
      const rows = items.map(({ kind, name, digest, bytes }) => [
        kind,
        name,
        bytes === null ? "" : String(bytes),
        digest ?? "not known",
      ]);
      const unknown = items.filter(({ digest }) => digest === null).length;
      context.terminal.stdout.write(
        options.json === true
          ? `${JSON.stringify(items, null, 2)}\n`
          : `${table(["kind", "name", "bytes", "digest"], rows)}\n\n${items.length} things, ${unknown} of them without a digest.\n`,
      );
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
    return exitCodes.fine;
  },
};
