import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatBody, Door, fault, type Json, oracle, readStream } from "./support/door.ts";

/** For what does not try the deadlines. */
const patient = { firstTokenMilliseconds: 20_000, interTokenMilliseconds: 10_000 };
let door: Door;
beforeAll(async () => {
  door = await Door.open();
});
afterAll(() => door?.close());

/** Lets one request meet the fault at the first engine. `isMet` says that it did, and not at the second one. */
async function withFault(what: Json, body: Json) {
  const [first] = door.engines;
  if (first === undefined) throw new Error("an engine is needed");
  const prompt = (body.messages as { content: string }[])[0]?.content ?? "";
  // What the last case ejected takes part again.
  await expect.poll(() => backendOf(prompt), { interval: 10 }).toBe("engine-0");
  const expected = await oracle(first, body);
  await fault(first, what);
  const result = await readStream(await door.post("/v1/chat/completions", body));
  const seen = (await (await fetch(`${first.url}/sim/seen`)).json()) as { faultsWaiting: number };
  await fetch(`${first.url}/sim/faults`, { method: "DELETE" });
  return { expected, result, isMet: seen.faultsWaiting === 0 };
}

async function backendOf(prompt: string): Promise<string | null> {
  const response = await door.chat(prompt, { max_tokens: 1 });
  await response.arrayBuffer();
  return response.headers.get("x-freehold-backend");
}

/** A prompt whose cached prefix lies with the first engine, found by asking. */
async function promptForFirst(): Promise<string> {
  for (let index = 0; index < 200; index += 1) {
    if ((await backendOf(`prompt ${index}`)) === "engine-0") return `prompt ${index}`;
  }
  throw new Error("no prompt goes to the first engine");
}

const faults: Json[] = [
  { kind: "cut", how: "fin" },
  { kind: "cut", how: "rst" },
  { kind: "cut", how: "silence" },
  { kind: "cut", how: "freeze-close", milliseconds: 100 },
  { kind: "freeze" },
  { kind: "malformed" },
  { kind: "error-event" },
];

describe("a stream whose replica breaks off", () => {
  it.each(faults)("goes on token for token after %j, wherever it happens", async (what) => {
    const prompt = await promptForFirst();
    for (const afterTokens of [1, 9, 23, 39]) {
      const body = chatBody(prompt, { stream: true, stream_options: { include_usage: true }, seed: afterTokens });
      const { expected, result, isMet } = await withFault({ ...what, afterTokens }, body);
      expect(isMet).toBe(true);
      expect(result).toMatchObject({ text: expected.text, finish: "length", isDone: true, error: null });
      expect(result.usage).toMatchObject({ completion_tokens: 40 });
    }
  });

  it("finds a stop string that lies across the break", async () => {
    const prompt = await promptForFirst();
    const free = await oracle(door.engines[1] as never, chatBody(prompt));
    const stop = free.text.slice(60, 75);
    const body = chatBody(prompt, { stream: true, stop: [stop] });
    for (const afterTokens of [12, 13, 14, 15, 16, 17]) {
      const { result } = await withFault({ kind: "cut", how: "rst", afterTokens }, body);
      expect(result).toMatchObject({
        text: free.text.slice(0, free.text.indexOf(stop)),
        finish: "stop",
        stopReason: stop,
        isDone: true,
      });
    }
  });

  it("meters each delivered token and the prompt once, though two replicas worked on them", async () => {
    const prompt = await promptForFirst();
    const metered = (kind: string) => door.metric("freehold_gateway_tokens_total", 'tenant="globex"', `kind="${kind}"`);
    const [first] = door.engines;
    await expect.poll(() => backendOf(prompt), { interval: 10 }).toBe("engine-0");
    if (first !== undefined) await fault(first, { kind: "cut", how: "fin", afterTokens: 20 });
    const headers = { authorization: "Bearer key-of-globex", "x-freehold-conversation": "c" };
    const body = chatBody(prompt, { stream: true, stream_options: { include_usage: true } });
    const result = await readStream(await door.post("/v1/chat/completions", body, headers));
    expect(result.usage).toMatchObject({ completion_tokens: 40, prompt_tokens: await metered("prompt") });
    expect(await metered("completion")).toBe(40);
    expect(await door.metric("freehold_gateway_continuations_total", 'outcome="continued"')).toBeGreaterThan(0);
  });

  it.each([
    ["several choices", { n: 2 }],
    ["tools", { tools: [{ type: "function", function: { name: "f", parameters: {} } }] }],
    ["log probabilities", { logprobs: true }],
  ])("ends with a typed error when it cannot go on: %s", async (_, more) => {
    const prompt = await promptForFirst();
    const { result } = await withFault(
      { kind: "cut", how: "rst", afterTokens: 6 },
      chatBody(prompt, { stream: true, ...more }),
    );
    expect(result).toMatchObject({ isDone: true, error: { code: "stream_interrupted", retry_safe: false } });
    expect(result.error?.request_id).toMatch(/^[\w-]{8,}$/);
  });
});

