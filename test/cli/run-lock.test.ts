import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { alone } from "../../cli/run-lock.ts";
import { identify } from "../../local-cluster/process-identity.ts";

let root = "";
const lockPath = () => join(root, ".freehold", "run.lock");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "freehold-lock-"));
  mkdirSync(join(root, ".freehold"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

it("gives the lock back, also when the work fails", async () => {
  expect(await alone(root, "up", async () => "done")).toBe("done");
  await expect(alone(root, "up", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(existsSync(lockPath())).toBe(false);
});

it("rejects a second run while the first is at work", async () => {
  await alone(root, "up", async () => {
    await expect(alone(root, "down", async () => "never")).rejects.toThrow(/RUN-141 .*process/);
  });
});

it("takes over the lock of a process that has died", async () => {
  const child = spawn(process.execPath, ["--eval", "setTimeout(() => {}, 60000)"]);
  const identity = identify(child.pid ?? 0);
  writeFileSync(lockPath(), JSON.stringify({ ...identity, command: "up" }));
  await new Promise((resolve) => {
    child.once("close", resolve);
    child.kill("SIGKILL");
  });
  expect(await alone(root, "up", async () => "done")).toBe("done");
});

it("takes over a lock that was written half", async () => {
  writeFileSync(lockPath(), '{"pid": 12');
  expect(await alone(root, "up", async () => "done")).toBe("done");
});
