// Proves by seeds: what leaves holds no identifier and comes back as it was, wherever streams are cut, and budgets of
// ways out hold whatever days and clocks do; and that the simulation finds bugs that are planted in either.
import { expect, it } from "vitest";
import { EscalationBudget } from "../src/escalation/escalation-budget.ts";
import { AnswerRestorer } from "../src/redaction/answer-restorer.ts";
import { redactBody } from "../src/redaction/body-redaction.ts";
import { budgetFault } from "./support/budget-world.ts";
import { moduleWithBug } from "./support/planted-bug.ts";
import { redactionFault } from "./support/redaction-world.ts";

/** 500 in every run; `FREEHOLD_SEEDS=10000` for a long one. */
const seeds = Number(process.env.FREEHOLD_SEEDS ?? 500);

/** The first fault in the seeds from 0 on, an exception included; null when there is none. */
function firstFault(faultOf: (seed: number) => string | null, most: number): string | null {
  for (let seed = 0; seed < most; seed += 1) {
    try {
      const fault = faultOf(seed);
      if (fault !== null) return `seed ${seed}: ${fault}`;
    } catch (error) {
      return `seed ${seed}: ${String(error)}`;
    }
  }
  return null;
}

it(`lets nothing through and puts everything back, over ${seeds} seeds`, () => {
  expect(firstFault((seed) => redactionFault(seed, { redactBody, AnswerRestorer }), seeds)).toBe(null);
});

it(`holds money and share, over ${seeds} seeds`, () => {
  expect(firstFault((seed) => budgetFault(seed, EscalationBudget), seeds)).toBe(null);
});

/** One wrong line each, as it could be written by mistake. */
const restorerBugs = [
  ["const open = isLast ? -1 : text.search(placeholderBeginning);", "const open = -1;"],
  ["isLast ? -1 : text.search", "text.search"],
  ["if (open === -1) this.#held.delete(key);\n    else this", "this"],
  ["const index = String(choice.index ?? 0);", 'const index = "0";'],
  ['const text = (this.#held.get(key) ?? "") +', "const text ="],
  ["restoreText(called.arguments, this.#values, true)", "restoreText(called.arguments, this.#values, false)"],
  ["called.arguments, isLast, true)", "called.arguments, isLast)"],
  ['if (text !== "")\n        restored.push', "if (false)\n        restored.push"],
  [
    'if (text !== "" || typeof delta[field] === "string") restored[field] = text;',
    'if (typeof delta[field] === "string") restored[field] = text;',
  ],
] as const;

const redactionBugs = [
  ["body-redaction.ts", "lastPlaceholder(JSON.stringify(body))", "0"],
  [
    "body-redaction.ts",
    ": placeholders.redact(value, own);",
    ': place.startsWith("stop") ? value : placeholders.redact(value, own);',
  ],
  ["body-redaction.ts", ": placeholders.redact(value, own);", ": new Placeholders().redact(value, own);"],
  ["body-redaction.ts", ": placeholders.redact(value, own);", ": placeholders.redact(value, []);"],
  ["body-redaction.ts", "return value.map(", 'return place.endsWith("content") ? value : value.map('],
  ["body-redaction.ts", "return JSON.stringify(redactValue(given", "return text; JSON.stringify(redactValue(given"],
  ["text-redaction.ts", "if (known !== undefined) return known;", ""],
  ["text-redaction.ts", "this.#values.set(placeholder, value);", ""],
  ["text-redaction.ts", "text.slice(from, start) +", "text.slice(from, start).trimEnd() +"],
  ["text-redaction.ts", "end: folded.at(end) }", "end: folded.at(end - 1) }"],
  ["folded-text.ts", "index += escaped.length - 1;", ""],
  [
    "identifiers.ts",
    "const part = trimmed(text, { ...span, start, end: at });",
    "const part = start > span.start || at < span.end ? null : trimmed(text, { ...span, start, end: at });",
  ],
  ["identifiers.ts", "&& luhnHolds(digits)", "&& digits.length > 16"],
  ["identifiers.ts", "if (/\\d/.test(text)) found.push(...ibansOf(text), ", "if (/\\d/.test(text)) found.push("],
] as const;

const budgetBugs = [
  ["today > this.#day", "today !== this.#day"],
  ["this.#usd + this.#reservedUsd + usd > usdPerDay / replicas", "this.#usd + usd > usdPerDay / replicas"],
  [
    "this.#usd + this.#reservedUsd + usd > usdPerDay / replicas",
    "this.#usd + this.#reservedUsd > usdPerDay / replicas",
  ],
  ["usd > usdPerDay / replicas", "usd > usdPerDay"],
  ["if (!isOpen) return;", ""],
  ["this.#reservedUsd -= usd;", ""],
  ["this.#usd += spent;", ""],
  ["this.#usd += spent;", "this.#usd += usd;"],
  ["this.#shares -= 1;", ""],
  ["this.#shares + shareOfRequests", "this.#shares + 2 * shareOfRequests"],
  ["this.#usd = 0;\n    }", "}"],
  ["shareOfRequests === 0 || this.#shares < 1", "this.#shares < 0"],
  ["const most = 50;", "const most = 1;"],
] as const;

it("finds the bugs that are planted", async () => {
  const missed: string[] = [];
  const tryBug = async (
    [from, to]: readonly [string, string],
    faultOf: () => Promise<(seed: number) => string | null>,
  ) => {
    if (firstFault(await faultOf(), 500) === null) missed.push(`${from} -> ${to}`);
  };
  for (const [from, to] of restorerBugs)
    await tryBug([from, to], async () => {
      const path = "redaction/answer-restorer.ts";
      const broken = await moduleWithBug<{ AnswerRestorer: typeof AnswerRestorer }>(path, path, from, to);
      return (seed) => redactionFault(seed, { redactBody, AnswerRestorer: broken.AnswerRestorer });
    });
  for (const [file, from, to] of redactionBugs)
    await tryBug([from, to], async () => {
      const entry = "redaction/body-redaction.ts";
      const broken = await moduleWithBug<{ redactBody: typeof redactBody }>(entry, `redaction/${file}`, from, to);
      return (seed) => redactionFault(seed, { redactBody: broken.redactBody, AnswerRestorer });
    });
  for (const [from, to] of budgetBugs)
    await tryBug([from, to], async () => {
      const path = "escalation/escalation-budget.ts";
      const broken = await moduleWithBug<{ EscalationBudget: typeof EscalationBudget }>(path, path, from, to);
      return (seed) => budgetFault(seed, broken.EscalationBudget);
    });
  expect(missed.length, missed.join("\n")).toBe(0);
});
