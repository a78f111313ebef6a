import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServiceProcess, startService } from "../../../test/support/service-process.ts";

type Json = Record<string, unknown>;
interface StreamChoice {
  readonly text?: string;
  readonly delta?: { readonly content?: string };
  readonly token_ids?: number[];
  readonly finish_reason: string | null;
}
interface StreamEvent {
  readonly choices: readonly StreamChoice[];
  readonly prompt_token_ids?: number[];
  readonly usage?: Json;
}

let engine: ServiceProcess;
let twin: ServiceProcess;
beforeAll(async () => {
  [engine, twin] = await Promise.all([
    startService("engine-simulator", ["--step-ms", "0", "--adapter", "tuned", "--poison", "[[poison]]"]),
    startService("engine-simulator", ["--step-ms", "0"]),
  ]);
});
afterAll(async () => {
  await Promise.all([engine?.stop(), twin?.stop()]);
});

function post(url: string, path: string, body: Json, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function events(response: Response): Promise<{ events: StreamEvent[]; isDone: boolean; isCut: boolean }> {
  let text = "";
  let isCut = false;
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString("utf8");
  } catch {
    isCut = true;
  }
  const data = text.split("\n\n").flatMap((block) => (block.startsWith("data: ") ? [block.slice(6)] : []));
  const parsed = data.filter((line) => line !== "[DONE]").map((line) => JSON.parse(line) as StreamEvent);
  return { events: parsed, isDone: data.at(-1) === "[DONE]", isCut };
}

const chat = (content: string, more: Json = {}): Json => ({
  model: "chat",
  messages: [{ role: "user", content }],
  max_tokens: 40,
  ignore_eos: true,
  ...more,
});

describe("tokens", () => {
  it("goes on token for token on another replica of the same weights", async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const whole = await events(
        await post(engine.url, "/v1/chat/completions", chat("Tell me", { stream: true, return_token_ids: true, seed })),
      );
      const prompt = whole.events[0]?.prompt_token_ids ?? [];
      const ids = whole.events.flatMap((event) => event.choices[0]?.token_ids ?? []);
      expect(ids).toHaveLength(40);
      const rest = await post(twin.url, "/v1/completions", {
        model: "chat",
        prompt: [...prompt, ...ids.slice(0, 17)],
        max_tokens: 23,
        ignore_eos: true,
        seed,
        return_token_ids: true,
      });
      const body = (await rest.json()) as { choices: { token_ids: number[] }[] };
      expect(body.choices[0]?.token_ids).toEqual(ids.slice(17));
    }
  });

  it("answers differently with other weights, another seed or an adapter", async () => {
    const texts = await Promise.all(
      [chat("Hi"), chat("Hi", { seed: 1 }), chat("Hi", { model: "tuned" }), chat("Ho")].map(async (body) => {
        const answer = (await (await post(engine.url, "/v1/chat/completions", body)).json()) as {
          choices: { message: { content: string } }[];
        };
        return answer.choices[0]?.message.content;
      }),
    );
    expect(new Set(texts).size).toBe(4);
  });

  it("never splits a character between two events", async () => {
    const answer = await events(
      await post(engine.url, "/v1/chat/completions", chat("Wide", { stream: true, max_tokens: 2000 })),
    );
    const text = answer.events.map((event) => event.choices[0]?.delta?.content ?? "").join("");
    expect(text).toMatch(/[äé€語🙂]/u);
    expect(text.slice(0, -1)).not.toContain("\uFFFD");
  });

  it("stops before a stop string and says which one", async () => {
    const free = (await (
      await post(engine.url, "/v1/completions", { model: "chat", prompt: "a", max_tokens: 60, ignore_eos: true })
    ).json()) as { choices: { text: string }[] };
    const text = free.choices[0]?.text ?? "";
    const stop = text.slice(100, 107);
    const stopped = (await (
      await post(engine.url, "/v1/completions", {
        model: "chat",
        prompt: "a",
        max_tokens: 60,
        ignore_eos: true,
        stop: [stop],
      })
    ).json()) as { choices: { text: string; stop_reason: string }[] };
    expect(stopped.choices[0]).toMatchObject({ text: text.slice(0, text.indexOf(stop)), stop_reason: stop });
  });
});

