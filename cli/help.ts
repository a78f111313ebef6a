import type { Command } from "./command.ts";
import { table } from "./terminal/table.ts";

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`);
  return [
    "freehold: a self-hosted agent stack from one file.",
    "",
    "Usage: freehold COMMAND [FILE] [options]      FILE is config/stack.yaml unless FREEHOLD_STACK names another.",
    "",
    ...rows,
    "",
    "freehold COMMAND --help tells more.",
    "Exit codes: 0 fine or nothing to change, 1 findings, 2 changes (lock --check), 3 a rule forbids it, 70 our fault.",
    "",
  ].join("\n");
}

/** The page of one command. */
export function commandHelp({ name, summary, usage, options }: Command): string {
  const rows = Object.entries(options).map(([option, { value, description }]) => [
    `  --${option}${value === undefined ? "" : ` ${value}`}`,
    description,
  ]);
  return [
    `freehold ${name} ${usage}`.trim(),
    "",
    summary,
    "",
    table(["Options:", ""], [...rows, ["  --help", "This page."]]),
    "",
  ].join("\n");
}
