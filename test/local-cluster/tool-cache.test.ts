// Proves: tools are compiled once, whole or not at all, whoever asks at the same time. `go` is a small real program that
// writes what Go would write.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identify } from "../../local-cluster/process-identity.ts";
import { cacheEntry } from "../../local-cluster/tool-cache.ts";
import { moduleOf, pinnedVersion } from "../../local-cluster/tool-modules.ts";
import { ensureTools, type ToolName } from "../../local-cluster/tools.ts";
import { type FakeGo, failureScreen, fakeGo, recordedProgress, shellProgram } from "../support/programs.ts";

let root = "";
const go = () => path.join(root, "go");
const cache = () => path.join(root, "cache");
const bin = () => path.join(cache(), "bin");

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "freehold-cache-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** What `ensureTools` gives with the fake `go` as the only program on PATH. */
function ensure<N extends ToolName>(
  names: readonly N[],
  {
    progress = recordedProgress(),
    cacheDirectory = cache(),
    signal = new AbortController().signal,
    environment = {},
  } = {},
) {
  return ensureTools(names, {
    cacheDirectory,
    progress,
    signal,
    environment: { PATH: go(), HOME: root, ...environment },
  });
}

const install = (commands?: FakeGo) => fakeGo(go(), commands);
/** How often `go build` was called. */
const builds = () => (readFileSync(path.join(go(), "calls"), "utf8").match(/^build /gm) ?? []).length;
const entryOf = (tool: ToolName) => cacheEntry(moduleOf(tool), cache());

describe("tools that are nowhere yet", () => {
  it("are compiled, one module for all its programs, and called by their names", async () => {
    install();
    const tools = await ensure(["kubectl", "etcd", "kube-apiserver"]);
    expect(Object.entries(tools).map(([name, file]) => [name, path.basename(file), existsSync(file)])).toEqual([
      ["kubectl", "kubectl", true],
      // Go calls it "server".
      ["etcd", "etcd", true],
      ["kube-apiserver", "kube-apiserver", true],
    ]);
    expect(builds()).toBe(2);
    expect(statSync(bin()).mode & 0o777).toBe(0o700);
  });

  it("are compiled only once", async () => {
    install();
    const first = await ensure(["crane"]);
    const progress = recordedProgress();
    expect(await ensure(["crane"], { progress })).toEqual(first);
    expect([builds(), progress.lines]).toEqual([1, []]);
    rmSync(go(), { recursive: true });
    expect(await ensure(["crane"])).toEqual(first);
  });

  it("are linked with the version that they report", async () => {
    install();
    await ensure(["crane"]);
    expect(readFileSync(path.join(go(), "calls"), "utf8")).toContain(
      `crane/cmd.Version=${pinnedVersion("crane")} -X github.com`,
    );
  });

  it("are put where the command is run from when the cache is named relative to it", async () => {
    install();
    const tools = await ensure(["crane"], { cacheDirectory: path.relative(process.cwd(), cache()) });
    expect(tools.crane).toBe(path.join((await entryOf("crane")).folder, "crane"));
    expect(existsSync(tools.crane)).toBe(true);
  });
});

describe("a program on PATH", () => {
  const onPath = () => shellProgram(go(), "crane", `echo ${pinnedVersion("crane")}`);

  it("is used without a compiler when its version suits", async () => {
    const program = onPath();
    expect(await ensure(["crane"])).toEqual({ crane: program });
  });

  it("is not looked at when the user says so", async () => {
    const program = onPath();
    install();
    const { crane } = await ensure(["crane"], { environment: { FREEHOLD_IGNORE_PATH_TOOLS: "1" } });
    expect(crane).not.toBe(program);
  });

  it("saves compiling of its own module only", async () => {
    const program = onPath();
    install();
    const { crane, kwok } = await ensure(["crane", "kwok"]);
    expect([crane, path.basename(kwok), builds()]).toEqual([program, "kwok", 1]);
  });

  it("is named with the versions that would do when Go is missing too", async () => {
    mkdirSync(go());
    const minor = pinnedVersion("crane").split(".")[1];
    expect(await failureScreen(root, () => ensure(["crane", "helm"]))).toContain(
      `go  RUN-201  Go 1.26 is needed to compile crane 0.${minor} and helm 3.18 or newer, below 4, and no`,
    );
  });
});

