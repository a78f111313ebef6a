// Proves: what is asked of Go, and what a user reads when Go is missing, too old, or fails. `go` is a small real
// program that is run as Go is; no network and no compiler take part.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile, downloadSources, type GoRun, requireGo } from "../../local-cluster/go-toolchain.ts";
import { findByArgument } from "../../local-cluster/process-identity.ts";
import { moduleFolder, moduleOf, toolModules } from "../../local-cluster/tool-modules.ts";
import { type FakeGo, failureScreen, fakeGo, recordedProgress, shellProgram } from "../support/programs.ts";

const root = mkdtempSync(path.join(tmpdir(), "freehold-go-"));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function newFolder(): string {
  folders += 1;
  const folder = path.join(root, String(folders));
  mkdirSync(folder);
  return folder;
}

const signal = new AbortController().signal;

interface ObservedRun extends GoRun {
  readonly folder: string;
  readonly progress: ReturnType<typeof recordedProgress>;
}

/** A run of the fake `go`, of the smallest module unless another is given. */
function runOf(commands: FakeGo, module = moduleOf("crane")): ObservedRun {
  const folder = newFolder();
  const environment = fakeGo(folder, commands);
  return { module, folder, cacheDirectory: folder, environment, signal, progress: recordedProgress() };
}

const build = (run: ObservedRun) =>
  compile(run, { folder: run.folder, linkerFlags: "-s", packages: Object.values(run.module.packages) });

describe("the Go that compiles the tools", () => {
  const tools = ["kube-apiserver 1.35", "etcd 3.6"];
  const require = (environment: NodeJS.ProcessEnv) => requireGo(tools, { environment, signal });

  it("is asked for by version when there is none on PATH", async () => {
    expect(await failureScreen(root, () => require({ PATH: newFolder() }))).toMatchInlineSnapshot(`
      "go  RUN-201  Go 1.26 is needed to compile kube-apiserver 1.35 and etcd 3.6, and no "go" was found on PATH.

        Why: The local cluster runs the real Kubernetes programs. They are compiled once from pinned sources, unless programs of the right version are on PATH.
        Fix: Install Go 1.26 or newer and see that "go version" works in this shell, or put kube-apiserver 1.35 and etcd 3.6 on PATH.
        More: docs/reference/errors.md#run-201

      1 error
      "
    `);
  });

  it("is asked for when it is there and fails", async () => {
    const environment = fakeGo(newFolder(), { version: 'echo "go: cannot find GOROOT directory" >&2; exit 2' });
    expect(await failureScreen(root, () => require(environment))).toMatchInlineSnapshot(`
      "go  RUN-201  Go 1.26 is needed to compile kube-apiserver 1.35 and etcd 3.6, and no "go" that works was found on PATH.

        Why: "go version" failed: go: cannot find GOROOT directory
             The local cluster runs the real Kubernetes programs. They are compiled once from pinned sources, unless programs of the right version are on PATH.
        Fix: Install Go 1.26 or newer and see that "go version" works in this shell, or put kube-apiserver 1.35 and etcd 3.6 on PATH.
        More: docs/reference/errors.md#run-201

      1 error
      "
    `);
  });

  it("is asked for when it is there and cannot be run", async () => {
    const folder = newFolder();
    const environment = fakeGo(folder);
    chmodSync(path.join(folder, "go"), 0o644);
    expect(await failureScreen(root, () => require(environment))).toContain(
      'no "go" that works was found on PATH.\n\n  Why: "go version" failed: spawn go EACCES',
    );
  });

  it("is refused when it is older than the pinned sources need", async () => {
    const environment = fakeGo(newFolder(), { version: "echo go version go1.24.1 linux/amd64" });
    expect(await failureScreen(root, () => require(environment))).toMatchInlineSnapshot(`
      "go  RUN-202  Go is 1.24.1; compiling kube-apiserver 1.35 and etcd 3.6 needs 1.26 or newer.

        Why: The pinned sources use language features and standard packages of that version.
        Fix: Install Go 1.26 or newer in front of the old one on PATH, or put kube-apiserver 1.35 and etcd 3.6 on PATH.
        More: docs/reference/errors.md#run-202

      1 error
      "
    `);
  });

  it.each(["go1.26 linux/amd64", "go1.26rc1 linux/amd64", "go1.30.2 darwin/arm64", "go2.0.0 linux/amd64"])(
    "may be %s",
    async (version) => {
      await require(fakeGo(newFolder(), { version: `echo go version ${version}` }));
    },
  );

  it("may be one built from the head of its repository, which has no number", async () => {
    await require(fakeGo(newFolder(), { version: "echo go version devel +a1b2c3 linux/amd64" }));
  });

  it("is as new as the newest of the pinned modules asks for", async () => {
    const lines = toolModules.map((module) => readFileSync(path.join(moduleFolder(module), "go.mod"), "utf8"));
    const needed = lines.map((text) => /^go (\d+\.\d+)/m.exec(text)?.[1] ?? "").sort();
    expect(await failureScreen(root, () => require({ PATH: newFolder() }))).toContain(`Go ${needed.at(-1)} is needed`);
  });

  it("runs without the user's build settings and with their proxy", async () => {
    const run = runOf({});
    const file = path.join(run.folder, "environment");
    shellProgram(run.folder, "go", `/usr/bin/env > '${file}'`);
    const environment = { ...run.environment, GOOS: "plan9", GOFLAGS: "-race", GOWORK: "/w", GOPROXY: "https://p" };
    await downloadSources({ ...run, environment });
    const lines = readFileSync(file, "utf8").split("\n");
    expect(lines.filter((line) => /^(GO|CGO)/.test(line)).sort()).toEqual([
      "CGO_ENABLED=0",
      "GO111MODULE=on",
      "GOFLAGS=-mod=readonly",
      "GOPROXY=https://p",
      "GOTOOLCHAIN=local",
      "GOWORK=off",
    ]);
  });
});

