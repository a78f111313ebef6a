// Proves, with processes: what is hard goes to the other model before its first token and only where it may, what is
// verified is checked before the caller sees it, and every token is paid once. The checks themselves:
// verification.test.ts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatBody, Door, fault, type Json, oracle, readStream } from "./support/door.ts";

const price = { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 1 };
const budget = { usdPerDay: 100, shareOfRequests: 1 };
const rules = [
  { name: "long", promptTokensAtLeast: 500 },
  { name: "tooled", tools: true, tags: ["agent"] },
  { name: "german", languages: ["de"] },
  { name: "marked", tags: ["hard"] },
];

/** Engines: 0 answers questions wrongly, 1 rightly and stands outside, 2 grades. */
function settingsOf(urls: readonly string[], folder: string) {
  const [near, far, judge] = urls;
  writeFileSync(join(folder, "frontier.key"), "key-of-the-frontier\n");
  const classes = {
    open: { leavesBoundary: "allowed" },
    redacted: { leavesBoundary: "redacted" },
    never: { leavesBoundary: "never" },
  };
  const one = (backend: string) => ({
    maxModelLen: 32768,
    versions: { v1: { weight: 1, backends: [backend] } },
    price,
  });
  const verify = { deadlineMilliseconds: 2000, judge: { model: "judge", scoreAtLeast: 0.5 } };
  const inside = (url: string | undefined) => ({ url, model: "chat", digest: "d1", location: "inside" });
  return {
    dataClasses: classes,
    redactor: {},
    bounds: { leavingBodyBytes: 20_000 },
    placements: Object.keys(classes).map((dataClass) => ({
      dataClass,
      tenant: "*",
      backends: ["near", "lagging", "far", "judge"],
    })),
    backends: {
      near: inside(near),
      lagging: inside(near),
      judge: inside(judge),
      far: {
        url: far,
        model: "chat",
        digest: "d2",
        location: "outside",
        api: "openai",
        tokenIds: false,
        apiKeyFile: join(folder, "frontier.key"),
      },
    },
    models: {
      chat: { ...one("near"), escalation: { to: "frontier", rules, budget } },
      strict: { ...one("near"), escalation: { to: "frontier", rules, budget, unavailable: "refuse" } },
      checked: { ...one("near"), escalation: { to: "frontier", verify, budget } },
      grudging: {
        ...one("near"),
        escalation: { to: "frontier", rules, budget: { usdPerDay: 100, shareOfRequests: 0.125 } },
      },
      poor: {
        ...one("near"),
        escalation: { to: "frontier", rules, budget: { usdPerDay: 0.0004, shareOfRequests: 1 } },
      },
      choosy: { ...one("near"), escalation: { to: "frontier", rules, budget, dataClasses: ["redacted"] } },
      reserved: { ...one("near"), escalation: { to: "frontier", rules, budget, tenants: ["globex"] } },
      crowded: { ...one("near"), overflow: { to: "frontier", requestsPerReplicaAtLeast: 2, budget } },
      slow: { ...one("lagging"), overflow: { to: "frontier", timeToFirstTokenMilliseconds: 150, budget } },
      frontier: one("far"),
      judge: one("judge"),
    },
    tenants: {
      acme: {
        dataClasses: Object.keys(classes),
        models: ["chat", "strict", "checked", "grudging", "poor", "choosy", "reserved", "crowded", "slow"],
        mayEscalate: true,
      },
      globex: { dataClasses: ["open"], models: ["chat", "checked"] },
    },
  };
}

let door: Door;
beforeAll(async () => {
  door = await Door.open({
    engines: [
      ["--step-ms", "1", "--accuracy", "0"],
      ["--step-ms", "1", "--api-key", "key-of-the-frontier"],
      ["--step-ms", "1", "--grades-down", "I do not know"],
    ],
    settings: (engines, folder) =>
      settingsOf(
        engines.map(({ url }) => url),
        folder,
      ),
  });
});
afterAll(() => door?.close());

const ask = "[[ask:capital=It is Paris, I am sure]]";
const chat = (content: string, more: Json = {}, headers: Record<string, string> = {}) =>
  door.chat(content, { max_tokens: 60, ignore_eos: undefined, ...more }, headers);
const hard = { "x-freehold-tags": "hard" };

async function seen(engine: number): Promise<{ body: Json; headers: Json }[]> {
  const { requests } = (await (await fetch(`${door.engines[engine]?.url}/sim/seen`)).json()) as {
    requests: { body: Json; headers: Json }[];
  };
  return requests;
}

