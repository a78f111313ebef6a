// Proves: what a start that goes wrong says, and that it leaves no process. The parts of the control plane are small real
// programs that wait, die or complain; a control plane that works is started in test/cluster/.
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseSocketFolder, componentNames } from "../../local-cluster/layout.ts";
import { connect, down, inspect, up } from "../../local-cluster/local-cluster.ts";
import { findFreePort } from "../../local-cluster/ports.ts";
import { findByArgument, isAlive } from "../../local-cluster/process-identity.ts";
import { selfSigned } from "../support/certificate.ts";
import { listen } from "../support/loopback-server.ts";
import { failureScreen, nodeProgram, recordedProgress, waitingProcess } from "../support/programs.ts";

let root = "";
const directory = () => path.join(root, "cluster");
const logOf = (name: string) => path.join(directory(), "logs", `${name}.log`);
const signal = new AbortController().signal;

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "fh-")));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await down({ directory: directory(), signal });
  rmSync(root, { recursive: true });
});

/** Source of a part that runs and never becomes ready. */
const waits = "console.error('waiting');";
/** Source of a part that ends with these last words. */
const dies = (words: string) => `require("node:fs").writeSync(2, ${JSON.stringify(words)}); process.exit(1);`;

/** Starts a cluster whose parts run this source; those not named wait. */
function start(
  sources: Partial<Record<(typeof componentNames)[number], string>> = {},
  more: { readonly port?: number; readonly signal?: AbortSignal } = {},
) {
  const bin = path.join(root, "bin");
  const tools = Object.fromEntries(
    componentNames.map((name) => [name, nodeProgram(bin, name, sources[name] ?? waits)]),
  ) as Record<(typeof componentNames)[number], string>;
  return up({ directory: directory(), tools, nodes: [], progress: recordedProgress(), signal, ...more });
}

const screenOf = (...parameters: Parameters<typeof start>) => failureScreen(root, () => start(...parameters));

function runningParts() {
  return [
    `--data-dir=${path.join(directory(), "etcd")}`,
    `--cert-dir=${path.join(directory(), "certificates")}`,
  ].flatMap(findByArgument);
}

