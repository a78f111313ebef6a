import type { ConfigPath } from "./finding.ts";

/** Longest value that a sentence quotes. Characters. */
const longest = 60;

/** A path as people write it, `models.chat.versions`; "the file" for the root. */
export function pathText(path: ConfigPath): string {
  if (path.length === 0) return "the file";
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const key = /^[\w./-]+$/.test(part) ? cut(part) : JSON.stringify(cut(part));
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** A value as a sentence shows it: text in quotes, cut when long; maps and lists by their kind. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return String(value);
}

/** A value with its kind, for findings about kinds: `the text "2"`, `the number 2`, `a list`. */
export function showKind(value: unknown): string {
  if (typeof value === "string") return `the text ${show(value)}`;
  if (typeof value === "number") return `the number ${value}`;
  return show(value);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
