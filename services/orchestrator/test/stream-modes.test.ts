// Proves: each stream mode of the wire format tells what its readers build on, alone and beside others, with subgraphs and without.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunnableConfig } from "@langchain/core/runnables";
import { type LangGraphRunnableConfig, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentKind } from "../src/agents/registry.ts";
import { askModel, messageOf } from "../src/models/ask.ts";
import { modelSettings, OpenAiCompatibleModel } from "../src/models/openai-compatible.ts";
import type { Service } from "../src/service.ts";
import { embeddedStorage } from "./support/embedded.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

/** A step with news of its own, and below it a graph that asks the model. */
const speaker = agentKind({
  settings: modelSettings,
  build: (settings, checkpointer) => {
    const model = new OpenAiCompatibleModel(settings);
    const inner = new StateGraph(MessagesAnnotation)
      .addNode("speak", async ({ messages }, config: RunnableConfig) => ({
        messages: [messageOf(await askModel(model, { messages }, config))],
      }))
      .addEdge("__start__", "speak")
      .compile();
    return new StateGraph(MessagesAnnotation)
      .addNode("announce", (_, config: LangGraphRunnableConfig) => {
        config.writer?.({ news: "soon" });
        return {};
      })
      .addNode("inner", inner)
      .addEdge("__start__", "announce")
      .addEdge("announce", "inner")
      .compile({ checkpointer });
  },
});

