// Proves, with processes: an answer is read on where it is kept and by whom it belongs to, and everybody else is told
// why not.
import { afterAll, beforeAll, expect, it } from "vitest";
import { HeldAnswers } from "../src/held-answers.ts";
import { chatBody, Door, oracle, readStream } from "./support/door.ts";

const classes = {
  kept: { leavesBoundary: "never", keepAnswers: true },
  other: { leavesBoundary: "never", keepAnswers: true },
  fleeting: { leavesBoundary: "never" },
};
const tenant = { dataClasses: Object.keys(classes), models: ["chat"] };
const settings = {
  dataClasses: classes,
  placements: Object.keys(classes).map((dataClass) => ({ dataClass, tenant: "*", backends: ["engine-0"] })),
  tenants: { acme: tenant, globex: tenant },
  bounds: { heldAnswerBytes: 100_000 },
};

let door: Door;
let second: Door;
beforeAll(async () => {
  const engines = [["--step-ms", "1"]];
  [door, second] = await Promise.all([
    Door.open({ engines, settings: () => settings }),
    Door.open({ engines, settings: () => settings }),
  ]);
});
afterAll(() => Promise.all([door?.close(), second?.close()]));

const body = chatBody("a long one", { stream: true, max_tokens: 200 });

/** Reads a part of an answer, and says how far it came. */
async function begun(more: object = {}): Promise<{ text: string; lastEventId: string }> {
  return readStream(await door.post("/v1/chat/completions", { ...body, ...more }), (text) => text.length > 3000);
}

async function reasonOf(response: Response): Promise<unknown> {
  const { error } = (await response.json()) as { error: { code: string; reason: string } };
  return [response.status, error.code, error.reason];
}

const resume = (at: Door, lastEventId: string, headers: Record<string, string> = {}) =>
  at.post("/v1/chat/completions", body, { "last-event-id": lastEventId, ...headers });

it("reads on where it was kept, during the answer and after it", async () => {
  const expected = await oracle(door.engines[0] as never, body);
  const first = await begun();
  const rest = await readStream(await resume(door, first.lastEventId));
  expect(first.text + rest.text).toBe(expected.text);
  const again = await readStream(await resume(door, first.lastEventId));
  expect(again).toMatchObject({ text: rest.text, isDone: true });
});

it.each([
  ["another replica", "other_replica", (id: string) => resume(second, id)],
  ["another tenant", "not_here", (id: string) => resume(door, id, { authorization: "Bearer key-of-globex" })],
  [
    "another data class of the same tenant",
    "not_here",
    (id: string) => resume(door, id, { "x-freehold-data-class": "other" }),
  ],
  ["a class that keeps nothing", "not_kept", (id: string) => resume(door, id, { "x-freehold-data-class": "fleeting" })],
  ["a number that was never sent", "ahead", (id: string) => resume(door, id.replace(/\d+$/, "999999"))],
  ["an id of nobody's", "not_here", (id: string) => resume(door, id.replace(/\.[^:]+/, ".00000000-none"))],
  ["no id at all", "malformed", () => resume(door, "7")],
])("says why it does not: %s", async (_, reason, ask) => {
  const { lastEventId } = await begun();
  expect(await reasonOf(await ask(lastEventId))).toEqual([410, "cannot_be_resumed", reason]);
});

it("keeps no answer that is longer than allowed, and says so", async () => {
  const { lastEventId } = await begun({ max_tokens: 1500 });
  await expect
    .poll(async () => reasonOf(await resume(door, lastEventId)))
    .toEqual([410, "cannot_be_resumed", "too_large"]);
});

it("gives events of a class that keeps nothing no ids to read on behind", async () => {
  const response = await door.post(
    "/v1/chat/completions",
    { ...body, max_tokens: 3 },
    { "x-freehold-data-class": "fleeting" },
  );
  expect(await response.text()).not.toContain("id: ");
  expect(await door.metric("freehold_gateway_refusals_total", 'code="cannot_be_resumed"', 'rule="other_replica"')).toBe(
    0,
  );
  expect(
    await second.metric("freehold_gateway_refusals_total", 'code="cannot_be_resumed"', 'rule="other_replica"'),
  ).toBe(1);
});

it("counts what it keeps in bytes, which letters of most scripts have several of", () => {
  const held = new HeldAnswers();
  const caller = { tenant: "acme", dataClass: "kept" };
  const most = { answerBytes: 100, allBytes: 1000 };
  for (const [id, letter] of [
    ["latin", "a"],
    ["kana", "あ"],
  ] as const) {
    held.open(id, caller);
    held.append(id, letter.repeat(60), most);
    held.finish(id);
  }
  const read = (id: string) => {
    const response = { writeHead: () => {}, write: () => true, end: () => {}, on: () => {} };
    held.readOn(`${held.eventIdPrefix(id)}0`, caller, true, response as never);
  };
  expect(() => read("latin")).not.toThrow();
  expect(() => read("kana")).toThrow("longer than what may be kept");
});
