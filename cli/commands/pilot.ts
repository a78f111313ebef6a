import { existsSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding, passes } from "../../config/diagnostics/finding.ts";
import type { Config, TeamConfig } from "../../config/schema/index.ts";
import { assumedTeam } from "../../decisions/hosting/stack-hosting.ts";
import { checkLedger } from "../../decisions/pilot/check-ledger.ts";
import { pilotOutcome } from "../../decisions/pilot/outcome.ts";
import { outcomesText } from "../../decisions/pilot/outcome-text.ts";
import { emptyLedger, pilotPlans, planText } from "../../decisions/pilot/plan.ts";
import { readLedger } from "../../decisions/pilot/read-ledger.ts";
import {
  type Command,
  type CommandContext,
  type ExitCode,
  exitCodes,
  jsonOption,
  type OptionValues,
} from "../command.ts";
import { readUserFile, systemMessage } from "../disk.ts";
import { openStack, refuse, report } from "../stack.ts";

const usage = "plan [FILE] [--ledger FILE] | report LEDGER.csv [--file STACK.yaml]";

export const pilot: Command = {
  name: "pilot",
  summary: "Plans thirty days of both options side by side, and says from their ledger which one it is.",
  usage: `${usage} [--json]`,
  positionals: 2,
  options: {
    ledger: {
      type: "string",
      value: "FILE",
      description: "plan: write an empty ledger there. What is there already is left alone.",
    },
    file: {
      type: "string",
      value: "FILE",
      description:
        "report: stack file with the workloads, their objectives and the team. Left out: engineers cost what Freehold assumes.",
    },
    ...jsonOption,
  },
  async run(context, options, [part, path]) {
    if (part === "plan") return plan(context, options, path);
    if (part === "report" && path !== undefined) return reportLedger(context, options, path);
    const problem =
      part === "report"
        ? "report needs a ledger"
        : `pilot has the parts plan and report, not ${JSON.stringify(part ?? "")}`;
    throw new Failure(
      finding(
        "RUN-111",
        { subject: "freehold pilot" },
        { problem, usage: `freehold pilot ${usage}`, options: ["--ledger", "--file", "--json"] },
      ),
    );
  },
};

function plan(context: CommandContext, options: OptionValues, file: string | undefined): ExitCode {
  const { config, hosting, findings, files } = openStack(context, file);
  if (config === null || hosting === null) {
    if (config !== null) throw noWorkloads();
    refuse(context, options.json === true, findings, files);
    return exitCodes.findings;
  }
  const plans = pilotPlans(config, hosting);
  const { stdout, stderr } = context.terminal;
  stdout.write(options.json === true ? `${JSON.stringify({ plans }, null, 2)}\n` : planText(plans));
  if (typeof options.ledger !== "string") return exitCodes.fine;
  const target = resolve(context.workingDirectory, options.ledger);
  const shown = relative(context.workingDirectory, target) || target;
  if (existsSync(target)) {
    stderr.write(`${shown} is there already and is left as it is.\n`);
    return exitCodes.fine;
  }
  try {
    writeFileSync(target, emptyLedger(), { flag: "wx" });
  } catch (error) {
    throw new Failure(finding("RUN-113", { subject: shown }, { path: shown, problem: systemMessage(error) }));
  }
  stderr.write(`wrote ${shown}\n`);
  return exitCodes.fine;
}

function noWorkloads(): Failure {
  return new Failure(
    finding(
      "PLT-109",
      { subject: "freehold pilot" },
      { problem: "The stack file names no workloads", known: ["none"] },
    ),
  );
}

function reportLedger(context: CommandContext, options: OptionValues, path: string): ExitCode {
  const name = relative(context.workingDirectory, resolve(context.workingDirectory, path)) || path;
  const config = configOf(context, options);
  if (config === "refused") return exitCodes.findings;
  const ledger = readLedger(readUserFile(resolve(context.workingDirectory, path), name), name, context.now().getTime());
  const workloads = config === null ? null : Object.keys(config.workloads ?? {});
  const findings = [...ledger.findings, ...checkLedger(ledger.rows, name, workloads)];
  if (!passes(findings)) {
    refuse(context, options.json === true, findings, {});
    return exitCodes.findings;
  }
  report(context, findings, {});
  const team: TeamConfig = config?.team ?? assumedTeam;
  const outcomes = [...new Set(ledger.rows.map(({ workload }) => workload))]
    .sort()
    .map((workload) => pilotOutcome(ledger.rows, workload, config?.workloads?.[workload] ?? null, team));
  context.terminal.stdout.write(
    options.json === true ? `${JSON.stringify({ outcomes }, null, 2)}\n` : outcomesText(outcomes),
  );
  return exitCodes.fine;
}

/** The stack file that --file names; null where none is named, `refused` where it is at fault and that has been told. */
function configOf(context: CommandContext, options: OptionValues): Config | null | "refused" {
  if (typeof options.file !== "string") return null;
  const { config, findings, files } = openStack(context, options.file);
  if (config !== null) return config;
  refuse(context, options.json === true, findings, files);
  return "refused";
}