interface Event {
  id: string;
  event: string;
  data: unknown;
}
const folder = mkdtempSync(join(tmpdir(), "orchestrator-modes-"));
let model: Awaited<ReturnType<typeof startModelServer>>;
let service: Service;
let client: Client;
beforeAll(async () => {
  model = await startModelServer(({ body }) => {
    const last = body.messages.at(-1)?.content ?? "";
    return last.includes("cut") ? { text: ["half"], cut: true } : { text: ["Hello", ", ", "world"] };
  });
  service = await startReplica(
    {
      storage: await embeddedStorage(join(folder, "data")),
      agents: {
        speaker: { graph: "speaker", settings: { url: model.url, model: "chat", dataClass: "public" } },
        support: supportAgent(model),
      },
      runs: { pollMilliseconds: 10, maxAttempts: 2 },
    },
    { speaker },
  );
  client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
});
afterAll(async () => {
  await service?.stop();
  await model?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a run streams, but for the first event, which every stream has. */
async function streamed(
  streamMode: unknown,
  { agent = "speaker", content = "hi", ...more }: { agent?: string; content?: string; streamSubgraphs?: boolean } = {},
): Promise<Event[]> {
  const events: Event[] = [];
  const input = { messages: [{ role: "human", content }] };
  for await (const event of client.runs.stream(null, agent, {
    input,
    streamMode: streamMode as "values",
    ...more,
  })) {
    events.push(event as never);
  }
  expect(events.map(({ id }) => Number(id.split("-")[1]))).toEqual(events.map((_, index) => index + 1));
  expect(events[0]?.event).toBe("metadata");
  return events.slice(1);
}
const names = (events: Event[]) => events.map(({ event }) => event);
const dataOf = <Data>(events: Event[], name: string) =>
  events.filter(({ event }) => event === name).map(({ data }) => data as Data);

test("values: the whole state after each step", async () => {
  const events = await streamed("values");
  expect(new Set(names(events))).toEqual(new Set(["values"]));
  const contents = dataOf<{ messages: { content: string }[] }>(events, "values").map(({ messages }) =>
    messages.map(({ content }) => content),
  );
  expect(contents[0]).toEqual(["hi"]);
  expect(contents.at(-1)).toEqual(["hi", "Hello, world"]);
});

test("updates: what each step changed, by its node", async () => {
  const updates = dataOf<Record<string, { messages?: { content: string }[] }>>(await streamed("updates"), "updates");
  expect(updates.map((update) => Object.keys(update))).toEqual([["announce"], ["inner"]]);
  expect(updates[1]?.inner?.messages?.at(-1)?.content).toBe("Hello, world");
});

test("messages-tuple: each token with where it comes from", async () => {
  const tuples = dataOf<[{ id: string; content: string }, { langgraph_node: string }]>(
    await streamed("messages-tuple", { agent: "support" }),
    "messages",
  );
  const tokens = tuples.filter(([, metadata]) => metadata.langgraph_node === "answer").map(([message]) => message);
  expect(tokens.length).toBeGreaterThan(2);
  expect(tokens.map(({ content }) => content).join("")).toContain("Hello, world");
});

test("messages: each message as far as it has come, told of once by its id", async () => {
  const events = await streamed("messages", { agent: "support" });
  const ofModel = dataOf<[{ id: string; type: string; content: string }]>(events, "messages/partial").map(
    ([message]) => message,
  );
  const grown = ofModel.filter(({ id }) => id === ofModel[0]?.id).map(({ content }) => content);
  expect(grown.slice(0, 3)).toEqual(["Hello", "Hello, ", "Hello, world"]);
  expect(new Set(ofModel.map(({ type }) => type))).toEqual(new Set(["ai"]));
  const told = dataOf<Record<string, { metadata: { langgraph_node: string } }>>(events, "messages/metadata");
  expect(told.flatMap((one) => Object.keys(one)).filter((id) => id === ofModel[0]?.id)).toHaveLength(1);
  expect(Object.values(told.find((one) => (ofModel[0]?.id as string) in one) ?? {})[0]?.metadata.langgraph_node).toBe(
    "answer",
  );
  expect(names(events)).not.toContain("messages");
});

test("custom: what a node writes itself", async () => {
  expect((await streamed("custom")).map(({ event, data }) => [event, data])).toEqual([["custom", { news: "soon" }]]);
});

test("tasks, checkpoints and debug: each step as it begins and ends, and each state that is stored", async () => {
  const events = await streamed(["tasks", "checkpoints", "debug"]);
  const tasks = dataOf<{ id: string; name: string; result?: unknown; input?: unknown }>(events, "tasks");
  expect(tasks.map(({ name, ...task }) => [name, "result" in task])).toEqual([
    ["announce", false],
    ["announce", true],
    ["inner", false],
    ["inner", true],
  ]);
  const checkpoints = dataOf<{ next: string[]; values: { messages: unknown[] } }>(events, "checkpoints");
  expect(checkpoints.map(({ next }) => next)).toEqual([["__start__"], ["announce"], ["inner"], []]);
  expect(checkpoints.at(-1)?.values.messages).toHaveLength(2);
  const debug = dataOf<{ type: string }>(events, "debug").map(({ type }) => type);
  expect(new Set(debug)).toEqual(new Set(["task", "task_result", "checkpoint"]));
  expect(debug).toHaveLength(tasks.length + checkpoints.length);
});

test("events: what happens within each step, with the graph itself as the root of it all", async () => {
  type Told = { event: string; name: string; run_id: string; tags: string[]; data: { chunk?: { content?: string } } };
  const events = await streamed("events");
  expect(new Set(names(events))).toEqual(new Set(["events"]));
  const told = dataOf<Told>(events, "events");
  expect(told[0]).toMatchObject({ event: "on_chain_start", data: { input: { messages: [{ content: "hi" }] } } });
  expect(told.at(-1)).toMatchObject({ event: "on_chain_end", run_id: told[0]?.run_id });
  const tokens = told.filter(({ event }) => event === "on_chat_model_stream").map(({ data }) => data.chunk?.content);
  expect(tokens.join("")).toBe("Hello, world");
  expect(told.filter(({ event }) => event === "on_chat_model_end")).toHaveLength(1);
  expect(told.flatMap(({ tags }) => tags)).not.toContain("langsmith:hidden");
});

test("events beside other modes, with subgraphs: each mode as it is alone, by the namespace it is from", async () => {
  const alone = await streamed(["updates", "custom"], { streamSubgraphs: true });
  const beside = await streamed(["updates", "custom", "events"], { streamSubgraphs: true });
  const shape = (events: Event[]) =>
    names(events)
      .filter((name) => name !== "events")
      .map((name) => name.replace(/[0-9a-f-]{36}/, "ID"));
  expect(shape(alone)).toEqual(["custom", "updates", "updates|inner:ID", "updates"]);
  expect(shape(beside)).toEqual(shape(alone));
  expect(names(beside)).toContain("events");
});

test("events: a run that fails ends with its error, and each attempt is announced", async () => {
  const events = await streamed("events", { content: "cut" });
  expect(events.at(-1)).toMatchObject({ event: "error", data: { error: "ModelStreamCut" } });
  expect(dataOf<{ attempt: number }>(events, "metadata").map(({ attempt }) => attempt)).toEqual([2]);
});

test("events: a run that stops for a person goes on with the answer, on the same thread", async () => {
  const thread = await client.threads.create();
  const before = await client.runs.wait(thread.thread_id, "speaker", {
    input: { messages: [{ role: "human", content: "hi" }] },
    streamMode: "events" as never,
    interruptBefore: ["inner"],
  });
  expect((before as { messages: unknown[] }).messages).toHaveLength(1);
  const after: Event[] = [];
  for await (const event of client.runs.stream(thread.thread_id, "speaker", { input: null, streamMode: ["events"] })) {
    after.push(event as never);
  }
  expect(names(after)).toContain("events");
  const { values, next } = await client.threads.getState<{ messages: unknown[] }>(thread.thread_id);
  expect([values.messages.length, next]).toEqual([2, []]);
});

test("a run that is waited for fills its log with nothing that nobody reads", async () => {
  const thread = await client.threads.create();
  const input = { messages: [{ role: "human", content: "hi" }] };
  const values = (await client.runs.wait(thread.thread_id, "speaker", { input })) as { messages: unknown[] };
  expect(values.messages).toHaveLength(2);
  const [run] = await client.runs.list(thread.thread_id);
  const events: Event[] = [];
  for await (const event of client.runs.joinStream(thread.thread_id, run?.run_id ?? "")) events.push(event as never);
  expect(names(events)).toEqual(["metadata"]);
});

test("rejects a mode that does not exist, by its name", async () => {
  await expect(streamed("everything")).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining("stream_mode"),
  });
});
