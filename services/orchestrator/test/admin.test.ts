// Proves: the administration port tells a working worker from a listening port, and counts what happened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AgentRegistry } from "../src/agents/registry.ts";
import { Worker } from "../src/runs/worker.ts";
import type { Service } from "../src/service.ts";
import { settingsSchema } from "../src/settings.ts";
import type { Database } from "../src/storage/database.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const runs = { leaseSeconds: 4, heartbeatSeconds: 0.3, reaperSeconds: 0.1, pollMilliseconds: 20, maxAttempts: 1 };

onBothDatabases("the administration port", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-admin-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  beforeAll(async () => {
    model = await startModelServer(({ body }) => {
      const last = body.messages.at(-1);
      if (last?.role === "tool") return { text: ["Done"] };
      if (last?.content === "cut") return { text: ["half"], cut: true };
      return { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] };
    });
    service = await startReplica({
      storage: given().storage,
      admin: { port: 0 },
      agents: { support: supportAgent(model) },
      runs,
    });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const status = async (path: string) => (await fetch(`${service.adminUrl}${path}`)).status;
  /** Samples by name and labels; each line must be one that Prometheus reads. */
  const samples = async () => {
    const lines = (await (await fetch(`${service.adminUrl}/metrics`)).text()).trimEnd().split("\n");
    for (const line of lines) {
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ \S.*|[a-z_]+\{([a-z_]+="(\\.|[^"\\\n])*",?)*\} [0-9.e+-]+)$/);
    }
    const values = lines.filter((line) => !line.startsWith("#")).map((line) => line.split(/ (?=[^ ]+$)/));
    return Object.fromEntries(
      values.map(([name, value]) => [name?.replace("freehold_orchestrator_", ""), Number(value)]),
    );
  };

  test("counts claims and their delay, runs by how they ended, and tool calls by state", async () => {
    const client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
    const ask = (content: string) => ({ input: { messages: [{ role: "human", content }] } });
    await client.runs.wait(null, "support", ask("refund"));
    await client.runs.wait(null, "support", { ...ask("cut"), raiseError: false });
    await expect.poll(samples).toMatchObject({
      "claims_total{}": 2,
      'attempt_ends_total{outcome="finished"}': 2,
      "claim_delay_seconds_count{}": 2,
      "database_up{}": 1,
      "queue_age_seconds{}": 0,
      'runs{status="success",error=""}': 1,
      'runs{status="error",error="ModelStreamCut"}': 1,
      'tool_calls{tool="refund",policy="once",state="done"}': 1,
    });
  });

  test("shows an open tool call and a run that nobody takes", async () => {
    const release = model.holdTools();
    const client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
    const thread = await client.threads.create();
    const input = { messages: [{ role: "human", content: "refund" }] };
    const before = model.toolCalls.length;
    await client.runs.create(thread.thread_id, "support", { input });
    await expect.poll(() => model.toolCalls.length).toBe(before + 1);
    const waiting = await client.runs.create(thread.thread_id, "support", { input });
    await expect.poll(async () => (await samples())["queue_age_seconds{}"]).toBeGreaterThan(0);
    expect(await samples()).toMatchObject({
      'runs{status="running",error=""}': 1,
      'runs{status="pending",error=""}': 1,
      'tool_calls{tool="refund",policy="once",state="intent"}': 1,
    });
    release();
    await client.runs.join(thread.thread_id, waiting.run_id);
  });

  test("is ready while the database answers, alive also while it does not", async ({ skip }) => {
    const { server } = given();
    await expect.poll(() => status("/readyz")).toBe(200);
    expect(await status("/healthz")).toBe(200);
    expect(await status("/threads/search")).toBe(404);
    skip(server === null, "the embedded database is never away");
    server?.stop("immediate");
    await expect.poll(() => status("/readyz")).toBe(503);
    expect(await status("/healthz")).toBe(200);
    expect(await samples()).toMatchObject({ "database_up{}": 0, "claims_total{}": expect.any(Number) });
    await server?.start();
    await expect.poll(() => status("/readyz")).toBe(200);
  });

  test("is not ready from the moment the replica drains", async () => {
    await service.worker.drain();
    expect([await status("/readyz"), await status("/healthz")]).toEqual([503, 200]);
  });
});

test("a worker whose loops get no answer is not alive, though its process is", async () => {
  const silent: Database = {
    asOwner: () => new Promise(() => {}),
    asTenant: () => new Promise(() => {}),
    close: async () => {},
  };
  const settings = settingsSchema.parse({
    storage: { kind: "embedded", folder: "never-opened" },
    agents: {},
    runs: { ...runs, leaseSeconds: 0.1, heartbeatSeconds: 0.01 },
  });
  const worker = new Worker(silent, new AgentRegistry({}, {}), settings);
  worker.start();
  expect([worker.isAlive, worker.isReady]).toEqual([true, false]);
  await expect.poll(() => worker.isAlive).toBe(false);
});
