// Proves: the table of checks names each of the 61 rules once, with a code that can be printed or what it waits for. That a code
// does what the table says is proven where the code is tested.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { codes } from "../../config/diagnostics/codes.ts";
import { evidenceFiles } from "../../decisions/residency/evidence.ts";
import { blueprintFor } from "../support/blueprint.ts";

const text = readFileSync(new URL("../../docs/reference/residency-checks.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| ([A-Z]\d{1,2}) \| (.+) \| (.+) \| (.+) \|$/gm)].map(
  ([, id = "", , where = ""]) => ({ id, where }),
);
const families = { N: 8, A: 8, P: 12, I: 8, M: 7, T: 2, S: 6, R: 5, Q: 2, L: 2, X: 1 };

it("has a row for each rule", () => {
  const wanted = Object.entries(families).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  expect(rows.map(({ id }) => id)).toEqual(wanted);
  expect(wanted).toHaveLength(61);
});

it("says of each where it is refused, or what it waits for", () => {
  const silent = rows.filter(({ where }) => !/waits? for|\b[A-Z]{3}-\d{3}\b|npm ci/.test(where));
  expect(silent.map(({ id }) => id)).toEqual([]);
});

it("names codes that can be printed", () => {
  const named = rows.flatMap(({ where }) => where.match(/\b[A-Z]{3}-\d{3}\b/g) ?? []);
  expect(named.filter((code) => !Object.hasOwn(codes, code))).toEqual([]);
});

it("names no rule of files, decisions or output that the evidence leaves out", () => {
  const source = { findings: [], floors: [], artifacts: [], output: {}, blueprint: blueprintFor() };
  const listed = JSON.parse(evidenceFiles(source)["checks.json"] ?? "") as { code: string }[];
  // Locking, the API server and preflight check at another time than the evidence is made.
  const elsewhere = /^(LCK-2|RUN-|GRD-23[01])/;
  const named = rows.flatMap(({ where }) => where.match(/\b[A-Z]{3}-\d{3}\b/g) ?? []);
  const wanted = [...new Set(named)].filter((code) => !elsewhere.test(code));
  expect(wanted.filter((code) => !listed.some((each) => each.code === code))).toEqual([]);
});
