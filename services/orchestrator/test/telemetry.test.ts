// Proves: a run's attempts, model calls and tool calls are spans of one trace, the gateway's lie below them, and nobody's content is in it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Door, fault } from "../../gateway/test/support/door.ts";
import { OtlpReceiver } from "../../gateway/test/support/otlp-receiver.ts";
import { contextBelow, contextHeaders } from "../../shared/src/trace-context.ts";
import type { Service } from "../src/service.ts";
import { embeddedStorage } from "./support/embedded.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const folder = mkdtempSync(join(tmpdir(), "orchestrator-telemetry-"));
let collector: OtlpReceiver;
beforeAll(async () => {
  collector = await OtlpReceiver.open();
});
afterAll(() => {
  collector?.close();
  rmSync(folder, { recursive: true, force: true });
});

const named = (traceId: string, name: string) =>
  collector.spans.filter((span) => span.traceId === traceId && span.name === name);
const clientOf = (service: Service, headers: Record<string, string> = {}) =>
  new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 }, defaultHeaders: headers });
const begin = (client: Client, content: string) =>
  client.runs.create(null, "support", {
    input: { messages: [{ role: "human", content }] },
    onCompletion: "continue",
    streamMode: "values",
  });
/** A run that came without a trace has one of its own id. */
const traceOf = (run: { run_id: string }) => run.run_id.replaceAll("-", "");

describe("behind the gateway", () => {
  let door: Door;
  let service: Service;
  beforeAll(async () => {
    door = await Door.open({
      engines: [["--step-ms", "1"]],
      settings: () => ({ telemetry: { endpoint: collector.url, location: "inside", exportMilliseconds: 50 } }),
    });
    const keysFile = join(folder, "model-keys.json");
    writeFileSync(keysFile, JSON.stringify({ local: "test-key-of-acme" }));
    const model = { url: `${door.url}/v1`, model: "chat", dataClass: "internal", keysFile, maxAnswerTokens: 40 };
    service = await startReplica({
      storage: await embeddedStorage(join(folder, "behind")),
      agents: { support: { graph: "support", settings: { model } } },
      runs: { pollMilliseconds: 20 },
      telemetry: { endpoint: collector.url, exportMilliseconds: 50 },
    });
  });
  afterAll(async () => {
    await service?.stop();
    await door?.close();
  });

  test("the gateway's span lies below the orchestrator's, and both in the trace of the caller", async () => {
    const caller = contextBelow(null, 1);
    const client = clientOf(service, contextHeaders(caller));
    const run = await begin(client, "what nobody may read");
    await client.runs.join(run.thread_id, run.run_id);
    const trace = caller.traceId;
    await expect.poll(() => named(trace, "invoke_agent support")).toHaveLength(1);
    const [agent] = named(trace, "invoke_agent support");
    const chats = () => named(trace, "chat chat");
    await expect
      .poll(() =>
        chats()
          .map(({ kind }) => kind)
          .sort(),
      )
      .toEqual([2, 3, 3]);
    const ours = chats().find(({ parentSpanId }) => parentSpanId === agent?.spanId);
    const gateways = chats().find(({ kind }) => kind === 2);
    expect(agent).toMatchObject({ parentSpanId: caller.spanId, kind: 1, error: null });
    expect(gateways?.parentSpanId).toBe(ours?.spanId);
    expect(agent?.attributes).toMatchObject({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "support",
      "gen_ai.conversation.id": run.thread_id,
      "freehold.run_id": run.run_id,
      "freehold.tenant": "local",
      "freehold.attempt": 1,
      "freehold.outcome": "finished",
    });
    expect(ours?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "chat",
      "gen_ai.usage.output_tokens": gateways?.attributes["gen_ai.usage.output_tokens"],
      "gen_ai.response.finish_reasons": ["length"],
      "freehold.data_class": "internal",
    });
    expect(collector.text).not.toContain("what nobody may read");
    const { messages } = (await client.threads.getState<{ messages: { content: string }[] }>(run.thread_id)).values;
    expect(messages.at(-1)?.content.length).toBeGreaterThan(20);
    expect(collector.text).not.toContain(messages.at(-1)?.content.slice(0, 20));
  });

  test("attempts of a run without a caller's trace stand side by side in one, and name what ended them", async () => {
    const [engine] = door.engines;
    if (engine === undefined) throw new Error("an engine is needed");
    await fault(engine, { kind: "cut", how: "fin", afterTokens: 5 });
    const client = clientOf(service);
    const run = await begin(client, "cut");
    await client.runs.join(run.thread_id, run.run_id);
    const attempts = () => named(traceOf(run), "invoke_agent support");
    await expect.poll(attempts).toHaveLength(2);
    expect(
      attempts().map(({ parentSpanId, error, attributes }) => [
        parentSpanId,
        error,
        attributes["freehold.attempt"],
        attributes["freehold.outcome"],
      ]),
    ).toEqual([
      [undefined, "ModelStreamCut", 1, "postponed"],
      [undefined, null, 2, "finished"],
    ]);
    const [first, second] = attempts();
    const below = (span: typeof first) =>
      collector.spans.filter(({ parentSpanId }) => parentSpanId === span?.spanId).map(({ error }) => error);
    expect([below(first), below(second)]).toEqual([["ModelStreamCut"], [null]]);
  });
});

