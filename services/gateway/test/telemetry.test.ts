import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contextBelow, contextHeaders, readContext } from "../../shared/src/trace-context.ts";
import { settingsFaults, settingsSchema } from "../src/settings.ts";
import { Door, fault, type Json, readStream } from "./support/door.ts";
import { OtlpReceiver } from "./support/otlp-receiver.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parent = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "vendor=1" };
const classes = (traceContent: boolean) => ({ internal: { leavesBoundary: "never", traceContent } });

describe("with a collector", () => {
  let collector: OtlpReceiver;
  let door: Door;
  beforeAll(async () => {
    collector = await OtlpReceiver.open();
    door = await Door.open({
      settings: () => ({
        dataClasses: classes(false),
        telemetry: { endpoint: collector.url, location: "inside", exportMilliseconds: 50 },
      }),
    });
  });
  afterAll(async () => {
    await door?.close();
    collector?.close();
  });

  const spansOf = (trace: string) => collector.spans.filter((span) => span.traceId === trace);
  const server = (trace: string) => spansOf(trace).find(({ kind }) => kind === 2);
  /** A trace of the test's own, so that each test finds its spans. */
  const newTrace = () => {
    const context = contextBelow(null, 1);
    return { id: context.traceId, spanId: context.spanId, headers: contextHeaders(context) };
  };

  it("puts a span below the caller's, one below it for the replica, and the engine below that", async () => {
    const response = await door.chat("what is asked", { stream: true, temperature: 0.5, seed: 7 }, parent);
    const { text } = await readStream(response);
    await expect.poll(() => server(traceId)).toBeDefined();
    const [span, attempt] = [server(traceId), spansOf(traceId).find(({ kind }) => kind === 3)];
    expect(span).toMatchObject({ parentSpanId: "b7ad6b7169203331", name: "chat chat", error: null });
    expect(attempt?.parentSpanId).toBe(span?.spanId);
    expect(span?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "chat",
      "gen_ai.request.temperature": 0.5,
      "gen_ai.request.seed": 7,
      "gen_ai.request.max_tokens": 40,
      "gen_ai.usage.output_tokens": 40,
      "gen_ai.response.finish_reasons": ["length"],
      "gen_ai.response.id": response.headers.get("x-request-id"),
      "http.response.status_code": 200,
      "freehold.tenant": "acme",
      "freehold.data_class": "internal",
      "freehold.version": "v1",
    });
    expect(span?.milliseconds).toBeGreaterThan(20);
    const sent = await Promise.all(
      door.engines.map(async ({ url }) => (await (await fetch(`${url}/sim/seen`)).json()) as { requests: Json[] }),
    );
    const headers = sent.flatMap(({ requests }) => requests).map((request) => request.headers as Json);
    expect(headers.map(({ traceparent }) => traceparent)).toContain(`00-${traceId}-${attempt?.spanId}-01`);
    expect(headers.map(({ tracestate }) => tracestate)).toContain("vendor=1");
    expect(collector.text).not.toContain("what is asked");
    expect(collector.text).not.toContain(text.slice(0, 20));
  });

  it("shows a break and the replica that went on as two tries of one request", async () => {
    const trace = newTrace();
    for (const engine of door.engines) await fault(engine, { kind: "cut", how: "rst", afterTokens: 5 });
    await readStream(await door.chat("broken", { stream: true }, trace.headers));
    for (const engine of door.engines) await fetch(`${engine.url}/sim/faults`, { method: "DELETE" });
    await expect.poll(() => server(trace.id)).toBeDefined();
    const tries = spansOf(trace.id).filter(({ kind }) => kind === 3);
    expect(tries.length).toBeGreaterThanOrEqual(2);
    expect(tries[0]).toMatchObject({ error: "lost", attributes: { "error.type": "lost" } });
    expect(new Set(tries.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
  });

  it("names the error of a request that failed", async () => {
    const trace = newTrace();
    for (const engine of door.engines) await fault(engine, { kind: "status", status: 500, times: 3 });
    expect((await door.chat("failing", {}, trace.headers)).status).toBe(503);
    for (const engine of door.engines) await fetch(`${engine.url}/sim/faults`, { method: "DELETE" });
    await expect.poll(() => server(trace.id)).toBeDefined();
    expect(server(trace.id)).toMatchObject({
      error: "backend_failed",
      attributes: { "http.response.status_code": 503 },
    });
  });

  it("counts tokens and times as the conventions name them", async () => {
    const of = (name: string, more: object = {}) =>
      collector.points.find(
        (point) => point.name === name && Object.entries(more).every(([key, value]) => point.attributes[key] === value),
      );
    await readStream(await door.chat("counted", { stream: true }));
    const output = () => of("gen_ai.client.token.usage", { "gen_ai.token.type": "output" });
    const metered = await door.metric("freehold_gateway_tokens_total", 'kind="completion"');
    expect(metered).toBeGreaterThanOrEqual(80);
    await expect.poll(() => output()?.sum).toBe(metered);
    expect(output()).toMatchObject({ unit: "{token}" });
    expect(output()?.buckets.reduce((sum, count) => sum + count, 0)).toBe(output()?.count);
    for (const name of ["request.duration", "time_to_first_token", "time_per_output_token"]) {
      const point = of(`gen_ai.server.${name}`);
      expect(point).toMatchObject({ unit: "s" });
      expect(point?.sum).toBeGreaterThan(0);
    }
  });

  it("sends nothing of a trace that its caller does not sample, and passes that on", async () => {
    const trace = contextBelow(null, 0);
    await (await door.chat("unsampled", {}, contextHeaders(trace))).arrayBuffer();
    const sampled = newTrace();
    await (await door.chat("after it", {}, sampled.headers)).arrayBuffer();
    await expect.poll(() => server(sampled.id)).toBeDefined();
    expect(spansOf(trace.traceId)).toEqual([]);
    const sent = await Promise.all(door.engines.map(async ({ url }) => (await fetch(`${url}/sim/seen`)).text()));
    expect(sent.join()).toMatch(new RegExp(`00-${trace.traceId}-[0-9a-f]{16}-00`));
  });

  it("shows what was asked and answered where the data class allows it", async () => {
    const taken = () => door.gateway.log.filter((line) => line.includes("settings_taken")).length;
    const before = taken();
    door.change({ dataClasses: classes(true) });
    await expect.poll(taken).toBeGreaterThan(before);
    for (const more of [{}, { stream: true }, { stream: true, n: 2 }]) {
      const trace = newTrace();
      const response = await door.chat("shown", more, trace.headers);
      const raw = await response.text();
      await expect.poll(() => server(trace.id)).toBeDefined();
      const { attributes } = server(trace.id) ?? {};
      expect(JSON.parse(String(attributes?.["gen_ai.input.messages"]))).toEqual([
        { role: "user", parts: [{ type: "text", content: "shown" }] },
      ]);
      const [answer] = JSON.parse(String(attributes?.["gen_ai.output.messages"]));
      expect(answer.finish_reason).toBe("length");
      if (raw.startsWith("{")) expect(JSON.parse(raw).choices[0].message.content).toBe(answer.parts[0].content);
      else expect(answer.parts[0].content.length).toBeGreaterThan(50);
    }
  });

  it("answers as ever when the collector is away, and counts what was lost", async () => {
    collector.status = 503;
    expect((await door.chat("x")).status).toBe(200);
    await expect.poll(() => door.metric("freehold_gateway_spans_lost_total")).toBeGreaterThan(0);
    collector.status = 200;
  });

  it("sends what it still has before it stops", async () => {
    const trace = newTrace();
    await (await door.chat("last", {}, trace.headers)).arrayBuffer();
    door.gateway.signal("SIGTERM");
    expect(await door.gateway.ended()).toBe(0);
    expect(server(trace.id)).toBeDefined();
  });
});

it("passes the caller's trace on to the engine where there is no collector", async () => {
  const door = await Door.open({ engines: [["--step-ms", "0"]] });
  try {
    await (await door.chat("x", {}, parent)).arrayBuffer();
    const seen = (await (await fetch(`${door.engines[0]?.url}/sim/seen`)).json()) as { requests: { headers: Json }[] };
    expect(seen.requests[0]?.headers).toMatchObject(parent);
  } finally {
    await door.close();
  }
});

it("tells an engine outside the boundary nothing of the caller's trace", async () => {
  const door = await Door.open({
    engines: [["--step-ms", "0"]],
    settings: ([engine]) => ({
      dataClasses: { internal: { leavesBoundary: "allowed" } },
      backends: { "engine-0": { url: engine?.url, model: "chat", digest: "d1", location: "outside" } },
    }),
  });
  try {
    expect((await door.chat("x", {}, parent)).status).toBe(200);
    const seen = (await (await fetch(`${door.engines[0]?.url}/sim/seen`)).json()) as { requests: { headers: Json }[] };
    expect(seen.requests).toHaveLength(1);
    expect(Object.keys(seen.requests[0]?.headers ?? {})).not.toContain("traceparent");
    expect(Object.keys(seen.requests[0]?.headers ?? {})).not.toContain("tracestate");
  } finally {
    await door.close();
  }
});

it.each([
  ["nothing", {}],
  ["no form", { traceparent: "1-2-3" }],
  ["zeros", { traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` }],
  ["a span of zeros", { traceparent: `00-${traceId}-${"0".repeat(16)}-01` }],
  ["version ff", { traceparent: `ff-${traceId}-b7ad6b7169203331-01` }],
  ["more behind version 00", { traceparent: `00-${traceId}-b7ad6b7169203331-01-x` }],
  ["capitals", { traceparent: `00-${traceId.toUpperCase()}-b7ad6b7169203331-01` }],
  ["two headers", { traceparent: ["a", "b"] }],
])("takes no trace from %s", (_, headers) => {
  expect(readContext(headers)).toBeNull();
});

it("reads a later version of the header, and drops a state that is too long", () => {
  expect(readContext({ traceparent: `01-${traceId}-b7ad6b7169203331-00-more` })).toMatchObject({ isSampled: false });
  expect(readContext({ ...parent, tracestate: "x".repeat(600) })).toMatchObject({ state: null, isSampled: true });
});

it("rejects traces with content outside the boundary, for classes that may not leave", () => {
  const settings = settingsSchema.parse({
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: {
      never: { leavesBoundary: "never", traceContent: true },
      allowed: { leavesBoundary: "allowed", traceContent: true },
    },
    placements: [],
    backends: {},
    models: {},
    tenants: {},
    keysFile: "keys.json",
    telemetry: { endpoint: "http://collector:4318", location: "outside" },
  });
  expect(settingsFaults(settings)).toEqual([
    "dataClasses.never would leave the boundary in traces: traceContent is set, and telemetry is outside.",
  ]);
});
