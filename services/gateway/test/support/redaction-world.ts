import type { AnswerRestorer } from "../../src/redaction/answer-restorer.ts";
import type { RedactedJson } from "../../src/redaction/body-redaction.ts";
import { random } from "./random.ts";

type Json = Record<string, unknown>;

/** What is under test: as it is, or with a bug in it. */
export interface RedactionParts {
  redactBody(body: Json, own: readonly { name: string; pattern: string }[]): RedactedJson;
  readonly AnswerRestorer: typeof AnswerRestorer;
}

const identifiers = [
  "ann@example.com",
  "bob.b@mail.example.org",
  "4111 1111 1111 1111",
  "5555555555554444",
  "DE89370400440532013000",
  "GB29 NWBK 6016 1331 9268 19",
  "+49 30 901820",
  "078-05-1120",
  'K-\\"7',
];
const own = [{ name: "CUSTOMER", pattern: 'K-"\\d' }];
const fillers = [
  "",
  "Dear ",
  ", ",
  " und ",
  " <b> ",
  "<MAIL_3>",
  "<",
  " [1] ",
  "🙂 ",
  "; ",
  " a < b ",
  "<CARD_x>",
  ".\n",
];

/** What is wrong with redaction and restoration in the world of this seed; null when nothing is. */
export function redactionFault(seed: number, { redactBody, AnswerRestorer: Restorer }: RedactionParts): string | null {
  const draw = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const text = () => {
    let made = "";
    for (let count = 1 + Math.floor(draw() * 6); count > 0; count -= 1)
      made += `${pick(fillers)}${draw() < 0.7 ? pick(identifiers) : pick(fillers)} `;
    return made;
  };
  const contents = [text(), text(), text()];
  // A model may break off its arguments, and what it says, within what looks like a placeholder.
  if (draw() < 0.3) contents[1] += "<MAIL_";
  const given =
    draw() < 0.7
      ? JSON.stringify({ note: contents[2] })
      : `${JSON.stringify({ note: contents[2] }).slice(0, -2)} <CARD`;
  const body = {
    model: "m",
    messages: [
      { role: "system", content: contents[0] },
      { role: "user", content: [{ type: "text", text: contents[1] }] },
      {
        role: "assistant",
        tool_calls: [{ function: { name: "f", arguments: given } }],
      },
    ],
    stop: [pick(identifiers)],
  };
  const { body: redacted, values } = redactBody(body, own);
  for (const sent of stringsOf(redacted)) {
    for (const identifier of identifiers) if (sent.includes(identifier)) return `let ${identifier} through`;
    for (const placeholder of values.keys())
      if (new RegExp(`${placeholder}[A-Za-z0-9]`).test(sent)) return `let a part of ${values.get(placeholder)} through`;
  }
  if (new Set(values.values()).size !== values.size) return "gave one value two placeholders";
  const taken = JSON.stringify(body);
  for (const placeholder of values.keys()) if (taken.includes(placeholder)) return "took a placeholder that was there";

  // The model copies what it was sent: then the answer has to be what the caller sent.
  const messages = redacted.messages as Json[];
  const copied = [
    String(messages[0]?.content),
    String((messages[1]?.content as Json[] | undefined)?.[0]?.text),
    argumentsOf(messages[2]),
  ] as const;
  const wanted = [contents[0], contents[1], given];
  const got = draw() < 0.8 ? streamed(new Restorer(values), copied, draw) : whole(new Restorer(values), copied);
  for (const [index, part] of got.entries())
    if (index === 2 ? !isSameJson(part, wanted[2] ?? "") : part !== wanted[index])
      return `answered ${JSON.stringify(part)} for ${JSON.stringify(wanted[index])}`;
  return null;
}

/** Every text in a body; of arguments that are JSON, the texts in them as well. */
function stringsOf(value: unknown): string[] {
  if (typeof value === "string") {
    if (!value.startsWith("{")) return [value];
    try {
      return stringsOf(JSON.parse(value));
    } catch {
      return [value];
    }
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

function argumentsOf(message: Json | undefined): string {
  const [call] = (message?.tool_calls ?? []) as { function: { arguments: string } }[];
  return call?.function.arguments ?? "";
}

/** Within arguments a value may be escaped in another way than it came, and mean the same. */
function isSameJson(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return one === other;
  }
}

/** Two choices and a call of a tool, in events that are cut anywhere. */
function streamed(restorer: AnswerRestorer, copied: readonly [string, string, string], draw: () => number): string[] {
  const got = ["", "", ""];
  const left = [...copied];
  const read = (event: Json) => {
    for (const choice of restorer.event(event).choices as Json[]) {
      const delta = choice.delta as { content?: string; tool_calls?: { function: { arguments: string } }[] };
      const index = choice.index as number;
      got[index] += delta.content ?? "";
      for (const call of delta.tool_calls ?? []) got[2] += call.function.arguments;
    }
  };
  while (left.some((text) => text !== "")) {
    const at = Math.floor(draw() * 3);
    const length = 1 + Math.floor(draw() * 9);
    const piece = left[at]?.slice(0, length) ?? "";
    left[at] = left[at]?.slice(length) ?? "";
    const delta = at === 2 ? { tool_calls: [{ index: 0, function: { arguments: piece } }] } : { content: piece };
    read({ choices: [{ index: at === 2 ? 0 : at, delta, finish_reason: null }] });
  }
  for (const index of [1, 0]) read({ choices: [{ index, delta: {}, finish_reason: "stop" }] });
  return got;
}

function whole(restorer: AnswerRestorer, [first, second, args]: readonly [string, string, string]): string[] {
  const answer = restorer.whole({
    choices: [
      { index: 0, message: { content: first, tool_calls: [{ function: { name: "f", arguments: args } }] } },
      { index: 1, message: { content: second } },
    ],
  });
  const [one, two] = answer.choices as {
    message: { content: string; tool_calls?: { function: { arguments: string } }[] };
  }[];
  return [
    one?.message.content ?? "",
    two?.message.content ?? "",
    one?.message.tool_calls?.[0]?.function.arguments ?? "",
  ];
}
