// Proves: every code that can be printed stands in what some test gives or expects.
//
// How: the sources under test/ are parsed, and each code as a whole word, such as "CFG-101", is looked for in their
// strings, templates and regular expressions. A comment does not count, nor does the title of a test. Only tests speak of
// codes in full (the product composes them from the list). It does not prove that the test which holds a code would fail
// without it; the tests of each family do that.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type Code, codes } from "../../config/diagnostics/codes.ts";
import { finding } from "../../config/diagnostics/finding.ts";

const all = Object.keys(codes) as Code[];
const codePattern = /\b[A-Z]{3}-\d{3}\b/g;

/** Codes that a test's source holds outside of comments and titles. */
function codesIn(source: string): string[] {
  // Most files speak of no code and need no parsing.
  if (source.search(codePattern) === -1) return [];
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (isText(node)) found.push(...(node.text.match(codePattern) ?? []));
    ts.forEachChild(node, (child) => {
      if (!isTitle(child, node)) visit(child);
    });
  };
  visit(ts.createSourceFile("a.test.ts", source, ts.ScriptTarget.Latest));
  return found;
}

function isText(node: ts.Node): node is ts.Node & { readonly text: string } {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node) ||
    ts.isRegularExpressionLiteral(node)
  );
}

/** True for the first argument of `it`, `describe` and their kin, such as `it.each(table)`. */
function isTitle(node: ts.Node, call: ts.Node): boolean {
  if (!ts.isCallExpression(call) || call.arguments[0] !== node || !isTitleForm(node)) return false;
  let callee: ts.Expression = call.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression;
  return ts.isIdentifier(callee) && ["it", "test", "describe"].includes(callee.text);
}

function isTitleForm(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** Codes that the sources under test/ hold, this file left out. */
function codesInTests(): Set<string> {
  const root = new URL("../", import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !path.endsWith("codes.test.ts"))
    .map((path) => readFileSync(new URL(path.replaceAll("\\", "/"), root), "utf8"));
  return new Set(sources.flatMap(codesIn));
}

describe("a code in the source of a test", () => {
  it("counts in a string, a template and a regular expression, in an expectation or in what it is compared with", () => {
    const source = `
      const table = ["AAA-001"];
      it("title", () => {
        expect(text).toMatch(/BBB-002/);
        expect(text).toContain(\`CCC-003 \${port} DDD-004\`);
        expect(screen).toMatchInlineSnapshot(\`a: EEE-005\`);
      });
      it.each([["FFF-006"]])("title", (code) => {});`;
    expect(codesIn(source)).toEqual(["AAA-001", "BBB-002", "CCC-003", "DDD-004", "EEE-005", "FFF-006"]);
  });

  it("does not count in a comment, in a title, or as a part of a word", () => {
    const source = `
      // AAA-001
      /** BBB-002 */
      it("CCC-003", () => {});
      it.each([1])("DDD-004 %d", () => {});
      it.runIf(true)(\`EEE-005 \${name}\`, () => {});
      describe("FFF-006", () => {});
      const word = "XAAA-0011";`;
    expect(codesIn(source)).toEqual([]);
  });
});

describe("every code", () => {
  it("stands in a test", () => {
    const held = codesInTests();
    const missing = all.filter((code) => !held.has(code));
    expect(missing, `No test under test/ holds these codes: ${missing.join(", ")}`).toEqual([]);
  });

  it("has a family and three digits", () => {
    expect(
      all.filter((code) => !/^(CFG|CAP|CAT|CST|LIC|PLT|CLB|IMG|RES|GTW|RTE|AGT|LCK|GRD|RUN)-\d{3}$/.test(code)),
    ).toEqual([]);
  });

  it("has texts that are full sentences, but for the words of other programs that they pass on", () => {
    const faulty = all.flatMap((code) => {
      const { title, why, fix } = finding(code, { subject: "example" }, codes[code].example as never);
      const begins = [title, why, fix].every((text) => /^\S/.test(text) && !text.includes("undefined"));
      const ends = (/[.!?]$/.test(title) || title.includes(": ")) && /[.!?]$/.test(fix.trimEnd());
      return begins && ends ? [] : [`${code}: ${title} / ${why} / ${fix}`];
    });
    expect(faulty).toEqual([]);
  });

  it("uses none of the words that say nothing", () => {
    const faulty = all.filter((code) => {
      const { title, why, fix } = finding(code, { subject: "example" }, codes[code].example as never);
      return /\b(invalid|oops|simply)\b/i.test([codes[code].summary, title, why, fix].join(" "));
    });
    expect(faulty).toEqual([]);
  });

  it("has a summary without a full stop, for headings", () => {
    expect(all.filter((code) => codes[code].summary.endsWith("."))).toEqual([]);
  });
});