describe("a start", () => {
  it("that finds its port taken names it, and leaves nothing running", async () => {
    const { port, close } = await listen((_, response) => response.end());
    const screen = await screenOf({}, { port });
    await close();
    expect(screen.replaceAll(String(port), "PORT")).toMatchInlineSnapshot(`
      "127.0.0.1:PORT  RUN-206  Port PORT of 127.0.0.1 is taken by another program.

        Why: The Kubernetes API of the local cluster was told to listen on this port and on no other.
        Fix: Stop the program that listens on port PORT, choose another port, or give none: then a free one is found.
        More: docs/reference/errors.md#run-206

      1 error
      "
    `);
    expect(runningParts()).toEqual([]);
  });

  it("whose port is taken in the last moment says the same", async () => {
    const port = await findFreePort();
    const taken = dies(`listen tcp 127.0.0.1:${port}: bind: address already in use`);
    expect(await screenOf({ "kube-apiserver": taken }, { port })).toContain(
      `127.0.0.1:${port}  RUN-206  Port ${port} of 127.0.0.1 is taken by another program.`,
    );
  });

  it("without a port of its own tries others, and gives up in the end", async () => {
    const ports = path.join(root, "ports");
    const note = `require("node:fs").appendFileSync(${JSON.stringify(ports)}, process.argv.find((word) => word.startsWith("--secure-port=")) + "\\n");`;
    const screen = await screenOf({ "kube-apiserver": note + dies("bind: address already in use") });
    expect(screen).toContain("RUN-207  kube-apiserver stopped right after its start.");
    expect(readFileSync(ports, "utf8").trim().split("\n")).toHaveLength(5);
  });

  it("of which a part dies shows that part's last words, and leaves nothing running", async () => {
    expect(await screenOf({ etcd: dies("starting\n\nopen member/wal: permission denied\n") })).toMatchInlineSnapshot(`
      "local cluster  RUN-207  etcd stopped right after its start.

        Why: Its last lines:
             starting
             open member/wal: permission denied
        Fix: The whole log is FOLDER/cluster/logs/etcd.log. "freehold down" and "freehold up" start again from nothing.
        More: docs/reference/errors.md#run-207

      1 error
      "
    `);
    expect(runningParts()).toEqual([]);
    expect(readFileSync(logOf("etcd"), "utf8")).toContain("permission denied");
  });

  it("of which a part dies because the disk is full says that instead", async () => {
    const screen = await screenOf({ etcd: dies("writeAt failed: no space left on device") });
    expect(screen).toContain("local cluster  RUN-205  The disk ran full while starting etcd.\n");
    expect(screen).toContain("has no room left.");
  });

  it("of which a part dies without a word says so", async () => {
    expect(await screenOf({ "kube-apiserver": "process.exit(1);" })).toContain(
      "RUN-207  kube-apiserver stopped right after its start.\n\n  Why: Its last lines:\n       It printed nothing.\n",
    );
  });

  it("whose API server dies in the middle of a call names it, not the broken connection", async () => {
    const { cert, key } = selfSigned(["127.0.0.1"], { authority: true });
    const source = `
      const { writeFileSync, writeSync } = require("node:fs");
      const argument = (name) => process.argv.find((word) => word.startsWith(name)).slice(name.length);
      const folder = argument("--cert-dir=");
      const [cert, key] = ${JSON.stringify([cert, key])};
      require("node:https").createServer({ cert, key }, (request, response) => {
        if (request.url === "/readyz") return response.end("ok");
        writeSync(2, "fatal error: out of memory");
        process.exit(2);
      }).listen(Number(argument("--secure-port=")), "127.0.0.1", () => {
        writeFileSync(folder + "/apiserver.key", key);
        writeFileSync(folder + "/apiserver.crt", cert);
      });`;
    expect(await screenOf({ "kube-apiserver": source })).toContain(
      "RUN-207  kube-apiserver stopped right after its start.\n\n  Why: Its last lines:\n       fatal error: out of memory\n",
    );
  });

  it("that takes too long shows what it waited for, and leaves nothing running", async () => {
    const now = performance.now.bind(performance);
    let skipped = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now() + skipped);
    const skip = setInterval(() => {
      if (existsSync(logOf("kube-apiserver"))) skipped += 125_000;
    }, 1000);
    const screen = await screenOf({ "kube-apiserver": "console.error('waiting for etcd');" });
    clearInterval(skip);
    expect(screen).toMatchInlineSnapshot(`
      "local cluster  RUN-208  kube-apiserver was not ready after 120 seconds.

        Why: It runs, but does not answer as ready. Its last lines:
             waiting for etcd
        Fix: Run the command again when the machine is less busy. The whole log is FOLDER/cluster/logs/kube-apiserver.log. "freehold down" and "freehold up" start again from nothing.
        More: docs/reference/errors.md#run-208

      1 error
      "
    `);
    expect(runningParts()).toEqual([]);
  });

  it("gives its parts nothing of the user's proxies, and keeps the log of the start before", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy.example.com");
    await screenOf({ etcd: dies("the first") });
    await screenOf({ etcd: `require("node:fs").writeSync(2, JSON.stringify(process.env)); process.exit(1);` });
    const environment = JSON.parse(readFileSync(logOf("etcd"), "utf8")) as object;
    expect(environment).toHaveProperty("PATH", process.env.PATH);
    expect(environment).not.toHaveProperty("HTTPS_PROXY");
    expect(readFileSync(path.join(directory(), "logs", "etcd.previous.log"), "utf8")).toBe("the first");
  });

  it("where nothing can be written names the folder", async () => {
    writeFileSync(path.join(root, "cluster"), "a file in the way");
    expect(await screenOf()).toMatchInlineSnapshot(`
      "local cluster  RUN-209  The folder FOLDER/cluster cannot be written.

        Why: The system said: EEXIST: file already exists, mkdir 'FOLDER/cluster'
        Fix: Give yourself the right to write to FOLDER/cluster, or remove what stands in its place. A cache elsewhere is chosen with XDG_CACHE_HOME.
        More: docs/reference/errors.md#run-209

      1 error
      "
    `);
    expect(await failureScreen(root, () => down({ directory: directory(), signal }))).toContain(
      "RUN-209  The folder FOLDER/cluster cannot be written.",
    );
    rmSync(path.join(root, "cluster"));
  });

  it("on another system than Linux and macOS is refused before anything is touched", async () => {
    const { platform } = process;
    Object.defineProperty(process, "platform", { value: "win32" });
    try {
      expect(await screenOf()).toContain(
        "RUN-211  The local cluster runs on Linux and macOS, and this system is win32.",
      );
    } finally {
      Object.defineProperty(process, "platform", { value: platform });
    }
    expect(existsSync(directory())).toBe(false);
  });
});

