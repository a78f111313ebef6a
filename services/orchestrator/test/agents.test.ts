// Proves: `extract` and `research` do what they say against an engine as a process, and against a model that errs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServiceProcess, startService } from "../../../test/support/service-process.ts";
import { AgentRegistry } from "../src/agents/registry.ts";
import { shipped } from "../src/agents/shipped.ts";
import type { Service } from "../src/service.ts";
import { onBothDatabases } from "./support/databases.ts";
import { type Answer, type ModelRequest, startModelServer } from "./support/model-server.ts";
import { startReplica } from "./support/service.ts";

const invoice = {
  type: "object",
  properties: { number: { type: "string" }, total: { type: "number", minimum: 0 } },
  required: ["number", "total"],
  additionalProperties: false,
};

onBothDatabases("agents", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-agents-"));
  let script: (request: ModelRequest) => Answer = () => ({ text: [""] });
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let engine: ServiceProcess;
  let service: Service;
  let client: Client;
  beforeAll(async () => {
    model = await startModelServer((request) => script(request));
    engine = await startService("engine-simulator", ["--step-ms", "1"]);
    const tools = {
      find: {
        description: "Finds.",
        parameters: { type: "object", properties: { words: { type: "string" } } },
        url: model.toolUrl,
        policy: "readOnly",
      },
    };
    const scripted = { url: model.url, model: "chat", dataClass: "internal" };
    const simulated = { url: `${engine.url}/v1`, model: "chat", dataClass: "internal", maxAnswerTokens: 200 };
    service = await startReplica({
      storage: given().storage,
      agents: {
        invoices: { graph: "extract", settings: { model: scripted, schema: invoice, maxDocumentCharacters: 100 } },
        "invoices-by-engine": { graph: "extract", settings: { model: simulated, schema: invoice } },
        desk: {
          graph: "research",
          settings: { model: scripted, tools, budget: { modelCalls: 4, toolCalls: 3 } },
        },
        talk: { graph: "support", settings: { model: scripted, tools } },
        "desk-by-engine": { graph: "research", settings: { model: simulated, tools } },
      },
    });
    client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await engine?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (agent: string, input: Record<string, unknown>) =>
    client.runs.wait(null, agent, { input, raiseError: false }) as Promise<Record<string, unknown>>;

  test("support: calls whose ids an engine gives twice, in one answer or anew in each, keep their own results", async () => {
    const call = (words: string) => ({ id: "call-0", name: "find", args: { words } });
    script = ({ body }) => {
      const results = body.messages.filter(({ role }) => role === "tool").length;
      if (results === 0) return { calls: [call("a"), call("b")] };
      return results === 2 ? { calls: [call("c")] } : { text: ["Done"] };
    };
    const before = model.toolCalls.length;
    const { messages } = (await run("talk", { messages: [{ role: "human", content: "hi" }] })) as {
      messages: { type: string; content: string; tool_call_id?: string; tool_calls?: { id: string }[] }[];
    };
    expect(model.toolCalls.slice(before)).toEqual([{ words: "a" }, { words: "b" }, { words: "c" }]);
    expect(messages.map(({ type }) => type)).toEqual(["human", "ai", "tool", "tool", "ai", "tool", "ai"]);
    const asked = messages.flatMap(({ tool_calls: calls = [] }) => calls.map(({ id }) => id));
    expect(messages.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id]))).toEqual(asked);
  });

  test("extract: an engine that holds itself to a schema gives what fits", async () => {
    expect(await run("invoices-by-engine", { document: "Invoice 7, 12 EUR" })).toMatchObject({
      result: { number: "text", total: 0 },
      repairs: 0,
    });
  });

  test("extract: tells the model what does not fit, a bounded number of times, and never returns what does not", async () => {
    const answers = ['{"number": 7}', '```json\n{"number": "7", "total": 12}\n```'];
    const before = model.requests.length;
    script = () => ({ text: [answers[model.requests.length - before - 1] ?? "no JSON at all"] });
    expect(await run("invoices", { document: "Invoice 7, 12 EUR" })).toMatchObject({
      result: { number: "7", total: 12 },
      repairs: 1,
    });
    const asked = model.requests.at(-1)?.body.messages.at(-1)?.content;
    expect(asked).toContain("The value must have required property 'total'; /number must be string");
    script = () => ({ text: ['{"number": "7", "total": -1}'] });
    const sofar = model.requests.length;
    expect(await run("invoices", { document: "Invoice 7" })).toEqual({
      __error__: {
        error: "AnswerDoesNotFit",
        message: "The model's answer did not fit after 2 repairs: /total must be >= 0.",
      },
    });
    expect(model.requests.length - sofar).toBe(3);
  });

  test("extract: says what is wrong with its input", async () => {
    const sofar = model.requests.length;
    for (const [input, message] of [
      [{}, /needs `document`/],
      [{ document: "x".repeat(101) }, /longer than 100/],
    ] as const) {
      const { __error__: error } = (await run("invoices", input)) as { __error__: { error: string; message: string } };
      expect(error.error).toBe("InputDoesNotFit");
      expect(error.message).toMatch(message);
    }
    expect(model.requests.length).toBe(sofar);
  });

  test("research: plans, asks a tool the engine calls, and drops a citation that is in no source", async () => {
    const before = model.toolCalls.length;
    const question = 'What is 7? [[tool:find {"words":"7"}]]';
    const ended = await run("desk-by-engine", { question });
    expect(ended).toMatchObject({ plan: ["text"], answer: "text", citations: [], unverified: 1 });
    expect(ended.sources).toMatchObject([{ id: "S1", tool: "find" }]);
    expect(ended.stoppedBy).toBeNull();
    expect(model.toolCalls.slice(before)).toEqual([{ words: "7" }]);
  });

  /** Looks `looks` times, then answers with these citations. */
  const researcher = (looks: number, citations: unknown[]) => {
    let looked = 0;
    return ({ body }: ModelRequest): Answer => {
      const system = body.messages[0]?.content ?? "";
      if (system.includes("Plan how")) return { text: ['{"steps":["look"]}'] };
      if (system.includes("Answer the question from these sources")) {
        return { text: [JSON.stringify({ answer: "It is done.", citations })] };
      }
      looked += 1;
      if (looked > looks) return { text: ["I know enough."] };
      return { calls: [{ id: `call-${looked}`, name: looked === 1 ? "find" : "delete_everything", args: {} }] };
    };
  };

  test("research: keeps a citation whose words stand in the source; a tool nobody allowed is a refusal", async () => {
    script = researcher(2, [{ source: "S1", quote: '"done":' }]);
    const ended = await run("desk", { question: "Is it done?" });
    expect(ended).toMatchObject({
      answer: "It is done.",
      citations: [{ source: "S1", quote: '"done":' }],
      unverified: 0,
      stoppedBy: null,
      modelCalls: 4,
      toolCalls: 2,
    });
    expect((ended.sources as { text: string }[])[1]?.text).toBe('Refused: there is no tool "delete_everything".');
  });

  test("research: a budget that is spent ends the search, and the answer says which", async () => {
    script = researcher(99, []);
    const sofar = model.requests.length;
    expect(await run("desk", { question: "?" })).toMatchObject({ stoppedBy: "toolCalls", toolCalls: 3, modelCalls: 4 });
    // A plan, three looks, and an answer that is asked once again for its citations.
    expect(model.requests.length - sofar).toBe(6);
    script = (request) => {
      const answer = researcher(1, [])(request);
      return answer.calls === undefined
        ? answer
        : { calls: [1, 2, 3, 4].map((id) => ({ id: `${id}`, name: "find", args: {} })) };
    };
    const tools = model.toolCalls.length;
    expect(await run("desk", { question: "?" })).toMatchObject({ stoppedBy: "toolCalls", toolCalls: 3, modelCalls: 2 });
    expect(model.toolCalls.length - tools).toBe(3);
  });
});

test("a wrong setting of an agent stops the replica, not its first run", () => {
  const model = { url: "http://model/v1", model: "chat", dataClass: "internal" };
  const registry = (settings: Record<string, unknown>, graph = "extract") =>
    new AgentRegistry({ one: { graph, settings } }, shipped);
  expect(() => registry({ model })).toThrow(/schema/);
  expect(() => registry({ model, schema: { type: "nonsense" } })).toThrow(/type must be/);
  expect(() => registry({ model, schema: invoice })).not.toThrow();
  expect(() => registry({ model, budget: { modelCalls: 1 } }, "research")).toThrow(/modelCalls/);
  expect(() => registry({ model }, "nobody")).toThrow(/Known: support, extract, research/);
});
