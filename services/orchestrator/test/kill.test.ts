import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onPostgres } from "./support/databases.ts";
import { type Answer, startModelServer } from "./support/model-server.ts";
import { type ReplicaProcess, replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

/** Shorter than the defaults, in the same proportions, so that a lease runs out within the patience of a test. */
const runs = { leaseSeconds: 3, heartbeatSeconds: 1, reaperSeconds: 0.5, pollMilliseconds: 50, maxAttempts: 3 };

interface Values {
  messages: { content: string }[];
  __interrupt__?: { value: { kind: string; key: string } }[];
}

onPostgres("a replica that is lost", (given) => {
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let program: Awaited<ReturnType<typeof replicaProgram>>;
  let modelGate: Promise<void> | null = null;
  beforeAll(async () => {
    program = replicaProgram();
    model = await startModelServer(async ({ body }): Promise<Answer> => {
      await modelGate;
      const last = body.messages.at(-1);
      return last?.role === "tool"
        ? { text: ["Done: ", last.content] }
        : { calls: [{ id: "call-1", name: "refund", args: { order: last?.content } }] };
    });
  });
  afterAll(async () => {
    await program?.remove();
    await model?.stop();
  });

  const start = (concurrency: number, policy = "once", more: object = {}) =>
    program.start({
      storage: given().storage,
      agents: { support: supportAgent(model, { policy }) },
      runs: { ...runs, concurrency, ...more },
    });
  const clientOf = (replica: ReplicaProcess) => new Client({ apiUrl: replica.url, callerOptions: { maxRetries: 0 } });
  const ask = (content: string) => ({
    input: { messages: [{ role: "human", content }] },
    streamMode: ["updates" as const],
  });

  /** Requests to the model arrive and then wait until the returned function is called. */
  function holdModel(): () => void {
    let open = () => {};
    modelGate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      modelGate = null;
      open();
    };
  }

  /** A run that one replica executes while another, which will survive, only serves; then the survivor's worker joins. */
  async function runOn(policy: string, more: object = {}) {
    const serving = await start(0, policy, more);
    const victim = await start(5, policy, more);
    const client = clientOf(serving);
    const thread = await client.threads.create();
    const before = { tools: model.toolCalls.length, requests: model.requests.length };
    const run = await client.runs.create(thread.thread_id, "support", ask("7"));
    return { serving, victim, client, threadId: thread.thread_id, runId: run.run_id, before };
  }

  test("killed in a `once` tool call: a person decides, and the tool is not asked again", async () => {
    const release = model.holdTools();
    const { serving, victim, client, threadId, runId, before } = await runOn("once");
    await expect.poll(() => model.toolCalls.length).toBe(before.tools + 1);
    await victim.end("SIGKILL");
    release();
    const heir = await start(5);
    const stopped = (await client.runs.join(threadId, runId)) as unknown as Values;
    expect(stopped.__interrupt__).toMatchObject([{ value: { kind: "unresolved_tool_call", tool: "refund" } }]);
    expect((await client.runs.get(threadId, runId)).status).toBe("interrupted");
    const ended = (await client.runs.wait(threadId, "support", {
      command: { resume: { result: "it went through" } },
    })) as unknown as Values;
    expect(ended.messages.at(-1)?.content).toBe("Done: it went through");
    expect(model.toolCalls.length).toBe(before.tools + 1);
    await Promise.all([heir.end("SIGKILL"), serving.end("SIGKILL")]);
  });

  test("killed in a model call: the run goes on elsewhere, and a stream that was open misses nothing", async () => {
    const release = holdModel();
    const { serving, victim, client, threadId, runId, before } = await runOn("once");
    const seen: { id?: string; event: string; data: unknown }[] = [];
    const following = (async () => {
      for await (const event of client.runs.joinStream(threadId, runId)) seen.push(event as never);
    })();
    await expect.poll(() => model.requests.length).toBe(before.requests + 1);
    await victim.end("SIGKILL");
    release();
    const heir = await start(5);
    await following;
    expect(seen.map((event) => Number(event.id?.split("-")[1]))).toEqual(seen.map((_, index) => index + 1));
    expect(seen.filter((event) => event.event === "metadata").map((event) => event.data)).toEqual([
      { run_id: runId, attempt: 1 },
      { run_id: runId, attempt: 2 },
    ]);
    expect((await client.runs.get(threadId, runId)).status).toBe("success");
    expect(model.toolCalls.length).toBe(before.tools + 1);
    await Promise.all([heir.end("SIGKILL"), serving.end("SIGKILL")]);
  });

  test("paused past its lease: what it writes when it wakes is refused", async () => {
    const release = model.holdTools();
    const { serving, victim, client, threadId, runId, before } = await runOn("idempotent");
    await expect.poll(() => model.toolCalls.length).toBe(before.tools + 1);
    victim.process.kill("SIGSTOP");
    const heir = await start(5, "idempotent");
    await expect.poll(() => model.toolCalls.length).toBe(before.tools + 2);
    victim.process.kill("SIGCONT");
    release();
    const ended = (await client.runs.join(threadId, runId)) as unknown as Values;
    expect(ended.messages).toHaveLength(4);
    const { rows } = await given().database.asOwner((transaction) =>
      transaction.query(
        "select attempt, count(*)::int as events from orchestrator.run_events where run_id = $1 and event = 'updates' group by attempt order by attempt",
        [runId],
      ),
    );
    expect(rows).toEqual([
      { attempt: 1, events: 1 },
      { attempt: 2, events: 2 },
    ]);
    await Promise.all([victim.end("SIGKILL"), heir.end("SIGKILL"), serving.end("SIGKILL")]);
  });

  test("asked to stop: it ends the superstep, hands over, and nothing runs twice", async () => {
    const release = model.holdTools();
    const { serving, victim, client, threadId, runId, before } = await runOn("once");
    await expect.poll(() => model.toolCalls.length).toBe(before.tools + 1);
    const stopped = victim.end("SIGTERM");
    release();
    expect(await stopped).toBe(0);
    expect((await client.runs.get(threadId, runId)).status).toBe("pending");
    const heir = await start(5);
    const ended = (await client.runs.join(threadId, runId)) as unknown as Values;
    expect(ended.messages.at(-1)?.content).toMatch(/^Done: /);
    expect(model.toolCalls.length).toBe(before.tools + 1);
    await Promise.all([heir.end("SIGKILL"), serving.end("SIGKILL")]);
  });

  test("lost in each attempt: the run is a dead letter and its thread is free again", async () => {
    const release = holdModel();
    const { serving, victim, client, threadId, runId, before } = await runOn("once", { maxAttempts: 2 });
    await expect.poll(() => model.requests.length).toBe(before.requests + 1);
    await victim.end("SIGKILL");
    const second = await start(5);
    await expect.poll(() => model.requests.length).toBe(before.requests + 2);
    await second.end("SIGKILL");
    const ended = await client.runs.join(threadId, runId);
    expect(ended).toMatchObject({ __error__: { error: "AttemptsExhausted" } });
    expect((await client.threads.get(threadId)).status).toBe("error");
    release();
    await serving.end("SIGKILL");
  });

  test("a database that restarts in a tool call: no accepted run is lost, no `once` tool asked twice", async () => {
    const release = model.holdTools();
    const { serving, victim, client, threadId, runId, before } = await runOn("once");
    await expect.poll(() => model.toolCalls.length).toBe(before.tools + 1);
    given().server?.stop("immediate");
    await given().server?.start();
    release();
    await expect.poll(async () => (await client.runs.get(threadId, runId)).status).toMatch(/success|interrupted/);
    expect(model.toolCalls.length).toBe(before.tools + 1);
    await Promise.all([victim.end("SIGKILL"), serving.end("SIGKILL")]);
  });

  test("a second process on one embedded database is refused with the reason; the lock of a dead one is not in the way", async () => {
    const storage = { kind: "embedded", folder: join(program.folder, "embedded") };
    const settings = { storage, agents: { support: supportAgent(model) } };
    const first = await program.start(settings);
    await expect(program.start(settings)).rejects.toThrow(
      /is in use by process \d+\. Two processes on one embedded database/,
    );
    await first.end("SIGKILL");
    const second = await program.start(settings);
    expect(await (await fetch(`${second.url}/ok`)).json()).toEqual({ ok: true });
    await second.end("SIGKILL");
  });
});
