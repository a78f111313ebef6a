// Proves: every rule of residency, every guard, and every rule on gateway and routing that the page of checks names has a table of mutants and near misses, so that none can come without them. The
// tables themselves see to three mutants and two near misses each; found are they by parsing the sources of the tests.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, it } from "vitest";
import { codes } from "../../config/diagnostics/codes.ts";

/** Rules that only an API server can tell: requests into a running pod. Refused in test/cluster/admission.test.ts. */
const ofTheCluster = ["GRD-230", "GRD-231"];

/** Codes with their numbers of mutants and near misses in the tables of a source. */
function tablesIn(source: string): Map<string, { readonly caught: number; readonly passed: number }> {
  const found = new Map<string, { caught: number; passed: number }>();
  const visit = (node: ts.Node) => {
    if (
      ts.isPropertyAssignment(node) &&
      ts.isStringLiteral(node.name) &&
      ts.isObjectLiteralExpression(node.initializer)
    ) {
      const rows = (name: string) => {
        const list = (node.initializer as ts.ObjectLiteralExpression).properties.find(
          (each) => each.name !== undefined && ts.isIdentifier(each.name) && each.name.text === name,
        );
        return list !== undefined && ts.isPropertyAssignment(list) && ts.isObjectLiteralExpression(list.initializer)
          ? list.initializer.properties.length
          : 0;
      };
      const [caught, passed] = [rows("caught"), rows("passed")];
      if (caught > 0 && passed > 0) found.set(node.name.text, { caught, passed });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("a.test.ts", source, ts.ScriptTarget.Latest));
  return found;
}

function allTables(): ReturnType<typeof tablesIn> {
  const root = new URL("../", import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => readFileSync(new URL(path.replaceAll("\\", "/"), root), "utf8"))
    .filter((text) => /describe(Rules|Guards)\(/.test(text));
  return new Map(sources.flatMap((text) => [...tablesIn(text)]));
}

it("every rule of residency and every guard has its mutants and near misses", () => {
  const tables = allTables();
  const rules = Object.keys(codes).filter(
    (code) => /^(RES|RTE|GRD|CST-11[345]$)/.test(code) && !ofTheCluster.includes(code),
  );
  expect(rules.length).toBeGreaterThan(70);
  const poor = rules.filter((code) => {
    const { caught = 0, passed = 0 } = tables.get(code) ?? {};
    return caught < 3 || passed < 2;
  });
  expect(poor, `Fewer than three mutants or two near misses: ${poor.join(", ")}`).toEqual([]);
});

it("a table counts with what stands in it", () => {
  const source = `describeRules({ "AAA-001": { caught: { a, b }, passed: { c } }, "BBB-002": { caught: {}, passed: { d } } });`;
  expect([...tablesIn(source)]).toEqual([["AAA-001", { caught: 2, passed: 1 }]]);
});
