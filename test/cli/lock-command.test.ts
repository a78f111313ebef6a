import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { type CraneRegistry, craneRegistry } from "../support/crane.ts";
import { type HubCommit, hubServer, writeCommit } from "../support/hub-server.ts";
import type { LoopbackServer } from "../support/loopback-server.ts";
import { stackWith } from "../support/stack-file.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-lock-command-"));
const first = writeCommit(join(directory, "first"), { "config.json": "{}", "model.safetensors": "weights" });
const second = writeCommit(join(directory, "second"), { "config.json": "{}", "model.safetensors": "other" });
const revisions = new Map<string, HubCommit>();
let crane: CraneRegistry;
let hub: LoopbackServer;
let checkout: Checkout;

beforeAll(async () => {
  crane = await craneRegistry(directory);
  hub = await hubServer(revisions);
  await crane.push(`${crane.host}/vllm/vllm-openai:v0.33.0`, "engine");
}, 600_000);
afterAll(async () => {
  await crane.close();
  await hub.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", stackWith());
  revisions.set("Qwen/Qwen3-32B@main", first);
});
afterEach(() => {
  checkout.remove();
});

const lockPath = () => join(checkout.root, "config/stack.lock.yaml");
const run = (...args: string[]) =>
  checkout.freehold(["lock", ...args], {
    environment: { HF_ENDPOINT: hub.origin, FREEHOLD_REGISTRY_MIRRORS: `docker.io=${crane.host}` },
  });

it("writes the lock beside the stack file, says what is new, and leaves it alone when nothing moved", async () => {
  const written = await run();
  expect(written).toMatchObject({ code: 0 });
  expect(written.stdout).toContain(`+ Qwen/Qwen3-32B@main  ${first.commit.slice(0, 12)}`);
  expect(written.stdout).toContain("wrote config/stack.lock.yaml");
  const text = readFileSync(lockPath(), "utf8");
  expect(await run()).toMatchObject({ code: 0, stdout: "config/stack.lock.yaml is up to date.\n" });
  expect(readFileSync(lockPath(), "utf8")).toBe(text);
});

it("makes what is deployed come from the lock, and the warnings about open references go away", async () => {
  await run();
  const { stderr } = await checkout.freehold(["check"]);
  expect(stderr).not.toContain("LCK-");
  const { stdout } = await checkout.freehold(["explain", "--json"]);
  expect(stdout).toContain(`"deployedRevision": "${first.commit}"`);
  expect(stdout).toMatch(/"deployed": "docker\.io\/vllm\/vllm-openai@sha256:[0-9a-f]{64}"/);
});

it("says with --check what moved, ends with 2 and writes nothing", async () => {
  await run();
  const text = readFileSync(lockPath(), "utf8");
  expect(await run("--check")).toMatchObject({ code: 0, stdout: "config/stack.lock.yaml is up to date.\n" });
  revisions.set("Qwen/Qwen3-32B@main", second);
  const moved = await run("--check");
  expect(moved.code).toBe(2);
  expect(moved.stdout).toBe(`~ Qwen/Qwen3-32B@main  ${first.commit.slice(0, 12)} -> ${second.commit.slice(0, 12)}\n`);
  const asJson = JSON.parse((await run("--check", "--json")).stdout) as { moved: unknown[] };
  expect(asJson.moved).toHaveLength(1);
  expect(readFileSync(lockPath(), "utf8")).toBe(text);
});

it("rejects what cannot be resolved and leaves the lock as it was, or absent", async () => {
  revisions.clear();
  const failed = await run();
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain("LCK-2");
  expect(failed.stderr).toContain("config/stack.lock.yaml is unchanged.");
  expect(existsSync(lockPath())).toBe(false);
});
