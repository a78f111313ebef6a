import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ResolveOptions, resolveLock } from "../../../cli/lock/resolve.ts";
import { parseLock } from "../../../config/lock/parse.ts";
import type { Lock } from "../../../config/lock/schema.ts";
import { lockText } from "../../../config/lock/write.ts";
import { type CraneRegistry, craneRegistry } from "../../support/crane.ts";
import { type HubCommit, hubServer, writeCommit } from "../../support/hub-server.ts";
import { digestOf, lockOf, stackOf } from "../../support/lock.ts";
import { type LoopbackServer, listen } from "../../support/loopback-server.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-resolve-"));
const files = { "config.json": "{}", "model.safetensors": "weights" };
const first = writeCommit(join(directory, "first"), files);
const second = writeCommit(join(directory, "second"), { ...files, "model.safetensors": "other weights" });
const revisions = new Map<string, HubCommit>();
let crane: CraneRegistry;
let hub: LoopbackServer;

beforeAll(async () => {
  crane = await craneRegistry(directory);
  hub = await hubServer(revisions);
}, 600_000);
afterAll(async () => {
  await crane.close();
  await hub.close();
  rmSync(directory, { recursive: true });
});

const options = (more: Partial<ResolveOptions> = {}): ResolveOptions => ({
  previous: null,
  now: new Date("2026-11-01T00:00:00.000Z"),
  environment: { HF_ENDPOINT: hub.origin, FREEHOLD_REGISTRY_MIRRORS: `registry.test=${crane.host}` },
  defaults: {
    image: (engine) => `registry.test/acme/${engine}:v1`,
    egressProxy: "registry.test/acme/proxy:v1",
  },
  firstPauseSeconds: 0.001,
  ...more,
});
const later = new Date("2026-12-01T00:00:00.000Z");

/** A stack of one version whose references are all there. */
async function resolvable(): Promise<{ image: string; key: string; lock: Lock }> {
  revisions.set("acme/chat@main", first);
  await crane.push(`${crane.host}/acme/vllm:v1`, "engine");
  const { lock, findings } = await resolveLock(stackOf({ v1: {} }), options());
  expect(findings).toEqual([]);
  return { image: "registry.test/acme/vllm:v1", key: "acme/chat@main", lock };
}