describe("with tools", () => {
  let model: Awaited<ReturnType<typeof startModelServer>>;
  beforeAll(async () => {
    model = await startModelServer(({ body }) =>
      body.messages.at(-1)?.role === "tool"
        ? { text: ["Done"] }
        : { calls: [{ id: "call-1", name: "refund", args: { order: "secret order" } }] },
    );
  });
  afterAll(() => model?.stop());
  let folders = 0;
  const start = async (telemetry?: object) => {
    folders += 1;
    return startReplica({
      storage: await embeddedStorage(join(folder, `tools-${folders}`)),
      agents: { support: supportAgent(model) },
      admin: { port: 0 },
      runs: { pollMilliseconds: 20 },
      ...(telemetry === undefined ? {} : { telemetry: { endpoint: collector.url, ...telemetry } }),
    });
  };
  const finished = async (service: Service, headers: Record<string, string> = {}) => {
    const client = clientOf(service, headers);
    const run = await begin(client, "refund");
    await client.runs.join(run.thread_id, run.run_id);
    expect((await client.runs.get(run.thread_id, run.run_id)).status).toBe("success");
    return run;
  };

  test("a tool call is a span with its policy and without its arguments; what waits is sent before the end", async () => {
    const service = await start({ exportMilliseconds: 600_000, headersFile: keyFile() });
    const run = await finished(service);
    expect(named(traceOf(run), "invoke_agent support")).toEqual([]);
    await service.stop();
    const [agent] = named(traceOf(run), "invoke_agent support");
    const [tool] = named(traceOf(run), "execute_tool refund");
    expect(tool).toMatchObject({ parentSpanId: agent?.spanId, kind: 1, error: null });
    expect(tool?.attributes).toEqual({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "refund",
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": "call-1",
      "freehold.tool_policy": "once",
    });
    expect(named(traceOf(run), "chat chat")).toHaveLength(2);
    expect(collector.text).not.toContain("secret order");
    expect(collector.headers["x-collector-key"]).toBe("k");
  });

  test("a trace that its caller does not sample is passed on and not sent", async () => {
    const service = await start({ exportMilliseconds: 50 });
    const trace = contextBelow(null, 0);
    const before = model.requests.length;
    await finished(service, contextHeaders(trace));
    await service.stop();
    expect(collector.spans.filter(({ traceId }) => traceId === trace.traceId)).toEqual([]);
    const [asked] = model.requests.slice(before);
    expect(asked?.headers.traceparent).toMatch(new RegExp(`^00-${trace.traceId}-[0-9a-f]{16}-00$`));
  });

  test("without a collector a caller's trace is passed on as it came, and none is made up", async () => {
    const service = await start();
    const before = model.requests.length;
    const caller = { ...contextBelow(null, 1), state: "vendor=1" };
    await finished(service, contextHeaders(caller));
    await finished(service);
    await service.stop();
    const sent = model.requests
      .slice(before)
      .map(({ headers: { traceparent, tracestate } }) => [traceparent, tracestate]);
    const own = [contextHeaders(caller).traceparent, "vendor=1"];
    expect(sent).toEqual([own, own, [undefined, undefined], [undefined, undefined]]);
  });

  test("a collector that is away costs a run nothing, and what is lost is counted", async () => {
    const away = await start({ exportMilliseconds: 50, endpoint: "http://127.0.0.1:9" });
    await finished(away);
    const lost = async () =>
      Number(/spans_lost_total\{\} (\d+)/.exec(await (await fetch(`${away.adminUrl}/metrics`)).text())?.[1] ?? 0);
    await expect.poll(lost).toBe(4);
    await away.stop();
  });

  function keyFile(): string {
    const path = join(folder, "collector-headers.json");
    writeFileSync(path, JSON.stringify({ "x-collector-key": "k" }));
    return path;
  }
});
