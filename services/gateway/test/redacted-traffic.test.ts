// Proves, with processes: no identifier reaches a backend outside for a class that leaves only redacted, the answer has
// the values again, and whatever stops the redactor stops the request.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dialler } from "../src/dialler.ts";
import { ReplicaDirectory } from "../src/replica-directory.ts";
import { permitFor } from "../src/residency-gate.ts";
import { settingsSchema } from "../src/settings.ts";
import { chatBody, Door, fault, type Json, readStream } from "./support/door.ts";

const secrets = ["ann@example.com", "4111 1111 1111 1111", "DE89370400440532013000"];
const say = `[[say:To ${secrets.join(", ")}: done]]`;

/** Own patterns: one for customers, and one that a long run of `a` keeps busy for ever. */
const redactor = {
  timeoutMilliseconds: 2000,
  patterns: [
    { name: "CUSTOMER", pattern: "\\bK-\\d{4}\\b" },
    { name: "SLOW", pattern: "(a+)+!" },
  ],
};

function settingsOf(urls: readonly string[]) {
  const backends = { redactor, residencyMode: "none" };
  const [inside, outside] = urls;
  return {
    ...backends,
    dataClasses: { customer: { leavesBoundary: "redacted", keepAnswers: true }, open: { leavesBoundary: "allowed" } },
    placements: ["customer", "open"].map((dataClass) => ({ dataClass, tenant: "*", backends: ["near", "far"] })),
    backends: {
      near: { url: inside, model: "chat", digest: "d1", location: "inside" },
      far: { url: outside, model: "chat", digest: "d1", location: "outside", api: "openai", tokenIds: false },
    },
    models: {
      chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["near"] } } },
      frontier: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["far"] } } },
    },
    tenants: {
      acme: { dataClasses: ["customer", "open"], models: ["chat", "frontier"] },
      globex: { dataClasses: ["customer"], models: ["chat"] },
    },
  };
}

let door: Door;
beforeAll(async () => {
  door = await Door.open({ settings: (engines) => settingsOf(engines.map(({ url }) => url)) });
});
afterAll(() => door?.close());

async function seen(engine: number): Promise<string[]> {
  const { requests } = (await (await fetch(`${door.engines[engine]?.url}/sim/seen`)).json()) as {
    requests: { body: Json }[];
  };
  return requests.map(({ body }) => JSON.stringify(body));
}

const frontier = (content: string, more: Json = {}, headers: Record<string, string> = {}) =>
  door.chat(content, { model: "frontier", ignore_eos: undefined, max_tokens: 400, ...more }, headers);

describe("a request of a class that leaves only redacted", () => {
  it.each([false, true])("gets its values back, and none of them left; streamed: %s", async (stream) => {
    const response = await frontier(`K-1234 says ${say}`, { stream });
    expect(response.status).toBe(200);
    const text = stream
      ? (await readStream(response)).text
      : ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
    expect(text).toBe(`To ${secrets.join(", ")}: done`);
    const sent = (await seen(1)).at(-1) ?? "";
    for (const secret of [...secrets, "K-1234", "cache_salt", "ignore_eos"]) expect(sent).not.toContain(secret);
    expect(sent).toContain("<CUSTOMER_");
  });

  it("restores the arguments of a tool call", async () => {
    const tools = [{ type: "function", function: { name: "send", parameters: {} } }];
    const response = await frontier('[[tool:send {"to":"ann@example.com"}]]', { tools, stream: true });
    const raw = await response.text();
    const pieces = [...raw.matchAll(/"arguments":("(?:\\.|[^"\\])*")/g)].map(([, piece = '""']) => JSON.parse(piece));
    expect(JSON.parse(pieces.join(""))).toEqual({ to: "ann@example.com" });
    expect((await seen(1)).at(-1)).not.toContain("ann@");
  });

  it("goes to backends inside as it is, and to those outside as it is where the class allows that", async () => {
    await door.chat(say, { max_tokens: 2 });
    expect((await seen(0)).at(-1)).toContain("ann@example.com");
    await frontier(say, { max_tokens: 2 }, { "x-freehold-data-class": "open" });
    expect((await seen(1)).at(-1)).toContain("ann@example.com");
  });

  it("ends with a typed error when its replica breaks off, for it cannot go on elsewhere", async () => {
    await fault(door.engines[1] as never, { kind: "cut", how: "rst", afterTokens: 12 });
    const result = await readStream(await frontier(say, { stream: true }));
    expect(result).toMatchObject({ isDone: true, error: { code: "stream_interrupted" } });
    expect(`To ${secrets.join(", ")}: done`.startsWith(result.text)).toBe(true);
  });

  it("is redacted anew when it is tried again", async () => {
    await expect.poll(async () => (await frontier(say)).status).toBe(200);
    await fault(door.engines[1] as never, { kind: "status", status: 503 });
    expect((await frontier(say)).status).toBe(200);
    expect((await seen(1)).slice(-1).join()).not.toContain("ann@example.com");
  });
});

describe("nothing leaves", () => {
  const sentOutside = async () => (await seen(1)).length;

  it("when the redactor does not finish in time, and other requests are not held up by it", async () => {
    await expect.poll(async () => (await frontier(say)).status).toBe(200);
    const before = await sentOutside();
    const slow = frontier(`${"a".repeat(40)} ${say}`);
    const behind = frontier(`after it ${say}`);
    const near = await door.chat("at home", { max_tokens: 4 });
    expect(near.status).toBe(200);
    const response = await slow;
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: "redactor_failed" } }]);
    expect(response.headers.get("retry-after")).toBe("1");
    expect([503, 200]).toContain((await behind).status);
    await expect.poll(async () => (await frontier(say)).status).toBe(200);
    expect(await door.metric("freehold_gateway_redactions_total", 'outcome="redactor_failed"')).toBeGreaterThan(0);
    const texts = (await seen(1)).slice(before);
    expect(texts.filter((text) => text.includes("aaaaaaaa") || text.includes("ann@"))).toEqual([]);
  });

  it("of what cannot be looked into", async () => {
    const before = await sentOutside();
    const image = [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }];
    const response = await door.post("/v1/chat/completions", {
      ...chatBody("", { model: "frontier" }),
      messages: [{ role: "user", content: image }],
    });
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { error: { code: "cannot_be_redacted", param: "messages.0.content.0.image_url" } },
    ]);
    expect(await sentOutside()).toBe(before);
  });

  it("without a redactor in the settings", async () => {
    const settings = settingsSchema.parse({
      listen: { port: 0 },
      admin: { port: 0 },
      ...settingsOf(["http://127.0.0.1:9", "http://127.0.0.1:9"]),
    });
    const caller = { tenant: "acme", dataClass: "customer" };
    expect(permitFor({ ...settings, redactor: undefined }, caller).allows("far")).toBe(false);
    const permit = permitFor(settings, caller);
    expect([permit.allows("far"), permit.mustRedact("far"), permit.mustRedact("near")]).toEqual([true, true, false]);
    // The dialler does not trust whoever calls it: a plain body is none that was redacted.
    const quiet = { onGone: () => {}, onTrouble: () => {} };
    const directory = await ReplicaDirectory.open(settings, () => 0, quiet);
    const question = { path: "/v1/completions", headers: {}, body: "{}" };
    expect(() => new Dialler(settings, directory).post(permit, "far", question, {})).toThrow("redacted bodies alone");
  });
});