describe("fetching sources", () => {
  it("counts the modules that arrive", async () => {
    const arrived = ["a", "b"].map((name) => `echo "# get https://p/${name}.zip: 200 OK (0.1s)" >&2`).join("; ");
    const run = runOf({ download: arrived });
    await downloadSources(run);
    expect(run.progress.lines).toEqual([
      "download-crane: Fetching the sources of crane",
      "download-crane 0.02 1 modules",
      "download-crane 0.05 2 modules",
      "download-crane done",
    ]);
  });

  it("says so when nothing was missing", async () => {
    const run = runOf({});
    await downloadSources(run);
    expect(run.progress.lines.at(-1)).toBe("download-crane reused");
  });

  it("names the module that did not arrive, and Go's reason", async () => {
    const record = (object: object) => `cat <<'END'\n${JSON.stringify(object, null, "\t")}\nEND\n`;
    const module = { Path: "go.etcd.io/bbolt", Version: "v1.4.3" };
    const reason = "dial tcp: lookup proxy.example.com: no such host";
    const failed = record({ ...module, Error: `go.etcd.io/bbolt@v1.4.3: Get "https://proxy.example.com": ${reason}` });
    const run = runOf({ download: `${record({ Path: "arrived", Version: "v1.0.0" })}${failed}exit 1` });
    expect(await failureScreen(run.folder, () => downloadSources(run))).toMatchInlineSnapshot(`
      "crane  RUN-203  The sources of crane could not be downloaded: go.etcd.io/bbolt@v1.4.3 did not arrive.

        Why: Go said: Get "https://proxy.example.com": dial tcp: lookup proxy.example.com: no such host
        Fix: Check the network, and the module proxy and its credentials ("go env GOPROXY GONOSUMDB HTTPS_PROXY"), then run the command again. What has arrived is kept.
        More: docs/reference/errors.md#run-203

      1 error
      "
    `);
    expect(run.progress.lines.at(-1)).toBe("download-crane failed");
  });

  it("asks again for what did not arrive at first", async () => {
    const failed = JSON.stringify({ Path: "a", Version: "v1.0.0", Error: "connection reset by peer" }, null, "\t");
    const folder = newFolder();
    const once = `if mkdir '${folder}/asked' 2> /dev/null; then echo '${failed}'; exit 1; fi; echo "# get https://p/a.zip: 200 OK" >&2`;
    const run = runOf({ download: once });
    await downloadSources(run);
    expect(run.progress.lines).toEqual([
      "download-crane: Fetching the sources of crane",
      "download-crane 0.02 1 modules",
      "download-crane done",
    ]);
  });

  it("passes on Go's last words when it names no module", async () => {
    const run = runOf({ download: 'echo "go: malformed GOPROXY" >&2; exit 1' });
    const screen = await failureScreen(run.folder, () => downloadSources(run));
    expect(screen).toContain(
      "RUN-203  The sources of crane could not be downloaded: github.com/google/go-containerreg",
    );
    expect(screen).toContain("Why: Go said: go: malformed GOPROXY\n");
  });

  it.runIf(existsSync("/dev/full"))("says when the disk ran full", async () => {
    const run = runOf({ download: "head -c 9000 /dev/zero > /dev/full || exit 1" });
    const screen = await failureScreen(run.folder, () => downloadSources(run));
    expect(screen).toContain("crane  RUN-205  The disk ran full while fetching the sources of crane.");
  });
});

