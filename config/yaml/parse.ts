import { Composer, CST, type Document, Lexer, type ParsedNode, Parser } from "yaml";
import { type Finding, finding } from "../diagnostics/finding.ts";
import { limits } from "./limits.ts";
import { lexerMarks, type SourceTag, yamlErrors } from "./syntax.ts";

/** One yaml document whose syntax holds, or null and the reasons. */
export interface ParsedYaml {
  readonly document: Document.Parsed<ParsedNode> | null;
  readonly findings: readonly Finding[];
}

/**
 * The yaml document in `text`. Lexing, parsing and composing run as one pass that stops at the limits of depth and
 * size, because the parser's own guard is the stack, which depends on the machine and takes seconds to run out.
 * Keys are not compared here: the parser's comparison is quadratic, and `values.ts` finds repeated keys with both places.
 */
export function parseYaml(text: string, file: "stack" | "lock" = "stack"): ParsedYaml {
  const parser = new Parser();
  const composer = new Composer<ParsedNode>({
    version: "1.2",
    strict: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
  });
  const documents: Document.Parsed<ParsedNode>[] = [];
  const tags: SourceTag[] = [];
  const directives: SourceTag[] = [];
  let parts = 0;
  let offset = 0;
  let isScalar = false;

  for (const part of new Lexer().lex(text)) {
    if (++parts > limits.parts) {
      return refuse(finding("CFG-012", { file, offsets: [offset, offset] }, { limit: limits.parts }));
    }
    if (!isScalar && part.startsWith("!")) tags.push({ source: part, offset });
    if (!isScalar && part.startsWith("%")) directives.push({ source: part, offset });
    for (const token of parser.next(part)) documents.push(...composer.next(token));
    // A second document is a finding by its first line; what else is in it does not matter.
    if (documents.length > 1) break;
    if (parser.stack.length > limits.depth) {
      return refuse(finding("CFG-011", { file, offsets: [offset, offset + part.length] }, { limit: limits.depth }));
    }
    // What follows this mark is the text of a scalar, whatever it starts with.
    isScalar = part === CST.SCALAR;
    if (!lexerMarks.has(part)) offset += part.length;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));

  const [document, second] = documents;
  const findings = yamlErrors(document?.errors ?? [], text, file).slice(0, limits.yamlErrors);
  for (const { source, offset: start } of directives) {
    findings.push(finding("CFG-025", { file, offsets: [start, start + source.length] }, { directive: source.trim() }));
  }
  for (const { source, offset: start } of tags) {
    findings.push(finding("CFG-021", { file, offsets: [start, start + source.length] }, { tag: source }));
  }
  if (second !== undefined) {
    const start = separator(text, second.range?.[0] ?? text.length);
    findings.push(finding("CFG-015", { file, offsets: [start, start + 3] }, {}));
  }
  return { document: findings.length === 0 ? (document ?? null) : null, findings };
}

function refuse(reason: Finding): ParsedYaml {
  return { document: null, findings: [reason] };
}

/** Offset of the `---` or `...` line that begins the document whose content starts at `offset`. */
function separator(text: string, offset: number): number {
  if (/^(---|\.\.\.)/.test(text.slice(offset, offset + 3))) return offset;
  const before = text.slice(0, offset);
  return Math.max(before.lastIndexOf("---"), before.lastIndexOf("..."), 0);
}
