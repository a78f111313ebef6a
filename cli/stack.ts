import { relative, resolve } from "node:path";
import { applySilence } from "../config/checks/index.ts";
import { type Finding, passes } from "../config/diagnostics/finding.ts";
import { jsonText, renderFindings, type SourceFiles, toJson } from "../config/diagnostics/render.ts";
import { load } from "../config/load.ts";
import { parseLock } from "../config/lock/parse.ts";
import type { Lock } from "../config/lock/schema.ts";
import { lockHash } from "../config/lock/write.ts";
import type { Config } from "../config/schema/index.ts";
import type { Blueprint } from "../decisions/blueprint.ts";
import { catalog } from "../decisions/catalog/index.ts";
import { decide } from "../decisions/decide.ts";
import type { StackHosting } from "../decisions/hosting/stack-hosting.ts";
import type { CommandContext } from "./command.ts";
import { readOptionalFile, readUserFile } from "./disk.ts";

/** A stack file read, checked and decided, with everything there is to say about it. */
export interface OpenedStack {
  /** Path as shown to the user, relative to where they stand. */
  readonly name: string;
  readonly path: string;
  readonly lockPath: string;
  readonly lock: Lock | null;
  /** Null when an error forbids going on. */
  readonly config: Config | null;
  /** Null when an error forbids going on. */
  readonly blueprint: Blueprint | null;
  /** Whether to host at all; null when the file names no workloads, or an error forbids computing it. */
  readonly hosting: StackHosting | null;
  /** In file order, silenced warnings removed. */
  readonly findings: readonly Finding[];
  readonly files: SourceFiles;
}

/** The stack file a command works on: its argument, else FREEHOLD_STACK, else config/stack.yaml of the checkout. */
export function stackPath(context: CommandContext, argument: string | undefined): string {
  const named = argument ?? context.environment.FREEHOLD_STACK;
  return named === undefined || named === ""
    ? resolve(context.root, "config/stack.yaml")
    : resolve(context.workingDirectory, named);
}

/** `stack.yaml` has its lock in `stack.lock.yaml` beside it. */
export function lockPathOf(path: string): string {
  return path.replace(/\.ya?ml$/, "") + ".lock.yaml";
}

/** Reads, checks and decides; ends with a `Failure` only when the file cannot be read at all. */
export function openStack(context: CommandContext, argument: string | undefined): OpenedStack {
  const path = stackPath(context, argument);
  const shown = (file: string) => relative(context.workingDirectory, file) || file;
  const name = shown(path);
  const lockPath = lockPathOf(path);
  const source = readUserFile(path, name);
  const lockText = readOptionalFile(lockPath, shown(lockPath));
  const loaded = load(source);
  const parsedLock = lockText === null ? { lock: null, findings: [] } : parseLock(lockText);
  const files: SourceFiles = {
    stack: { name, text: loaded.text },
    ...(lockText === null ? {} : { lock: { name: shown(lockPath), text: lockText } }),
  };
  const found: Finding[] = [...loaded.findings, ...parsedLock.findings];
  const config = passes(found) ? loaded.config : null;
  const opened = { name, path, lockPath, lock: parsedLock.lock, files };
  if (config === null) return { ...opened, config: null, blueprint: null, hosting: null, findings: found };
  const decided = decide(config, parsedLock.lock, catalog, {
    asOf: context.now().toISOString().slice(0, 10),
    lockHash: lockText === null ? null : lockHash(lockText),
  });
  const { findings } = applySilence([...found, ...decided.findings], config.silence);
  return {
    ...opened,
    config,
    blueprint: passes(findings) ? decided.blueprint : null,
    hosting: decided.hosting,
    findings,
  };
}

/** Prints findings that forbid a result: to stderr, or to stdout in the place of the result where JSON was asked for. */
export function refuse(
  context: CommandContext,
  asJson: boolean,
  findings: readonly Finding[],
  files: SourceFiles,
): void {
  if (asJson) context.terminal.stdout.write(jsonText(findings, files));
  else report(context, findings, files);
}

/**
 * Prints findings to stderr; true when nothing forbids going on. Warnings alone take a line each unless `full` is asked
 * for: whoever deploys has seen them in `check` and in the pull request.
 */
export function report(
  context: CommandContext,
  findings: readonly Finding[],
  files: SourceFiles,
  form: "brief" | "full" = "brief",
): boolean {
  if (findings.length === 0) return true;
  const { stderr, color } = context.terminal;
  if (form === "full" || !passes(findings)) {
    stderr.write(renderFindings(findings, { files, color: color.stderr }));
    return passes(findings);
  }
  for (const { file, subject, line, column, code, title } of toJson(findings, files)) {
    const place = file === null ? subject : line === null ? file : `${file}:${line}:${column}`;
    stderr.write(`${place}  ${code}  ${title}\n`);
  }
  const count = findings.length === 1 ? "1 warning" : `${findings.length} warnings`;
  stderr.write(`${count}; freehold check tells why and how to mend it.\n`);
  return true;
}
