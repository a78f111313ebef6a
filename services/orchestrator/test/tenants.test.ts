// Proves: a tenant gets what the settings give it and no more, and the end of a run that wanted more says so.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Service } from "../src/service.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const tenants = {
  "by-runs": { runsPerDay: 2 },
  "by-steps": { stepsPerRun: 2 },
  "by-days-steps": { stepsPerDay: 5 },
  "by-tokens": { tokensPerRun: 1 },
  "by-days-tokens": { tokensPerDay: 1 },
  "one-by-one": { concurrentRuns: 1 },
};

onBothDatabases("tenants' budgets", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-tenants-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  beforeAll(async () => {
    model = await startModelServer(({ body }) =>
      body.messages.at(-1)?.role === "tool"
        ? { text: ["Done"] }
        : { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] },
    );
    const keysFile = join(folder, "keys.json");
    const names = [...Object.keys(tenants), "free"];
    const keys = names.map((name) => [createHash("sha256").update(name).digest("hex"), name]);
    writeFileSync(keysFile, JSON.stringify(Object.fromEntries(keys)));
    service = await startReplica({
      storage: given().storage,
      auth: { kind: "keys", keysFile },
      agents: { support: supportAgent(model) },
      runs: { pollMilliseconds: 20 },
      tenants,
    });
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const clientOf = (tenant: keyof typeof tenants | "free") =>
    new Client({ apiUrl: service.url, apiKey: tenant, callerOptions: { maxRetries: 0 } });
  const question = { input: { messages: [{ role: "human", content: "refund" }] }, raiseError: false };
  const spent = (budget: string) => ({
    __error__: { error: "BudgetSpent", message: expect.stringContaining(`The budget ${budget} is spent`) },
  });

  test("a run beyond the day's number is not accepted", async () => {
    const client = clientOf("by-runs");
    await client.runs.wait(null, "support", question);
    await client.runs.wait(null, "support", question);
    await expect(client.runs.create(null, "support", question)).rejects.toMatchObject({ status: 429 });
    expect(await clientOf("free").runs.wait(null, "support", question)).toMatchObject({ messages: expect.any(Array) });
  });

  test("supersteps of a run and of a day: the run ends and says which budget it was; what is stored stays", async () => {
    const client = clientOf("by-steps");
    const thread = await client.threads.create();
    expect(await client.runs.wait(thread.thread_id, "support", question)).toEqual(spent("stepsPerRun"));
    const state = await client.threads.getState<{ messages: unknown[] }>(thread.thread_id);
    expect(state.values.messages).toHaveLength(3);
    const [run] = await client.runs.list(thread.thread_id);
    expect(run?.status).toBe("error");
    const daily = clientOf("by-days-steps");
    expect(await daily.runs.wait(null, "support", question)).toMatchObject({ messages: expect.any(Array) });
    expect(await daily.runs.wait(null, "support", question)).toEqual(spent("stepsPerDay"));
  });

  test("tokens of a run and of a day: no model is asked any more", async () => {
    const before = model.requests.length;
    expect(await clientOf("by-tokens").runs.wait(null, "support", question)).toEqual(spent("tokensPerRun"));
    expect(model.requests.length - before).toBe(1);
    const daily = clientOf("by-days-tokens");
    expect(await daily.runs.wait(null, "support", question)).toEqual(spent("tokensPerDay"));
    expect(await daily.runs.wait(null, "support", question)).toEqual(spent("tokensPerDay"));
    expect(model.requests.length - before).toBe(2);
  });

  test("runs at once: the next one waits for its turn, and another tenant's does not", async () => {
    const release = model.holdTools();
    const client = clientOf("one-by-one");
    const before = model.toolCalls.length;
    const first = await client.runs.create(null, "support", { ...question, onCompletion: "continue" });
    const second = await client.runs.create(null, "support", { ...question, onCompletion: "continue" });
    await expect.poll(() => model.toolCalls.length).toBe(before + 1);
    const free = clientOf("free");
    const foreign = await free.runs.create(null, "support", { ...question, onCompletion: "continue" });
    await expect.poll(() => model.toolCalls.length).toBe(before + 2);
    expect((await free.runs.get(foreign.thread_id, foreign.run_id)).status).toBe("running");
    expect((await client.runs.get(second.thread_id, second.run_id)).status).toBe("pending");
    release();
    await client.runs.join(first.thread_id, first.run_id);
    await client.runs.join(second.thread_id, second.run_id);
    expect((await client.runs.get(second.thread_id, second.run_id)).status).toBe("success");
  });
});
