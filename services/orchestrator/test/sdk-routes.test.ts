// Proves: every route that the JavaScript SDK asks is there, and does what the SDK's words for it say. What the list below leaves out
// is said in the README.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { agentKind } from "../src/agents/registry.ts";
import { openApiDocument } from "../src/api/openapi.ts";
import { prune } from "../src/runs/retention.ts";
import type { Service } from "../src/service.ts";
import { settingsSchema } from "../src/settings.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

/** The SDK's newer protocol of commands, and components of a user interface: neither is served here. */
const notServed = ["/threads/{}/commands", "/threads/{}/stream/events", "/ui/{}"];

/** Two steps, so that a run can stop between them. */
const steps = agentKind({
  settings: z.object({}),
  build: (_, checkpointer) =>
    new StateGraph(MessagesAnnotation)
      .addNode("first", () => ({ messages: [{ role: "ai", content: "one" }] }))
      .addNode("second", () => ({ messages: [{ role: "ai", content: "two" }] }))
      .addEdge("__start__", "first")
      .addEdge("first", "second")
      .addEdge("second", "__end__")
      .compile({ checkpointer }),
});

function sdkPaths(): string[] {
  const sdk = dirname(createRequire(import.meta.url).resolve("@langchain/langgraph-sdk/package.json"));
  const folder = join(sdk, "dist/client");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const paths = sources.flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return [...text.matchAll(/["`](\/(?:assistants|threads|runs|store|ui)\b[^"`\s]*)["`]/g)].map(([, path = ""]) =>
      path.replace(/\$\{[^}]*\}/g, "{}"),
    );
  });
  return [...new Set(paths)].sort();
}

test("every path that the SDK asks is served, but those that are named", () => {
  const served = Object.keys(openApiDocument().paths).map((path) => path.replace(/\{\w+\}/g, "{}"));
  const asked = sdkPaths();
  expect(asked.length).toBeGreaterThan(35);
  expect(asked.filter((path) => !served.includes(path)).sort()).toEqual(notServed);
});

