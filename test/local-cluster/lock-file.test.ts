// Proves: one process at a time holds a lock, and a dead one holds none. Holders are real processes.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Lock, tryLock, waitForLock } from "../../local-cluster/lock-file.ts";
import { identify } from "../../local-cluster/process-identity.ts";
import { waitingProcess } from "../support/programs.ts";

let folder = "";
const file = () => path.join(folder, "lock");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "freehold-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function taken(): Lock {
  const lock = tryLock(file());
  if ("holder" in lock) throw new Error("the lock is held");
  return lock;
}

async function deadProcess() {
  const { identity, end } = waitingProcess();
  await end();
  return identity;
}

describe("a lock", () => {
  it("names its holder while it is held, for its owner only, and leaves nothing when released", () => {
    const lock = taken();
    expect(tryLock(file())).toEqual({ holder: identify(process.pid) });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is held by another process as long as that lives", async () => {
    const { identity, end } = waitingProcess();
    writeFileSync(file(), JSON.stringify(identity));
    expect(tryLock(file())).toEqual({ holder: identity });
    await end();
    taken().release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("counts as free when the number of its holder now belongs to another process", () => {
    const mine = identify(process.pid);
    writeFileSync(file(), JSON.stringify({ ...mine, startTime: "before the restart" }));
    taken();
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual(mine);
  });

  it.each(["", '{"pid": 12', "null", '{"pid":"12"}'])("that reads %j is being written, unless it is old", (text) => {
    writeFileSync(file(), text);
    expect(tryLock(file())).toEqual({ holder: undefined });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(file(), longAgo, longAgo);
    taken();
  });

  it("cannot be taken where its file cannot be", () => {
    expect(() => tryLock(path.join(folder, "missing", "lock"))).toThrow("ENOENT");
  });
});

describe("waiting for a lock", () => {
  const signal = new AbortController().signal;

  it("takes a free one, also from a dead process, without a word", async () => {
    writeFileSync(file(), JSON.stringify(await deadProcess()));
    const told: unknown[] = [];
    const lock = await waitForLock(file(), { signal, onWait: (holder) => told.push(holder) });
    expect(told).toEqual([]);
    lock.release();
  });

  it("says once who holds it, and goes on when that process is killed", async () => {
    const { identity, end } = waitingProcess();
    writeFileSync(file(), JSON.stringify(identity));
    const told: unknown[] = [];
    const lock = await waitForLock(file(), {
      signal,
      onWait: (holder) => {
        told.push(holder);
        // It looks again twice before that.
        setTimeout(end, 600);
      },
    });
    expect(told).toEqual([identity]);
    lock.release();
  });

  it("ends when it is interrupted and leaves the lock to its holder", async () => {
    const lock = taken();
    const waiting = waitForLock(file(), { signal: AbortSignal.timeout(100), onWait: () => undefined });
    await expect(waiting).rejects.toThrow(/due to timeout/);
    expect(existsSync(file())).toBe(true);
    lock.release();
  });
});
