import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { identify, isAlive, type ProcessIdentity } from "../local-cluster/process-identity.ts";
import { systemMessage } from "./disk.ts";

interface Holder extends ProcessIdentity {
  readonly command: string;
}

/**
 * The result of `work`, done while no other command changes this checkout's cluster. A holder that has died is no
 * holder: its lock is taken over.
 */
export async function alone<T>(root: string, command: string, work: () => Promise<T>): Promise<T> {
  const path = join(root, ".freehold", "run.lock");
  const self = identify(process.pid);
  if (self === undefined) throw new Error("This process cannot see itself.");
  const text = JSON.stringify({ ...self, command } satisfies Holder);
  for (let attempt = 0; ; attempt += 1) {
    try {
      mkdirSync(join(root, ".freehold"), { recursive: true });
      writeFileSync(path, text, { flag: "wx", mode: 0o600 });
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
        throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
      }
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) {
        throw new Failure(finding("RUN-141", { subject: "freehold" }, { pid: holder.pid, command: holder.command }));
      }
      // Two that heal at once both remove the same dead lock; one of them then wins the exclusive write.
      if (attempt > 5) throw error;
      rmSync(path, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function readHolder(path: string): Holder | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isHolder =
      parsed !== null &&
      typeof parsed === "object" &&
      "pid" in parsed &&
      typeof parsed.pid === "number" &&
      "startTime" in parsed &&
      typeof parsed.startTime === "string";
    return isHolder ? (parsed as Holder) : null;
  } catch {
    // Written half, by a process that was killed in that instant.
    return null;
  }
}
