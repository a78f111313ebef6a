import * as z from "zod";
import { isWholeNumber, knownKeys, membersThatKnow, type SchemaPlace, schemaAt, textForm } from "../schema/at-path.ts";
import { patterns } from "../schema/primitives.ts";
import { type ConfigPath, type Finding, finding } from "./finding.ts";
import {
  correctDate,
  correctDuration,
  correctLatency,
  correctMemory,
  correctName,
  correctPercentage,
  correctRepository,
  correctWord,
  nameProblem,
} from "./forms.ts";
import { nearest } from "./nearest.ts";
import { pathText, show, showKind } from "./show.ts";

type Issue = z.core.$ZodIssue;

/** What a document is measured against, and what it holds. */
export interface Measured {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  /** The spelling of a value in the file, such as `1.10` for the number 1.1. */
  readonly sourceOf: (path: ConfigPath) => string;
  readonly file: "stack" | "lock";
}

/** Zod's issues as findings: one for each fault, with the user's keys and values and what the schema says of them. */
export function fromZod(issues: readonly Issue[], measured: Measured): Finding[] {
  // A misspelt key is unknown and missing at once; the finding that names the known key says both.
  const explained = new Set<string>();
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey(textPath(issue), key, explained, measured))
      : [],
  );
  // A map with a key `length` is measured as if it were a text; that it is none says it all.
  const mistyped = new Set(issues.flatMap(({ code, path }) => (code === "invalid_type" ? [JSON.stringify(path)] : [])));
  const others = issues.filter((issue) => {
    const path = JSON.stringify(issue.path);
    const isMeasure = issue.code === "too_small" || issue.code === "too_big";
    return !(isMeasure && mistyped.has(path)) && (!explained.has(path) || has(measured.value, textPath(issue)));
  });
  return [...unknown, ...others.flatMap((issue) => fromIssue(issue, measured))];
}

function textPath(issue: Issue): ConfigPath {
  return issue.path.map((part) => (typeof part === "number" ? part : String(part)));
}

function fromIssue(issue: Issue, measured: Measured): Finding[] {
  const path = textPath(issue);
  const { file, value } = measured;
  if (issue.code === "unrecognized_keys") return [];
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1) ?? "");
    const subject = `The name ${show(key)} in ${pathText(path.slice(0, -1))}`;
    const misnamed = nameForm({ file, path, token: "key" }, key, subject, issue.issues[0], null);
    return [misnamed, ...fromZod(issuesBelow(path, measured), measured)];
  }
  if (!has(value, path)) return [missingKey(path, issue, measured)];

  const got = valueAt(value, path);
  const place = { file, path } as const;
  const key = pathText(path);
  const at = schemaAt(measured.schema, path, value);
  const purpose = at?.description ?? null;
  if (got === null) {
    const parameters = { key, expected: expectedWords(issue, at), optional: at?.isOptional ?? false, purpose };
    return [finding("CFG-105", { ...place, token: "key" }, parameters)];
  }
  switch (issue.code) {
    case "invalid_type":
      return [wrongKind(issue, place, got, at, measured)];
    case "invalid_value":
    case "invalid_union": {
      const allowed = allowedValues(issue);
      if (typeof got === "object") {
        const expected = allowed.length === 1 ? `"${allowed[0]}"` : "one of its values";
        return [finding("CFG-103", place, { key, expected, got: showKind(got), correction: null })];
      }
      const near = nearest(String(got), allowed) ?? (allowed.length === 1 ? (allowed[0] ?? null) : null);
      return [finding("CFG-104", place, { key, got: show(got), allowed, nearest: near })];
    }
    case "too_small":
    case "too_big":
      return [outOfRange(issue, place, got, purpose)];
    case "invalid_format":
      return [wrongForm(issue, place, got, at)];
    default:
      return [finding("CFG-113", place, { key, got: show(got), problem: sentence(issue.message) })];
  }
}

