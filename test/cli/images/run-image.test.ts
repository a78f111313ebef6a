// Proves: an image starts from its own files alone, as its own user, who can write none of them: the services answer, and
// the orchestrator says what it needs when it is given the embedded database, which the image does not carry.
//
// How: the images are built on a base that holds this machine's Node.js, pushed, pulled again and unpacked as root. The
// entrypoint in their configuration is started in that tree by chroot, as the image's user. It does not prove how a
// container runtime mounts it; and where chroot is not allowed, the test says so and is counted as skipped.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { nodeBase } from "../../support/base-image.ts";
import { type Checkout, newCheckout } from "../../support/checkout.ts";
import { type CraneRegistry, craneRegistry } from "../../support/crane.ts";
import { postgresPrograms, startPostgres } from "../../support/postgres-server.ts";
import { soundStack } from "../../support/stack-file.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const user = 65532;
const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const needsRoot = "unpacking an image with its owners and chroot are for root on Linux";
const directory = mkdtempSync(join(tmpdir(), "freehold-run-image-"));
let crane: CraneRegistry;
let checkout: Checkout;
let to: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  if (!isRoot) return;
  crane = await craneRegistry(directory);
  checkout = newCheckout();
  for (const name of ["services", "package.json", "package-lock.json", "node_modules"]) {
    symlinkSync(join(repository, name), join(checkout.root, name));
  }
  checkout.write("config/stack.yaml", soundStack);
  to = `${crane.host}/run`;
  const base = await nodeBase(crane, directory);
  const built = await checkout.freehold(["images", "--base", base, "--to", to, "--json"]);
  expect(built).toMatchObject({ code: 0 });
  const { images } = JSON.parse(built.stdout) as { images: { service: string }[] };
  for (const { service } of images) await unpack(service);
}, 600_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  if (isRoot) await crane.close();
  checkout?.remove();
  rmSync(directory, { recursive: true, force: true });
});

const treeOf = (service: string) => join(directory, "trees", service);
const referenceOf = (service: string) => `${to}/${service}:0.1.0`;

async function unpack(service: string): Promise<void> {
  const tree = treeOf(service);
  mkdirSync(tree, { recursive: true });
  const archive = join(directory, `${service}.tar`);
  await crane.run("export", referenceOf(service), archive);
  execFileSync("tar", ["-C", tree, "-xpf", archive]);
}

/** Starts the entrypoint of the image; the lines that it prints come one by one. */
async function start(service: string, args: readonly string[]): Promise<{ child: ChildProcess; lines: string[] }> {
  const { config } = JSON.parse(await crane.run("config", referenceOf(service)));
  const words = [`--userspec=${config.User}`, treeOf(service), ...config.Entrypoint, ...args];
  const child = spawn("chroot", words, {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  return { child, lines };
}
const exitOf = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve));
/** Settings are mounted beside what the image holds; here they lie in its tree. */
function mount(service: string, settings: object): string {
  mkdirSync(join(treeOf(service), "settings"), { recursive: true });
  writeFileSync(join(treeOf(service), "settings", "settings.json"), JSON.stringify(settings));
  return "/settings/settings.json";
}
const listening = async (lines: readonly string[], key: string): Promise<string> => {
  const url = () => new RegExp(`"${key}":"(http:[^"]+)"`).exec(lines.join("\n"))?.[1];
  await expect.poll(() => url() ?? lines.join("\n")).toMatch(/^http:/);
  return url() ?? "";
};

it("holds nothing that its user may write, and no shell or package manager", async ({ skip }) => {
  skip(!isRoot, needsRoot);
  for (const service of ["engine-simulator", "gateway", "orchestrator"]) {
    const files = readdirSync(treeOf(service), { recursive: true, withFileTypes: true });
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      const { uid, gid, mode } = statSync(path);
      expect([path, uid, gid, (mode & 0o022).toString(8)]).toEqual([path, 0, 0, "0"]);
    }
    expect(files.filter(({ name }) => /^(sh|bash|busybox|npm|apt)$/.test(name))).toEqual([]);
    expect(files.filter(({ parentPath }) => parentPath.endsWith("/app")).map(({ name }) => name)).toEqual(["main.mjs"]);
  }
});

it("starts the gateway, which answers /healthz, serves its port and ends by itself on SIGTERM", async ({ skip }) => {
  skip(!isRoot, needsRoot);
  const settings = mount("gateway", {
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: {},
    placements: [],
    backends: {},
    models: {},
    tenants: {},
    keysFile: "/settings/keys.json",
  });
  writeFileSync(join(treeOf("gateway"), "settings", "keys.json"), "[]");
  const { child, lines } = await start("gateway", ["--settings", settings]);
  const admin = await listening(lines, "admin");
  expect(await (await fetch(`${admin}/healthz`)).text()).toBe("ok\n");
  expect((await fetch(`${await listening(lines, "listening")}/v1/models`)).status).toBe(401);
  expect(statSync(`/proc/${child.pid}`).uid).toBe(user);
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(0);
});

it("starts the engine simulator, which answers /health and a request", async ({ skip }) => {
  skip(!isRoot, needsRoot);
  const { lines } = await start("engine-simulator", []);
  const url = await listening(lines, "listening");
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const answer = await fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", prompt: "hello", max_tokens: 4 }),
  });
  expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: "length" }] });
});

const agents = {
  support: {
    graph: "support",
    settings: { model: { url: "http://127.0.0.1:1/v1", model: "chat", dataClass: "public" } },
  },
};

it("starts the orchestrator on PostgreSQL, which answers /ok and keeps a thread", async ({ skip }) => {
  skip(!isRoot, needsRoot);
  const programs = postgresPrograms();
  if (programs === null) return skip("no PostgreSQL in the Python environment of the tests; npm test installs it");
  const postgres = await startPostgres(programs);
  try {
    const settings = mount("orchestrator", {
      listen: { port: 0 },
      storage: { kind: "postgres", urlFile: "/settings/url" },
      agents,
    });
    writeFileSync(join(treeOf("orchestrator"), "settings", "url"), postgres.url("postgres"));
    const { child, lines } = await start("orchestrator", [settings]);
    const url = await listening(lines, "url");
    expect(await (await fetch(`${url}/ok`)).json()).toEqual({ ok: true });
    const thread = await fetch(`${url}/threads`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(await thread.json()).toMatchObject({ status: "idle" });
    child.kill("SIGTERM");
    expect(await exitOf(child)).toBe(0);
  } finally {
    postgres.remove();
  }
});

it("says in one sentence that the orchestrator's image has no embedded database", async ({ skip }) => {
  skip(!isRoot, needsRoot);
  const settings = mount("orchestrator", { storage: { kind: "embedded", folder: "/data" }, agents });
  const { child, lines } = await start("orchestrator", [settings]);
  expect(await exitOf(child)).toBe(1);
  expect(lines).toEqual([
    "The embedded database is not installed here; the image does not carry it. Set storage to a PostgreSQL server.",
  ]);
});
