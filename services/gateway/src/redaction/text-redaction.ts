import { foldedText } from "./folded-text.ts";
import { identifiersOf, type Span, withoutOverlaps } from "./identifiers.ts";

/** A pattern of one's own: customer numbers, say. */
export interface OwnPattern {
  /** Upper case: stands in the placeholder. */
  readonly name: string;
  readonly pattern: string;
}

/** What stands for an identifier: a model copies it like a word, and nothing else looks like it by chance. */
const placeholderPattern = /<[A-Z][A-Z0-9]{0,15}_(\d{1,9})>/g;
/** What may still become a placeholder, at the end of a piece of an answer. */
export const placeholderBeginning = /<(?:[A-Z][A-Z0-9]{0,15}(?:_\d{0,9})?)?$/;

/** Identifiers of a text, where they stand in it. */
export function findIdentifiers(text: string, own: readonly OwnPattern[] = []): Span[] {
  const folded = foldedText(text);
  const ours = own.flatMap(({ name, pattern }) =>
    [...folded.text.matchAll(new RegExp(pattern, "gu"))]
      .filter(([whole]) => whole !== "")
      .map(({ index, 0: whole }) => ({ kind: name, start: index, end: index + whole.length })),
  );
  const found =
    ours.length === 0
      ? identifiersOf(folded.text)
      : withoutOverlaps(folded.text, [...ours, ...identifiersOf(folded.text)]);
  return found.map(({ kind, start, end }) => ({ kind, start: folded.at(start), end: folded.at(end) }));
}

/** Placeholders of one request: the same value gets the same one, whatever text it stands in. */
export class Placeholders {
  readonly #byValue = new Map<string, string>();
  readonly #values = new Map<string, string>();
  #last: number;

  /** @param lastTaken Highest number of a placeholder that the request itself holds: such text is never restored. */
  constructor(lastTaken = 0) {
    this.#last = lastTaken;
  }

  /** Value by placeholder. */
  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  /**
   * The text with a placeholder for each identifier.
   * @param isInJson Whether it is a part of JSON, so that an identifier is written with escapes and means none.
   */
  redact(text: string, own: readonly OwnPattern[], isInJson = false): string {
    let redacted = "";
    let from = 0;
    for (const { kind, start, end } of findIdentifiers(text, own)) {
      redacted += text.slice(from, start) + this.#placeholder(kind, meant(text.slice(start, end), isInJson));
      from = end;
    }
    return from === 0 ? text : redacted + text.slice(from);
  }

  #placeholder(kind: string, value: string): string {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    this.#last += 1;
    const placeholder = `<${kind}_${this.#last}>`;
    this.#byValue.set(value, placeholder);
    this.#values.set(placeholder, value);
    return placeholder;
  }
}

/** What a piece of JSON means; itself where it is cut within an escape. */
function meant(piece: string, isInJson: boolean): string {
  if (!isInJson) return piece;
  try {
    return JSON.parse(`"${piece}"`) as string;
  } catch {
    return piece;
  }
}

/** Highest number in texts of the placeholders' form; 0 without any. */
export function lastPlaceholder(text: string): number {
  let last = 0;
  for (const [, number] of text.matchAll(placeholderPattern)) last = Math.max(last, Number(number));
  return last;
}

/** The text with the values in place of their placeholders; what was never given out stays. */
export function restoreText(text: string, values: ReadonlyMap<string, string>, isInJson: boolean): string {
  return text.replace(placeholderPattern, (placeholder) => {
    const value = values.get(placeholder);
    if (value === undefined) return placeholder;
    return isInJson ? JSON.stringify(value).slice(1, -1) : value;
  });
}
