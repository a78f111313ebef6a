// Proves: which programs on PATH are used in place of compiled ones. All are real small programs.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pinnedVersion } from "../../local-cluster/tool-modules.ts";
import { findOnPath } from "../../local-cluster/tool-search.ts";
import { shellProgram } from "../support/programs.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "freehold-search-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const folder = (name: string) => path.join(root, name);
const right = `echo etcd Version: ${pinnedVersion("etcd").slice(1)}`;

/** Where etcd is found when PATH has these folders. */
async function found(...folders: readonly string[]): Promise<string | undefined> {
  const environment = { PATH: folders.join(path.delimiter) };
  return (await findOnPath(["etcd"], { environment, signal: new AbortController().signal })).get("etcd");
}

it("takes the first program of the name when its version suits", async () => {
  const first = shellProgram(folder("a"), "etcd", right);
  shellProgram(folder("b"), "etcd", right);
  expect(await found(folder("missing"), folder("a"), folder("b"))).toBe(first);
});

it("looks no further when the first of the name has another version, as a shell would not", async () => {
  shellProgram(folder("a"), "etcd", "echo etcd Version: 3.3.0");
  shellProgram(folder("b"), "etcd", right);
  expect(await found(folder("a"), folder("b"))).toBeUndefined();
});

it.each([
  ["fails", `${right}; exit 1`],
  ["prints no version", "echo hello"],
  ["prints its version as a complaint", `(${right}) >&2`],
  ["kills itself", `${right}; kill -9 $$`],
])("passes over a program that %s", async (_, script) => {
  shellProgram(folder("a"), "etcd", script);
  expect(await found(folder("a"))).toBeUndefined();
});

it("passes over a file that is no program of this system", async () => {
  mkdirSync(folder("a"));
  writeFileSync(path.join(folder("a"), "etcd"), Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 1]));
  chmodSync(path.join(folder("a"), "etcd"), 0o755);
  expect(await found(folder("a"))).toBeUndefined();
});

it("looks behind folders and files that cannot be run", async () => {
  mkdirSync(path.join(folder("a"), "etcd"), { recursive: true });
  chmodSync(shellProgram(folder("b"), "etcd", right), 0o644);
  const program = shellProgram(folder("c"), "etcd", right);
  expect(await found(folder("a"), folder("b"), folder("c"))).toBe(program);
});

it("looks into no folder whose place depends on where the command is run", async () => {
  shellProgram(folder("a"), "etcd", right);
  expect(await found("", path.relative(process.cwd(), folder("a")))).toBeUndefined();
  expect((await findOnPath(["etcd"], { environment: {}, signal: new AbortController().signal })).size).toBe(0);
});

it("stops with the reason of an interruption", async () => {
  shellProgram(folder("a"), "etcd", "sleep 60");
  const signal = AbortSignal.timeout(100);
  await expect(findOnPath(["etcd"], { environment: { PATH: folder("a") }, signal })).rejects.toThrow(/timeout/);
});
