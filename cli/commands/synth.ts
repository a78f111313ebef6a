import { relative, resolve } from "node:path";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { requireOutputFolder } from "../output-folder.ts";
import { defaultOutput } from "../session.ts";
import { openStack, report } from "../stack.ts";
import { synthesizeInto, synthMark } from "../synth-output.ts";

export const synth: Command = {
  name: "synth",
  summary:
    "Writes Terraform JSON, one folder a stack: DIR/stacks/<stack>/cdk.tf.json. Needs no cluster and no network.",
  usage: `${fileUsage} [--out DIR]`,
  positionals: 1,
  options: {
    out: { type: "string", value: "DIR", description: `Output folder. Left out: ${defaultOutput} of the checkout.` },
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    const usual = resolve(context.root, defaultOutput);
    const out = typeof options.out === "string" ? resolve(context.workingDirectory, options.out) : usual;
    const shown = relative(context.workingDirectory, out) || ".";
    if (out !== usual) requireOutputFolder(out, shown, synthMark);
    const synthesis = await synthesizeInto(blueprint, out, context.root);
    if (!report(context, synthesis.findings, files)) return exitCodes.findings;
    for (const { name } of synthesis.stacks) {
      context.terminal.stdout.write(`${shown}/stacks/${name}/cdk.tf.json\n`);
    }
    return exitCodes.fine;
  },
};
