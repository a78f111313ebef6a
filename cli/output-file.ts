import { readFileSync, realpathSync, statSync } from "node:fs";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { systemMessage } from "./disk.ts";

/** By what a file is known to be earlier output of one command. */
export interface FileMark {
  /** What the command makes, as people call it: `report`. */
  readonly what: string;
  isOurs(text: string): boolean;
}

/**
 * The path that output may be written to: what a link leads to, so that the link stays. Ends with a `Failure` unless there
 * is nothing yet, an empty file, or an earlier output: `--out stack.yaml` would otherwise cost the stack file.
 */
export function requireOutputFile(path: string, shown: string, mark: FileMark): string {
  let foreign: string;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return path;
    if (found.isFile()) {
      if (found.size === 0 || mark.isOurs(readFileSync(path, "utf8"))) return realpathSync(path);
      foreign = "a file that this command did not write";
    } else foreign = found.isDirectory() ? "a folder" : "a pipe or a device";
  } catch (error) {
    throw new Failure(finding("RUN-113", { subject: shown }, { path: shown, problem: systemMessage(error) }));
  }
  throw new Failure(finding("RUN-115", { subject: shown }, { path: shown, what: mark.what, found: foreign }));
}
