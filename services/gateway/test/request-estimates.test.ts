// Proves: how long a prompt is taken to be, how long a replica may take for it, and which prompt is which.
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PoisonWatch } from "../src/poison.ts";
import { promptTokensOf } from "../src/prompt-estimate.ts";
import { tokenDeadlines } from "../src/token-deadlines.ts";
import { chatBody, Door } from "./support/door.ts";

describe("the estimate of a prompt", () => {
  const text = { model: "chat", messages: [{ role: "user", content: "x".repeat(4000) }] };
  const url = `data:image/png;base64,${"A".repeat(400_000)}`;
  const image = {
    model: "chat",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "what" },
          { type: "image_url", image_url: { url } },
        ],
      },
    ],
  };

  it("follows from the length of the body", () => {
    const { length } = JSON.stringify(text);
    expect(promptTokensOf(text, length)).toBe(Math.ceil(length / 4));
  });

  it("takes an image for an image, and not for the text that it is written as", () => {
    const tokens = promptTokensOf(image, JSON.stringify(image).length);
    expect(tokens).toBeGreaterThan(1200);
    expect(tokens).toBeLessThan(1300);
  });
});

describe("a body whose length no header tells", () => {
  let door: Door;
  beforeAll(async () => {
    const tenants = { acme: { dataClasses: ["internal"], models: ["chat"], limits: { tokensPerDay: 2000 } } };
    door = await Door.open({ engines: [["--step-ms", "0"]], settings: () => ({ tenants }) });
  });
  afterAll(() => door?.close());

  it("is set aside from the budget all the same", async () => {
    const { hostname, port } = new URL(door.url);
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { authorization: "Bearer test-key-of-acme", "transfer-encoding": "chunked" };
      const sent = request({ hostname, port, path: "/v1/chat/completions", method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.write(JSON.stringify(chatBody("x".repeat(12_000), { max_tokens: 1 })));
      sent.end();
    });
    expect(status).toBe(429);
  });
});

describe("the time that a replica has", () => {
  const deadlines = {
    connectMilliseconds: 1000,
    firstTokenMilliseconds: 10_000,
    firstTokenMillisecondsPerThousandTokens: 1000,
    firstTokenMillisecondsPerRequestAhead: 100,
    interTokenMilliseconds: 2000,
    requestMilliseconds: 600_000,
    drainMilliseconds: 30_000,
  };

  it.each([
    [{ promptTokens: 0, requestsAhead: 0, p99GapMilliseconds: 0 }, 10_000, 2000],
    [{ promptTokens: 32_000, requestsAhead: 0, p99GapMilliseconds: 0 }, 42_000, 2000],
    [{ promptTokens: 1000, requestsAhead: 40, p99GapMilliseconds: 99 }, 15_000, 2000],
    [{ promptTokens: 0, requestsAhead: 0, p99GapMilliseconds: 250 }, 10_000, 5000],
  ])("grows with the prompt and what runs before it, and with the pace: %o", (seen, first, next) => {
    expect(tokenDeadlines({ deadlines }, seen)).toEqual({
      firstTokenMilliseconds: first,
      interTokenMilliseconds: next,
    });
  });
});

describe("a prompt that is watched", () => {
  it("is told from others, whatever it is asked for", () => {
    const bodies = [
      { model: "m", messages: [{ role: "user", content: "a" }] },
      { model: "m", messages: [{ role: "user", content: "b" }] },
      { model: "m", prompt: "a" },
      { model: "m", prompt: "b" },
      { model: "m", input: "a" },
      { model: "m", input: ["a", "b"] },
      { model: "other", input: "a" },
    ];
    expect(new Set(bodies.map((body) => PoisonWatch.keyOf(body))).size).toBe(bodies.length - 1);
  });

  it("takes no other vector with it when it took two replicas down", () => {
    const watch = new PoisonWatch(() => 0);
    const [bad, good] = [
      PoisonWatch.keyOf({ model: "m", input: "bad" }),
      PoisonWatch.keyOf({ model: "m", input: "x" }),
    ];
    watch.brokeOff(bad, "one");
    watch.brokeOff(bad, "two");
    expect([watch.isQuarantined(bad), watch.isQuarantined(good)]).toEqual([true, false]);
  });
});
