// Proves: what a program printed and how it ended is told as it was, and ending it ends all that it started.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findByArgument } from "../../local-cluster/process-identity.ts";
import { runProgram } from "../../local-cluster/run-program.ts";
import { shellProgram } from "../support/programs.ts";

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "freehold-run-")));
afterAll(() => rmSync(folder, { recursive: true }));

const signal = new AbortController().signal;
const shell = (script: string, options: Partial<Parameters<typeof runProgram>[2]> = {}) =>
  runProgram("/bin/sh", ["-c", script], { signal, ...options });

describe("a program that ended", () => {
  it("is told with its code and what it printed, apart", async () => {
    expect(await shell("echo out; echo complaint >&2; exit 3")).toEqual({
      code: 3,
      stdout: "out",
      stderr: "complaint",
    });
  });

  it("keeps a last line without an end, and letters that came in two pieces", async () => {
    const pieces = "printf 'one\\n\\303'; sleep 0.1; printf '\\274two'";
    expect((await shell(pieces)).stdout).toBe("one\nütwo");
  });

  it("has no code when a signal ended it", async () => {
    expect(await shell("kill -9 $$")).toEqual({ code: undefined, stdout: "", stderr: "" });
  });

  it("is told about each line of complaint as it comes", async () => {
    const lines: string[] = [];
    await shell("echo one >&2; echo out; echo two >&2", { onErrorLine: (line) => lines.push(line) });
    expect(lines).toEqual(["one", "two"]);
  });

  it("ran in the folder, environment and input it was given", async () => {
    const options = { cwd: folder, environment: { PATH: "/usr/bin:/bin", WORD: "a word" }, input: "typed" };
    expect((await shell('pwd; echo "$WORD"; cat', options)).stdout).toBe(`${folder}\na word\ntyped`);
  });

  it("need not read what it was given", async () => {
    expect((await shell("exit 0", { input: "x".repeat(1_000_000) })).code).toBe(0);
  });
});

describe("a program that cannot be run", () => {
  it("is told by the system's code", async () => {
    await expect(runProgram(path.join(folder, "missing"), [], { signal })).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a program that is ended", () => {
  const marker = shellProgram(folder, "child", "sleep 60");
  const family = `'${marker}' & '${marker}'`;
  const bothRun = () => expect.poll(() => findByArgument(marker).length).toBe(2);
  const noneRuns = () => expect.poll(() => findByArgument(marker)).toEqual([]);

  it("by an interruption takes what it started with it, and the reason is passed on", async () => {
    const controller = new AbortController();
    const running = shell(family, { signal: controller.signal });
    await bothRun();
    controller.abort(new Error("interrupted by the user"));
    await expect(running).rejects.toThrow("interrupted by the user");
    await noneRuns();
  });

  it("by its time limit takes what it started with it, and has no code", async () => {
    const result = await shell(family, { timeoutSeconds: 0.3 });
    expect(result.code).toBeUndefined();
    await noneRuns();
  });

  it("is not even started when the interruption came first", async () => {
    const running = shell("echo never", { signal: AbortSignal.abort(new Error("too late")) });
    await expect(running).rejects.toThrow("too late");
  });
});
