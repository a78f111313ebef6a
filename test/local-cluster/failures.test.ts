// Proves: errors of the file system, real ones, become findings that a user can act on; others pass unchanged.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileSystemFailure, lastLines, requireSupportedPlatform, saysDiskFull } from "../../local-cluster/failures.ts";
import { failureScreen } from "../support/programs.ts";

const folder = mkdtempSync(path.join(tmpdir(), "freehold-failures-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What stands for the error that `work` throws. */
function failureOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return fileSystemFailure(error, { folder, doing: "starting the local cluster", compiling: false });
  }
  return undefined;
}

const screenOf = (work: () => void) =>
  failureScreen(folder, () => {
    throw failureOf(work);
  });

describe("an error of the file system", () => {
  it.runIf(existsSync("/dev/full"))(
    "that says the disk is full names the folder and what gives space back",
    async () => {
      expect(await screenOf(() => writeFileSync("/dev/full", "x"))).toMatchInlineSnapshot(`
        "local cluster  RUN-205  The disk ran full while starting the local cluster.

          Why: The file system that holds FOLDER has no room left.
          Fix: Free some space and run the command again; nothing half written is left behind.
          More: docs/reference/errors.md#run-205

        1 error
        "
      `);
    },
  );

  it("that says something stands in the way names it", async () => {
    writeFileSync(path.join(folder, "file"), "");
    expect(await screenOf(() => mkdirSync(path.join(folder, "file", "inner")))).toMatchInlineSnapshot(`
      "local cluster  RUN-209  The folder FOLDER cannot be written.

        Why: The system said: ENOTDIR: not a directory, mkdir 'FOLDER/file/inner'
        Fix: Give yourself the right to write to FOLDER, or remove what stands in its place. A cache elsewhere is chosen with XDG_CACHE_HOME.
        More: docs/reference/errors.md#run-209

      1 error
      "
    `);
  });

  it("that says a folder stands where a file goes names it", async () => {
    mkdirSync(path.join(folder, "taken"));
    expect(await screenOf(() => writeFileSync(path.join(folder, "taken"), ""))).toContain("RUN-209");
  });

  it("that is a fault of ours stays as it is", () => {
    expect(failureOf(() => rmSync(path.join(folder, "nowhere")))).toMatchObject({ code: "ENOENT" });
  });
});

describe("the text of another program", () => {
  it.each([
    ["write /tmp/go-build1/b001/_pkg_.a: no space left on device", true],
    ["write x: disk quota exceeded", true],
    ["open x: permission denied", false],
  ])("%s says that the disk is full: %s", (text, isFull) => {
    expect(saysDiskFull(text)).toBe(isFull);
  });

  it("is cut to its last lines and each line to the width of a screen", () => {
    const long = "x".repeat(400);
    expect(lastLines(`one\ntwo\n${long}\n\n`, 2)).toBe(`two\n${"x".repeat(300)}…`);
  });

  it("is said to be nothing when there is none", () => {
    expect(lastLines("\n")).toBe("It printed nothing.");
  });
});

describe("the system", () => {
  it("may be Linux or macOS", () => {
    expect(() => requireSupportedPlatform("linux")).not.toThrow();
    expect(() => requireSupportedPlatform("darwin")).not.toThrow();
  });

  it("is refused by name otherwise, with a way out", async () => {
    expect(await failureScreen(folder, () => requireSupportedPlatform("win32"))).toMatchInlineSnapshot(`
      "local cluster  RUN-211  The local cluster runs on Linux and macOS, and this system is win32.

        Why: Its processes talk over Unix sockets and are told apart by process start times.
        Fix: Run it inside WSL or on a Linux machine, or deploy to a cluster that exists. Everything but the local cluster works here.
        More: docs/reference/errors.md#run-211

      1 error
      "
    `);
  });
});