describe("the OpenAI surface", () => {
  it("answers a script, a schema and a tool call", async () => {
    const said = await (await post(engine.url, "/v1/chat/completions", chat("[[say:Good day, Zoë.]]"))).json();
    expect(said).toMatchObject({ choices: [{ message: { content: "Good day, Zoë." }, finish_reason: "stop" }] });
    const schema = { type: "object", properties: { city: { type: "string" }, count: { type: "integer" } } };
    const json = (await (
      await post(
        engine.url,
        "/v1/chat/completions",
        chat("x", { response_format: { type: "json_schema", json_schema: { name: "a", schema } } }),
      )
    ).json()) as { choices: { message: { content: string } }[] };
    expect(JSON.parse(json.choices[0]?.message.content ?? "")).toEqual({ city: "text", count: 1 });
    const tools = [{ type: "function", function: { name: "look_up", parameters: schema } }];
    const called = await (
      await post(engine.url, "/v1/chat/completions", chat("x", { tools, tool_choice: "required" }))
    ).json();
    expect(called).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: { tool_calls: [{ function: { name: "look_up", arguments: '{"city":"text","count":1}' } }] },
        },
      ],
    });
  });

  it("gives embeddings of unit length, the same for the same text", async () => {
    const answer = (await (
      await post(engine.url, "/v1/embeddings", { model: "chat", input: ["a", "a", "b"] })
    ).json()) as { data: { embedding: number[] }[] };
    const [first, second, third] = answer.data.map(({ embedding }) => embedding);
    expect(first).toEqual(second);
    expect(first).not.toEqual(third);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1);
  });

  it("counts under the names of vLLM", async () => {
    const text = await (await fetch(`${engine.url}/metrics`)).text();
    for (const name of [
      "num_requests_running",
      "kv_cache_usage_perc",
      "iteration_tokens_total_count",
      "time_to_first_token_seconds_bucket",
    ]) {
      expect(text).toContain(`vllm:${name}{model_name="chat"`);
    }
    expect(Number(/vllm:generation_tokens_total\{.*\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(1000);
  });

  it("rejects a model it does not serve and a prompt that does not fit", async () => {
    expect((await post(engine.url, "/v1/chat/completions", chat("x", { model: "other" }))).status).toBe(404);
    expect((await post(engine.url, "/v1/chat/completions", chat("x", { max_tokens: 40_000 }))).status).toBe(400);
  });
});

describe("faults", () => {
  const faulty = (fault: Json) =>
    post(engine.url, "/v1/chat/completions", chat("x", { stream: true, return_token_ids: true }), {
      "x-sim-fault": JSON.stringify(fault),
    });

  it.each([
    ["fin", false],
    ["rst", true],
  ])("cuts a stream by %s after the token it was told", async (how, isReset) => {
    const answer = await events(await faulty({ kind: "cut", how, afterTokens: 7 }));
    expect(answer.events.flatMap((event) => event.choices[0]?.token_ids ?? [])).toHaveLength(7);
    expect(answer.isDone).toBe(false);
    if (isReset) expect(answer.isCut).toBe(true);
  });

  it("refuses with the status it was told, as often as it was told", async () => {
    await post(engine.url, "/sim/faults", { kind: "status", status: 503, times: 2 });
    const statuses = [];
    for (let index = 0; index < 3; index += 1)
      statuses.push((await post(engine.url, "/v1/chat/completions", chat("x"))).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it("answers as other weights would, where it is told to serve another version", async () => {
    const text = async (headers: Record<string, string>) => {
      const response = await post(engine.url, "/v1/chat/completions", chat("which version"), headers);
      return ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
    };
    const right = await text({});
    expect(await text({ "x-sim-fault": JSON.stringify({ kind: "wrong-version" }) })).not.toBe(right);
    expect(await text({})).toBe(right);
  });

  it("freezes with a healthy /health and a step counter that stands still", async () => {
    const answer = await faulty({ kind: "freeze", afterTokens: 3 });
    const reader = answer.body?.getReader();
    const steps = async () =>
      Number(/iteration_tokens_total_count\{.*\} (\d+)/.exec(await (await fetch(`${engine.url}/metrics`)).text())?.[1]);
    await expect
      .poll(async () => {
        const before = await steps();
        await new Promise((resolve) => setTimeout(resolve, 20));
        return before === (await steps());
      })
      .toBe(true);
    expect((await fetch(`${engine.url}/health`)).status).toBe(200);
    await reader?.cancel();
    await fetch(`${engine.url}/sim/faults`, { method: "DELETE" });
    expect((await post(engine.url, "/v1/chat/completions", chat("x"))).status).toBe(200);
  });

  it("rejects a fault it does not know", async () => {
    expect((await faulty({ kind: "nonsense" })).status).toBe(400);
    expect((await faulty({ kind: "cut", how: "fin" })).status).toBe(400);
  });

  it("dies of a poisoned prompt", async () => {
    await expect(post(engine.url, "/v1/chat/completions", chat("a [[poison]] b"))).rejects.toThrow();
    expect(await engine.ended()).toBeNull();
  });
});
