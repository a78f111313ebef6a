import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./door.ts";

/** Something that speaks OpenAI's language, with the model `chat`. */
export interface Subject {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Choice {
  readonly index: number;
  readonly finish_reason: string | null;
  readonly text?: string;
  readonly message?: { readonly role: string; readonly content: string };
  readonly delta?: { readonly role?: string; readonly content?: string | null };
  readonly logprobs?: {
    readonly content: readonly { token: string; logprob: number; top_logprobs: unknown[] }[];
  } | null;
}
interface Answer {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  } | null;
  readonly error?: { readonly message: string };
}

const schema = {
  type: "object",
  properties: { city: { type: "string", enum: ["Oslo", "Rome"] }, warm: { type: "boolean" } },
  required: ["city", "warm"],
  additionalProperties: false,
};

/**
 * What everything that calls itself an engine must do, whatever its model says: the part of OpenAI's interface that the
 * gateway builds on. The same tests for the simulator, for llama.cpp, and for the gateway in front of each.
 *
 * @param obstacle Why the subject cannot run here; null when it can.
 */
export function engineContract(name: string, obstacle: string | null, start: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    beforeAll(async () => {
      if (obstacle === null) subject = await start();
    });
    afterAll(() => subject?.stop());

    const post = (path: string, body: unknown) =>
      fetch(subject.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...subject.headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const answer = async (path: string, body: Json) => {
      const response = await post(path, body);
      return { status: response.status, ...((await response.json()) as Answer) };
    };
    const chat = (more: Json = {}): Json => ({
      model: "chat",
      messages: [
        { role: "system", content: "Answer briefly." },
        { role: "user", content: "Name three colours." },
      ],
      max_tokens: 24,
      temperature: 0,
      seed: 1,
      ignore_eos: true,
      ...more,
    });
    /** Events of a stream, which must end with `[DONE]` and hold one line of data each. */
    const stream = async (path: string, body: Json) => {
      const response = await post(path, { ...body, stream: true });
      expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
      const blocks = (await response.text()).split("\n\n").filter((block) => block.trim() !== "");
      const data = blocks.map(
        (block) => /^data: (.*)$/.exec(block.replace(/^id: .*\n/, ""))?.[1] ?? `no event: ${block}`,
      );
      expect(data.pop()).toBe("[DONE]");
      return data.map((text) => JSON.parse(text) as Answer);
    };
    const test = (title: string, work: () => Promise<void>) =>
      it(title, async (context) => {
        if (obstacle !== null) context.skip(obstacle);
        await work();
      });

    test("lists its model", async () => {
      const models = (await (await fetch(`${subject.url}/v1/models`, { headers: subject.headers })).json()) as {
        object: string;
        data: { id: string; object: string }[];
      };
      expect(models.object).toBe("list");
      expect(models.data.map(({ id, object }) => [id, object])).toContainEqual(["chat", "model"]);
    });

    test("answers a chat with as many tokens as it may, and counts them", async () => {
      const whole = await answer("/v1/chat/completions", chat());
      expect(whole).toMatchObject({
        status: 200,
        object: "chat.completion",
        choices: [{ index: 0, finish_reason: "length" }],
      });
      expect(whole.choices).toHaveLength(1);
      expect(whole.choices[0]?.message?.role).toBe("assistant");
      expect(whole.choices[0]?.message?.content.length).toBeGreaterThan(10);
      expect(whole.usage?.completion_tokens).toBe(24);
      expect(whole.usage?.prompt_tokens).toBeGreaterThan(5);
      expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + 24);
      expect(whole.id).not.toBe("");
      expect(Math.abs(whole.created - Date.now() / 1000)).toBeLessThan(120);
    });

    test("streams the same text in pieces, the role first and the finish last", async () => {
      const whole = await answer("/v1/chat/completions", chat());
      const events = await stream("/v1/chat/completions", chat());
      expect(new Set(events.map(({ object }) => object))).toEqual(new Set(["chat.completion.chunk"]));
      expect(new Set(events.map(({ id }) => id)).size).toBe(1);
      const choices = events.flatMap((event) => event.choices);
      expect(choices[0]?.delta?.role).toBe("assistant");
      expect(choices.map(({ delta }) => delta?.content ?? "").join("")).toBe(whole.choices[0]?.message?.content);
      expect(choices.filter(({ finish_reason }) => finish_reason != null)).toHaveLength(1);
      expect(choices.at(-1)?.finish_reason).toBe("length");
      expect(events.length).toBeGreaterThan(5);
    });

    test("says at the end of a stream what it counted, where it is asked to", async () => {
      const asked = await stream("/v1/chat/completions", chat({ stream_options: { include_usage: true } }));
      expect(asked.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 24 } });
    });

    test("stops before a stop string", async () => {
      const free = (await answer("/v1/chat/completions", chat())).choices[0]?.message?.content ?? "";
      const stop = free.slice(12, 18);
      const stopped = await answer("/v1/chat/completions", chat({ stop: [stop] }));
      expect(stopped.choices[0]).toMatchObject({
        finish_reason: "stop",
        message: { content: free.slice(0, free.indexOf(stop)) },
      });
      const events = await stream("/v1/chat/completions", chat({ stop }));
      const choices = events.flatMap((event) => event.choices);
      expect(choices.map(({ delta }) => delta?.content ?? "").join("")).toBe(free.slice(0, free.indexOf(stop)));
      expect(choices.at(-1)?.finish_reason).toBe("stop");
    });

    test("completes a prompt, whole and in pieces", async () => {
      const body = {
        model: "chat",
        prompt: "One, two, three,",
        max_tokens: 12,
        temperature: 0,
        seed: 1,
        ignore_eos: true,
      };
      const whole = await answer("/v1/completions", body);
      expect(whole).toMatchObject({ object: "text_completion", choices: [{ index: 0, finish_reason: "length" }] });
      expect(whole.usage?.completion_tokens).toBe(12);
      const events = await stream("/v1/completions", body);
      expect(events.flatMap(({ choices }) => choices.map(({ text }) => text ?? "")).join("")).toBe(
        whole.choices[0]?.text,
      );
    });

    test("takes a prompt of token ids", async () => {
      const body = { model: "chat", prompt: [100, 101, 102, 103], max_tokens: 4, temperature: 0, ignore_eos: true };
      expect(await answer("/v1/completions", body)).toMatchObject({
        status: 200,
        usage: { prompt_tokens: 4, completion_tokens: 4 },
      });
    });

    test("keeps to a JSON schema", async () => {
      const { ignore_eos: _, ...free } = chat({ max_tokens: 200 });
      const format = { type: "json_schema", json_schema: { name: "weather", schema, strict: true } };
      const { choices } = await answer("/v1/chat/completions", { ...free, response_format: format });
      const value = JSON.parse(choices[0]?.message?.content ?? "");
      expect(Object.keys(value).sort()).toEqual(["city", "warm"]);
      expect(["Oslo", "Rome"]).toContain(value.city);
      expect([true, false]).toContain(value.warm);
    });

    test("gives the log probability of each token, and of those it did not choose", async () => {
      const { choices } = await answer(
        "/v1/chat/completions",
        chat({ logprobs: true, top_logprobs: 2, max_tokens: 6 }),
      );
      const tokens = choices[0]?.logprobs?.content ?? [];
      expect(tokens).toHaveLength(6);
      for (const { token, logprob, top_logprobs } of tokens) {
        expect(typeof token).toBe("string");
        expect(logprob).toBeLessThanOrEqual(0);
        expect(top_logprobs).toHaveLength(2);
      }
      expect(tokens.map(({ token }) => token).join("")).toBe(choices[0]?.message?.content);
    });

    test("answers two at once as it answers one", async () => {
      const alone = (await answer("/v1/chat/completions", chat())).choices[0]?.message?.content;
      const both = await Promise.all([
        answer("/v1/chat/completions", chat()),
        stream(
          "/v1/chat/completions",
          chat({ messages: [{ role: "user", content: "Count to ten." }], max_tokens: 40 }),
        ),
      ]);
      expect(both[0].choices[0]?.message?.content).toBe(alone);
      expect(both[1].flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe("length");
    });

    test("embeds texts as vectors of one length", async () => {
      const response = await post("/v1/embeddings", { model: "chat", input: ["a cat", "a dog", "a cat"] });
      const { data, usage } = (await response.json()) as {
        data: { index: number; embedding: number[] }[];
        usage: { prompt_tokens: number };
      };
      expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(new Set(data.map(({ embedding }) => embedding.length)).size).toBe(1);
      const distance = (a = 0, b = 0) =>
        Math.hypot(...(data[a]?.embedding ?? []).map((x, at) => x - (data[b]?.embedding[at] ?? 0)));
      expect(distance(0, 2)).toBeLessThan(0.02);
      expect(distance(0, 1)).toBeGreaterThan(0.05);
      expect(usage.prompt_tokens).toBeGreaterThan(3);
    });

    for (const [title, path, body] of [
      ["a body that is no JSON", "/v1/chat/completions", "{"],
      ["no messages", "/v1/chat/completions", { model: "chat" }],
      [
        "a longer prompt than it can hold",
        "/v1/completions",
        { model: "chat", prompt: "word ".repeat(40_000), max_tokens: 1 },
      ],
      ["another path", "/v1/nothing", {}],
    ] as const) {
      test(`rejects ${title}, in a sentence`, async () => {
        const response = await post(path, body);
        expect(response.status).toBeGreaterThanOrEqual(400);
        const { error } = (await response.json()) as Answer;
        expect(error?.message).toMatch(/\w{4,}/);
      });
    }
  });
}
