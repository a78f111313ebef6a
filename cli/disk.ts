import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";

/** What the system says about an error, without Node's own wording around it. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^[A-Z]+: (.*?)(?:, \w+ '.*)?$/.exec(error.message)?.[1] ?? error.message;
}

/** Bytes of a file the user named; a `Failure` when it cannot be read. */
export function readUserFile(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(finding("RUN-112", { subject: shown }, { path: shown, problem: systemMessage(error) }));
  }
}

/** Text of a file, or null when there is none. */
export function readOptionalFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Failure(finding("RUN-112", { subject: path }, { path, problem: systemMessage(error) }));
  }
}

/**
 * Replaces a folder as a whole: `fill` writes into an empty neighbour, which then takes the folder's place.
 * A full disk or Ctrl-C leaves the old content as it was.
 */
export function replaceDirectory(path: string, fill: (temporary: string) => void): void {
  const temporary = join(dirname(path), `.${path.split("/").at(-1)}-${process.pid}`);
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    fill(temporary);
    const previous = `${temporary}-previous`;
    rmSync(previous, { recursive: true, force: true });
    try {
      renameSync(path, previous);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
    renameSync(temporary, path);
    rmSync(previous, { recursive: true, force: true });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (error instanceof Error && "code" in error && "syscall" in error) {
      throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
    }
    throw error;
  }
}

/** Writes a file as a whole or not at all. */
export function replaceFile(path: string, text: string, mode = 0o644): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text, { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
  }
}
