// Proves: behind the real gateway, model calls carry tenant, data class and a stable key, and a cut stream costs an attempt, not the run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Door, fault } from "../../gateway/test/support/door.ts";
import type { Service } from "../src/service.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startReplica } from "./support/service.ts";

interface Seen {
  headers: Record<string, string>;
  body: { messages: { content: string }[] };
}

onBothDatabases("behind the gateway", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-gateway-"));
  let door: Door;
  let service: Service;
  let client: Client;
  /** A gateway whose limit lets nothing through before midnight. */
  let spent: Server;
  beforeAll(async () => {
    door = await Door.open({ engines: [["--step-ms", "1"]] });
    const keysFile = join(folder, "model-keys.json");
    // The one tenant of a replica without authentication, and the key that the gateway knows as acme's.
    writeFileSync(keysFile, JSON.stringify({ local: "test-key-of-acme" }));
    spent = createServer((_, response) => {
      response.writeHead(429, { "retry-after": "40000", "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "limit_requests_per_minute", message: "of a question" } }));
    });
    await new Promise<void>((resolve) => spent.listen(0, "127.0.0.1", resolve));
    const spentUrl = `http://127.0.0.1:${(spent.address() as AddressInfo).port}/v1`;
    const model = { url: `${door.url}/v1`, model: "chat", dataClass: "internal", keysFile, maxAnswerTokens: 60 };
    const support = (more: object) => ({ graph: "support", settings: { model: { ...model, ...more } } });
    service = await startReplica({
      storage: given().storage,
      agents: {
        support: support({}),
        secret: support({ dataClass: "secret" }),
        spent: support({ url: spentUrl }),
        away: support({ url: "http://127.0.0.1:9/v1" }),
      },
      runs: { pollMilliseconds: 20, maxAttempts: 3 },
    });
    client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await door?.close();
    spent?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (agent: string, content: string) => {
    const run = await client.runs.create(null, agent, {
      input: { messages: [{ role: "human", content }] },
      streamMode: ["messages-tuple", "values"],
      onCompletion: "continue",
    });
    const events: { event: string; data: unknown; id?: string }[] = [];
    for await (const event of client.runs.joinStream(run.thread_id, run.run_id)) events.push(event as never);
    const { status } = await client.runs.get(run.thread_id, run.run_id);
    const ended = (await client.runs.join(run.thread_id, run.run_id)) as Record<string, unknown>;
    return { status, events, ended };
  };
  const attempts = (events: { event: string; data: unknown }[]) =>
    events.filter(({ event }) => event === "metadata").map(({ data }) => (data as { attempt: number }).attempt);
  const seenBy = async () => {
    const [engine] = door.engines;
    return ((await (await fetch(`${engine?.url}/sim/seen`)).json()) as { requests: Seen[] }).requests;
  };

  test("a stream that the gateway ends with its typed error is asked for again in the next attempt, and clients are told", async () => {
    const [engine] = door.engines;
    if (engine === undefined) throw new Error("an engine is needed");
    const whole = await ask("support", "a question");
    expect([whole.status, attempts(whole.events)]).toEqual(["success", [1]]);
    // With tools in the request the gateway cannot go on elsewhere: it ends the stream and says so.
    await fault(engine, { kind: "cut", how: "fin", afterTokens: 9 });
    const cut = await ask("support", "a question");
    expect([cut.status, attempts(cut.events)]).toEqual(["success", [1, 2]]);
    const textOf = (ended: Record<string, unknown>) =>
      (ended.messages as { content: string }[]).map(({ content }) => content);
    expect(textOf(cut.ended)).toEqual(textOf(whole.ended));
    const tokens = (attempt: number) =>
      cut.events
        .filter(({ event, id }) => event === "messages" && id?.startsWith(`${attempt}-`))
        .map(({ data }) => (data as [{ content: string }])[0].content)
        .join("");
    // What the first attempt had shown is a prefix, which clients drop; the second shows the whole.
    expect(tokens(1)).not.toBe("");
    expect(tokens(2)).toContain(textOf(whole.ended)[1]);
    expect(tokens(2).startsWith(tokens(1))).toBe(true);
    expect(cut.events.map(({ id }) => Number(id?.split("-")[1]))).toEqual(cut.events.map((_, index) => index + 1));
  });

  test("each cut costs an attempt; when all are used up the run ends and names the cut", async () => {
    const [engine] = door.engines;
    if (engine === undefined) throw new Error("an engine is needed");
    for (let count = 0; count < 3; count += 1) await fault(engine, { kind: "cut", how: "rst", afterTokens: 3 });
    const { status, events, ended } = await ask("support", "another question");
    expect([status, attempts(events)]).toEqual(["error", [1, 2, 3]]);
    expect(ended).toEqual({
      __error__: { error: "ModelStreamCut", message: "The model's stream ended with stream_interrupted." },
    });
    await fetch(`${engine.url}/sim/faults`, { method: "DELETE" });
  });

  test("a limit that lets nothing through before the run's deadline ends it, and says which limit and for how long", async () => {
    const { status, events, ended } = await ask("spent", "a question");
    expect([status, attempts(events)]).toEqual(["error", [1]]);
    expect(ended).toEqual({
      __error__: {
        error: "ModelUnavailable",
        message: "The model answered 429 (limit_requests_per_minute) and asks to wait for 40000 s.",
      },
    });
  });

  test("a data class that the tenant may not send is refused once and reaches no engine; a gateway that is away is asked again", async () => {
    const before = (await seenBy()).length;
    const refused = await ask("secret", "a secret");
    expect([refused.status, attempts(refused.events)]).toEqual(["error", [1]]);
    expect(refused.ended).toMatchObject({
      __error__: { error: "ModelRefused", message: expect.stringMatching(/^The model answered 403 \([a-z_]+\)\.$/) },
    });
    const away = await ask("away", "anyone?");
    expect([away.status, attempts(away.events)]).toEqual(["error", [1, 2, 3]]);
    expect(away.ended).toMatchObject({ __error__: { error: "ModelUnavailable" } });
    expect((await seenBy()).length).toBe(before);
  });
});