/** What is wrong with the value of a key that is itself at fault: zod stops at the key. */
function issuesBelow(path: ConfigPath, { schema, value }: Measured): Issue[] {
  const at = schemaAt(schema, path, value);
  const read = at === null ? null : z.safeParse(at.schema, valueAt(value, path));
  return (read?.error?.issues ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function unknownKey(path: ConfigPath, key: string, explained: Set<string>, { schema, value, file }: Measured): Finding {
  const place = { file, path: [...path, key], token: "key" } as const;
  const here = schemaAt(schema, path, value);
  const known = here === null ? [] : knownKeys(here.schema, valueAt(value, path));
  const present = valueAt(value, path);
  const currency = key.toLowerCase();
  if (known.includes("usd") && currencies.has(currency)) {
    explained.add(JSON.stringify([...path, "usd"]));
    const amount = valueAt(present, [key]);
    return finding("CST-110", place, {
      where: pathText(path),
      currency,
      amount: typeof amount === "number" ? String(amount) : "the amount in",
    });
  }
  // A key that is there already is not the one that was meant.
  const free = known.filter((candidate) => !has(present, [candidate]));
  const members = here === null ? [] : membersThatKnow(here.schema, key);
  const near = members.length > 0 ? null : nearest(key, free);
  if (near !== null) explained.add(JSON.stringify([...path, near]));
  return finding("CFG-102", place, {
    key: pathText([key]),
    where: pathText(path),
    known,
    nearest: near,
    belongsTo: ancestorThatKnows(path, key, schema, value),
    members,
  });
}

/** Currencies that people write where `usd` is read. */
const currencies: ReadonlySet<string> = new Set(
  "eur euro euros gbp chf sek nok dkk pln czk huf ron jpy cny inr aud nzd cad sgd hkd krw brl mxn aed ils try zar".split(
    " ",
  ),
);

/** The nearest place above `path` that knows `key`: what is wrong then is the indentation. */
function ancestorThatKnows(path: ConfigPath, key: string, schema: z.core.$ZodType, value: unknown): string | null {
  for (let length = path.length - 1; length >= 0; length--) {
    const above = path.slice(0, length);
    const at = schemaAt(schema, above, value);
    if (at !== null && knownKeys(at.schema, valueAt(value, above)).includes(key)) {
      return length === 0 ? "the top of the file" : pathText(above);
    }
  }
  return null;
}

function missingKey(path: ConfigPath, issue: Issue, { schema, value, file }: Measured): Finding {
  const parent = path.slice(0, -1);
  const purpose = schemaAt(schema, path, value)?.description ?? null;
  const allowed = issue.code === "invalid_value" || issue.code === "invalid_union" ? allowedValues(issue) : [];
  const parameters = { key: pathText(path.slice(-1)), where: pathText(parent), purpose, allowed };
  return finding("CFG-101", { file, path, token: "key" }, parameters);
}

type ValuePlace = { readonly file: "stack" | "lock"; readonly path: ConfigPath };

function wrongKind(
  issue: z.core.$ZodIssueInvalidType,
  place: ValuePlace,
  got: unknown,
  at: SchemaPlace | null,
  { sourceOf }: Measured,
): Finding {
  const key = pathText(place.path);
  const pattern = at === null ? null : textForm(at.schema).pattern;
  if (pattern === patterns.duration) {
    return finding("CFG-108", place, { key, got: showKind(got), correction: correctDuration(got) });
  }
  if (pattern === patterns.memory) {
    return finding("CFG-109", place, { key, got: showKind(got), correction: null });
  }
  if (pattern === patterns.latency) {
    return finding("CFG-122", place, { key, got: showKind(got), correction: null });
  }
  if (pattern === patterns.percentage) {
    return finding("CFG-123", place, { key, got: showKind(got), correction: correctPercentage(got) });
  }
  const expected = expectedWords(issue, at);
  const source = sourceOf(place.path);
  return finding("CFG-103", place, {
    key,
    expected,
    // The spelling of the file: 1.10 is the number 1.1, and the zero is what the user sees.
    got: typeof got === "number" ? `the number ${source}` : showKind(got),
    correction: correctKind(issue, got, source),
  });
}

/** The same value as the kind that was expected, where that is beyond doubt. */
function correctKind(issue: z.core.$ZodIssueInvalidType, got: unknown, source: string): string | null {
  const { expected } = issue;
  if (expected === "string" && (typeof got === "number" || typeof got === "boolean")) return `"${source}"`;
  if ((expected === "number" || expected === "int") && typeof got === "string") {
    const number = Number(got.replaceAll("_", ""));
    const isNumber = /^-?[0-9][0-9_]*(\.[0-9]+)?$/.test(got) && (expected === "number" || Number.isInteger(number));
    return isNumber ? String(number) : null;
  }
  if (expected === "array" && typeof got === "string") return `[${got}]`;
  return null;
}

function outOfRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  place: ValuePlace,
  got: unknown,
  purpose: string | null,
): Finding {
  const key = pathText(place.path);
  const isSmall = issue.code === "too_small";
  const limit = Number(isSmall ? issue.minimum : issue.maximum);
  if (typeof got === "number") {
    const strict = issue.inclusive === false;
    const bound = isSmall ? (strict ? "more than" : "at least") : strict ? "less than" : "at most";
    return finding("CFG-106", place, { key, got: String(got), bound, limit, purpose });
  }
  const bound = isSmall ? "at least" : "at most";
  const isList = Array.isArray(got);
  const unit = isList ? (limit === 1 ? "entry" : "entries") : limit === 1 ? "character" : "characters";
  const length = typeof got === "string" || isList ? got.length : Object.keys(Object(got)).length;
  return finding("CFG-111", place, { key, got: length === 0 ? "none" : String(length), bound, limit, unit, purpose });
}

function wrongForm(
  issue: z.core.$ZodIssueInvalidStringFormat,
  place: ValuePlace,
  got: unknown,
  at: SchemaPlace | null,
): Finding {
  const key = pathText(place.path);
  const text = String(got);
  switch (issue.pattern) {
    case String(patterns.name):
      return nameForm(place, text, `The value ${show(got)} of ${key}`, issue, at);
    case String(patterns.word):
      return finding("CFG-114", place, { key, got: show(got), correction: ifAllowed(correctWord(text), at) });
    case String(patterns.duration):
      return finding("CFG-108", place, { key, got: show(got), correction: correctDuration(text) });
    case String(patterns.memory):
      return finding("CFG-109", place, { key, got: show(got), correction: correctMemory(text) });
    case String(patterns.repository):
      return finding("CFG-110", place, { key, got: show(got), correction: correctRepository(text) });
    case String(patterns.latency):
      return finding("CFG-122", place, { key, got: show(got), correction: correctLatency(text) });
    case String(patterns.percentage):
      return finding("CFG-123", place, { key, got: show(got), correction: correctPercentage(text) });
    default:
      break;
  }
  if (issue.format === "date") {
    return finding("CFG-121", place, { key, got: show(got), correction: correctDate(text) });
  }
  if (issue.format === "url") {
    const parameters = { form: "an address with its scheme", instance: "https://host.example/path" };
    return finding("CFG-112", place, { key, got: show(got), ...parameters });
  }
  if (issue.format === "uuid") {
    const parameters = {
      form: "a UUID",
      instance: "the output of `kubectl get namespace kube-system -o jsonpath={.metadata.uid}`",
    };
    return finding("CFG-112", place, { key, got: show(got), ...parameters });
  }
  return finding("CFG-113", place, { key, got: show(got), problem: sentence(issue.message) });
}

function nameForm(
  place: ValuePlace & { readonly token?: "key" },
  text: string,
  subject: string,
  issue: Issue | undefined,
  at: SchemaPlace | null,
): Finding {
  if (issue?.code === "too_big") {
    const problem = `has ${text.length} characters; at most ${issue.maximum} are allowed`;
    return finding("CFG-107", place, { subject, problem, correction: null });
  }
  const correction = ifAllowed(correctName(text), at);
  return finding("CFG-107", place, { subject, problem: nameProblem(text), correction });
}

/** A correction that is no longer than its place allows, or null. */
function ifAllowed(correction: string | null, at: SchemaPlace | null): string | null {
  const longest = (at === null ? null : textForm(at.schema).longest) ?? Number.POSITIVE_INFINITY;
  return correction !== null && correction.length <= longest ? correction : null;
}

function allowedValues(issue: z.core.$ZodIssueInvalidValue | z.core.$ZodIssueInvalidUnion): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return "options" in issue ? (issue.options ?? []).map(String) : [];
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
};

function expectedWords(issue: Issue, at: SchemaPlace | null): string {
  if (issue.code === "invalid_type") {
    // Zod checks the kind before the whole: a text where an integer belongs is reported as "number".
    const isWhole = issue.expected === "number" && at !== null && isWholeNumber(at.schema);
    return isWhole ? "a whole number" : (kinds[issue.expected] ?? issue.expected);
  }
  if (issue.code === "invalid_value" || issue.code === "invalid_union") {
    return allowedValues(issue)
      .map((allowed) => `"${allowed}"`)
      .join(" or ");
  }
  return "text";
}

function has(value: unknown, path: ConfigPath): boolean {
  const parent = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  return key === undefined || (typeof parent === "object" && parent !== null && Object.hasOwn(parent, key));
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (current, part) => (typeof current === "object" && current !== null ? Reflect.get(current, part) : undefined),
    value,
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
