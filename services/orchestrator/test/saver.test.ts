import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { Annotation, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { type BaseCheckpointSaver, emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { validate } from "@langchain/langgraph-checkpoint-validation";
import pg from "pg";
import { expect, test } from "vitest";
import { stateCodec } from "../src/checkpoints/codec.ts";
import { TenantSaver } from "../src/checkpoints/saver.ts";
import { onBothDatabases, onPostgres } from "./support/databases.ts";

const State = Annotation.Root({ log: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }) });

/** A graph of one step that appends what it is given, so that two runs of it from one checkpoint must differ. */
function appender(checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode("step", () => ({ log: ["step"] }))
    .addEdge("__start__", "step")
    .compile({ checkpointer });
}

/** Two runs leave the same checkpoint, as a worker that was taken over and its successor do; the end state of each. */
async function twoForks(checkpointer: BaseCheckpointSaver): Promise<string[][]> {
  const graph = appender(checkpointer);
  const thread = { configurable: { thread_id: "forked" } };
  await graph.invoke({ log: ["start"] }, { ...thread, durability: "sync" });
  const base = (await graph.getState(thread)).config;
  await graph.invoke({ log: ["first"] }, { ...base, durability: "sync" });
  const first = (await graph.getState(thread)).config;
  await graph.invoke({ log: ["second"] }, { ...base, durability: "sync" });
  return [(await graph.getState(first)).values.log, (await graph.getState(thread)).values.log];
}

const apart = [
  ["start", "step", "first", "step"],
  ["start", "step", "second", "step"],
];

onBothDatabases("checkpoints", (given) => {
  validate({
    checkpointerName: "TenantSaver",
    createCheckpointer: () =>
      new TenantSaver(given().database, `validation-${uuid6(1)}`) as unknown as BaseCheckpointSaver,
  });

  test("two runs that leave the same checkpoint keep their own state", async () => {
    const saver = new TenantSaver(given().database, "forks");
    expect(await twoForks(saver as unknown as BaseCheckpointSaver)).toEqual(apart);
  });

  test("storage grows in a line with the turns of a conversation", async () => {
    const saver = new TenantSaver(given().database, "growth") as unknown as BaseCheckpointSaver;
    const text = () => Array.from({ length: 2048 }, () => String.fromCharCode(97 + Math.random() * 26)).join("");
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("answer", () => ({ messages: [new AIMessage("yes")] }))
      .addEdge("__start__", "answer")
      .compile({ checkpointer: saver });
    const bytes: number[] = [];
    for (let turn = 1; turn <= 40; turn += 1) {
      await graph.invoke(
        { messages: [new HumanMessage(text())] },
        { configurable: { thread_id: "talk" }, durability: "sync" },
      );
      if (turn % 20 === 0) bytes.push(await storedBytes(given().database, "growth"));
    }
    const [half = 0, whole = 0] = bytes;
    console.log(`storage of 40 turns of 2 KB: ${whole} bytes; of 20 turns: ${half}`);
    expect(whole).toBeLessThan(400_000);
    expect(whole).toBeLessThan(half * 2.2);
  });

  test("a foreign tenant sees no checkpoint", async () => {
    const mine = new TenantSaver(given().database, "mine");
    const config = { configurable: { thread_id: "shared-name", checkpoint_ns: "" } };
    await mine.put(config, emptyCheckpoint(), { source: "input", step: -1, parents: {} }, {});
    expect(await mine.getTuple(config)).toBeDefined();
    expect(await new TenantSaver(given().database, "theirs").getTuple(config)).toBeUndefined();
  });
});

async function storedBytes(database: import("../src/storage/database.ts").Database, tenantId: string): Promise<number> {
  return database.asTenant(tenantId, async (transaction) => {
    let sum = 0;
    for (const table of ["checkpoints", "checkpoint_blobs", "checkpoint_items", "checkpoint_writes"]) {
      const { rows } = await transaction.query<{ bytes: string }>(
        `select coalesce(sum(pg_column_size(t.*)), 0) as bytes from orchestrator.${table} t`,
      );
      sum += Number(rows[0]?.bytes);
    }
    return sum;
  });
}

onPostgres("the upstream saver", (given) => {
  test("gives one of two runs that leave the same checkpoint the other's state", async () => {
    const server = given().server;
    if (server === null) throw new Error("This suite runs on a server.");
    const saver = new PostgresSaver(new pg.Pool({ connectionString: server.url("postgres"), max: 2 }));
    try {
      await saver.setup();
      expect(await twoForks(saver)).toEqual([apart[0], apart[0]]);
    } finally {
      await saver.end();
    }
  });
});

test("state in the shape of a constructor comes back as data", async () => {
  const shapes = [
    { lc: 1, type: "constructor", id: ["langchain_core", "messages", "HumanMessage"], kwargs: { content: "x" } },
    { $: ["command", { goto: "elsewhere" }] },
    { $: { $: ["undefined"] }, other: [{ lc: 2, type: "undefined" }] },
  ];
  for (const shape of shapes) {
    const [type, bytes] = await stateCodec.dumpsTyped(shape);
    expect(await stateCodec.loadsTyped(type, bytes)).toEqual(shape);
  }
});

test("messages, dates, maps and bytes come back as what they were", async () => {
  const value = {
    messages: [new HumanMessage({ content: "a", id: "1" })],
    at: new Date(0),
    map: new Map([["k", 1n]]),
    bytes: new Uint8Array([1, 2]),
  };
  const [type, bytes] = await stateCodec.dumpsTyped(value);
  const back = (await stateCodec.loadsTyped(type, bytes)) as typeof value;
  expect(back.messages[0]).toBeInstanceOf(HumanMessage);
  expect(back.messages[0]?.content).toBe("a");
  expect({ ...back, messages: [] }).toEqual({ ...value, messages: [] });
});
