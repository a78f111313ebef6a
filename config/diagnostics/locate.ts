import { type Alias, type Document, isAlias, isMap, isSeq, type ParsedNode } from "yaml";
import { parseYaml } from "../yaml/parse.ts";
import { keyText } from "../yaml/values.ts";
import type { ConfigPath, Place } from "./finding.ts";

/** Character offsets into a text; `end` is the first character that no longer belongs. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One-based line and column, as editors count them: columns are UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Entry {
  readonly key: ParsedNode | null;
  readonly value: unknown;
}

/**
 * Finds places in one text. The text is parsed at the first path asked for, and each map is indexed once, so that a
 * hundred findings cost little more than one.
 */
export class Locator {
  readonly text: string;
  readonly #lineStarts: readonly number[];
  #document: Document.Parsed<ParsedNode> | null | undefined;
  readonly #entries = new WeakMap<object, Map<string, Entry>>();
  readonly #targets = new WeakMap<Alias, unknown>();

  /** `document`: what the text parses to, where that is known already. */
  constructor(text: string, document?: Document.Parsed<ParsedNode>) {
    this.text = text;
    this.#document = document;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** Where a finding points. A path that the file does not have gives the key of the nearest ancestor that it has. */
  span(place: Exclude<Place, { subject: string }>): Span {
    if ("offsets" in place) {
      const start = Math.min(Math.max(place.offsets[0], 0), this.text.length);
      return { start, end: Math.min(Math.max(place.offsets[1], start), this.text.length) };
    }
    return this.#spanOfPath(place.path, place.token ?? "value");
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#lineStarts[low] ?? 0;
    // A byte order mark has no column: editors do not show it.
    const invisible = low === 0 && this.text.startsWith("\ufeff") && offset > 0 ? 1 : 0;
    return { line: low + 1, column: offset - start - invisible + 1 };
  }

  /** The text of a line, without its line end; undefined when there is none. */
  line(number: number): string | undefined {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return undefined;
    const next = this.#lineStarts[number];
    const line = this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, "");
    return number === 1 ? line.replace(/^\ufeff/, "") : line;
  }

  #spanOfPath(path: ConfigPath, token: "key" | "value"): Span {
    if (this.#document === undefined) this.#document = parseYaml(this.text).document;
    let node: unknown = this.#document?.contents;
    let found = spanOf(node);
    // The file as a whole has no key to point at; its first line stands for it.
    let key: Span = { start: found.start, end: firstLineEnd(this.text, found) };
    if (path.length === 0) return key;
    for (const part of path) {
      const entry = this.#entry(node, part);
      if (entry === undefined) return key;
      node = entry.value;
      key = entry.key === null ? spanOf(node) : spanOf(entry.key);
      found = spanOf(node);
    }
    // A key whose value was left empty has nothing else to show.
    return token === "key" || found.end <= found.start ? key : found;
  }

  #entry(node: unknown, part: string | number): Entry | undefined {
    const target = isAlias(node) ? this.#target(node) : node;
    if (isSeq(target)) {
      const value = typeof part === "number" ? target.items[part] : undefined;
      return value === undefined ? undefined : { key: null, value };
    }
    if (!isMap(target)) return undefined;
    let entries = this.#entries.get(target);
    if (entries === undefined) {
      entries = new Map();
      for (const { key, value } of target.items) {
        const text = keyText(key);
        if (text !== null && !entries.has(text)) entries.set(text, { key: key as ParsedNode, value });
      }
      this.#entries.set(target, entries);
    }
    return entries.get(String(part));
  }

  #target(alias: Alias): unknown {
    if (!this.#targets.has(alias)) this.#targets.set(alias, this.#document && alias.resolve(this.#document));
    return this.#targets.get(alias);
  }
}

function spanOf(node: unknown): Span {
  const { range } = (node ?? {}) as { range?: readonly number[] | null };
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

function firstLineEnd(text: string, { start, end }: Span): number {
  const newline = text.indexOf("\n", start);
  return newline < 0 ? end : Math.min(end, text[newline - 1] === "\r" ? newline - 1 : newline);
}
