import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { systemMessage } from "./disk.ts";

/** By what a folder is known to hold nothing but earlier output of one command. */
export interface OutputMark {
  /** File that the command writes into each of its output folders. */
  readonly file: string;
  isOurs(text: string): boolean;
}

/** How many foreign names a message lists. */
const shownNames = 5;

/**
 * Ends with a `Failure` unless the folder is new, empty or an earlier output. Output replaces its folder as a whole, so
 * `--out .` or a mistyped path would otherwise cost whatever lies there.
 */
export function requireOutputFolder(path: string, shown: string, mark: OutputMark): void {
  let names: readonly string[];
  try {
    if (!existsSync(path)) return;
    names = readdirSync(path);
    const markPath = join(path, mark.file);
    if (names.length === 0 || (existsSync(markPath) && mark.isOurs(readFileSync(markPath, "utf8")))) return;
  } catch (error) {
    throw new Failure(finding("RUN-113", { subject: shown }, { path: shown, problem: systemMessage(error) }));
  }
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  const held = `${[...names].sort().slice(0, shownNames).join(", ")}${more}`;
  throw new Failure(finding("RUN-114", { subject: shown }, { path: shown, held }));
}
