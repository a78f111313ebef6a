import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generatedChartFiles } from "../../charts/generated-files.ts";
import { chartReference } from "../../charts/reference.ts";
import { valuesText } from "../../charts/values-text.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("generated chart files", () => {
  const files = generatedChartFiles(read);

  it.each(Object.keys(files))("are up to date: %s", (path) => {
    expect(read(path)).toBe(files[path]);
  });

  it("list every key of the schema once, with a sentence", () => {
    const keys: string[] = [];
    const visit = (schema: { properties?: Record<string, object> }, prefix: string) => {
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        keys.push(`${prefix}${key}`);
        expect(value).toHaveProperty("description", expect.stringMatching(/^[A-Z`].*\.$/));
        visit(value, `${prefix}${key}.`);
      }
    };
    visit(JSON.parse(files["charts/model-server/values.schema.json"] ?? ""), "");
    const rows = [...(files["charts/model-server/README.md"] ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, key]) => key,
    );
    expect(rows).toEqual(keys);
  });

  it("refuse unknown keys at every level", () => {
    const objects: unknown[] = [];
    const visit = (schema: unknown) => {
      if (typeof schema !== "object" || schema === null) return;
      if ("properties" in schema) objects.push((schema as { additionalProperties?: unknown }).additionalProperties);
      Object.values(schema).forEach(visit);
    };
    visit(JSON.parse(files["charts/model-server/values.schema.json"] ?? ""));
    expect(objects.length).toBeGreaterThan(10);
    expect(new Set(objects)).toEqual(new Set([false]));
  });
});

describe("values file made from a schema", () => {
  const schema = {
    properties: {
      size: { description: "How large: small.", default: "a: b" },
      group: {
        description: "A group.",
        properties: { first: { description: "Must be given." }, names: { description: "Some | names.", default: [] } },
      },
    },
  };
  const text = valuesText(schema, " Made here.");

  it("gives each key its sentence and its default, and null where one must be given", () => {
    expect(text).toBe(
      [
        "# Made here.",
        "",
        "# -- How large: small.",
        'size: "a: b"',
        "# -- A group.",
        "group:",
        "  # -- Must be given.",
        "  first: null",
        "  # -- Some | names.",
        "  names: []",
        "",
      ].join("\n"),
    );
  });

  it("reads back as a table", () => {
    const chart = "name: c\ndescription: Serves.\nversion: 1.2.3\nappVersion: 4.5.6\n";
    expect(chartReference(chart, text).split("\n").slice(4)).toEqual([
      "Serves.",
      "",
      "Version 1.2.3, for engine release 4.5.6.",
      "",
      "| Key | Meaning | Default |",
      "|---|---|---|",
      '| `size` | How large: small. | `"a: b"` |',
      "| `group` | A group. |  |",
      "| `group.first` | Must be given. | **required** |",
      "| `group.names` | Some \\| names. | `[]` |",
      "",
    ]);
  });
});
