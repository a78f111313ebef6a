// Proves: every code that can be printed is raised by some test, or at least named by one in full.
//
// How: the sources under test/ are searched for each code as a whole word, such as "CFG-101". Only tests speak of codes
// in full (the product composes them from the list), so a code that no test source holds is one that no test has
// raised. It does not prove that the test which names a code would fail without it; the tests of each family do that.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Code, codes } from "../../config/diagnostics/codes.ts";
import { finding } from "../../config/diagnostics/finding.ts";

const all = Object.keys(codes) as Code[];

/** Codes that the sources under test/ name, this file left out. */
function codesInTests(): Set<string> {
  const root = new URL("../", import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !path.endsWith("codes.test.ts"))
    .map((path) => readFileSync(new URL(path.replaceAll("\\", "/"), root), "utf8"));
  return new Set(sources.flatMap((source) => source.match(/\b[A-Z]{3}-\d{3}\b/g) ?? []));
}

describe("every code", () => {
  it("is raised by a test", () => {
    const named = codesInTests();
    const missing = all.filter((code) => !named.has(code));
    expect(missing, `No test under test/ names these codes: ${missing.join(", ")}`).toEqual([]);
  });

  it("has a family and three digits", () => {
    expect(all.filter((code) => !/^(CFG|CAP|LCK|GRD|RUN)-\d{3}$/.test(code))).toEqual([]);
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
