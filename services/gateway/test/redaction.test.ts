// Proves: what the redactor finds and how much of it, that a value comes back exactly where its placeholder stood, and
// that a text made to take long does not. What leaves the process: redacted-traffic.test.ts.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AnswerRestorer } from "../src/redaction/answer-restorer.ts";
import { NotRedactable, redactBody } from "../src/redaction/body-redaction.ts";
import { RedactedBody } from "../src/redaction/redactor.ts";
import { findIdentifiers } from "../src/redaction/text-redaction.ts";
import { type Measure, measureRedactor } from "./support/labelled-texts.ts";

const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`;

function row({ name, covered, labelled, right, found }: Measure): string {
  return `| ${name} | ${share(covered, labelled)} | ${found === 0 ? "" : share(right, found)} |`;
}

describe("on the labelled texts", () => {
  const measures = measureRedactor();
  const plain = ["MAIL", "PHONE", "IBAN", "CARD", "ID", "KEY"].map((kind) => measures.get(kind) as Measure);

  it.each(plain)("covers at least 99 % of $name, and is right in at least 95 % of what it takes out", (measure) => {
    expect(measure.labelled).toBeGreaterThanOrEqual(60);
    expect(measure.covered / measure.labelled, measure.examples.join("\n")).toBeGreaterThanOrEqual(0.99);
    expect(measure.right / measure.found, measure.examples.join("\n")).toBeGreaterThanOrEqual(0.95);
  });

  it("has the figures of docs/reference/redaction.md, those of hidden identifiers too", () => {
    const page = readFileSync(new URL("../../../docs/reference/redaction.md", import.meta.url), "utf8");
    const table = [...plain, measures.get("hidden") as Measure].map(row).join("\n");
    console.log(`Redactor: kind, recall, precision\n${table}`);
    expect(page).toContain(table);
  });
});

describe("a body", () => {
  const redacted = (body: Record<string, unknown>) => redactBody(body, []);

  it("has one placeholder for a value wherever it stands, and others for others", () => {
    const { body, values } = redacted({
      messages: [
        { role: "system", content: "The user is ann@example.com." },
        {
          role: "user",
          content: [{ type: "text", text: "Card 4111 1111 1111 1111, mail ann@example.com or bob@example.com" }],
        },
        { role: "tool", content: '{"mail":"bob@example.com"}' },
      ],
      stop: ["bob@example.com"],
    });
    expect(body).toEqual({
      messages: [
        { role: "system", content: "The user is <MAIL_1>." },
        { role: "user", content: [{ type: "text", text: "Card <CARD_2>, mail <MAIL_1> or <MAIL_3>" }] },
        { role: "tool", content: '{"mail":"<MAIL_3>"}' },
      ],
      stop: ["<MAIL_3>"],
    });
    expect(values.get("<CARD_2>")).toBe("4111 1111 1111 1111");
  });

  it("takes no number for a placeholder that the text has already", () => {
    const { body, values } = redacted({ prompt: "What does <MAIL_7> stand for? Not for ann@example.com." });
    expect(body.prompt).toBe("What does <MAIL_7> stand for? Not for <MAIL_8>.");
    const answer = { choices: [{ index: 0, text: "<MAIL_7> and <MAIL_8>", finish_reason: "stop" }] };
    expect(new AnswerRestorer(values).whole(answer)).toMatchObject({
      choices: [{ text: "<MAIL_7> and ann@example.com" }],
    });
  });

  it.each([
    [
      "an image",
      {
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }] }],
      },
    ],
    ["token ids", { prompt: [1, 2, 3] }],
    ["lists of token ids", { input: [[1, 2], [3]] }],
    ["a number that is a card's", { tools: [{ function: { parameters: { const: 4111111111111111 } } }] }],
    ["a field that is named by an address", { response_format: { schema: { properties: { "ann@example.com": {} } } } }],
  ])("is refused where no placeholder can stand: %s", (_, body) => {
    expect(() => redacted(body)).toThrow(NotRedactable);
  });

  it("is redacted by patterns of one's own as well", () => {
    const own = [{ name: "CUSTOMER", pattern: "\\bK-\\d{4}\\b" }];
    expect(redactBody({ prompt: "K-1234 wrote" }, own).body).toEqual({ prompt: "<CUSTOMER_1> wrote" });
  });

  it("counts as redacted only from the redactor", () => {
    expect(() => new RedactedBody(Symbol("forged") as never, "{}", new Map())).toThrow("redactor alone");
  });
});

describe("an answer", () => {
  const values = new Map([
    ["<MAIL_1>", "ann@example.com"],
    ["<KEY_2>", 'a"b\\c'],
  ]);
  const answer = "Dear <MAIL_1>, <MAIL_1> <MAIL_3> a < b <KEY_2> <MAIL_";
  const restored = 'Dear ann@example.com, ann@example.com <MAIL_3> a < b a"b\\c <MAIL_';

  it("is restored wherever its events are cut, and nothing is held back for good", () => {
    for (let first = 0; first <= answer.length; first += 1) {
      for (let second = first; second <= answer.length; second += 7) {
        const restorer = new AnswerRestorer(values);
        const pieces = [answer.slice(0, first), answer.slice(first, second), answer.slice(second)];
        let text = "";
        for (const [index, content] of pieces.entries()) {
          const choice = { index: 0, delta: { content }, finish_reason: index === 2 ? "stop" : null };
          const [got] = restorer.event({ choices: [choice] }).choices as { delta: { content: string } }[];
          text += got?.delta.content;
        }
        expect(text).toBe(restored);
      }
    }
  });

  it("keeps the choices and the calls of a stream apart, and stays JSON within arguments", () => {
    const restorer = new AnswerRestorer(values);
    const call = (index: number, text: string) => ({ index, function: { arguments: text } });
    const event = (index: number, delta: object, finish_reason: string | null = null) =>
      (restorer.event({ choices: [{ index, delta, finish_reason }] }).choices as { delta: never }[])[0]?.delta;
    event(0, { tool_calls: [call(0, '{"to":"<MA')] });
    event(1, { content: "<KEY" });
    expect(event(0, { tool_calls: [call(1, '{"key":"<KEY_2>"}'), call(0, 'IL_1>"}')] })).toEqual({
      tool_calls: [call(1, '{"key":"a\\"b\\\\c"}'), call(0, 'ann@example.com"}')],
    });
    expect(event(1, { content: "_2>" })).toEqual({ content: 'a"b\\c' });
    event(0, { tool_calls: [call(0, "<MAIL")] });
    expect(event(0, {}, "tool_calls")).toEqual({ tool_calls: [call(0, "<MAIL")] });
  });
});

it.each([
  ["digits", "1".repeat(300_000)],
  ["groups of digits", "12 ".repeat(100_000)],
  ["a local part", "a.".repeat(150_000)],
  ["opening brackets", "a(".repeat(150_000)],
  ["key headers", "-----BEGIN PRIVATE KEY-----".repeat(2000)],
  ["half placeholders", "<MAIL_".repeat(50_000)],
  ["addresses", "ann@example.com ".repeat(15_000)],
])("takes no longer for %s than their length asks for", (_, text) => {
  const time = (part: string) => {
    const startedAt = process.cpuUsage().user;
    findIdentifiers(part);
    return (process.cpuUsage().user - startedAt) / 1000;
  };
  time(text.slice(0, text.length / 8));
  // Eight times the text: a time that grows with the square would be 64 times as long.
  expect(time(text)).toBeLessThan(28 * (time(text.slice(0, text.length / 8)) + 10));
});