async function answerOf(response: Response) {
  const { headers } = response;
  const named = (name: string) => headers.get(`x-freehold-${name}`);
  const body = (await response.json()) as { choices?: { message: { content: string } }[]; usage?: Json; error?: Json };
  return {
    status: response.status,
    model: named("model"),
    reason: named("reason"),
    note: named("escalation"),
    text: body.choices?.[0]?.message.content,
    usage: body.usage,
    error: body.error,
  };
}

describe("a rule", () => {
  it.each([
    ["long", "word ".repeat(600), {}, {}],
    [
      "tooled",
      "[[tool:f {}]]",
      { tools: [{ type: "function", function: { name: "f", parameters: {} } }] },
      { "x-freehold-tags": "x, agent" },
    ],
    ["german", "Wie ist das Wetter und was kann ich nicht mit dem Auto machen?", {}, {}],
    ["marked", ask, {}, hard],
  ])("sends what is %s to the other model, and says so", async (name, content, more, headers) => {
    const answer = await answerOf(await chat(content, more, headers));
    expect(answer).toMatchObject({ status: 200, model: "frontier", reason: `rule:${name}`, note: "served" });
    expect((await seen(1)).at(-1)?.headers.authorization).toBe("Bearer key-of-the-frontier");
  });

  it("streams from the other model as it comes", async () => {
    const response = await chat(ask, { stream: true }, hard);
    expect(response.headers.get("x-freehold-reason")).toBe("rule:marked");
    expect(await readStream(response)).toMatchObject({ text: "It is Paris, I am sure", isDone: true });
  });

  it("leaves what is easy inside, without a word", async () => {
    expect(await answerOf(await chat(ask))).toMatchObject({ model: "chat", note: null, text: "I do not know" });
  });

  it.each([
    ["data that must stay", { "x-freehold-data-class": "never" }, "residency"],
    ["a tenant that did not opt in", { authorization: "Bearer key-of-globex" }, "tenant"],
    ["a caller that asks not to", { "x-freehold-escalate": "never" }, "caller"],
  ])("keeps %s inside", async (_, headers, because) => {
    const before = (await seen(1)).length;
    const answer = await answerOf(await chat(ask, {}, { ...hard, ...headers }));
    expect(answer).toMatchObject({ status: 200, model: "chat", note: `declined: ${because}`, text: "I do not know" });
    expect((await seen(1)).length).toBe(before);
    expect(await door.metric("freehold_gateway_escalations_total", `outcome="declined_${because}"`)).toBeGreaterThan(0);
  });

  it.each([
    ["a class that the way is not for", "choosy", "open", "declined: data_class"],
    ["a tenant that the way is not for", "reserved", "redacted", "declined: tenant"],
    ["nobody whom the way is for", "choosy", "redacted", "served"],
  ])("keeps %s inside", async (_, model, dataClass, note) => {
    const answer = await answerOf(await chat(ask, { model }, { ...hard, "x-freehold-data-class": dataClass }));
    expect(answer).toMatchObject({ status: 200, note });
  });

  it("lets nothing but placeholders go with data that leaves redacted", async () => {
    await chat(`${ask} ann@example.com`, {}, { ...hard, "x-freehold-data-class": "redacted" });
    const [last] = (await seen(1)).slice(-1);
    expect(JSON.stringify(last?.body)).toContain("<MAIL_1>");
    expect(JSON.stringify(last?.body)).not.toContain("ann@");
  });
});

describe("what leaves", () => {
  it("is recorded with whose it is and how much, and without what it says", async () => {
    await chat(`${ask} nobody reads this`, {}, { ...hard, "x-request-id": "record-of-this-one" });
    await expect.poll(() => door.gateway.log.filter((line) => line.includes("record-of-this-one"))).toHaveLength(1);
    const [line = ""] = door.gateway.log.filter((one) => one.includes("record-of-this-one"));
    expect(JSON.parse(line)).toMatchObject({
      event: "left_boundary",
      tenant: "acme",
      dataClass: "open",
      backend: "far",
      redacted: false,
    });
    expect(line).not.toContain("nobody reads");
  });

  it("is no more at once than the settings say", async () => {
    const before = (await seen(1)).length;
    const answer = await answerOf(await chat("x".repeat(25_000), {}, hard));
    expect(answer).toMatchObject({ status: 200, model: "chat", note: "unavailable: body_too_large_to_leave" });
    expect((await seen(1)).length).toBe(before);
  });
});

