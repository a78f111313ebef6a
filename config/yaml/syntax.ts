import { CST, Lexer, type YAMLError } from "yaml";
import { type Finding, finding } from "../diagnostics/finding.ts";
import { lookalikeNear } from "./lookalikes.ts";

/** Marks that the lexer puts between the parts of a text and that have no width in it: document, end of flow, scalar follows. */
export const lexerMarks: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** A part of the text as it stands there. */
export interface SourceTag {
  readonly source: string;
  readonly offset: number;
}

type File = "stack" | "lock";

/**
 * The parser's errors as findings in file order, each once: the parser often reports one mistake several times, and
 * at the place where it gave up. Unclosed quotes and brackets point at what opened them, bad indentation at the line.
 */
export function yamlErrors(errors: readonly YAMLError[], text: string, file: File): Finding[] {
  const findings: Finding[] = [];
  const linesTold = new Set<number>();
  const sorted = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  for (const [index, error] of sorted.entries()) {
    // Two errors at one place are one mistake; the first has looked at the second.
    if (sorted[index - 1]?.pos[0] === error.pos[0]) continue;
    const seen = toFinding(error, sorted[index + 1], text, file);
    const isOfLine = seen.code === "CFG-004" || seen.code === "CFG-005";
    const told = (isOfLine ? lookalikeNear(text, startOf(seen), file) : null) ?? seen;
    const start = startOf(told);
    const line = text.lastIndexOf("\n", start - 1);
    if (linesTold.has(line)) continue;
    linesTold.add(line);
    const previous = findings.at(-1);
    if (previous !== undefined && isEcho(told, previous, text)) continue;
    findings.push(told);
    // After an unclosed quote or bracket the rest of the file is read as something else, and where a space is none its
    // depth is another one; what follows is noise.
    if (told.code === "CFG-003" || told.code === "CFG-026") break;
  }
  return findings;
}

/** One line that is indented otherwise makes its neighbours look wrong: all after a tab, those as deep after another depth. */
function isEcho(told: Finding, previous: Finding, text: string): boolean {
  if (told.code !== "CFG-004") return false;
  return previous.code === "CFG-002" || (previous.code === "CFG-004" && depth(told, text) === depth(previous, text));
}

function startOf({ place }: Finding): number {
  return "offsets" in place ? place.offsets[0] : 0;
}

function depth(told: Finding, text: string): number {
  const start = startOf(told);
  return start - text.lastIndexOf("\n", start - 1);
}

