// Proves: whatever the input, `load` answers with a config or with errors that point into the file; it never throws.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Locator } from "../../config/diagnostics/locate.ts";
import { renderFindings, toJson } from "../../config/diagnostics/render.ts";
import { load } from "../../config/load.ts";
import { soundStack } from "../support/stack-file.ts";

/** Everything that must hold for any input. */
function expectSoundAnswer(input: string | Uint8Array): void {
  const { config, findings, text } = load(input);
  const hasError = findings.some(({ severity }) => severity === "error");
  expect(config === null).toBe(hasError);
  const locator = new Locator(text);
  const lines = text.split("\n");
  for (const { place, title, why, fix } of findings) {
    if ("subject" in place) throw new Error("load knows of nothing outside the file");
    const { start, end } = locator.span(place);
    expect(start).toBeLessThanOrEqual(end);
    const { line, column } = locator.position(start);
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
    for (const sentence of [title, why, fix]) expect(sentence).not.toMatch(/undefined|\[object|NaN\b/);
  }
  const files = { stack: { name: "config/stack.yaml", text } };
  const screen = renderFindings(findings, { files, color: false });
  // Nothing of the file may move the cursor of the terminal that shows it.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(screen).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  expect(toJson(findings, files)).toHaveLength(findings.length);
}

const fragments = [
  ..."{}[]:,-?&*!|>'\"#%@`<~ \t\n\r\0",
  ..."\u001b\u0085\u202e\ufeff",
  ...["\n  ", "---\n", "...\n", "null", "yes", "1e999", ".nan", "0x1F", "&a ", "*a", "!!str ", "<<: *a", "? "],
  ...[
    "__proto__: 1",
    "constructor",
    "é",
    "模型",
    "😀",
    "v1",
    "chat",
    "models:",
    "- ",
    "1.10",
    "2026-11-01",
    "{}",
    "[]",
  ],
];

/** The sound file with pieces cut out, doubled or replaced by what yaml gives a meaning to. */
const mutatedStack = fc
  .array(
    fc.record({
      at: fc.nat(soundStack.length),
      remove: fc.nat(12),
      insert: fc.oneof(fc.constantFrom("", ...fragments), fc.string({ maxLength: 6 })),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((edits) =>
    edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), soundStack),
  );

/** The sound file with one value replaced by any yaml in flow style. */
const replacedValue = fc.tuple(fc.nat(), fc.json({ maxDepth: 3 })).map(([pick, json]) => {
  const values = [...soundStack.matchAll(/: ([^\s{][^\n,}]*)/g)];
  const chosen = values[pick % values.length];
  if (chosen?.[1] === undefined) return soundStack;
  const start = chosen.index + 2;
  return soundStack.slice(0, start) + json + soundStack.slice(start + chosen[1].length);
});

describe("load", () => {
  it("answers for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectSoundAnswer), { numRuns: 400 });
  });

  it("answers for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), expectSoundAnswer), { numRuns: 400 });
  });

  it("answers for any sequence of what yaml gives a meaning to", () => {
    const soup = fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join(""));
    fc.assert(fc.property(soup, expectSoundAnswer), { numRuns: 800 });
  });

  it("answers for a stack file with edits anywhere", () => {
    fc.assert(fc.property(mutatedStack, expectSoundAnswer), { numRuns: 800 });
  });

  it("answers for a stack file with any value anywhere", () => {
    fc.assert(fc.property(replacedValue, expectSoundAnswer), { numRuns: 400 });
  });

  it("answers for a stack file cut off anywhere", () => {
    for (let length = 0; length <= soundStack.length; length++) expectSoundAnswer(soundStack.slice(0, length));
  });

  it("reads bytes and text alike", () => {
    fc.assert(
      fc.property(mutatedStack, (text) => {
        fc.pre(!/\p{Cs}/u.test(text));
        const fromBytes = load(new TextEncoder().encode(text));
        expect(fromBytes.findings).toEqual(load(text).findings);
      }),
      { numRuns: 100 },
    );
  });
});
