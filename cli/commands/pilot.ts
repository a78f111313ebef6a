import { relative, resolve } from "node:path";
import { applySilence } from "../../config/checks/index.ts";
import { Failure } from "../../config/diagnostics/failure.ts";
import { type Finding, finding, passes } from "../../config/diagnostics/finding.ts";
import { jsonText, type SourceFiles } from "../../config/diagnostics/render.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { withUserFacts } from "../../decisions/catalog/user-facts.ts";
import { ledgerHeader } from "../../decisions/pilot/columns.ts";
import { ledgerLimits, readLedger } from "../../decisions/pilot/ledger.ts";
import type { PilotStack } from "../../decisions/pilot/ledger-cost.ts";
import { planPilot } from "../../decisions/pilot/plan.ts";
import { planText } from "../../decisions/pilot/plan-text.ts";
import { reportPilot } from "../../decisions/pilot/report.ts";
import { reportText } from "../../decisions/pilot/report-text.ts";
import {
  type Command,
  type CommandContext,
  type ExitCode,
  exitCodes,
  jsonOption,
  type OptionValues,
} from "../command.ts";
import { createFile, readLedgerFile } from "../disk.ts";
import { type OpenedStack, openStack, refuse, report } from "../stack.ts";

const usage = "plan [FILE] [--ledger FILE] [--json] | report LEDGER [--file FILE] [--json]";

export const pilot: Command = {
  name: "pilot",
  summary: "Plans thirty days of an API and the stack side by side, and reports what their ledger says.",
  usage,
  positionals: 2,
  options: {
    ledger: {
      type: "string",
      value: "FILE",
      description: "With plan: writes an empty ledger there. A file that is there stays as it is.",
    },
    file: {
      type: "string",
      value: "FILE",
      description:
        "With report: stack file that objectives, prices and the team come from. Left out: costs come from the ledger alone.",
    },
    ...jsonOption,
  },
  async run(context, options, [action, argument]) {
    if (action === "plan") {
      if (options.file !== undefined) throw unusable("--file belongs to report; plan takes the stack file by itself");
      return plan(context, options, argument);
    }
    if (action === "report") {
      if (options.ledger !== undefined) throw unusable("--ledger belongs to plan; report takes the ledger by itself");
      if (argument === undefined) throw unusable("report needs a ledger");
      return reportLedger(context, options, argument);
    }
    throw unusable(action === undefined ? "plan or report is missing" : `there is no "${action}" of a pilot`);
  },
};

function plan(context: CommandContext, { ledger, json }: OptionValues, file: string | undefined): ExitCode {
  const asJson = json === true;
  const stack = openStack(context, file);
  const { config, name, files } = stack;
  if (config === null) {
    refuse(context, asJson, stack.findings, files);
    return exitCodes.findings;
  }
  const planned = planPilot(config, stack.hosting?.workloads ?? []);
  const findings = passes(stack.findings) ? [...stack.findings, ...planned.findings] : stack.findings;
  if (!passes(findings)) {
    refuse(context, asJson, findings, files);
    return exitCodes.findings;
  }
  if (typeof ledger === "string") writeLedger(context, ledger);
  const { stdout, stderr } = context.terminal;
  if (asJson) {
    const { workloads, leftOut } = planned;
    const found = JSON.parse(jsonText(findings, files));
    stdout.write(`${JSON.stringify({ workloads, leftOut, findings: found }, null, 2)}\n`);
    return exitCodes.fine;
  }
  report(context, findings, files);
  stdout.write(planText(`${config.name} / ${config.environment} (${name})`, planned));
  if (typeof ledger === "string") stderr.write(`An empty ledger is in ${ledger}.\n`);
  return exitCodes.fine;
}

function writeLedger({ workingDirectory }: CommandContext, named: string): void {
  if (createFile(resolve(workingDirectory, named), ledgerHeader)) return;
  throw new Failure(finding("PLT-131", { subject: named }, { path: named }));
}

function reportLedger(context: CommandContext, { file, json }: OptionValues, named: string): ExitCode {
  const asJson = json === true;
  const path = resolve(context.workingDirectory, named);
  const shown = relative(context.workingDirectory, path) || named;
  const opened = typeof file === "string" ? openStack(context, file) : null;
  if (opened !== null && !isUsable(opened)) {
    refuse(context, asJson, opened.findings, opened.files);
    return exitCodes.findings;
  }
  const stack = opened === null ? null : pilotStack(opened);
  const source = readLedgerFile(path, shown, ledgerLimits.bytes + 1);
  const read = readLedger(source, {
    now: context.now().getTime(),
    stack:
      opened === null || stack === null
        ? null
        : { name: opened.name, workloads: Object.keys(stack.config.workloads ?? {}) },
  });
  const result = read.rows === null ? null : reportPilot(read.rows, stack);
  const { findings } = applySilence([...read.findings, ...(result?.findings ?? [])], stack?.config.silence);
  return printReport(context, asJson, { shown, findings, files: { ledger: { name: shown, text: read.text } }, result });
}

interface Outcome {
  readonly shown: string;
  readonly findings: readonly Finding[];
  readonly files: SourceFiles;
  readonly result: ReturnType<typeof reportPilot> | null;
}

function printReport(context: CommandContext, asJson: boolean, { shown, findings, files, result }: Outcome): ExitCode {
  const { stdout } = context.terminal;
  if (result === null || result.workloads === null) {
    refuse(context, asJson, findings, files);
    return exitCodes.findings;
  }
  if (asJson) {
    const found = JSON.parse(jsonText(findings, files));
    stdout.write(`${JSON.stringify({ workloads: result.workloads, findings: found }, null, 2)}\n`);
  } else {
    report(context, findings, files, "full");
    stdout.write(reportText(`Pilot (${shown})`, result.workloads));
  }
  return exitCodes.fine;
}

/** Costs are computed from the file's prices; what forbids deploying it, such as a lock that lags behind, forbids no report. */
function isUsable({ config, findings }: OpenedStack): boolean {
  return config !== null && !findings.some(({ code, severity }) => severity === "error" && code.startsWith("CST-"));
}

/** Null only where the file has errors, which its own command tells. */
function pilotStack({ config, hosting }: OpenedStack): PilotStack | null {
  if (config === null) return null;
  return { config, workloads: hosting?.workloads ?? [], catalog: withUserFacts(catalog, config.catalog).catalog };
}

function unusable(problem: string): Failure {
  return new Failure(
    finding(
      "RUN-111",
      { subject: "freehold pilot" },
      { problem, usage: `freehold pilot ${usage}`, options: Object.keys(pilot.options).map((key) => `--${key}`) },
    ),
  );
}
