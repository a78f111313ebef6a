// Proves: pruning removes what the settings keep no longer and nothing that is needed, and storage then stays level.
import { randomUUID } from "node:crypto";
import { HumanMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { createThread } from "../src/api/threads.ts";
import { TenantSaver } from "../src/checkpoints/saver.ts";
import { prune } from "../src/runs/retention.ts";
import type { Database } from "../src/storage/database.ts";
import { onBothDatabases } from "./support/databases.ts";

const keep = { checkpointsPerThread: 5, logDays: 30, everySeconds: 60 };
const state = ["checkpoints", "checkpoint_blobs", "checkpoint_items", "checkpoint_writes"];

async function rowsOf(database: Database, threadId: string): Promise<Record<string, number>> {
  return database.asOwner(async (transaction) => {
    const counts: Record<string, number> = {};
    for (const table of state) {
      const { rows } = await transaction.query<{ count: string }>(
        `select count(*) from orchestrator.${table} where thread_id = $1`,
        [threadId],
      );
      counts[table] = Number(rows[0]?.count);
    }
    return counts;
  });
}

async function age(database: Database, table: string, days: number, id: string): Promise<void> {
  await database.asOwner((transaction) =>
    transaction.query(
      `update orchestrator.${table} set updated_at = clock_timestamp() - make_interval(days => $1) where thread_id = $2`,
      [days, id],
    ),
  );
}

onBothDatabases("retention", (given) => {
  async function conversation() {
    const threadId = randomUUID();
    await given().database.asTenant("acme", (transaction) => createThread(transaction, "acme", threadId, {}));
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("answer", ({ messages }) => ({ messages: [`answer ${messages.length}`] }))
      .addEdge(START, "answer")
      .addEdge("answer", END)
      .compile({ checkpointer: new TenantSaver(given().database, "acme") as never });
    const config = { configurable: { thread_id: threadId } };
    const turn = (number: number) => graph.invoke({ messages: [new HumanMessage(`turn ${number}`)] }, config);
    return { threadId, graph, config, turn };
  }

  test("keeps the newest checkpoints with all they need: the conversation reads and goes on as before", async () => {
    const { database } = given();
    const { threadId, graph, config, turn } = await conversation();
    for (let number = 0; number < 8; number += 1) await turn(number);
    const before = (await graph.getState(config)).values;
    expect((await prune(database, keep, 0)).checkpoints).toBe(8 * 3 - 5);
    expect((await graph.getState(config)).values).toEqual(before);
    const counts = await rowsOf(database, threadId);
    expect(counts.checkpoints).toBe(5);
    // Each item of the list is still part of the newest state.
    expect(counts.checkpoint_items).toBe(16);
    const history: unknown[] = [];
    for await (const snapshot of graph.getStateHistory(config)) history.push(snapshot.values.messages.length);
    expect(history).toEqual([16, 15, 14, 14, 13]);
    await turn(8);
    expect(
      (await graph.getState(config)).values.messages.map((message: { text: string }) => message.text).slice(-3),
    ).toEqual(["answer 15", "turn 8", "answer 17"]);
    expect((await prune(database, keep, 0)).checkpoints).toBe(3);
    expect((await prune(database, keep, 0)).checkpoints).toBe(0);
  });

  test("storage of a pruned conversation grows by its new items alone", async () => {
    const { database } = given();
    const { threadId, turn } = await conversation();
    const sizes: Record<string, number>[] = [];
    for (let number = 0; number < 12; number += 1) {
      await turn(number);
      await prune(database, keep, 0);
      if (number >= 5) sizes.push(await rowsOf(database, threadId));
    }
    for (const [index, size] of sizes.entries()) {
      expect({ ...size, checkpoint_items: 0 }).toEqual({ ...sizes[0], checkpoint_items: 0 });
      expect(size.checkpoint_items).toBe((sizes[0]?.checkpoint_items ?? 0) + 2 * index);
    }
  });

  test("removes a list that was replaced, and leaves alone a thread that is busy or was just changed", async () => {
    const { database } = given();
    const { threadId, graph, config, turn } = await conversation();
    for (let number = 0; number < 4; number += 1) await turn(number);
    expect((await prune(database, keep)).checkpoints).toBe(0);
    const status = (text: string) =>
      database.asOwner((transaction) =>
        transaction.query("update orchestrator.threads set status = $1 where thread_id = $2", [text, threadId]),
      );
    await status("busy");
    expect((await prune(database, keep, 0)).checkpoints).toBe(0);
    await status("idle");
    const { RemoveMessage } = await import("@langchain/core/messages");
    const messages = (await graph.getState(config)).values.messages as { id: string }[];
    await graph.updateState(config, { messages: messages.map(({ id }) => new RemoveMessage({ id })) });
    await prune(database, { ...keep, checkpointsPerThread: 1 }, 0);
    expect(await rowsOf(database, threadId)).toMatchObject({ checkpoints: 1, checkpoint_items: 0 });
  });

  test("removes old logs, ledgers and threads, and keeps what is not resolved or not over", async () => {
    const { database } = given();
    const { threadId } = await conversation();
    const young = await conversation();
    const add = (id: string, thread: string, status: string) =>
      database.asOwner(async (transaction) => {
        await transaction.query(
          `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request, multitask_strategy, status)
           values ($1, 'acme', $2, 'a', 'a', 3, '{}', 'enqueue', $3)`,
          [id, thread, status],
        );
        await transaction.query("insert into orchestrator.run_events values ('acme', $1, 1, 1, 'metadata', '{}')", [
          id,
        ]);
        for (const state of ["done", "intent"]) {
          await transaction.query(
            `insert into orchestrator.tool_calls (tenant_id, thread_id, call_key, run_id, tool, policy, state, input_hash)
             values ('acme', $1, $2, $3, 't', 'once', $4, '')`,
            [thread, `${id}-${state}`, id, state],
          );
        }
      });
    const [old, fresh] = [randomUUID(), randomUUID()];
    await add(old, threadId, "success");
    await add(fresh, young.threadId, "success");
    await age(database, "runs", 31, threadId);
    expect((await prune(database, keep, 0)).runs).toBe(1);
    const left = await database.asOwner((transaction) =>
      transaction.query<{ call_key: string }>(
        "select call_key from orchestrator.tool_calls where run_id = any($1) order by call_key",
        [[old, fresh]],
      ),
    );
    expect(left.rows.map((row) => row.call_key).sort()).toEqual(
      [`${fresh}-done`, `${fresh}-intent`, `${old}-intent`].sort(),
    );
    await age(database, "threads", 400, threadId);
    expect((await prune(database, keep, 0)).threads).toBe(0);
    expect((await prune(database, { ...keep, threadDays: 365 }, 0)).threads).toBe(1);
    const threads = await database.asOwner((transaction) =>
      transaction.query("select 1 from orchestrator.threads where thread_id = any($1)", [[threadId, young.threadId]]),
    );
    expect(threads.rowCount).toBe(1);
  });
});
