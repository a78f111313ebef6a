import { resolve } from "node:path";
import type { Blueprint } from "../decisions/blueprint.ts";
import type { SynthesizedStack } from "../stacks/build.ts";
import { type CommandContext, type ExitCode, exitCodes } from "./command.ts";
import { alone } from "./run-lock.ts";
import { type OpenedStack, openStack, report } from "./stack.ts";
import { synthesizeInto } from "./synth-output.ts";
import { ProgressReport } from "./terminal/progress.ts";

/** Where `cdktf synth` writes as well. */
export const defaultOutput = "cdktf.out";

/** What a command that changes a cluster works with. */
export interface Session {
  readonly context: CommandContext;
  readonly opened: OpenedStack;
  /** What the file decides. */
  readonly blueprint: Blueprint;
  readonly progress: ProgressReport;
  /** Folder that Terraform works in. */
  readonly outputDirectory: string;
}

/**
 * The exit code of `work`, done on a stack file that can be deployed and while no other command changes this checkout.
 * With a file that cannot be deployed nothing is begun.
 */
export async function inSession(
  context: CommandContext,
  command: string,
  file: string | undefined,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const opened = openStack(context, file);
  const { blueprint } = opened;
  if (!report(context, opened.findings, opened.files) || blueprint === null) return exitCodes.findings;
  return alone(context.root, command, async () => {
    const progress = new ProgressReport(context.terminal);
    try {
      const outputDirectory = resolve(context.root, defaultOutput);
      return await work({ context, opened, blueprint, progress, outputDirectory });
    } finally {
      progress.close();
    }
  });
}

/** The stacks of a Blueprint, written to the session's folder; null when a guard refuses them, which is then reported. */
export async function synthesizeStacks(
  { context, opened, progress, outputDirectory }: Session,
  blueprint: Blueprint,
): Promise<readonly SynthesizedStack[] | null> {
  const { findings, stacks } = await progress.during(
    "synth",
    "Synthesize the stacks",
    () => synthesizeInto(blueprint, outputDirectory, context.root),
    (synthesis) => `${synthesis.stacks.length} stacks`,
  );
  return report(context, findings, opened.files) ? stacks : null;
}
