// Every reason of every example cites a place that a reader can find: a key of the stack file (left out or not), an entry of
// its named things, the lock, the catalog, or a rule of Freehold's own.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { jsonSchemaText } from "../../config/schema/json-schema.ts";
import type { Reason } from "../../decisions/blueprint.ts";
import { exampleNames, openExample } from "../stacks/support/example.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const schema = JSON.parse(jsonSchemaText()) as Schema;

/** Whether a path leads to a key that the schema has; a name of the user's own has to stand in the file. */
function leadsSomewhere(node: Schema, file: unknown, path: string): boolean {
  if (path === "") return true;
  const below = (key: string, next: Schema) =>
    (path === key || path.startsWith(`${key}.`)) &&
    leadsSomewhere(next, isRecord(file) ? file[key] : undefined, path.slice(key.length + 1));
  const { properties = {}, additionalProperties, anyOf = [], oneOf = [] } = node;
  return (
    Object.entries(properties).some(([key, next]) => below(key, next)) ||
    (typeof additionalProperties === "object" &&
      isRecord(file) &&
      Object.keys(file).some((name) => below(name, additionalProperties))) ||
    [...anyOf, ...oneOf].some((one) => leadsSomewhere(one, file, path))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function reasonsIn(value: unknown): readonly Reason[] {
  if (!isRecord(value)) return [];
  const own = Array.isArray(value.because) ? (value.because as Reason[]) : [];
  return [...own, ...Object.values(value).flatMap(reasonsIn)];
}

describe.each(exampleNames())("every reason of the example %s", (name) => {
  it("cites a place that is there", () => {
    const { blueprint, hosting } = openExample(name);
    const file: unknown = parse(readFileSync(new URL(`../../examples/${name}/stack.yaml`, import.meta.url), "utf8"));
    const paths = new Set(reasonsIn([blueprint, hosting]).map(({ path }) => path));
    expect(paths.size).toBeGreaterThan(10);
    const astray = [...paths].filter(
      (path) => path !== "policy" && !/^(catalog\.|lock(\.|$))/.test(path) && !leadsSomewhere(schema, file, path),
    );
    expect(astray).toEqual([]);
  });
});

it("tells a key from a text that is none", () => {
  const file = { workloads: { support: {} }, models: { chat: {} } };
  expect(leadsSomewhere(schema, file, "workloads.support.peakToMean")).toBe(true);
  expect(leadsSomewhere(schema, file, "workloads.grades of support")).toBe(false);
  expect(leadsSomewhere(schema, file, "workloads.other.peakToMean")).toBe(false);
  expect(leadsSomewhere(schema, file, "models.chat.size")).toBe(false);
});
