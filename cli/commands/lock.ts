import { relative } from "node:path";
import { passes } from "../../config/diagnostics/finding.ts";
import { load } from "../../config/load.ts";
import type { LockChange } from "../../config/lock/diff.ts";
import { parseLock } from "../../config/lock/parse.ts";
import { lockText } from "../../config/lock/write.ts";
import { lockDefaults } from "../../decisions/catalog/lock-defaults.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { readOptionalFile, readUserFile, replaceFile } from "../disk.ts";
import { resolveLock } from "../lock/resolve.ts";
import { lockPathOf, refuse, report, stackPath } from "../stack.ts";
import { ProgressReport } from "../terminal/progress.ts";

export const lock: Command = {
  name: "lock",
  summary: "Resolves tags to digests and model branches to commits, and writes the lock beside the stack file.",
  usage: `${fileUsage} [--check] [--json]`,
  positionals: 1,
  options: {
    check: { type: "boolean", description: "Say what has moved and write nothing. Exit code 2 when something has." },
    ...jsonOption,
  },
  async run(context, options, [file]) {
    const path = stackPath(context, file);
    const name = relative(context.workingDirectory, path) || path;
    const lockPath = lockPathOf(path);
    const lockName = relative(context.workingDirectory, lockPath) || lockPath;
    const source = readUserFile(path, name);
    const written = readOptionalFile(lockPath, lockName);
    const loaded = load(source);
    const parsed = written === null ? { lock: null, findings: [] } : parseLock(written);
    const files = {
      stack: { name, text: loaded.text },
      ...(written === null ? {} : { lock: { name: lockName, text: written } }),
    };
    const found = [...loaded.findings, ...parsed.findings];
    if (!passes(found) || loaded.config === null) {
      refuse(context, options.json === true, found, files);
      return exitCodes.findings;
    }
    report(context, found, files);

    const progress = new ProgressReport(context.terminal);
    progress.begin({ id: "lock", label: "Resolve references" });
    const resolved = await resolveLock(loaded.config, {
      previous: parsed.lock,
      now: context.now(),
      environment: context.environment,
      defaults: lockDefaults,
      signal: context.signal,
      progress: ({ done, total, key }) => progress.advance("lock", done / total, key),
    });
    const resolvedAll = passes(resolved.findings);
    progress.end("lock", resolvedAll ? "done" : "failed");

    const { stdout } = context.terminal;
    if (!resolvedAll) {
      refuse(context, options.json === true, resolved.findings, files);
      context.terminal.stderr.write(`${lockName} is unchanged.\n`);
      return exitCodes.findings;
    }
    report(context, resolved.findings, files);
    const text = lockText(resolved.lock);
    const isCurrent = text === written;
    if (options.json === true) stdout.write(`${JSON.stringify({ moved: resolved.moved, isCurrent }, null, 2)}\n`);
    else for (const change of resolved.moved) stdout.write(`${describe(change)}\n`);
    if (options.check === true) {
      if (options.json !== true && resolved.moved.length === 0) stdout.write(`${lockName} is up to date.\n`);
      return resolved.moved.length === 0 ? exitCodes.fine : exitCodes.changes;
    }
    if (!isCurrent) replaceFile(lockPath, text);
    if (options.json !== true) stdout.write(isCurrent ? `${lockName} is up to date.\n` : `wrote ${lockName}\n`);
    return exitCodes.fine;
  },
};

function describe({ kind, key, from, to }: LockChange): string {
  const short = (value: string | null) => (value ?? "").replace(/^sha256:/, "").slice(0, 12);
  switch (kind) {
    case "added":
      return `+ ${key}  ${short(to)}`;
    case "removed":
      return `- ${key}  ${short(from)}`;
    case "moved":
      return `~ ${key}  ${short(from)} -> ${short(to)}`;
    case "files":
      return `~ ${key}  other files of ${short(to)} are served`;
  }
}