describe("a command on a cluster that another one is starting", () => {
  it("is refused, whether it starts or stops, until the other is interrupted", async () => {
    const controller = new AbortController();
    const first = start({}, { signal: controller.signal });
    await expect.poll(() => existsSync(logOf("kube-apiserver"))).toBe(true);
    const screen = (await screenOf()).replaceAll(String(process.pid), "PID");
    expect(screen).toMatchInlineSnapshot(`
      "local cluster  RUN-210  Another command, process PID, is starting or stopping the local cluster in FOLDER/cluster.

        Why: Two commands that start and stop the same processes would leave some of them without an owner.
        Fix: Wait until it has finished, then run the command again. If it hangs, end process PID: its lock then counts for nothing.
        More: docs/reference/errors.md#run-210

      1 error
      "
    `);
    await expect(down({ directory: directory(), signal })).rejects.toThrow("RUN-210");
    controller.abort(new Error("interrupted by the user"));
    await expect(first).rejects.toThrow("interrupted by the user");
    expect(readdirSync(root)).toEqual(["bin"]);
    expect(await down({ directory: directory(), signal })).toEqual({ outcome: "nothing-to-stop" });
  });

  it("is refused without a number while the other one writes its name", async () => {
    const lock = path.join(root, "cluster.lock");
    writeFileSync(lock, "");
    expect(await screenOf()).toMatchInlineSnapshot(`
      "local cluster  RUN-210  Another command is starting or stopping the local cluster in FOLDER/cluster.

        Why: Two commands that start and stop the same processes would leave some of them without an owner.
        Fix: Wait until it has finished, then run the command again.
        More: docs/reference/errors.md#run-210

      1 error
      "
    `);
    rmSync(lock);
  });
});

describe("stopping", () => {
  it("ends what a start left that was killed before it could write anything down", async () => {
    const { identity, end } = waitingProcess(`--data-dir=${path.join(directory(), "etcd")}`);
    await expect.poll(runningParts).toEqual([identity]);
    expect(await down({ directory: directory(), signal })).toEqual({ outcome: "stopped" });
    expect(isAlive(identity)).toBe(false);
    await end();
  });

  it("leaves no file of a start that failed", async () => {
    await screenOf({ etcd: dies("no") });
    expect(existsSync(directory())).toBe(true);
    expect(await down({ directory: directory(), signal })).toEqual({ outcome: "stopped" });
    expect(readdirSync(root)).toEqual(["bin"]);
  });

  it("has nothing to do where nothing was ever started", async () => {
    const nowhere = path.join(root, "missing", "cluster");
    expect(await down({ directory: nowhere, signal })).toEqual({ outcome: "nothing-to-stop" });
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("a cluster that never became ready", () => {
  it("is not shown and cannot be talked to", async () => {
    expect(await inspect({ directory: directory() })).toBeNull();
    await screenOf({ etcd: dies("no") });
    expect(await inspect({ directory: directory() })).toBeNull();
    expect(() => connect({ directory: directory() })).toThrow(`no local cluster runs from ${directory()}`);
  });
});

describe("the folder for sockets", () => {
  it("is in the cluster's folder, or a private one of the system's where paths would be too long", () => {
    expect(chooseSocketFolder("/short")).toBe("/short/sockets");
    const chosen = chooseSocketFolder(`/${"deep/".repeat(30)}`);
    expect(path.dirname(chosen)).toBe(tmpdir());
    expect(readdirSync(chosen)).toEqual([]);
    rmSync(chosen, { recursive: true });
  });
});
