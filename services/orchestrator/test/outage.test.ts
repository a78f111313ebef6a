// Proves: while the database is gone, replicas live on and say what they cannot do; afterwards each accepted run ends once.
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onPostgres } from "./support/databases.ts";
import { type Answer, startModelServer } from "./support/model-server.ts";
import { type ReplicaProcess, replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

/** Several leases long, so that all that was held is lost. */
const outageSeconds = process.env.FREEHOLD_TORTURE === "1" ? 60 : 10;
const runs = {
  leaseSeconds: 3,
  heartbeatSeconds: 1,
  reaperSeconds: 0.5,
  pollMilliseconds: 50,
  perTenant: 2,
  maxAttempts: 5,
};

onPostgres("a database that is gone for a while", (given) => {
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let program: ReturnType<typeof replicaProgram>;
  let replicas: ReplicaProcess[];
  let gate: Promise<void> | null = null;
  beforeAll(async () => {
    program = replicaProgram();
    model = await startModelServer(async ({ body }): Promise<Answer> => {
      const last = body.messages.at(-1);
      if (last?.content === "think") await gate;
      if (last?.role === "tool" || last?.content === "think") return { text: ["Done"] };
      return { calls: [{ id: "call-1", name: "refund", args: { order: last?.content } }] };
    });
    const settings = { storage: given().storage, agents: { support: supportAgent(model) }, runs };
    replicas = [await program.start(settings), await program.start(settings)];
  });
  afterAll(async () => {
    await program?.remove();
    await model?.stop();
  });

  /** Reads a run's stream from any replica until it has ended, and comes back with the last id where it breaks off. */
  async function followed(threadId: string, runId: string): Promise<{ ids: string[]; attempts: number[] }> {
    const ids: string[] = [];
    const attempts: number[] = [];
    for (let turn = 0; ; turn += 1) {
      const { url } = replicas[turn % replicas.length] as ReplicaProcess;
      const since: Record<string, string> = ids.length === 0 ? {} : { "last-event-id": ids.at(-1) as string };
      try {
        const answer = await fetch(`${url}/threads/${threadId}/runs/${runId}/stream`, { headers: since });
        if (!answer.ok) throw new Error(`The stream answered ${answer.status}.`);
        let text = "";
        for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          text += part;
          const frames = text.split("\n\n");
          text = frames.pop() ?? "";
          for (const frame of frames) {
            const [, id = "", event, data = ""] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(frame) ?? [];
            if (id !== "") ids.push(id);
            if (event === "metadata") attempts.push((JSON.parse(data) as { attempt: number }).attempt);
          }
        }
        return { ids, attempts };
      } catch {
        await delay(200);
      }
    }
  }

  test("loses no accepted run, asks no `once` tool twice, and repeats supersteps that were cut, saying so", async () => {
    const [serving] = replicas as [ReplicaProcess, ReplicaProcess];
    const client = new Client({ apiUrl: serving.url, callerOptions: { maxRetries: 0 } });
    const begin = async (content: string) => {
      const thread = await client.threads.create();
      const input = { messages: [{ role: "human", content }] };
      const run = await client.runs.create(thread.thread_id, "support", { input, streamMode: ["updates", "values"] });
      return { threadId: thread.thread_id, runId: run.run_id };
    };
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const release = model.holdTools();
    const inModelCall = await begin("think");
    const inToolCall = await begin("order 1");
    await expect.poll(() => [model.requests.length, model.toolCalls.length]).toEqual([2, 1]);
    // The tenant's two live runs are taken: these wait.
    const waiting = [await begin("order 2"), await begin("order 3")];
    const all = [inModelCall, inToolCall, ...waiting];
    const streams = all.map(({ threadId, runId }) => followed(threadId, runId));

    given().server?.stop("immediate");
    const refused = await fetch(`${serving.url}/threads`, { method: "POST", body: "{}" });
    expect([refused.status, await refused.json()]).toEqual([500, { detail: expect.stringContaining("repeated") }]);
    await delay(outageSeconds * 1000);
    open();
    release();
    for (const { url, process } of replicas) {
      expect(process.exitCode).toBeNull();
      expect((await fetch(`${url}/ok`)).status).toBe(200);
    }
    await given().server?.start();

    const logs = await Promise.all(streams);
    const ends = await Promise.all(
      all.map(async ({ threadId, runId }) => (await client.runs.get(threadId, runId)).status),
    );
    // What waited begins afterwards; on a slow machine it may lose a lease of its own.
    const [ofModelCall, ofToolCall, ...ofWaiting] = ends;
    expect([ofModelCall, ofToolCall]).toEqual(["success", "interrupted"]);
    for (const end of ofWaiting) expect(end).toMatch(/^(success|interrupted)$/);
    for (const { ids } of logs) expect(ids.map((id) => Number(id.split("-")[1]))).toEqual(ids.map((_, at) => at + 1));
    for (const { attempts } of logs.slice(0, 2)) expect(attempts.slice(0, 2)).toEqual([1, 2]);
    expect(model.toolCalls.map((call) => (call as { order: string }).order).toSorted()).toEqual([
      "order 1",
      "order 2",
      "order 3",
    ]);
    const state = await client.threads.getState<{ messages: unknown[] }>(inModelCall.threadId);
    expect(state.values.messages).toHaveLength(2);
  }, 180_000);
});