describe("a compilation that fails", () => {
  it("leaves nothing, and the next one begins anew", async () => {
    install({ build: 'echo half > "$folder/crane"; echo broken >&2; exit 1' });
    expect(await failureScreen(root, () => ensure(["crane"]))).toContain("RUN-204  Compiling crane failed.");
    expect(readdirSync(bin())).toEqual([]);
    install();
    expect(existsSync((await ensure(["crane"])).crane)).toBe(true);
  });

  it("keeps the modules that were compiled before it", async () => {
    install({
      build: `case "$names" in *kwok*) exit 1 ;; *) for name in $names; do : > "$folder$name"; chmod +x "$folder$name"; done ;; esac`,
    });
    expect(await failureScreen(root, () => ensure(["etcd", "kwok"]))).toContain("RUN-204");
    expect(readdirSync(bin())).toEqual([path.basename((await entryOf("etcd")).folder)]);
  });

  it("leaves nothing when it is interrupted", async () => {
    install({ build: 'echo half > "$folder/crane"; sleep 60' });
    const controller = new AbortController();
    const running = ensure(["crane"], { signal: controller.signal });
    await expect.poll(() => existsSync(bin()) && readdirSync(bin()).length).toBe(2);
    controller.abort(new Error("interrupted by the user"));
    await expect(running).rejects.toThrow("interrupted by the user");
    expect(readdirSync(bin())).toEqual([]);
  });

  it("says which folder cannot be written", async () => {
    install();
    writeFileSync(cache(), "a file in the way");
    expect(await failureScreen(root, () => ensure(["crane"]))).toMatchInlineSnapshot(`
      "local cluster  RUN-209  The folder FOLDER/cache/bin cannot be written.

        Why: The system said: ENOTDIR: not a directory, mkdir 'FOLDER/cache/bin'
        Fix: Give yourself the right to write to FOLDER/cache/bin, or remove what stands in its place. A cache elsewhere is chosen with XDG_CACHE_HOME.
        More: docs/reference/errors.md#run-209

      1 error
      "
    `);
  });

  it.runIf(existsSync("/dev/full"))("says when the disk ran full", async () => {
    install({ build: "head -c 9000 /dev/zero > /dev/full || exit 1" });
    expect(await failureScreen(root, () => ensure(["crane"]))).toContain(
      "RUN-205  The disk ran full while compiling crane.",
    );
    expect(readdirSync(bin())).toEqual([]);
  });
});

describe("a cache entry", () => {
  it("has a name that is the same each time and differs from module to module", async () => {
    const [first, again, other] = await Promise.all([entryOf("crane"), entryOf("crane"), entryOf("kwok")]);
    expect(path.basename(first.folder)).toMatch(/^crane-[0-9a-f]{16}$/);
    expect(again.folder).toBe(first.folder);
    expect(path.basename(other.folder).slice("kwok-".length)).not.toBe(
      path.basename(first.folder).slice("crane-".length),
    );
  });

  it("is compiled anew when one of its programs is gone", async () => {
    install();
    const { kubectl } = await ensure(["kubectl"]);
    rmSync(kubectl);
    expect(existsSync((await ensure(["kubectl"])).kubectl)).toBe(true);
    expect(builds()).toBe(2);
  });

  it("loses what a build that was killed has left beside it", async () => {
    install();
    const { folder } = await entryOf("crane");
    mkdirSync(`${folder}.building-0badcafe`, { recursive: true });
    writeFileSync(`${folder}.lock`, JSON.stringify({ ...identify(process.pid), startTime: "before the restart" }));
    await ensure(["crane"]);
    expect(readdirSync(bin())).toEqual([path.basename(folder)]);
  });

  it("is compiled by the first who asks, while the others wait and say for whom", async () => {
    const finish = path.join(root, "finish");
    const until = `while [ ! -e '${finish}' ]; do sleep 0.05; done`;
    install({ build: `${until}; for name in $names; do : > "$folder$name"; chmod +x "$folder$name"; done` });
    const reports = [recordedProgress(), recordedProgress()] as const;
    const both = Promise.all(reports.map((progress) => ensure(["crane"], { progress })));
    await expect.poll(() => reports.some(({ lines }) => lines.some((line) => line.startsWith("wait-")))).toBe(true);
    writeFileSync(finish, "");
    const [one, two] = await both;
    expect(one).toEqual(two);
    expect(builds()).toBe(1);
    const waited = reports.flatMap(({ lines }) => lines.filter((line) => line.startsWith("wait-")));
    expect(waited).toEqual([`wait-crane: Waiting for process ${process.pid}, which compiles crane`, "wait-crane done"]);
  });
});
