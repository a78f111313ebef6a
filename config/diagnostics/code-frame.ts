import { displayWidth, printable } from "./display-width.ts";
import type { Locator, Span } from "./locate.ts";

/** Longest line that is shown whole; longer ones are cut around the caret. Terminal columns. */
const widest = 120;

/** The marked line, the one before it and the caret, as three strings without a line end. */
export interface CodeFrame {
  readonly lines: readonly string[];
  readonly caret: string;
}

/** The lines of a text around a span, with line numbers in a gutter and carets under the span. */
export function codeFrame(locator: Locator, span: Span): CodeFrame {
  const { line: number, column } = locator.position(span.start);
  const line = locator.line(number) ?? "";
  const from = Math.min(column - 1, line.length);
  // A span over several lines is marked to the end of its first.
  const to = Math.min(from + Math.max(span.end - span.start, 0), line.length);
  const gutter = String(number).length;
  const numbered = (n: number, text: string) => `  ${String(n).padStart(gutter)} | ${text}`.trimEnd();

  const shown = window(line, from, to);
  const carets = "^".repeat(Math.max(1, columns(shown.marked)));
  const lines = [numbered(number, shown.before + shown.marked + shown.after)];
  const previous = number > 1 ? locator.line(number - 1) : undefined;
  if (previous !== undefined) {
    const beginning = window(previous, shown.skipped, shown.skipped);
    lines.unshift(numbered(number - 1, beginning.before + beginning.after));
  }
  return { lines, caret: `  ${" ".repeat(gutter)} | ${blank(shown.before)}${carets}` };
}

interface Window {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  /** Characters left out at the start, so that the line above can be cut at the same place. */
  readonly skipped: number;
}

/** The part of a long line around the mark, in printable characters. */
function window(line: string, from: number, to: number): Window {
  if (line.length <= widest) {
    const parts = [line.slice(0, from), line.slice(from, to), line.slice(to)].map(printable);
    return { before: parts[0] ?? "", marked: parts[1] ?? "", after: parts[2] ?? "", skipped: 0 };
  }
  const start = from < widest / 2 ? 0 : whole(line, from - widest / 4);
  const end = whole(line, Math.min(start + widest, line.length));
  const markedEnd = Math.min(to, end);
  return {
    before: (start > 0 ? "…" : "") + printable(line.slice(start, from)),
    marked: printable(line.slice(from, markedEnd)),
    after: printable(line.slice(markedEnd, end)) + (end < line.length ? "…" : ""),
    skipped: start,
  };
}

/** An offset that does not split a character of two units. */
function whole(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}

/** Spaces as wide as the text; tabs stay, so that the caret is right whatever width the terminal gives them. */
function blank(text: string): string {
  return Array.from(text, (character) => (character === "\t" ? "\t" : " ".repeat(displayWidth(character)))).join("");
}

function columns(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + displayWidth(character), 0);
}
