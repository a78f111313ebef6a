// Proves: a part that ends right after its start is told by what its log says, and leaves no process behind.
//
// The parts are scripts here; test/cluster/ starts the real ones.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Failure } from "../../config/diagnostics/failure.ts";
import { up } from "../../local-cluster/local-cluster.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "freehold-startup-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The finding that ends a start whose etcd says its last words and ends. */
async function startWith(lastWords: string): Promise<Failure["finding"]> {
  const program = join(folder, "etcd");
  writeFileSync(program, `#!/bin/sh\necho '${lastWords}' >&2\nexit 1\n`);
  chmodSync(program, 0o755);
  const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
  const nothing = () => undefined;
  try {
    await up({
      directory: join(folder, "cluster"),
      tools: Object.fromEntries(names.map((name) => [name, program])) as Parameters<typeof up>[0]["tools"],
      nodes: [],
      progress: { begin: nothing, advance: nothing, end: nothing },
      signal: new AbortController().signal,
    });
  } catch (error) {
    if (error instanceof Failure) return error.finding;
    throw error;
  }
  throw new Error("it started");
}

it("says that the disk is full where the log says so", async () => {
  const { code, title } = await startWith("writeAt failed: no space left on device");
  expect({ code, title }).toEqual({ code: "RUN-205", title: "The disk ran full while starting etcd." });
});

it("shows the last lines of any other end", async () => {
  const { code, why } = await startWith("open member/wal: permission denied");
  expect(code).toBe("RUN-207");
  expect(why).toContain("open member/wal: permission denied");
});
