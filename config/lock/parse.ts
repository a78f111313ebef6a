import { LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { type Lock, lockFile } from "./schema.ts";

interface ParsedLock {
  /** Null when any of it cannot be trusted. */
  readonly lock: Lock | null;
  readonly findings: readonly Finding[];
}

const limitBytes = 4 * 2 ** 20;
const limitDepth = 16;

/** The lock that a text holds, or what is wrong with it. Any text is answered, none throws. */
export function parseLock(text: string): ParsedLock {
  const bytes = Buffer.byteLength(text);
  if (bytes > limitBytes) return failed(finding("LCK-203", whole, { bytes, limitBytes }));
  // The yaml reader lets control characters through, and no lock has one.
  const control = text.search(/[^\P{Cc}\n\r\t]/u);
  if (control !== -1) return unreadable([control, control + 1], "it holds a control character, so it is not text.");
  const replaced = text.indexOf("\uFFFD");
  if (replaced !== -1) return unreadable([replaced, replaced + 1], "it is not UTF-8.");
  const conflict = /^(?:<{7}|={7}|>{7})(?=\s|$)/m.exec(text);
  if (conflict !== null) {
    return unreadable([conflict.index, conflict.index + 7], "it holds the marks of a merge that is not finished.");
  }
  return parseYaml(text);
}

const tooDeeply = "it is nested too deeply.";
const whole = { file: "lock", path: [] } as const;

function parseYaml(text: string): ParsedLock {
  let content: unknown;
  try {
    const document = parseDocument(text, { lineCounter: new LineCounter(), uniqueKeys: true, prettyErrors: false });
    const problems = document.errors.map(({ message, pos }) =>
      finding("LCK-201", { file: "lock", offsets: pos }, { problem: sentence(message) }),
    );
    // The reader's stack is what ends first in text that is nested without end; its errors then speak of that.
    if (document.errors.some(({ message }) => /call stack/i.test(message))) return unreadable([0, 0], tooDeeply);
    const second = document.errors.find(({ code }) => code === "MULTIPLE_DOCS");
    if (second !== undefined) return unreadable(second.pos, "it holds several documents.");
    if (problems.length > 0) return { lock: null, findings: problems };
    // Freehold writes no anchors, so none is followed: an alias bomb ends here.
    content = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const tooDeep = error instanceof RangeError;
    return unreadable([0, 0], tooDeep ? tooDeeply : "it uses aliases, which a lock never does.");
  }
  if (content === null || content === undefined) return shaped([], "is empty", "value");
  const strange = forbidden(content, []);
  if (strange !== null) return shaped(strange.path, strange.problem, "key");
  if (isMap(content) && typeof content.lockVersion === "number" && content.lockVersion > 1) {
    const place = { file: "lock", path: ["lockVersion"] } as const;
    return failed(finding("LCK-204", place, { found: content.lockVersion }));
  }
  const { success, data, error } = lockFile.safeParse(content, { reportInput: true });
  return success ? { lock: data, findings: [] } : { lock: null, findings: error.issues.flatMap(shapeFindings) };
}

/** Keys that would change an object instead of naming an entry, and nesting that no lock has. */
function forbidden(value: unknown, path: readonly (string | number)[]): { path: ConfigPath; problem: string } | null {
  if (path.length > limitDepth) return { path: path.slice(0, limitDepth), problem: "is nested too deeply" };
  if (Array.isArray(value)) return first(value.map((entry, index) => () => forbidden(entry, [...path, index])));
  if (!isMap(value)) return null;
  return first(
    Object.entries(value).map(([key, entry]) => () => {
      const inner = [...path, key];
      return key === "__proto__" ? { path: inner, problem: "names no reference" } : forbidden(entry, inner);
    }),
  );
}

function first<T>(attempts: readonly (() => T | null)[]): T | null {
  for (const attempt of attempts) {
    const result = attempt();
    if (result !== null) return result;
  }
  return null;
}

function shapeFindings(issue: z.core.$ZodIssue): Finding[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => shapeFinding([...path, key], "is a key that no lock has", "key"));
  }
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  return [shapeFinding(path, isMissing ? "is missing" : expectation(issue), "value")];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    const wanted = { object: "a map", record: "a map", string: "text", int: "a whole number", number: "a number" };
    return `is not ${wanted[issue.expected as keyof typeof wanted] ?? issue.expected}`;
  }
  if (issue.code === "invalid_value") return `is not ${issue.values.map(String).join(" or ")}`;
  if (issue.code === "invalid_key") return "is not a file inside a repository";
  if (issue.code === "invalid_format" && issue.format === "datetime") return "is not an instant in UTC";
  if (issue.code === "invalid_format") return "is not a hash of the kind that stands here";
  return "is outside what `freehold lock` writes";
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shaped(path: ConfigPath, problem: string, token: "key" | "value"): ParsedLock {
  return failed(shapeFinding(path, problem, token));
}

function shapeFinding(path: ConfigPath, problem: string, token: "key" | "value"): Finding {
  return finding("LCK-202", { file: "lock", path, token }, { key: path.join("."), problem });
}

function unreadable(offsets: readonly [number, number], problem: string): ParsedLock {
  return failed(finding("LCK-201", { file: "lock", offsets }, { problem }));
}

function failed(...findings: Finding[]): ParsedLock {
  return { lock: null, findings };
}

function sentence(message: string): string {
  const text = message.charAt(0).toLowerCase() + message.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}