onBothDatabases("what the SDK asks beside runs", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-routes-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  let client: Client;
  beforeAll(async () => {
    model = await startModelServer(({ body }) => {
      const last = body.messages.at(-1);
      if (last?.content === "refund") return { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] };
      return { text: ["Hello", ", ", "world"] };
    });
    const { storage } = given();
    service = await startReplica(
      {
        storage: storage.kind === "embedded" ? { kind: "embedded", folder: join(folder, "data") } : storage,
        agents: { support: supportAgent(model), steps: { graph: "steps" } },
        runs: { pollMilliseconds: 20 },
      },
      { steps },
    );
    client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (content: string) => ({ input: { messages: [{ role: "human", content }] } });

  test("assistants are counted, sorted and paged, and keep their versions", async () => {
    const made = await client.assistants.create({
      graphId: "support",
      name: "Zoe",
      config: { tags: ["a"] },
      context: { tone: "kind" },
    });
    const changed = await client.assistants.update(made.assistant_id, { name: "Zora" });
    expect(changed).toMatchObject({ version: 2, config: { tags: ["a"] }, context: { tone: "kind" } });
    expect(await client.assistants.count({ name: "zo" })).toBe(1);
    const sorted = await client.assistants.search({ sortBy: "name", sortOrder: "asc" });
    expect(sorted.map(({ name }) => name)).toEqual(["Zora", "steps", "support"]);
    const page = await client.assistants.search({ limit: 2, includePagination: true });
    expect(page).toMatchObject({ assistants: [{ name: "support" }, { name: "steps" }], next: "2" });
    const versions = await client.assistants.getVersions(made.assistant_id);
    expect(versions.map(({ version, name }) => [version, name])).toEqual([
      [2, "Zora"],
      [1, "Zoe"],
    ]);
    expect(await client.assistants.setLatest(made.assistant_id, 1)).toMatchObject({ version: 1, name: "Zoe" });
    expect(await client.assistants.update(made.assistant_id, { name: "Zara" })).toMatchObject({ version: 3 });
    await expect(client.assistants.setLatest(made.assistant_id, 9)).rejects.toMatchObject({ status: 404 });
    await expect(client.assistants.setLatest("support", 1)).rejects.toMatchObject({ status: 409 });
    await expect(client.assistants.delete("support")).rejects.toMatchObject({ status: 409 });
    await client.assistants.delete(made.assistant_id);
    await expect(client.assistants.getVersions(made.assistant_id)).rejects.toMatchObject({ status: 404 });
  });

  test("an assistant's graph can be drawn, and its state's keys are told", async () => {
    const graph = await client.assistants.getGraph("support");
    expect(graph.nodes.map(({ id }) => id)).toEqual(["__start__", "answer", "tools", "__end__"]);
    expect(graph.edges).toContainEqual({ source: "tools", target: "answer", conditional: false });
    expect(await client.assistants.getSchemas("support")).toMatchObject({
      graph_id: "support",
      state_schema: { properties: { messages: {} } },
    });
    expect(await client.assistants.getSubgraphs("support")).toEqual({});
  });

  test("a run that stops where its caller says leaves a thread that waits, and goes on from there", async () => {
    const thread = await client.threads.create();
    await client.runs.wait(thread.thread_id, "steps", { ...ask("go"), interruptBefore: ["second"] });
    expect((await client.threads.get(thread.thread_id)).status).toBe("interrupted");
    expect((await client.threads.getState(thread.thread_id)).next).toEqual(["second"]);
    await client.runs.wait(thread.thread_id, "steps", { input: null });
    const state = await client.threads.getState<{ messages: { content: string }[] }>(thread.thread_id);
    expect(state.values.messages.map(({ content }) => content)).toEqual(["go", "one", "two"]);
    expect((await client.threads.get(thread.thread_id)).status).toBe("idle");
  });

  test("a batch with one run that cannot be begins none", async () => {
    const before = (await client.threads.search({ limit: 1000 })).length;
    const batch = ["support", "nobody"].map((assistantId) => ({ ...ask("hi"), assistantId }));
    await expect(client.runs.createBatch(batch as never)).rejects.toMatchObject({ status: 404 });
    expect(await client.threads.search({ limit: 1000 })).toHaveLength(before);
  });

  test("a live run is not removed, several are ended at once, and their thread is free", async () => {
    const release = model.holdTools();
    const thread = await client.threads.create();
    const first = await client.runs.create(thread.thread_id, "support", ask("refund"));
    await expect.poll(() => model.toolCalls.length).toBeGreaterThan(0);
    const second = await client.runs.create(thread.thread_id, "support", ask("hi"));
    for (const run of [first, second]) {
      await expect(client.runs.delete(thread.thread_id, run.run_id)).rejects.toMatchObject({ status: 409 });
    }
    await client.runs.cancelMany({ threadId: thread.thread_id, status: "all" } as never);
    release();
    const statuses = (await client.runs.list(thread.thread_id)).map(({ status }) => status);
    expect(statuses).toEqual(["interrupted", "interrupted"]);
    expect((await client.threads.get(thread.thread_id)).status).toBe("idle");
    await client.runs.delete(thread.thread_id, second.run_id);
  });

  test("a reader who goes away takes the run along where that was asked, waiting and joining", async () => {
    for (const begin of ["wait", "join"] as const) {
      const release = model.holdTools();
      const before = model.toolCalls.length;
      const thread = await client.threads.create();
      const away = new AbortController();
      const { signal } = away;
      const waited =
        begin === "wait"
          ? client.runs.wait(thread.thread_id, "support", { ...ask("refund"), onDisconnect: "cancel", signal })
          : client.runs
              .create(thread.thread_id, "support", ask("refund"))
              .then((run) => client.runs.join(thread.thread_id, run.run_id, { cancelOnDisconnect: true, signal }));
      waited.catch(() => {});
      await expect.poll(() => model.toolCalls.length).toBe(before + 1);
      away.abort();
      const status = async () => (await client.runs.list(thread.thread_id))[0]?.status;
      await expect.poll(status).toBe("interrupted");
      release();
    }
  });

  test("a run's stream is joined without its thread, and in the modes that are asked for", async () => {
    const run = await client.runs.create(null, "support", { ...ask("hi"), streamMode: ["values", "updates"] });
    const events: string[] = [];
    for await (const { event } of client.runs.joinStream(null, run.run_id, { streamMode: ["updates"] })) {
      events.push(event);
    }
    expect(events[0]).toBe("metadata");
    expect(new Set(events)).toEqual(new Set(["metadata", "updates"]));
  });

  test("a thread's stream shows its runs one after the other, and goes on behind the last id", async () => {
    const thread = await client.threads.create();
    const run = async (text: string) => {
      const parts = client.runs.stream(thread.thread_id, "support", { ...ask(text), streamMode: "updates" });
      for await (const { event, data } of parts) if (event === "metadata") return data.run_id;
      throw new Error("The run did not begin.");
    };
    await run("before");
    await expect.poll(async () => (await client.threads.get(thread.thread_id)).status).toBe("idle");
    const away = new AbortController();
    const seen: { id?: string; event: string; data: unknown }[] = [];
    const reading = (async () => {
      for await (const part of client.threads.joinStream(thread.thread_id, { signal: away.signal })) {
        seen.push(part as never);
      }
    })().catch(() => {});
    const runs: string[] = [];
    for (const text of ["one", "two"]) runs.push(await run(text));
    const starts = () =>
      seen.filter(({ event }) => event === "metadata").map(({ data }) => (data as { run_id: string }).run_id);
    await expect.poll(() => seen.filter(({ event }) => event === "updates").length).toBe(2);
    expect(starts()).toEqual(runs);
    away.abort();
    await reading;
    const again = new AbortController();
    const rest: unknown[] = [];
    const lastEventId = seen[0]?.id as string;
    for await (const part of client.threads.joinStream(thread.thread_id, { lastEventId, signal: again.signal })) {
      rest.push(part);
      if (rest.length === seen.length - 1) break;
    }
    expect(rest).toEqual(seen.slice(1));
  });

  test("a thread is made with a state, changed in its metadata, and removed with its history", async () => {
    const thread = await client.threads.create({
      graphId: "steps",
      supersteps: [
        ...["__input__", "__start__"].map((asNode) => ({
          updates: [{ values: { messages: [{ role: "human", id: "m1", content: "seed" }] }, asNode }],
        })),
        { updates: [{ values: { messages: [{ role: "ai", content: "one" }] }, asNode: "first" }] },
      ],
    });
    const state = await client.threads.getState<{ messages: { content: string }[] }>(thread.thread_id);
    expect(state.values.messages.map(({ content }) => content)).toEqual(["seed", "one"]);
    expect(state.next).toEqual(["second"]);
    await client.threads.patchState(thread.thread_id, { topic: "x" } as never);
    expect((await client.threads.get(thread.thread_id)).metadata).toMatchObject({ graph_id: "steps", topic: "x" });
    expect(await client.threads.prune([thread.thread_id], { strategy: "keep_latest" })).toEqual({ pruned_count: 1 });
    expect(await client.threads.getHistory(thread.thread_id)).toHaveLength(1);
    const gone = "00000000-0000-0000-0000-000000000000";
    expect(await client.threads.prune([thread.thread_id, gone])).toEqual({ pruned_count: 1 });
    await expect(client.threads.get(thread.thread_id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.threads.create({ supersteps: [{ updates: [{ values: {}, asNode: "x" }] }] }),
    ).rejects.toMatchObject({
      status: 422,
    });
  });
});

onBothDatabases("a thread with a time to live", (given) => {
  test("goes that long after its last use, and not while a run or a person is waited for", async () => {
    const { database } = given();
    const { retention } = settingsSchema.parse({ storage: { kind: "embedded", folder: "unused" }, agents: {} });
    await database.asOwner((transaction) =>
      transaction.query(
        `insert into orchestrator.threads (thread_id, tenant_id, status, ttl_minutes, updated_at) values
           ('kept', 'a', 'idle', null, now() - interval '1 day'), ('young', 'a', 'idle', 60, now()),
           ('busy', 'a', 'busy', 1, now() - interval '1 day'), ('old', 'a', 'idle', 60, now() - interval '61 minutes'),
           ('stopped', 'a', 'interrupted', 60, now() - interval '1 day')`,
      ),
    );
    expect(await prune(database, retention)).toMatchObject({ threads: 2 });
    const { rows } = await database.asOwner((transaction) =>
      transaction.query<{ thread_id: string }>("select thread_id from orchestrator.threads order by thread_id"),
    );
    expect(rows.map(({ thread_id: id }) => id)).toEqual(["busy", "kept", "young"]);
  });
});
