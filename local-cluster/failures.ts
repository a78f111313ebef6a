import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";

const diskFull = /no space left on device|ENOSPC|EDQUOT|disk quota exceeded/i;

const unwritable: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST"]);

/** True when a text that a program printed says that the disk is full. */
export function saysDiskFull(text: string): boolean {
  return diskFull.test(text);
}

/**
 * The failure that stands for an error of the file system, or the error itself when it is not one that the user
 * can do something about.
 */
export function fileSystemFailure(
  error: unknown,
  { folder, ...work }: { readonly folder: string; readonly doing: string; readonly compiling: boolean },
): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Failure(finding("RUN-205", { subject: "local cluster" }, { folder, ...work }), { cause: error });
  }
  if (code !== undefined && unwritable.has(code)) {
    return new Failure(finding("RUN-209", { subject: "local cluster" }, { folder, reason: message }), { cause: error });
  }
  return error;
}

/** Refuses a system that the local cluster cannot run on. */
export function requireSupportedPlatform(platform: NodeJS.Platform): void {
  if (platform !== "linux" && platform !== "darwin") {
    throw new Failure(finding("RUN-211", { subject: "local cluster" }, { platform }));
  }
}

/** The end of a log that a person reads first: its last lines, each cut to the width of a screen. */
export function lastLines(text: string, count = 8): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return "It printed nothing.";
  return lines
    .slice(-count)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line))
    .join("\n");
}