describe("compiling", () => {
  it("tells how far it is, and never that it is finished before it is", async () => {
    const list = 'echo "stale dependency: a"; echo; echo "not installed but available in build cache"; echo "stale: b"';
    const run = runOf({ list, build: 'echo example.com/a >&2; echo "# a note" >&2; echo example.com/b >&2' });
    await build(run);
    expect(run.progress.lines.map((line) => line.replace(/\d+ (s|min) left/, "TIME left"))).toEqual([
      "compile-crane: Compiling crane",
      "compile-crane 0.03 1 of about 2 packages, estimated TIME left",
      "compile-crane 0.06 2 of about 2 packages, estimated TIME left",
      "compile-crane done",
    ]);
  });

  it("shows the last words of a compiler that was killed, without the names of packages", async () => {
    const last = "echo internal/abi >&2; echo sigs.k8s.io/kwok/cmd/kwok: signal: killed >&2; echo runtime >&2; exit 1";
    const run = runOf({ build: last }, moduleOf("kwok"));
    expect(await failureScreen(run.folder, () => build(run))).toMatchInlineSnapshot(`
      "kwok  RUN-204  Compiling the node simulator kwok failed.

        Why: The last lines of the compiler:
             sigs.k8s.io/kwok/cmd/kwok: signal: killed
        Fix: A compiler that was "killed" ran out of memory: close other programs or set GOMAXPROCS=1, then run the command again. What is compiled is kept. Anything else is a fault of ours: please report it.
        More: docs/reference/errors.md#run-204

      1 error
      "
    `);
    expect(run.progress.lines.at(-1)).toBe("compile-kwok failed");
  });

  it("says that a compiler which was killed itself printed nothing", async () => {
    const run = runOf({ build: "kill -9 $$" });
    expect(await failureScreen(run.folder, () => build(run))).toContain("compiler:\n       It printed nothing.\n");
  });

  it.runIf(existsSync("/dev/full"))("says when the disk ran full, and what gives space back", async () => {
    const run = runOf({ build: "head -c 9000 /dev/zero > /dev/full || exit 1" }, moduleOf("etcd"));
    expect(await failureScreen(run.folder, () => build(run))).toMatchInlineSnapshot(`
      "etcd  RUN-205  The disk ran full while compiling etcd.

        Why: Compiling needs about 5 GB at first for sources and Go's own cache; the programs kept in FOLDER need about 300 MB.
        Fix: Free some space and run the command again. "go clean -cache" gives back what Go keeps of earlier compilations; nothing half written is left behind.
        More: docs/reference/errors.md#run-205

      1 error
      "
    `);
  });

  it("that takes long is ended by an interruption, with all that it started", async () => {
    const run = runOf({});
    const marker = path.join(run.folder, "compiler");
    shellProgram(run.folder, "compiler", "sleep 60");
    fakeGo(run.folder, { build: `'${marker}' & '${marker}'` });
    const controller = new AbortController();
    const building = build({ ...run, signal: controller.signal });
    while (findByArgument(marker).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error("interrupted by the user"));
    await expect(building).rejects.toThrow("interrupted by the user");
    await expect.poll(() => findByArgument(marker)).toEqual([]);
  });
});
