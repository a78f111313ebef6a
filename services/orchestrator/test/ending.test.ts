// Proves: a run that passes its deadline ends as `timeout` and says so to its readers; the server says what it is; and a
// replica logs nothing of what was asked, answered, or given to a tool, whether a run ends well or not.
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onBothDatabases } from "./support/databases.ts";
import { type Answer, startModelServer } from "./support/model-server.ts";
import { type ReplicaProcess, replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

const asked = "canary-question-7f3a";
const answered = "canary-answer-91bd";
const given = "canary-argument-c04e";

onBothDatabases("a replica", (database) => {
  const program = replicaProgram();
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let replica: ReplicaProcess;
  let client: Client;
  let printed = "";
  beforeAll(async () => {
    model = await startModelServer(({ body }): Answer | Promise<Answer> => {
      const last = body.messages.at(-1);
      if (last?.content === "wait") return new Promise(() => undefined);
      if (last?.content === `${asked} cut`) return { text: [answered], cut: true };
      if (last?.role === "tool") return { text: [answered] };
      return { calls: [{ id: "call-1", name: "refund", args: { order: given } }] };
    });
    replica = await program.start({
      storage: database().storage,
      agents: { support: supportAgent(model) },
      runs: { pollMilliseconds: 20, maxAttempts: 1, deadlineSeconds: 6, reaperSeconds: 0.2 },
    });
    for (const stream of [replica.process.stdout, replica.process.stderr]) {
      stream?.on("data", (part) => {
        printed += part;
      });
    }
    client = new Client({ apiUrl: replica.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await program.remove();
    await model?.stop();
  });

  const run = async (content: string) => {
    const { thread_id: threadId } = await client.threads.create();
    const { run_id: runId } = await client.runs.create(threadId, "support", {
      input: { messages: [{ role: "human", content }] },
    });
    const events: string[] = [];
    for await (const { event, data } of client.runs.joinStream(threadId, runId)) {
      events.push(`${event} ${JSON.stringify(data)}`);
    }
    return { status: (await client.runs.get(threadId, runId)).status, events };
  };

  test("ends a run as `timeout` that passes its deadline, and tells its readers", async () => {
    const { status, events } = await run("wait");
    expect(status).toBe("timeout");
    expect(events.at(-1)).toContain("DeadlineExceeded");
  });

  test("says which version it is and what it can do", async () => {
    const answer = await fetch(`${replica.url}/info`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { version: expect.stringMatching(/^\d+\.\d+\.\d+$/), flags: { assistants: true, crons: true } },
    ]);
  });

  test("logs nothing of what was asked, answered or given to a tool", async () => {
    const good = await run(asked);
    expect(good.status).toBe("success");
    expect(good.events.join("")).toContain(answered);
    const cut = await run(`${asked} cut`);
    expect(cut.status).toBe("error");
    await replica.end("SIGTERM");
    // Runs are counted and traced, not logged; what is logged is a request that failed for the server's own reasons.
    expect(printed).toBe("");
  });
});
