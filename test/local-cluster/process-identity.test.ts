// Proves: a process is recognised by its number and its start, on the two ways of asking the system.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { findByArgument, identify, isAlive } from "../../local-cluster/process-identity.ts";
import { waitingProcess } from "../support/programs.ts";

const platform = process.platform;
const setPlatform = (value: NodeJS.Platform) => Object.defineProperty(process, "platform", { value });
afterEach(() => setPlatform(platform));

const canAskPs = ["/bin/ps", "/usr/bin/ps"].some((file) => existsSync(file));

describe.each([
  { way: "the system's own", asked: platform, possible: true },
  { way: "ps, as on macOS,", asked: "darwin" as const, possible: canAskPs },
])("a process seen by $way", ({ asked, possible }) => {
  it.runIf(possible)("is alive until it ends, and then never again", async () => {
    setPlatform(asked);
    const { identity, end } = waitingProcess();
    expect(identify(identity.pid)).toEqual(identity);
    expect(isAlive(identity)).toBe(true);
    await end();
    expect(isAlive(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
  });

  it.runIf(possible)("is not taken for an earlier one of the same number", async () => {
    setPlatform(asked);
    const { identity, end } = waitingProcess();
    expect(isAlive({ ...identity, startTime: `${identity.startTime} earlier` })).toBe(false);
    await end();
  });

  it.runIf(possible)("is found by a whole word of its command line, not by a part of one", async () => {
    setPlatform(asked);
    const word = `--data-dir=/tmp/freehold ${process.pid}`;
    const { identity, end } = waitingProcess(word, "another");
    const other = waitingProcess(`${word}0`);
    await expect.poll(() => findByArgument(word)).toEqual([identity]);
    await end();
    await other.end();
    expect(findByArgument(word)).toEqual([]);
  });

  it.runIf(possible)("counts as ended when it only waits for its parent to notice", async () => {
    setPlatform(asked);
    // The shell starts a child, prints its number and becomes a program that never looks after it.
    const shell = spawn("/bin/sh", ["-c", "sleep 0.1 & echo $!; exec sleep 30"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const closed = new Promise((resolve) => shell.once("close", resolve));
    const pid = await new Promise<number>((resolve) => shell.stdout.once("data", (data) => resolve(Number(data))));
    await expect.poll(() => identify(pid)).toBeUndefined();
    // Its number is still taken, so it is a zombie and not gone.
    expect(() => process.kill(pid, 0)).not.toThrow();
    shell.kill("SIGKILL");
    await closed;
  });
});
