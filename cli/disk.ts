import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";

/** What the system says about an error, without Node's own wording around it. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^[A-Z0-9]+: (.*?)(?:, \w+(?: '.*)?)?$/.exec(error.message)?.[1] ?? error.message;
}

/** Bytes of a file the user named; a `Failure` when it cannot be read. */
export function readUserFile(path: string, shown: string): Uint8Array {
  try {
    return readRegularFile(path);
  } catch (error) {
    throw unreadable(shown, error, "named");
  }
}

/** Bytes of the ledger of a pilot, `mostBytes` at most, so that a giant takes no memory. */
export function readLedgerFile(path: string, shown: string, mostBytes: number): Uint8Array {
  try {
    return readBeginning(path, mostBytes);
  } catch (error) {
    throw unreadable(shown, error, "ledger");
  }
}

/** Bytes of a labelled set, `mostBytes` at most. */
export function readLabelsFile(path: string, shown: string, mostBytes: number): Uint8Array {
  try {
    return readBeginning(path, mostBytes);
  } catch (error) {
    throw unreadable(shown, error, "labels");
  }
}

/** Text of a file that Freehold writes, or null when there is none. */
export function readOptionalFile(path: string, shown = path): string | null {
  try {
    return readRegularFile(path).toString("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw unreadable(shown, error, "written");
  }
}

/** A pipe or a device may never end, and reading one could take all memory of the machine. */
function readRegularFile(path: string): Buffer {
  regularFileBytes(path);
  return readFileSync(path);
}

function readBeginning(path: string, mostBytes: number): Buffer {
  if (regularFileBytes(path) <= mostBytes) return readFileSync(path);
  const file = openSync(path, "r");
  try {
    const beginning = Buffer.alloc(mostBytes);
    return beginning.subarray(0, readSync(file, beginning, 0, mostBytes, 0));
  } finally {
    closeSync(file);
  }
}

function regularFileBytes(path: string): number {
  const found = statSync(path);
  if (found.isDirectory()) throw new Error("it is a folder");
  if (!found.isFile()) throw new Error("it is a pipe or a device, not a file");
  return found.size;
}

function unreadable(path: string, error: unknown, origin: "named" | "ledger" | "labels" | "written"): Failure {
  return new Failure(finding("RUN-112", { subject: path }, { path, problem: systemMessage(error), origin }));
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
    discard(temporary);
    if (error instanceof Error && "code" in error && "syscall" in error) {
      throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
    }
    throw error;
  }
}

/** Removes what is left of an attempt; what forbids it has forbidden the attempt as well, and that error is the one to tell. */
function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Below a file, or on a disk that has gone.
  }
}

/** Writes a file where none is yet; false, and nothing changed, where there is one. */
export function createFile(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
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
    discard(temporary);
    throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
  }
}