describe("a budget", () => {
  it("holds the share of the requests that may go on", async () => {
    const answers = [];
    for (let index = 0; index < 40; index += 1)
      answers.push(await answerOf(await chat(`${ask} ${index}`, { model: "grudging" }, hard)));
    const gone = answers.filter(({ model }) => model === "frontier").length;
    // Two to begin with, and an eighth of forty.
    expect(gone).toBe(7);
    expect(answers.at(-2)).toMatchObject({ model: "grudging", note: "declined: budget_share", text: "I do not know" });
  });

  it("holds what a day may cost", async () => {
    const notes = [];
    for (let index = 0; index < 20; index += 1)
      notes.push((await answerOf(await chat(`${ask} ${index}`, { model: "poor" }, hard))).note);
    const served = notes.filter((note) => note === "served").length;
    expect(served).toBeGreaterThan(0);
    expect(new Set(notes.slice(served))).toEqual(new Set(["declined: budget_usd"]));
    const spent = await door.metric("freehold_gateway_usd_total", 'model="frontier"');
    expect(spent).toBeGreaterThan(0);
  });
});

describe("when the other model is down", () => {
  const broken = { kind: "status", status: 503, times: 3 };
  const ready = async () => {
    await fetch(`${door.engines[1]?.url}/sim/faults`, { method: "DELETE" });
    await expect.poll(async () => (await answerOf(await chat(ask, {}, hard))).note).toBe("served");
  };

  it("the answer from inside says so", async () => {
    await ready();
    await fault(door.engines[1] as never, broken);
    const answer = await answerOf(await chat(ask, {}, hard));
    expect(answer).toMatchObject({
      status: 200,
      model: "chat",
      note: "unavailable: backend_failed",
      text: "I do not know",
    });
    expect(await door.metric("freehold_gateway_escalations_total", 'outcome="unavailable"')).toBeGreaterThan(0);
  });

  it("a route that wants no other answer gets a typed error", async () => {
    await ready();
    await fault(door.engines[1] as never, broken);
    const answer = await answerOf(await chat(ask, { model: "strict" }, hard));
    expect(answer).toMatchObject({ status: 503, error: { code: "escalation_unavailable" } });
  });

  it("and breaks off after the role, before any token, the answer from inside takes its place", async () => {
    await ready();
    await fault(door.engines[1] as never, { kind: "cut", how: "rst", afterTokens: 0 });
    const response = await chat(ask, { stream: true }, hard);
    expect(response.headers.get("x-freehold-escalation")).toBe("unavailable: stream_interrupted");
    expect(await readStream(response)).toMatchObject({ text: "I do not know", isDone: true, error: null });
  });

  it("after its first token nobody takes over", async () => {
    await ready();
    await fault(door.engines[1] as never, { kind: "cut", how: "rst", afterTokens: 4 });
    const result = await readStream(await chat(ask, { stream: true }, hard));
    expect(result).toMatchObject({ isDone: true, error: { code: "stream_interrupted" } });
    expect("It is Paris, I am sure".startsWith(result.text)).toBe(true);
    await ready();
  });

  it("the draft is served where one was made", async () => {
    await fault(door.engines[1] as never, broken);
    const answer = await answerOf(await chat(ask, { model: "checked" }));
    expect(answer).toMatchObject({
      model: "checked",
      reason: "verify:judge",
      note: "unavailable: backend_failed",
      text: "I do not know",
    });
    await ready();
  });
});