function toFinding(error: YAMLError, next: YAMLError | undefined, text: string, file: File): Finding {
  const [start, end] = clamp(error.pos, text);
  const here = { file, offsets: [start, end] } as const;
  const unclosed = isUnclosed(error) ? opener(text, start) : null;
  if (unclosed !== null) {
    const place = { file, offsets: [unclosed.offset, unclosed.offset + 1] } as const;
    return finding("CFG-003", place, {
      what: unclosed.source === "{" || unclosed.source === "[" ? "bracket" : "quote",
      opener: unclosed.source,
      closer: unclosed.source === "{" ? "}" : unclosed.source === "[" ? "]" : unclosed.source,
    });
  }
  switch (error.code) {
    case "TAB_AS_INDENT":
      return finding("CFG-002", here, {});
    case "BAD_INDENT":
      return indentation(text, start, file);
    case "BLOCK_AS_IMPLICIT_KEY":
      // A value that goes on in a deeper line and turns out to hold a colon: the deeper line is the mistake.
      if (next?.code === "MULTILINE_IMPLICIT_KEY" && next.pos[0] === error.pos[0]) {
        return indentation(text, Math.max(start, next.pos[1] - 1), file);
      }
      return finding("CFG-001", here, { problem: "a second colon follows a value on the same line" });
    case "MULTILINE_IMPLICIT_KEY":
      return lineWithoutColon(text, start, file);
    case "MISSING_CHAR":
      return error.message.startsWith("Implicit map keys") || error.message.startsWith("Implicit keys")
        ? lineWithoutColon(text, start, file)
        : finding("CFG-001", here, { problem: inWords(error) });
    case "BAD_SCALAR_START": {
      const line = text
        .slice(start, lineEnd(text, start))
        .replace(/\s+#.*$/, "")
        .trimEnd();
      return finding("CFG-006", here, { character: text[start] ?? "", text: JSON.stringify(line) });
    }
    case "TAG_RESOLVE_FAILED":
      return finding("CFG-021", here, { tag: text.slice(start, end) });
    default:
      return finding("CFG-001", here, { problem: inWords(error) });
  }
}

function isUnclosed({ code, message }: YAMLError): boolean {
  return /^Missing closing/.test(message) || (/^Flow (map|sequence)/.test(message) && code !== "UNEXPECTED_TOKEN");
}

/** The quote or bracket that is still open where the parser gave up. The text is lexed again, which only a fault pays for. */
function opener(text: string, until: number): SourceTag | null {
  const open: SourceTag[] = [];
  let offset = 0;
  for (const source of new Lexer().lex(text)) {
    if (lexerMarks.has(source)) continue;
    const end = offset + source.length;
    if (/^["']/.test(source) && end >= until && !isClosed(source)) return { source: source.charAt(0), offset };
    if (offset >= until) break;
    if (source === "{" || source === "[") open.push({ source, offset });
    if (source === "}" || source === "]") open.pop();
    offset = end;
  }
  return open.at(-1) ?? null;
}

function isClosed(source: string): boolean {
  if (source.length < 2) return false;
  return source.startsWith('"') ? /(^|[^\\])(\\\\)*"$/.test(source.slice(1)) : /(^|[^'])('')*'$/.test(source.slice(1));
}

/** What is wrong with the indentation of the line at `offset`: a tab in it, or its depth. */
function indentation(text: string, offset: number, file: File): Finding {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineEnd(text, offset)))?.[0] ?? "";
  const tab = indent.indexOf("\t");
  if (tab < 0) return finding("CFG-004", { file, offsets: lineAround(text, offset) }, {});
  return finding("CFG-002", { file, offsets: [lineStart + tab, lineStart + tab + 1] }, {});
}

function lineWithoutColon(text: string, offset: number, file: File): Finding {
  const [start, end] = lineAround(text, offset);
  const line = text.slice(start, end);
  const [, key, value] = /^([A-Za-z][\w.-]*):(\S.*)$/.exec(line) ?? [];
  const correction = key === undefined || value === undefined ? null : `${key}: ${value}`;
  return finding("CFG-005", { file, offsets: [start, end] }, { line: JSON.stringify(line), correction });
}

/** From the first to the last character of the line at `offset` that is not a space or part of a comment. */
function lineAround(text: string, offset: number): [number, number] {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(lineStart, lineEnd(text, offset));
  const content = line.replace(/\s+#.*$/, "").trimEnd();
  const indent = content.length - content.trimStart().length;
  return [lineStart + indent, lineStart + Math.max(content.length, indent)];
}

function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  const end = newline < 0 ? text.length : newline;
  return end > 0 && text[end - 1] === "\r" && end > offset ? end - 1 : end;
}

function clamp([start, end]: readonly [number, number], text: string): [number, number] {
  const from = Math.min(Math.max(start, 0), text.length);
  return [from, Math.min(Math.max(end, from), text.length)];
}

const phrases: readonly [RegExp, (...groups: string[]) => string][] = [
  [/^Invalid escape sequence (.*)$/s, (sequence) => `${sequence} is not an escape sequence of text in double quotes`],
  [/^Unexpected flow-(map|seq)-end token/, (kind) => `a closing ${kind === "map" ? "}" : "]"} has nothing to close`],
  [/^Unexpected (\S+)-scalar at node end/, () => "text follows a value that has already ended"],
  [/^Unexpected (\S+) at node end/, (what) => `${what.replaceAll("-", " ")} follows a value that has already ended`],
  [/^A node can have at most one anchor/, () => "a value has two anchors"],
  [/^An alias node must not specify any properties/, () => "an alias has an anchor or a tag of its own"],
  [/^(Alias|Anchor) cannot be an empty string/, (what) => `the name of the ${what.toLowerCase()} is missing`],
  [/^Missing , (between|or)/, () => "a comma between two entries is missing"],
  [/^Comments must be separated/, () => "a space is missing before the # of a comment"],
];

/** The parser's message as the end of a sentence: no capital, no full stop, in words a reader of yaml knows. */
function inWords({ message }: YAMLError): string {
  for (const [pattern, say] of phrases) {
    const match = pattern.exec(message);
    if (match !== null) return say(...match.slice(1));
  }
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replaceAll("invalid", "unknown").replace(/\.$/, "");
}
