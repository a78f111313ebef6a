// Proves: what was delivered is metered token for token, and the prompt once, also where an answer that cannot go on
// elsewhere breaks off or its caller hangs up: nobody gets half an answer for nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ineligibility } from "../src/continuation.ts";
import { StreamUsage } from "../src/stream-usage.ts";
import { chatBody, Door, fault, type Json, readStream } from "./support/door.ts";

let door: Door;
beforeAll(async () => {
  door = await Door.open({
    engines: [["--step-ms", "1"]],
    settings: () => ({
      dataClasses: { internal: { leavesBoundary: "never" } },
      // The one engine there is is needed again at once.
      retries: { budgetShare: 1, ejectionMilliseconds: 1 },
    }),
  });
});
afterAll(() => door?.close());

const metered = (kind: string) => door.metric("freehold_gateway_tokens_total", `kind="${kind}"`);
const both = async () => ({ prompt: await metered("prompt"), completion: await metered("completion") });

/** Tokens of a body's prompt, as the engine counts them. */
async function promptTokens(body: Json): Promise<number> {
  const response = await fetch(`${door.engines[0]?.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: false }),
  });
  return ((await response.json()) as { usage: { prompt_tokens: number } }).usage.prompt_tokens;
}

const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
const cases: readonly (readonly [name: string, more: Json, choices: number])[] = [
  ["several choices", { n: 3 }, 3],
  ["log probabilities", { logprobs: true }, 1],
  ["tools that are not called", { tools: [{ type: "function", function: { name: "f" } }] }, 1],
  ["an image", { messages: [{ role: "user", content: [{ type: "text", text: "what is it" }, image] }] }, 1],
];

it("is paid as far as it came when its caller hangs up", async () => {
  const body = chatBody("left alone", { stream: true, logprobs: true, max_tokens: 5000 });
  const expected = await promptTokens({ ...body, max_tokens: 1 });
  const before = await both();
  const gone = () => door.metric("freehold_gateway_requests_total", 'status="499"');
  const goneBefore = await gone();
  const response = await door.post("/v1/chat/completions", body);
  expect(response.status).toBe(200);
  await readStream(response, (text) => text.length > 4000);
  await expect.poll(gone).toBe(goneBefore + 1);
  const after = await both();
  expect(after.prompt - before.prompt).toBe(expected);
  expect(after.completion - before.completion).toBeGreaterThan(5);
});

describe.each(cases)("an answer that cannot go on: %s", (_, more, choices) => {
  it("is paid as far as it came when its replica breaks off", async () => {
    const body = chatBody("metered", { stream: true, ...more });
    const expected = await promptTokens(body);
    // What the last case ejected takes part again.
    const isBack = async () => (await door.chat("back", { max_tokens: 1 })).status;
    await expect.poll(isBack, { interval: 10 }).toBe(200);
    const before = await both();
    await fault(door.engines[0] as never, { kind: "cut", how: "rst", afterTokens: 6 });
    const result = await readStream(await door.post("/v1/chat/completions", body));
    expect(result.error).toMatchObject({ code: "stream_interrupted", tokens_delivered: 6 * choices });
    const after = await both();
    expect(after.completion - before.completion).toBe(6 * choices);
    expect(after.prompt - before.prompt).toBe(expected);
  });
});

it("shows usage at the end alone, and only to whom asks", async () => {
  const events = async (more: Json) => {
    const response = await door.chat("who asks", { stream: true, logprobs: true, max_tokens: 3, ...more });
    return (await response.text())
      .split("\n")
      .filter((line) => line.startsWith("data: {"))
      .map((line) => JSON.parse(line.slice(6)) as Json);
  };
  expect((await events({})).filter(({ usage }) => usage != null)).toEqual([]);
  const asked = await events({ stream_options: { include_usage: true } });
  expect(asked.filter(({ usage }) => usage != null)).toEqual([asked.at(-1)]);
  expect(asked.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
});

it("takes the estimate and the events of an API that says nothing before its end", () => {
  const usage = new StreamUsage(70);
  expect(usage.tokens).toEqual({ promptTokens: 0, completionTokens: 0 });
  const event = (delta: Json) => ({ choices: [{ index: 0, delta, finish_reason: null }] });
  usage.see(event({ role: "assistant", content: "" }));
  usage.see(event({ content: "a" }));
  usage.see(event({ content: "b" }));
  expect(usage.tokens).toEqual({ promptTokens: 70, completionTokens: 2 });
  usage.see({ choices: [], usage: { prompt_tokens: 61, completion_tokens: 3 } });
  expect(usage.tokens).toEqual({ promptTokens: 61, completionTokens: 3 });
});

it("knows an image in any message, which ids cannot hold", () => {
  const messages = [
    { role: "user", content: [{ type: "text", text: "a" }, image] },
    { role: "user", content: "b" },
  ];
  expect(ineligibility({ messages }, true)).toBe("images");
  expect(ineligibility({ messages: [{ role: "user", content: [{ type: "text", text: "a" }] }] }, true)).toBeNull();
});
