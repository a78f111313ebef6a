import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Makes a folder that only its owner can enter, or makes an existing one so. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** Writes a file that only its owner can read. It appears whole or not at all; an equal one stays as it is. */
export function writePrivateFile(file: string, text: string): void {
  if (readIfThere(file) === text) {
    chmodSync(file, 0o600);
    return;
  }
  const written = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(written, text, { mode: 0o600, flag: "wx" });
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}

/** The text of a file; undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
