import { resolve } from "node:path";
import { flowPicture, portsText } from "../../decisions/residency/picture.ts";
import { partyText } from "../../decisions/residency/text.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { replaceFile } from "../disk.ts";
import { openStack, refuse } from "../stack.ts";
import { table } from "../terminal/table.ts";

export const flows: Command = {
  name: "flows",
  summary: "Says who may talk to whom, by which ports; every other connection is denied. Needs no cluster.",
  usage: `${fileUsage} [--svg PATH] [--json]`,
  positionals: 1,
  options: {
    svg: { type: "string", value: "PATH", description: "Also write it as a picture. Left out: none is written." },
    ...jsonOption,
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (blueprint === null) {
      refuse(context, options.json === true, findings, files);
      return exitCodes.findings;
    }
    const { stdout } = context.terminal;
    const { edges } = blueprint.residency;
    if (typeof options.svg === "string") {
      const title = `Connections of ${blueprint.name} / ${blueprint.environment}`;
      replaceFile(resolve(context.workingDirectory, options.svg), flowPicture(edges, title));
    }
    const rows = edges.map(({ from, to, ports }) => [partyText(from), partyText(to), portsText(ports)]);
    stdout.write(
      options.json === true
        ? `${JSON.stringify(edges, null, 2)}\n`
        : `${table(["from", "to", "ports"], rows)}\nEvery other connection is denied.\n`,
    );
    return exitCodes.fine;
  },
};
