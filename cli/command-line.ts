import { parseArgs } from "node:util";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { jsonText, renderFindings } from "../config/diagnostics/render.ts";
import { type Command, type CommandContext, type ExitCode, exitCodes, type OptionValues } from "./command.ts";
import { commandHelp, overview } from "./help.ts";

/**
 * Exit code of one command line. The only place that turns faults into text: a `Failure` prints like any finding,
 * anything else is a bug of ours and asks for a report.
 */
export async function runCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): Promise<ExitCode> {
  const { stdout, stderr } = context.terminal;
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      stdout.write(overview(commands));
      return exitCodes.fine;
    }
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) {
      throw new Failure(
        finding("RUN-110", { subject: "freehold" }, { given: name, commands: commands.map((each) => each.name) }),
      );
    }
    const parsed = parse(command, rest);
    if (parsed.options.help === true) {
      stdout.write(commandHelp(command));
      return exitCodes.fine;
    }
    return await command.run(context, parsed.options, parsed.positionals);
  } catch (error) {
    // What Ctrl-C breaks off fails in its own words; the user knows why it stopped.
    if (context.signal.aborted) {
      stderr.write("\nStopped. The same command goes on from here.\n");
      return exitCodes.findings;
    }
    if (error instanceof Failure) {
      if (args.includes("--json")) {
        stdout.write(jsonText([error.finding], {}));
        return exitCodes.findings;
      }
      stderr.write(renderFindings([error.finding], { files: {}, color: context.terminal.color.stderr }));
      return exitCodes.findings;
    }
    stderr.write(
      "Freehold has run into a fault of its own. Please report it with the command line and the lines below.\n\n" +
        `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return exitCodes.fault;
  }
}

function parse(command: Command, args: readonly string[]): { options: OptionValues; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(Object.entries(command.options).map(([key, { type }]) => [key, { type }])),
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
      strict: true,
    });
    const surplus = positionals[command.positionals];
    if (surplus !== undefined) throw new Error(`Unexpected argument '${surplus}'`);
    // What an unset variable of a shell leaves: taken for "left out", it would reach the default file or folder instead.
    const empty = Object.entries(values).find(([, value]) => (value as unknown) === "");
    if (empty !== undefined) throw new Error(`Option '--${empty[0]}' is empty`);
    if (positionals.includes("")) throw new Error("An argument is empty");
    return { options: values as OptionValues, positionals };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Failure(
      finding(
        "RUN-111",
        { subject: `freehold ${command.name}` },
        {
          // Node's message goes on with advice about dashes that does not fit every case.
          problem: (error.message.split(". ")[0] ?? error.message).replace(/\.$/, ""),
          usage: `freehold ${command.name} ${command.usage}`.trim(),
          options: Object.keys(command.options).map((option) => `--${option}`),
        },
      ),
    );
  }
}
