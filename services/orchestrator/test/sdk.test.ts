import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { agentKind } from "../src/agents/registry.ts";
import type { Service } from "../src/service.ts";
import { embeddedStorage } from "./support/embedded.ts";
import { type Answer, startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const refund = { id: "call-1", name: "refund", args: { order: "7" } };

/** A graph whose two steps call each other for ever. */
const circle = agentKind({
  settings: z.object({}),
  build: (_, checkpointer) =>
    new StateGraph(MessagesAnnotation)
      .addNode("there", () => ({}))
      .addNode("back", () => ({}))
      .addEdge("__start__", "there")
      .addEdge("there", "back")
      .addEdge("back", "there")
      .compile({ checkpointer }),
});

/** Answers by the last message: a word of the question picks the flow. */
function script(request: { body: { messages: { role: string; content: string }[] } }): Answer {
  const last = request.body.messages.at(-1);
  if (last?.role === "tool") return { text: [`Done: `, last.content] };
  if (last?.content.includes("refund")) return { calls: [refund] };
  if (last?.content.includes("person"))
    return { calls: [{ id: "call-2", name: "hand_over_to_person", args: { reason: "asked" } }] };
  if (last?.content.includes("injected")) return { calls: [{ id: "call-3", name: "delete_everything", args: {} }] };
  if (last?.content.includes("cut")) return { text: ["half"], cut: true };
  return { text: ["Hello", ", ", "world"] };
}

describe("the JavaScript SDK, unchanged, on the embedded database", () => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-sdk-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  let client: Client;
  let foreign: Client;
  beforeAll(async () => {
    model = await startModelServer(script);
    const keysFile = join(folder, "keys.json");
    const hash = (key: string) => createHash("sha256").update(key).digest("hex");
    writeFileSync(keysFile, JSON.stringify({ [hash("mine")]: "acme", [hash("theirs")]: "globex" }));
    service = await startReplica(
      {
        storage: await embeddedStorage(join(folder, "data")),
        auth: { kind: "keys", keysFile },
        agents: {
          support: supportAgent(model),
          careful: supportAgent(model, { approval: true }),
          circle: { graph: "circle" },
        },
      },
      { circle },
    );
    client = new Client({ apiUrl: service.url, apiKey: "mine", callerOptions: { maxRetries: 0 } });
    foreign = new Client({ apiUrl: service.url, apiKey: "theirs", callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (content: string) => ({ input: { messages: [{ role: "human", content }] } });

  test("streams tokens and values, and keeps the thread's state", async () => {
    const thread = await client.threads.create();
    const events: { event: string; data: unknown; id?: string }[] = [];
    for await (const event of client.runs.stream(thread.thread_id, "support", {
      ...ask("hi"),
      streamMode: ["messages-tuple", "values"],
    })) {
      events.push(event as never);
    }
    expect(events[0]).toMatchObject({ event: "metadata", data: { attempt: 1 } });
    const tokens = events
      .filter((event) => event.event === "messages")
      .map((event) => (event.data as [{ content: string }])[0].content);
    expect(tokens.join("")).toContain("Hello, world");
    expect(tokens.length).toBeGreaterThan(2);
    const state = await client.threads.getState<{ messages: { type: string; content: string }[] }>(thread.thread_id);
    expect(state.values.messages.map((message) => message.content)).toEqual(["hi", "Hello, world"]);
    expect(state.next).toEqual([]);
    expect((await client.threads.get(thread.thread_id)).status).toBe("idle");
    expect(model.requests.at(-1)?.headers).toMatchObject({
      "x-freehold-data-class": "customer",
      "x-freehold-tenant": "acme",
    });
  });

  test("waits, lists, joins and finds history, forks and copies", async () => {
    const thread = await client.threads.create({ metadata: { topic: "x" } });
    const values = (await client.runs.wait(thread.thread_id, "support", ask("one"))) as { messages: unknown[] };
    expect(values.messages).toHaveLength(2);
    await client.runs.wait(thread.thread_id, "support", ask("two"));
    const history = await client.threads.getHistory<{ messages: unknown[] }>(thread.thread_id);
    expect(history[0]?.values.messages).toHaveLength(4);
    const first = history.find((state) => state.next.length === 0 && state.values.messages.length === 2);
    const forked = (await client.runs.wait(thread.thread_id, "support", {
      ...ask("other"),
      checkpointId: first?.checkpoint.checkpoint_id as string,
    })) as { messages: { content: string }[] };
    expect(forked.messages.map((message) => message.content)).toEqual(["one", "Hello, world", "other", "Hello, world"]);
    const copy = await client.threads.copy(thread.thread_id);
    expect(await client.threads.getState((copy as unknown as { thread_id: string }).thread_id)).toMatchObject({
      values: forked,
    });
    const runs = await client.runs.list(thread.thread_id);
    expect(runs.map((run) => run.status)).toEqual(["success", "success", "success"]);
    expect(await client.runs.join(thread.thread_id, runs[0]?.run_id as string)).toMatchObject({
      messages: forked.messages,
    });
    const found = await client.threads.search({ metadata: { topic: "x" } });
    expect(found.map((one) => one.thread_id)).toContain(thread.thread_id);
  });

  test("stops for a person's approval, goes on with it, and stores a refusal with its reason", async () => {
    for (const [resume, expected] of [
      [{ approve: true }, '{"done":1}'],
      [{ approve: false, reason: "too much" }, "Refused by a person: too much"],
    ] as const) {
      const before = model.toolCalls.length;
      const thread = await client.threads.create();
      const stopped = (await client.runs.wait(thread.thread_id, "careful", ask("refund please"))) as Record<
        string,
        unknown
      >;
      expect(stopped.__interrupt__).toMatchObject([
        { value: { kind: "approve_tool_call", tool: "refund", arguments: { order: "7" } } },
      ]);
      expect((await client.threads.get(thread.thread_id)).status).toBe("interrupted");
      expect(model.toolCalls.length).toBe(before);
      const ended = (await client.runs.wait(thread.thread_id, "careful", { command: { resume } })) as {
        messages: { content: string }[];
      };
      expect(ended.messages.at(-1)?.content).toBe(`Done: ${expected}`);
      expect(model.toolCalls.length - before).toBe(resume.approve ? 1 : 0);
    }
  });

  test("hands over to a person and passes the answer on", async () => {
    const thread = await client.threads.create();
    await client.runs.wait(thread.thread_id, "support", ask("a person please"));
    const ended = (await client.runs.wait(thread.thread_id, "support", { command: { resume: { answer: "42" } } })) as {
      messages: { content: string }[];
    };
    expect(ended.messages.at(-1)?.content).toBe("Done: 42");
  });

  test("refuses a tool that the settings do not name, whatever the model was talked into", async () => {
    const ended = (await client.runs.wait(null, "support", ask("injected"))) as { messages: { content: string }[] };
    expect(ended.messages.at(-1)?.content).toContain('Refused: there is no tool "delete_everything"');
  });

  test("ends a run as error when the model's stream is cut, and says so", async () => {
    const thread = await client.threads.create();
    const ended = await client.runs.wait(thread.thread_id, "support", { ...ask("cut"), raiseError: false });
    expect(ended).toMatchObject({ __error__: { error: "ModelStreamCut" } });
    expect((await client.threads.get(thread.thread_id)).status).toBe("error");
  });

  test("shows a foreign tenant nothing: 404 for each id, and a search without it", async () => {
    const thread = await client.threads.create();
    const run = await client.runs.create(thread.thread_id, "support", ask("hi"));
    const refused = expect.objectContaining({ status: 404 });
    await expect(foreign.threads.get(thread.thread_id)).rejects.toEqual(refused);
    await expect(foreign.threads.getState(thread.thread_id)).rejects.toEqual(refused);
    await expect(foreign.threads.delete(thread.thread_id)).rejects.toEqual(refused);
    await expect(foreign.runs.get(thread.thread_id, run.run_id)).rejects.toEqual(refused);
    await expect(foreign.runs.create(thread.thread_id, "support", ask("hi"))).rejects.toEqual(refused);
    await expect(foreign.runs.cancel(thread.thread_id, run.run_id)).rejects.toEqual(refused);
    expect(await foreign.threads.search()).toEqual([]);
    const nobody = new Client({ apiUrl: service.url, apiKey: "guess", callerOptions: { maxRetries: 0 } });
    await expect(nobody.threads.search()).rejects.toMatchObject({ status: 401 });
  });

  test("rejects, enqueues, interrupts and rolls back a second run of a busy thread", async () => {
    const release = model.holdTools();
    const thread = await client.threads.create();
    const first = await client.runs.create(thread.thread_id, "support", ask("refund 1"));
    await expect.poll(() => model.toolCalls.length).toBeGreaterThan(0);
    await expect(
      client.runs.create(thread.thread_id, "support", { ...ask("x"), multitaskStrategy: "reject" }),
    ).rejects.toMatchObject({ status: 409 });
    const second = await client.runs.create(thread.thread_id, "support", { ...ask("x"), multitaskStrategy: "enqueue" });
    expect((await client.runs.get(thread.thread_id, second.run_id)).status).toBe("pending");
    const third = await client.runs.create(thread.thread_id, "support", { ...ask("y"), multitaskStrategy: "rollback" });
    await client.runs.join(thread.thread_id, third.run_id);
    release();
    await expect(client.runs.get(thread.thread_id, first.run_id)).rejects.toMatchObject({ status: 404 });
    const state = await client.threads.getState<{ messages: { content: string }[] }>(thread.thread_id);
    expect(state.values.messages.map((message) => message.content)).toEqual(["y", "Hello, world"]);
  });

  test("begins a batch of runs, each on a thread of its own", async () => {
    const batch = [ask("one"), ask("two")].map((one) => ({ ...one, assistantId: "support", onCompletion: "continue" }));
    const runs = await client.runs.createBatch(batch as never);
    expect(new Set(runs.map((run) => run.thread_id)).size).toBe(2);
    const ends = await Promise.all(runs.map((run) => client.runs.join(run.thread_id, run.run_id)));
    expect(ends.map((end) => (end as unknown as { messages: { content: string }[] }).messages[0]?.content)).toEqual([
      "one",
      "two",
    ]);
  });

  test("joins a stream after a reconnect without a gap", async () => {
    const thread = await client.threads.create();
    const run = await client.runs.create(thread.thread_id, "support", {
      ...ask("hi"),
      streamMode: ["updates", "values"],
    });
    const all: { id?: string }[] = [];
    for await (const event of client.runs.joinStream(thread.thread_id, run.run_id)) all.push(event as never);
    expect(all.map((event) => event.id)).toEqual(all.map((_, index) => `1-${index + 1}`));
    for (let cut = 1; cut < all.length; cut += 1) {
      const rest: unknown[] = [];
      const lastEventId = all[cut - 1]?.id as string;
      for await (const event of client.runs.joinStream(thread.thread_id, run.run_id, { lastEventId })) rest.push(event);
      expect(rest).toEqual(all.slice(cut));
    }
  });

  test("ends a run that goes in circles at the limit of its supersteps, whatever limit the caller asks for", async () => {
    const ended = await client.runs.wait(null, "circle", {
      ...ask("hi"),
      config: { recursion_limit: 10_000 },
      raiseError: false,
    });
    expect(ended).toMatchObject({
      __error__: { error: "GraphRecursionError", message: expect.stringContaining("50") },
    });
  });

  test("keeps a state of 10 MB as it came, and answers 404 to an id of any shape", async () => {
    const thread = await client.threads.create();
    const text = "ü".repeat(5_000_000);
    const values = (await client.runs.wait(thread.thread_id, "support", ask(text))) as {
      messages: { content: string }[];
    };
    expect(values.messages[0]?.content === text).toBe(true);
    const state = await client.threads.getState<{ messages: { content: string }[] }>(thread.thread_id);
    expect(state.values.messages[0]?.content === text).toBe(true);
    for (const id of [
      "' or '1'='1",
      "../../etc/passwd",
      "00000000-0000-0000-0000-000000000000",
      "x".repeat(5000),
      "ü",
    ]) {
      await expect(client.threads.get(id)).rejects.toMatchObject({ status: 404 });
      await expect(client.runs.get(id, id)).rejects.toMatchObject({ status: 404 });
      await expect(client.runs.create(null, id, ask("hi"))).rejects.toMatchObject({ status: 404 });
    }
  });

  test("answers bad input with what is wrong", async () => {
    const post = (path: string, body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${service.url}${path}`, { method: "POST", body, headers: { "x-api-key": "mine" } }).then(
        async (answer) => [answer.status, await answer.text()],
      );
    expect(await post("/threads", new Uint8Array([0x7b, 0xff, 0x7d]))).toEqual([400, expect.stringContaining("UTF-8")]);
    expect(await post("/threads", "{")).toEqual([400, expect.stringContaining("JSON")]);
    expect(await post("/threads", '{"metadata":{"a":"\\u0000"}}')).toEqual([422, expect.stringContaining("U+0000")]);
    expect(await post("/threads", `"${"x".repeat(11 * 1024 * 1024)}"`)).toEqual([
      413,
      expect.stringContaining("larger"),
    ]);
    expect(await post("/runs", '{"assistant_id":"nobody"}')).toEqual([404, expect.stringContaining("nobody")]);
    const search = JSON.stringify({ metadata: { "a' or '1'='1": "x' or true --" } });
    expect(await post("/threads/search", search)).toEqual([200, "[]"]);
    const thread = await client.threads.create();
    for (const path of ["history?limit=many", "runs?limit=-1", "runs?status=asleep"]) {
      const answer = await fetch(`${service.url}/threads/${thread.thread_id}/${path}`, {
        headers: { "x-api-key": "mine" },
      });
      expect([path, answer.status]).toEqual([path, 422]);
    }
    expect(await post("/threads/search", '{"sort_by":"1;drop table orchestrator.runs"}')).toEqual([
      422,
      expect.any(String),
    ]);
  });
});