describe("a verified route", () => {
  const counted = async (kind: string, model: string) =>
    door.metric("freehold_gateway_tokens_total", `model="${model}"`, `kind="${kind}"`);

  it.each([false, true])("sends what holds from inside, streamed: %s", async (stream) => {
    const before = (await seen(1)).length;
    const { tokens } = await oracle(door.engines[0] as never, {
      ...chatBody("[[say:All is well.]]"),
      ignore_eos: undefined,
    });
    const response = await chat("[[say:All is well.]]", {
      model: "checked",
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
    });
    expect(response.headers.get("x-freehold-reason")).toBe("verified");
    if (stream) {
      const result = await readStream(response);
      expect(result).toMatchObject({ text: "All is well.", finish: "stop", isDone: true });
      expect(result.usage).toMatchObject({ completion_tokens: tokens });
    } else
      expect(await answerOf(response)).toMatchObject({ text: "All is well.", usage: { completion_tokens: tokens } });
    expect((await seen(1)).length).toBe(before);
  });

  it("sends on what the judge does not take, with the draft, and pays each token once", async () => {
    const kinds = [
      ["draft_completion", "checked"],
      ["judge_prompt", "judge"],
      ["judge_completion", "judge"],
      ["completion", "frontier"],
      ["completion", "checked"],
    ] as const;
    const before = await Promise.all(kinds.map(([kind, model]) => counted(kind, model)));
    const answer = await answerOf(await chat(ask, { model: "checked" }));
    expect(answer).toMatchObject({
      model: "frontier",
      reason: "verify:judge",
      note: "served",
      text: "It is Paris, I am sure",
    });
    const messages = (await seen(1)).at(-1)?.body.messages as { content: string }[];
    expect(messages.at(-1)?.content).toContain("<draft>\nI do not know\n</draft>");
    const [draft = 0, asked = 0, graded = 0, served = 0, inside = 0] = (
      await Promise.all(kinds.map(([kind, model]) => counted(kind, model)))
    ).map((now, index) => now - (before[index] ?? 0));
    const judged = (await seen(2)).at(-1)?.body.messages as { content: string }[];
    expect(judged.at(-1)?.content).toContain("I do not know");
    const alone = await oracle(door.engines[0] as never, { ...chatBody(ask), ignore_eos: undefined });
    expect(draft).toBe(alone.tokens);
    expect([graded, served, inside]).toEqual([2, answer.usage?.completion_tokens, 0]);
    expect(asked).toBeGreaterThan(20);
  });

  it("does not wait longer for a draft than its deadline", async () => {
    await fault(door.engines[0] as never, { kind: "slow-start", milliseconds: 8000 });
    const answer = await answerOf(await chat(ask, { model: "checked" }));
    expect(answer).toMatchObject({ model: "frontier", reason: "verify:late", note: "served" });
  });

  it("sends on what the judge cannot grade", async () => {
    await fault(door.engines[2] as never, { kind: "status", status: 500, times: 3 });
    expect(await answerOf(await chat("[[say:fine]]", { model: "checked" }))).toMatchObject({
      reason: "verify:judge_unavailable",
    });
  });

  it("is not buffered for a tenant whose requests may not leave", async () => {
    const answer = await answerOf(await chat(ask, { model: "checked" }, { authorization: "Bearer key-of-globex" }));
    expect(answer).toMatchObject({ model: "checked", note: "declined: tenant", text: "I do not know" });
  });

  it("tells a caller what the caller did wrong", async () => {
    const answer = await answerOf(await chat("x", { model: "checked", max_tokens: 10_000_000 }));
    expect(answer).toMatchObject({ status: 400, error: { code: "engine_refused" } });
  });

  it("counts whether its own objective was kept", async () => {
    expect(await door.metric("freehold_gateway_verified_answers_total", 'kept="true"')).toBeGreaterThan(3);
    expect(await door.metric("freehold_gateway_verifications_total", 'outcome="judge"')).toBeGreaterThan(1);
  });
});

describe("overflow", () => {
  it("goes on while every replica has as much as it should, and no longer", async () => {
    const slow = { model: "crowded", max_tokens: 4000, stream: true, ignore_eos: true };
    const first = [await chat("one", slow), await chat("two", slow)];
    expect(await answerOf(await chat(ask, { model: "crowded" }))).toMatchObject({
      model: "frontier",
      reason: "overflow",
      note: "served",
    });
    expect(await answerOf(await chat(ask, { model: "crowded" }, { "x-freehold-data-class": "never" }))).toMatchObject({
      model: "crowded",
      note: "declined: residency",
    });
    await Promise.all(first.map((response) => response.body?.cancel()));
    await expect.poll(async () => (await answerOf(await chat(ask, { model: "crowded" }))).model).toBe("crowded");
  });

  it("goes on while the first token comes later than the objective", async () => {
    for (let index = 0; index < 5; index += 1) {
      await fault(door.engines[0] as never, { kind: "slow-start", milliseconds: 250 });
      await readStream(await chat(`slow ${index}`, { model: "slow", stream: true, max_tokens: 2 }));
    }
    expect(await answerOf(await chat(ask, { model: "slow" }))).toMatchObject({ model: "frontier", reason: "overflow" });
  });
});
