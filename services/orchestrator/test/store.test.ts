// Proves: the store is one for clients and graphs, a tenant's own, within its caps, and its filters compare as LangGraph's do.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LangGraphRunnableConfig, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { agentKind } from "../src/agents/registry.ts";
import type { Service } from "../src/service.ts";
import { TenantStore } from "../src/store/tenant-store.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startReplica } from "./support/service.ts";

/** Answers with what it knew, then keeps what it was told. */
const memory = agentKind({
  settings: z.object({}),
  build: (_, checkpointer) =>
    new StateGraph(MessagesAnnotation)
      .addNode("remember", async ({ messages }, { store }: LangGraphRunnableConfig) => {
        const known = await store?.get(["memory"], "last");
        await store?.put(["memory"], "last", { text: messages.at(-1)?.content });
        return { messages: [{ role: "assistant", content: `I knew ${known?.value.text ?? "nothing"}.` }] };
      })
      .addEdge("__start__", "remember")
      .compile({ checkpointer }),
});

onBothDatabases("the store", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-store-"));
  let service: Service;
  let client: Client;
  let foreign: Client;
  beforeAll(async () => {
    const hash = (key: string) => createHash("sha256").update(key).digest("hex");
    writeFileSync(join(folder, "keys.json"), JSON.stringify({ [hash("mine")]: "acme", [hash("theirs")]: "globex" }));
    service = await startReplica(
      {
        storage: given().storage,
        auth: { kind: "keys", keysFile: join(folder, "keys.json") },
        agents: { memory: { graph: "memory" } },
        runs: { reaperSeconds: 0.1 },
        store: { maxItemBytes: 1000, maxItems: 40 },
      },
      { memory },
    );
    const as = (apiKey: string) => new Client({ apiUrl: service.url, apiKey, callerOptions: { maxRetries: 0 } });
    client = as("mine");
    foreign = as("theirs");
  });
  afterAll(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("keeps, replaces, finds, lists and removes items by the JavaScript SDK, unchanged", async () => {
    await client.store.putItem(["users", "1"], "profile", { name: "Ada", age: 36 });
    await client.store.putItem(["users", "2"], "profile", { name: "Alan", age: 41 });
    await client.store.putItem(["users2"], "profile", { name: "none" });
    await client.store.putItem(["users", "1"], "profile", { name: "Ada", age: 37 });
    const item = await client.store.getItem(["users", "1"], "profile");
    expect(item).toMatchObject({ namespace: ["users", "1"], key: "profile", value: { name: "Ada", age: 37 } });
    expect(Date.parse(String(item?.updatedAt))).toBeGreaterThan(Date.parse(String(item?.createdAt)));
    const found = await client.store.searchItems(["users"], { filter: { age: { $gte: 40 } } });
    expect(found.items.map(({ value }) => value.name)).toEqual(["Alan"]);
    expect((await client.store.searchItems([], { limit: 2, offset: 1 })).items).toHaveLength(2);
    const listed = async (options: Parameters<typeof client.store.listNamespaces>[0]) =>
      (await client.store.listNamespaces(options)).namespaces;
    expect(await listed({ prefix: ["users"] })).toEqual([
      ["users", "1"],
      ["users", "2"],
    ]);
    expect(await listed({ prefix: ["*", "2"] })).toEqual([["users", "2"]]);
    expect(await listed({ suffix: ["1"] })).toEqual([["users", "1"]]);
    expect(await listed({ maxDepth: 1 })).toEqual([["users"], ["users2"]]);
    await client.store.deleteItem(["users", "1"], "profile");
    expect(await client.store.getItem(["users", "1"], "profile")).toBeNull();
  });

  test("filters as LangGraph's own store in memory does", async () => {
    const values = [
      { n: 1, s: "a", b: true, list: [1, 2], deep: { x: 1 } },
      { n: 2, s: "b", b: false, list: [1], deep: { x: 2 } },
      { n: 2.5, s: "o'brien", nothing: null },
      {},
    ];
    const own = new TenantStore(given().database, "filters", { maxItemBytes: 1000, maxItems: 40 });
    const upstream = new InMemoryStore();
    for (const store of [own, upstream]) {
      for (const [index, value] of values.entries()) await store.put(["f"], String(index), value);
    }
    const filters = [
      { n: 2 },
      { n: { $eq: 2 } },
      { n: { $gt: 1, $lte: 2.5 } },
      { n: { $lt: 2 } },
      { n: { $ne: 2 } },
      { s: "o'brien" },
      { s: "' or '1'='1" },
      { "s' or 1=1 --": "a" },
      { b: false },
      { n: 2, s: "b" },
    ];
    const found = async (store: TenantStore | InMemoryStore, filter: Record<string, unknown>) =>
      (await store.search(["f"], { filter })).map(({ key }) => key).sort();
    for (const filter of filters) {
      expect([filter, await found(own, filter)]).toEqual([filter, await found(upstream, filter)]);
    }
    // In memory, lists and objects are equal only to themselves.
    expect(await found(own, { list: [1, 2] })).toEqual(["0"]);
    expect(await found(own, { deep: { x: 2 } })).toEqual(["1"]);
  });

  test("forgets an item when its time is over, and renews it on a read that does not say otherwise", async () => {
    const minutes = 1.5 / 60;
    await client.store.putItem(["ttl"], "read", { a: 1 }, { ttl: minutes });
    await client.store.putItem(["ttl"], "peeked", { a: 1 }, { ttl: minutes });
    await client.store.putItem(["ttl"], "kept", { a: 1 }, { ttl: null });
    const left = async () => {
      // Read only while it is there: what has gone does not come back by being asked for.
      await client.store.getItem(["ttl"], "read");
      return (await client.store.searchItems(["ttl"], { refreshTtl: false })).items.map(({ key }) => key).sort();
    };
    await expect.poll(left, { interval: 100 }).toEqual(["kept", "read"]);
    await expect
      .poll(async () => (await client.store.searchItems(["ttl"], { refreshTtl: false })).items.map(({ key }) => key))
      .toEqual(["kept"]);
  });

  test("rejects what is too large, too many, badly named or searched by meaning, with a sentence", async () => {
    const refusal = (call: Promise<unknown>) =>
      call.then(
        () => null,
        (error: { status: number; message: string }) => [error.status, error.message],
      );
    const told = (text: string) => [422, expect.stringContaining(text)];
    const putItem = client.store.putItem.bind(client.store);
    const searchItems = client.store.searchItems.bind(client.store);
    expect(await refusal(putItem(["big"], "k", { text: "x".repeat(1000) }))).toEqual(told("1000"));
    expect(await refusal(putItem([], "k", {}))).toEqual(told("namespace"));
    expect(await refusal(putItem(["langgraph"], "k", {}))).toEqual(told("LangGraph keeps"));
    expect(await refusal(putItem(["a"], "", {}))).toEqual(told("key"));
    expect(await refusal(putItem(["a"], "k", {}, { ttl: -1 }))).toEqual(told("ttl"));
    expect(await refusal(searchItems([], { query: "who is Ada" }))).toEqual(told("index by meaning"));
    expect(await refusal(searchItems([], { filter: { a: { $regex: ".*" } } }))).toEqual(told("$regex"));
    const filling = async () => {
      for (let number = 0; number < 50; number += 1) await putItem(["many"], String(number), {});
    };
    expect(await refusal(filling())).toEqual(told("as many as a tenant may have"));
    await putItem(["many"], "0", { replaced: true });
    for (let number = 0; number < 50; number += 1) await client.store.deleteItem(["many"], String(number));
  });

  test("shows a foreign tenant nothing, and keeps both under one name", async () => {
    await client.store.putItem(["shared"], "k", { of: "acme" });
    expect(await foreign.store.getItem(["shared"], "k")).toBeNull();
    await foreign.store.putItem(["shared"], "k", { of: "globex" });
    expect((await client.store.getItem(["shared"], "k"))?.value).toEqual({ of: "acme" });
    expect((await foreign.store.searchItems([])).items.map(({ value }) => value)).toEqual([{ of: "globex" }]);
    await foreign.store.deleteItem(["shared"], "k");
    expect((await client.store.getItem(["shared"], "k"))?.value).toEqual({ of: "acme" });
  });

  test("is the store that graphs get, across threads", async () => {
    const tell = async (content: string) => {
      const input = { messages: [{ role: "human", content }] };
      const values = (await client.runs.wait(null, "memory", { input })) as { messages: { content: string }[] };
      return values.messages.at(-1)?.content;
    };
    expect(await tell("the answer")).toBe("I knew nothing.");
    expect(await tell("more")).toBe("I knew the answer.");
    expect((await client.store.getItem(["memory"], "last"))?.value).toEqual({ text: "more" });
    expect((await foreign.store.searchItems(["memory"])).items).toEqual([]);
  });
});
