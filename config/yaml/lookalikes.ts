import { type Finding, finding } from "../diagnostics/finding.ts";

// What editors show as a space or not at all, and yaml reads as part of a word.
const lookalike = "[\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u2060\\u3000]";
const edge = new RegExp(`^${lookalike}|${lookalike}(?=${lookalike}*$)`, "u");
/** In the indentation of a line or behind the colon of its key. */
const between = new RegExp(`^[ \\t]*(${lookalike})|^[ \\t]*[\\w./"'-]+:[ \\t]*(${lookalike})`, "u");

const names: Readonly<Record<number, string>> = {
  160: "no-break space",
  8203: "zero width space",
  8239: "narrow no-break space",
  12288: "ideographic space",
};

type File = "stack" | "lock";

function tell(text: string, offset: number, file: File): Finding {
  const unit = text.charCodeAt(offset);
  const name = names[unit];
  const character = `U+${unit.toString(16).toUpperCase().padStart(4, "0")}${name === undefined ? "" : ` (${name})`}`;
  return finding("CFG-026", { file, offsets: [offset, offset + 1] }, { character });
}

/** The finding for such a character at the beginning or the end of the unquoted text at `[start, end)`, or null. */
export function lookalikeAtEdge(text: string, [start, end]: readonly [number, number], file: File): Finding | null {
  const match = edge.exec(text.slice(start, end));
  return match === null ? null : tell(text, start + match.index, file);
}

/**
 * The finding for such a character where the line at `offset`, or the one before it, has its spaces; null when there is
 * none. The parser sees a word there and complains about the line as a whole, or about the next one.
 */
export function lookalikeNear(text: string, offset: number, file: File): Finding | null {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = start === 0 ? 0 : text.lastIndexOf("\n", start - 2) + 1;
  for (const lineStart of [before, start]) {
    const end = text.indexOf("\n", lineStart);
    const line = text.slice(lineStart, end < 0 ? undefined : end);
    const match = between.exec(line);
    if (match !== null) return tell(text, lineStart + match[0].length - 1, file);
  }
  return null;
}
