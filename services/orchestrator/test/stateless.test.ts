// Proves: a run without a thread leaves nothing behind, on both databases, and only when nobody needs it any more.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Service } from "../src/service.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const tables = ["threads", "runs", "run_events", "checkpoints", "checkpoint_blobs", "checkpoint_items"];
tables.push("checkpoint_writes", "tool_calls");

onBothDatabases("runs without a thread", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-stateless-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  let client: Client;
  beforeAll(async () => {
    model = await startModelServer(({ body }) => {
      const last = body.messages.at(-1);
      if (last?.role === "tool") return { text: ["Done"] };
      if (last?.content === "refund") return { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] };
      return { text: ["Hello"] };
    });
    service = await startReplica({
      storage: given().storage,
      agents: { support: supportAgent(model), careful: supportAgent(model, { approval: true }) },
      runs: { statelessKeepSeconds: 1, reaperSeconds: 0.1 },
    });
    client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (content: string) => ({ input: { messages: [{ role: "human", content }] } });
  const threads = async () => (await client.threads.search({ limit: 100 })).map(({ thread_id }) => thread_id);

  test("goes with all it holds once its time is over, and not before", async () => {
    const run = await client.runs.create(null, "support", ask("refund"));
    await client.runs.join(run.thread_id, run.run_id);
    const events: string[] = [];
    for await (const { event } of client.runs.joinStream(run.thread_id, run.run_id)) events.push(event);
    expect(events[0]).toBe("metadata");
    await expect.poll(threads).toEqual([]);
    await expect(client.runs.get(run.thread_id, run.run_id)).rejects.toThrow(/404/);
    if (given().storage.kind === "postgres") {
      for (const table of tables) {
        const { rows } = await given().database.asOwner((transaction) =>
          transaction.query<{ count: string }>(`select count(*) from orchestrator.${table}`),
        );
        expect([table, Number(rows[0]?.count)]).toEqual([table, 0]);
      }
    }
  });

  test("stays where the caller keeps it, where a person is asked, and where it was the caller's own", async () => {
    const kept = await client.runs.create(null, "support", { ...ask("hi"), onCompletion: "continue" });
    const asking = await client.runs.create(null, "careful", ask("refund"));
    const own = await client.threads.create();
    await client.runs.wait(own.thread_id, "support", ask("hi"));
    const gone = await client.runs.create(null, "support", ask("hi"));
    await expect.poll(threads).not.toContain(gone.thread_id);
    // Those ended before the one that has gone, so their time is over as well.
    expect((await threads()).sort()).toEqual([kept.thread_id, asking.thread_id, own.thread_id].sort());
    await client.runs.wait(asking.thread_id, "careful", { command: { resume: { approve: true } } });
    expect(await threads()).toContain(asking.thread_id);
  });
});
