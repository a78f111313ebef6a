import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { Door } from "./support/door.ts";

let door: Door;
let client: OpenAI;
beforeAll(async () => {
  door = await Door.open();
  client = new OpenAI({ baseURL: `${door.url}/v1`, apiKey: "test-key-of-acme", maxRetries: 0 });
});
afterAll(() => door?.close());

const messages = [{ role: "user" as const, content: "Tell me of the sea." }];

it("answers a chat, whole and streamed, with the same text and usage", async () => {
  const whole = await client.chat.completions.create({ model: "chat", messages, max_tokens: 30 });
  const stream = await client.chat.completions.create({
    model: "chat",
    messages,
    max_tokens: 30,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe(whole.choices[0]?.message.content);
  expect(text.length).toBeGreaterThan(50);
  expect(usage).toEqual(whole.usage);
  expect(whole.usage?.completion_tokens).toBe(30);
});

it("says in headers which model, version and reason", async () => {
  const { response } = await client.chat.completions.create({ model: "chat", messages, max_tokens: 5 }).withResponse();
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "x-freehold-model": "chat",
    "x-freehold-version": "v1",
    "x-freehold-reason": "prompt",
  });
  expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
});

it("streams tool calls through the client's own helper", async () => {
  const runner = client.chat.completions.stream({
    model: "chat",
    messages: [{ role: "user", content: '[[tool:weather {"city":"Ulm"}]]' }],
    tools: [
      {
        type: "function",
        function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
      },
    ],
  });
  const final = await runner.finalChatCompletion();
  expect(final.choices[0]?.finish_reason).toBe("tool_calls");
  expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { name: "weather", arguments: '{"city":"Ulm"}' },
  });
});

it("parses structured output", async () => {
  const schema = z.object({ city: z.string(), people: z.number() });
  const answer = await client.chat.completions.parse({
    model: "chat",
    messages,
    response_format: zodResponseFormat(schema, "place"),
  });
  expect(answer.choices[0]?.message.parsed).toEqual({ city: "text", people: 1 });
});

it("gives several choices, log probabilities, completions, embeddings and models", async () => {
  const several = await client.chat.completions.create({
    model: "chat",
    messages,
    max_tokens: 5,
    n: 3,
    logprobs: true,
  });
  expect(several.choices).toHaveLength(3);
  expect(several.choices[0]?.logprobs?.content).toHaveLength(5);
  const completion = await client.completions.create({ model: "chat", prompt: "Once", max_tokens: 8 });
  expect(completion.choices[0]?.text.length).toBeGreaterThan(5);
  const embedding = await client.embeddings.create({ model: "chat", input: ["a", "b"] });
  expect(embedding.data.map(({ embedding: vector }) => vector.length)).toEqual([64, 64]);
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["chat"]);
});

it("raises the client's own typed errors", async () => {
  const wrongKey = new OpenAI({ baseURL: `${door.url}/v1`, apiKey: "nobody", maxRetries: 0 });
  await expect(wrongKey.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(client.chat.completions.create({ model: "other", messages })).rejects.toBeInstanceOf(
    OpenAI.NotFoundError,
  );
  const refused = client.chat.completions.create({ model: "chat", messages, chat_template: "{{ x }}" } as never);
  await expect(refused).rejects.toMatchObject({ status: 400, code: "field_not_allowed", param: "chat_template" });
});