describe("a request without a token yet", () => {
  it.each([
    { kind: "status", status: 500 },
    { kind: "status", status: 503 },
    { kind: "status", status: 429 },
    { kind: "drop" },
    { kind: "slow-start", milliseconds: 5000 },
  ])("is tried on another replica after %j", async (what) => {
    const prompt = await promptForFirst();
    const { expected, result, isMet } = await withFault(
      what,
      chatBody(prompt, { stream: true, seed: Math.floor(Math.random() * 1e6) }),
    );
    expect(isMet).toBe(true);
    expect(result).toMatchObject({ text: expected.text, isDone: true });
  });
});

it("goes on after kill -9 of the process that answers, with many streams open", async () => {
  const doomed = await Door.open({
    engines: [
      ["--step-ms", "5"],
      ["--step-ms", "5"],
      ["--step-ms", "5"],
    ],
    // A process that is gone says so: no time runs out here but on a busy machine.
    settings: () => ({ deadlines: patient }),
  });
  try {
    const bodies = Array.from({ length: 30 }, (_, index) =>
      chatBody(`stream ${index}`, { stream: true, max_tokens: 400, seed: index }),
    );
    const expected = await Promise.all(bodies.map((body, index) => oracle(doomed.engines[index % 3] as never, body)));
    let begun = 0;
    const results = bodies.map(async (body) => {
      const response = await doomed.post("/v1/chat/completions", body);
      begun += 1;
      return { backend: response.headers.get("x-freehold-backend"), ...(await readStream(response)) };
    });
    await expect.poll(() => begun, { interval: 5 }).toBe(30);
    doomed.engines[0]?.signal("SIGKILL");
    const all = await Promise.all(results);
    expect(all.filter(({ backend }) => backend === "engine-0").length).toBeGreaterThan(0);
    for (const [index, result] of all.entries())
      expect(result).toMatchObject({ text: expected[index]?.text, isDone: true, error: null });
    expect(await doomed.metric("freehold_gateway_continuations_total", 'outcome="continued"')).toBeGreaterThan(0);
  } finally {
    await doomed.close();
  }
});

it("reads on behind the last event that arrived, and only for the tenant that asked", async () => {
  const body = chatBody("a long one", { stream: true, max_tokens: 300 });
  const expected = await oracle(door.engines[0] as never, body);
  const first = await readStream(await door.post("/v1/chat/completions", body), (text) => text.length > 3000);
  expect(first.isDone).toBe(false);
  const foreign = await door.post("/v1/chat/completions", body, {
    authorization: "Bearer key-of-globex",
    "last-event-id": first.lastEventId,
  });
  expect(foreign.status).toBe(410);
  const rest = await readStream(await door.post("/v1/chat/completions", body, { "last-event-id": first.lastEventId }));
  expect(first.text + rest.text).toBe(expected.text);
  expect(rest.isDone).toBe(true);
  const unknown = await door.post("/v1/chat/completions", body, { "last-event-id": "nothing-of-that-kind:3" });
  expect(await unknown.json()).toMatchObject({ error: { code: "cannot_be_resumed" } });
});

it("kills at most two replicas with a poisoned prompt", async () => {
  const poisoned = await Door.open({
    engines: Array.from({ length: 4 }, () => ["--step-ms", "1", "--poison", "[[poison]]"]),
  });
  try {
    const answers = [];
    for (let index = 0; index < 4; index += 1) answers.push(await (await poisoned.chat("x [[poison]]")).json());
    expect(answers.at(-1)).toMatchObject({ error: { code: "prompt_quarantined" } });
    const alive = await Promise.all(
      poisoned.engines.map(({ url }) =>
        fetch(`${url}/health`).then(
          () => 1,
          () => 0,
        ),
      ),
    );
    expect(alive.reduce<number>((sum, one) => sum + one, 0)).toBe(2);
    expect((await poisoned.chat("harmless")).status).toBe(200);
  } finally {
    await poisoned.close();
  }
});
