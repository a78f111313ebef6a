// Proves: what people are asked and decide is typed, recorded with who and when, and ends in a stated way without them.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApprovalRow } from "../src/people/approvals.ts";
import type { Service } from "../src/service.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

interface Values {
  messages: { content: string }[];
}
const fingerprint = (key: string) => createHash("sha256").update(key).digest("hex");

onBothDatabases("people", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-people-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  let client: Client;
  beforeAll(async () => {
    model = await startModelServer(({ body }) => {
      const last = body.messages.at(-1);
      if (last?.role === "tool") return { text: [last.content] };
      if (last?.content === "person")
        return { calls: [{ id: "call-2", name: "hand_over_to_person", args: { reason: "asked" } }] };
      return { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] };
    });
    const keysFile = join(folder, "keys.json");
    writeFileSync(keysFile, JSON.stringify({ [fingerprint("mine")]: "acme", [fingerprint("theirs")]: "globex" }));
    service = await startReplica({
      storage: given().storage,
      auth: { kind: "keys", keysFile },
      agents: { careful: supportAgent(model, { approval: true }) },
      runs: { reaperSeconds: 0.2 },
      people: { answerWithinSeconds: 5 },
    });
    client = new Client({ apiUrl: service.url, apiKey: "mine", callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const approvals = async (path: string, key = "mine") => {
    const answer = await fetch(`${service.url}${path}`, { headers: { "x-api-key": key } });
    return (await answer.json()) as ApprovalRow[];
  };
  const ask = async (content: string) => {
    const thread = await client.threads.create();
    await client.runs.wait(thread.thread_id, "careful", { input: { messages: [{ role: "human", content }] } });
    return thread.thread_id;
  };
  const resume = (threadId: string, answer: unknown) =>
    client.runs.wait(threadId, "careful", { command: { resume: answer } }) as unknown as Promise<Values>;

  test("refuses an answer of the wrong type and keeps the question open", async () => {
    const threadId = await ask("refund");
    for (const answer of [true, "yes", {}, { approve: "yes" }, { approve: false }, { approve: false, reason: " " }]) {
      await expect(resume(threadId, answer)).rejects.toMatchObject({ status: 422 });
    }
    const [open, ...more] = await approvals(`/threads/${threadId}/approvals`);
    expect(more).toEqual([]);
    expect(open).toMatchObject({
      kind: "approve_tool_call",
      state: "open",
      decided_by: null,
      request: { tool: "refund" },
    });
    expect(
      (await resume(threadId, { [open?.interrupt_id ?? ""]: { approve: true } })).messages.at(-1)?.content,
    ).toMatch(/"done"/);
  });

  test("records who decided what, when and why; another tenant sees none of it", async () => {
    const allowed = await ask("refund");
    await resume(allowed, { approve: true });
    const denied = await ask("refund");
    const before = model.toolCalls.length;
    expect((await resume(denied, { approve: false, reason: "too much" })).messages.at(-1)?.content).toBe(
      "Refused by a person: too much",
    );
    expect(model.toolCalls.length).toBe(before);
    const by = `key:${fingerprint("mine").slice(0, 12)}`;
    expect(await approvals(`/threads/${allowed}/approvals`)).toMatchObject([
      { state: "answered", decided_by: by, answer: { approve: true }, decided_at: expect.any(String) },
    ]);
    expect(await approvals(`/threads/${denied}/approvals`)).toMatchObject([
      { state: "denied", decided_by: by, answer: { approve: false, reason: "too much" } },
    ]);
    expect((await approvals("/approvals?state=denied")).map((row) => row.thread_id)).toContain(denied);
    expect(await approvals("/approvals", "theirs")).toEqual([]);
    expect(await approvals(`/threads/${denied}/approvals`, "theirs")).toEqual([]);
  });

  test("an approval that nobody gives in time is a denial, and the thread goes on with it", async () => {
    const threadId = await ask("refund");
    const before = model.toolCalls.length;
    await expect.poll(async () => (await client.threads.get(threadId)).status).toBe("idle");
    const state = await client.threads.getState<Values>(threadId);
    expect(state.values.messages.at(-1)?.content).toBe("Refused by a person: Nobody decided in time.");
    expect(model.toolCalls.length).toBe(before);
    expect(await approvals(`/threads/${threadId}/approvals`)).toMatchObject([
      { state: "expired", decided_by: "expiry", answer: { approve: false, reason: "Nobody decided in time." } },
    ]);
  });

  test("a question to a person that nobody answers tells the customer so", async () => {
    const threadId = await ask("person");
    await expect.poll(async () => (await client.threads.get(threadId)).status).toBe("idle");
    const state = await client.threads.getState<Values>(threadId);
    expect(state.values.messages.at(-1)?.content).toBe("No person answered in time.");
  });

  test("a question that nobody waits for any more is withdrawn", async () => {
    const threadId = await ask("refund");
    const run = await client.runs.create(threadId, "careful", {
      input: { messages: [{ role: "human", content: "x" }] },
    });
    await client.runs.cancel(threadId, run.run_id, true).catch(() => {});
    await expect
      .poll(async () => (await approvals(`/threads/${threadId}/approvals`)).map((row) => row.state))
      .toContain("withdrawn");
  });
});
