import type { ParseArgsConfig } from "node:util";
import type { Terminal } from "./terminal/terminal.ts";

/** DESIGN section 8; they hold for every command. */
export const exitCodes = { fine: 0, findings: 1, changes: 2, forbidden: 3, fault: 70 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Everything a command may touch of the world, so that a test can hand it another one. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Root of the checkout: charts, `.freehold/`. */
  readonly root: string;
  /** Folder the user stands in: relative paths are read from here. */
  readonly workingDirectory: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  now(): Date;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One command a file. `usage` is what stands behind the name on the usage line. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** Largest number of positional arguments. */
  readonly positionals: number;
  readonly options: Readonly<Record<string, CommandOption>>;
  run(context: CommandContext, options: OptionValues, positionals: readonly string[]): Promise<ExitCode>;
}

export interface CommandOption {
  readonly type: NonNullable<ParseArgsConfig["options"]>[string]["type"];
  /** Name of the value in the help text, such as `DIR`. */
  readonly value?: string;
  readonly description: string;
}

export const jsonOption: Record<"json", CommandOption> = {
  json: {
    type: "boolean",
    description: "Print JSON, for machines: the result, or the list of findings when they forbid one.",
  },
};

export const fileUsage = "[FILE]";