describe("a resolved lock", () => {
  it("holds every reference with who answered and when, and reads back", async () => {
    const { image, key, lock } = await resolvable();
    const digest = await crane.digest(`${crane.host}/acme/vllm:v1`);
    const resolvedAt = "2026-11-01T00:00:00.000Z";
    expect(lock.stack).toBe("demo/test");
    expect(lock.images).toEqual({
      [image]: { digest, bytes: expect.any(Number), source: `http://${crane.host}`, resolvedAt },
    });
    expect(lock.weights[key]).toMatchObject({ commit: first.commit, source: hub.origin, resolvedAt });
    expect(parseLock(lockText(lock)).lock).toEqual(lock);
  });

  it("holds charts by the digest of their oci artifact", async () => {
    const digest = await crane.push(`${crane.host}/charts/db:1.2.3_4`, "chart");
    const chart = "oci://registry.test/charts/db:1.2.3+4";
    const { lock } = await resolveLock(stackOf({ v1: {} }), options({ charts: [chart] }));
    expect(lock.charts[chart]?.digest).toBe(digest);
  });

  it("is the same text a month later when nothing moved", async () => {
    const { lock } = await resolvable();
    const again = await resolveLock(stackOf({ v1: {} }), options({ previous: lock, now: later }));
    expect(lockText(again.lock)).toBe(lockText(lock));
    expect(again.moved).toEqual([]);
  });

  it("tells what moved: a tag pushed again, a branch with a new commit", async () => {
    const { image, key, lock } = await resolvable();
    const digest = await crane.push(`${crane.host}/acme/vllm:v1`, "patched engine");
    revisions.set(key, second);
    const { lock: next, moved } = await resolveLock(stackOf({ v1: {} }), options({ previous: lock, now: later }));
    expect(moved.map(({ key, kind, from, to }) => [key, kind, from, to])).toEqual([
      [image, "moved", lock.images[image]?.digest, digest],
      [key, "moved", first.commit, second.commit],
    ]);
    expect(next.images[image]?.resolvedAt).toBe(later.toISOString());
  });

  it("drops what the stack file no longer asks for", async () => {
    const { key, lock } = await resolvable();
    revisions.set("acme/chat@v2", second);
    const config = stackOf({ v2: { revision: "v2" } });
    const { lock: next, moved } = await resolveLock(config, options({ previous: lock }));
    expect(Object.keys(next.weights)).toEqual(["acme/chat@v2"]);
    expect(moved.map((change) => [change.key, change.kind])).toEqual([
      [key, "removed"],
      ["acme/chat@v2", "added"],
    ]);
  });

  it("takes nothing from the lock of another stack", async () => {
    const { image, lock } = await resolvable();
    const foreign = { ...lock, stack: "other/test" };
    const { lock: next } = await resolveLock(stackOf({ v1: {} }), options({ previous: foreign, now: later }));
    expect(next.images[image]?.resolvedAt).toBe(later.toISOString());
  });

  it("asks only for the named references and keeps the others", async () => {
    const { image, key, lock } = await resolvable();
    await crane.push(`${crane.host}/acme/vllm:v1`, "yet another engine");
    revisions.set(key, second);
    const { lock: next } = await resolveLock(stackOf({ v1: {} }), options({ previous: lock, only: [key] }));
    expect(next.images[image]).toEqual(lock.images[image]);
    expect(next.weights[key]?.commit).toBe(second.commit);
  });

  it("rejects a name to resolve that the stack file does not have with LCK-214", async () => {
    const { lock } = await resolvable();
    const { findings } = await resolveLock(stackOf({ v1: {} }), options({ previous: lock, only: ["acme/chta@main"] }));
    expect(findings.map(({ code }) => code)).toEqual(["LCK-214"]);
  });

  it("warns with LCK-240 when a gated model has no token for the cluster", async () => {
    revisions.set("acme/chat@main", first);
    const gated = await hubServer(revisions, { gated: true });
    onTestFinished(() => gated.close());
    const environment = { ...options().environment, HF_ENDPOINT: gated.origin };
    const open = await resolveLock(stackOf({ v1: {} }), options({ environment }));
    expect(open.findings.map(({ code, severity }) => [code, severity])).toEqual([["LCK-240", "warning"]]);
    const closed = await resolveLock(stackOf({ v1: { tokenSecret: "hub-token" } }), options({ environment }));
    expect(closed.findings).toEqual([]);
  });

  it("reports each reference as it is done", async () => {
    await resolvable();
    const seen: [number, number][] = [];
    const progress = ({ done, total }: { done: number; total: number }) => seen.push([done, total]);
    await resolveLock(stackOf({ v1: {} }), options({ progress }));
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});

describe("what cannot be resolved", () => {
  it("is absent, with every failure told at its place, and the rest resolved", async () => {
    revisions.set("acme/chat@main", first);
    await crane.push(`${crane.host}/acme/vllm:v1`, "engine");
    const config = stackOf({
      a: {},
      b: { image: "registry.test/acme/none:v1", repository: "acme/none" },
      c: { image: "acme/engine:latest" },
    });
    const { lock, findings } = await resolveLock(config, options());
    expect(findings.map(({ code }) => code)).toEqual(["LCK-213", "LCK-232", "LCK-238"]);
    expect(findings.map(({ place }) => ("path" in place ? place.path.join(".") : ""))).toEqual([
      "models.chat.versions.c.image",
      "models.chat.versions.b.image",
      "models.chat.versions.b.weights.repository",
    ]);
    expect(Object.keys(lock.images)).toEqual(["registry.test/acme/vllm:v1"]);
    expect(Object.keys(lock.weights)).toEqual(["acme/chat@main"]);
  });

  it("keeps the entry it had", async () => {
    const entry = { digest: digestOf("a"), source: "https://registry.test", resolvedAt: "2026-10-01T00:00:00.000Z" };
    const previous = lockOf({ images: { "registry.test/acme/gone:v1": entry } });
    const { lock, findings, moved } = await resolveLock(
      stackOf({ v1: { image: "registry.test/acme/gone:v1" } }),
      options({ previous }),
    );
    expect(findings.map(({ code }) => code)).toEqual(["LCK-232"]);
    expect(lock.images["registry.test/acme/gone:v1"]).toEqual(entry);
    expect(moved.filter(({ section }) => section === "images")).toEqual([]);
  });

  it("ends all of it when the caller stops", async () => {
    const stop = new AbortController();
    const silent = await listen(() => stop.abort(new Error("Ctrl-C")));
    onTestFinished(() => silent.close());
    const environment = { HF_ENDPOINT: silent.origin, FREEHOLD_REGISTRY_MIRRORS: `registry.test=${silent.host}` };
    await expect(resolveLock(stackOf({ v1: {} }), options({ environment, signal: stop.signal }))).rejects.toThrow(
      "Ctrl-C",
    );
  });

  it("is asked for with four requests at once, never more", async () => {
    const total = 31;
    const held: ServerResponse[] = [];
    let most = 0;
    let count = 0;
    // All that are under way stay so until four are there and a fifth had the time to come.
    const release = (turns: number) => {
      most = Math.max(most, held.length);
      if (turns > 0) setImmediate(release, turns - 1);
      else for (const response of held.splice(0)) response.writeHead(404).end();
    };
    const server = await listen((_, response) => {
      held.push(response);
      count += 1;
      if (held.length === 4 || count === total) release(100);
    });
    onTestFinished(() => server.close());
    const versions = Object.fromEntries(Array.from({ length: total - 1 }, (_, n) => [`v${n}`, { revision: `r${n}` }]));
    const environment = { HF_ENDPOINT: server.origin, FREEHOLD_REGISTRY_MIRRORS: `registry.test=${server.host}` };
    const { findings } = await resolveLock(stackOf(versions), options({ environment }));
    expect(findings).toHaveLength(total);
    expect(most).toBe(4);
  });
});
