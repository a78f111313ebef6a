// Proves: the default file is sound, the schema explains itself, and the generated files say what the schema says.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { codes } from "../../config/diagnostics/codes.ts";
import { errorsReference } from "../../config/diagnostics/reference.ts";
import { load } from "../../config/load.ts";
import { stackFile } from "../../config/schema/index.ts";
import { jsonSchemaText } from "../../config/schema/json-schema.ts";
import { bytes, seconds } from "../../config/schema/primitives.ts";
import { stackFileReference } from "../../config/schema/reference.ts";

const defaultStack = readFileSync(new URL("../../config/stack.yaml", import.meta.url), "utf8");

describe("config/stack.yaml", () => {
  it("loads without a finding", () => {
    const { config, findings } = load(defaultStack);
    expect(findings).toEqual([]);
    expect(Object.keys(config?.models ?? {})).toEqual(["chat", "embeddings"]);
  });

  it("names its schema in the first line", () => {
    expect(defaultStack.split("\n")[0]).toBe("# yaml-language-server: $schema=./stack.schema.json");
  });

  it("stays sound when its hints for a real cluster are taken", () => {
    const real = defaultStack
      .replace(/^state: .*$/m, "state: { backend: s3, bucket: acme-freehold-state, region: eu-central-1 }")
      .replace(
        /^cluster: .*$/m,
        "cluster:\n  target: existing\n  existing:\n    context: prod-eu\n    storageClass: fast-shared",
      )
      .replace(/^ {2}# image: (registry\S+) #/m, "  image: $1 #");
    expect(load(real).findings).toEqual([]);
    for (const line of ["state: { backend: s3,", "target: existing", "storageClass: fast-shared"]) {
      expect(defaultStack).toMatch(new RegExp(`^# .*${line.replace("{", "\\{")}`, "m"));
    }
  });

  it("is explained line by line and stays short", () => {
    const lines = defaultStack.split("\n");
    expect(lines.length).toBeLessThan(100);
    expect(lines.filter((line) => line.includes("#")).length).toBeGreaterThan(35);
  });
});

interface Field {
  readonly path: string;
  readonly schema: z.core.$ZodType;
  readonly description: string | undefined;
  readonly mayBeLeftOut: boolean;
}

/** Every key of the schema, members of unions included. */
function fields(schema: z.core.$ZodType, path: string): Field[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return fields(schema.def.innerType, path);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, field]) => {
      const below = `${path}.${key}`;
      const mayBeLeftOut = field instanceof z.ZodOptional || field instanceof z.ZodDefault;
      const inner = mayBeLeftOut ? field.def.innerType : field;
      const description = z.globalRegistry.get(field)?.description;
      return [{ path: below, schema: inner, description, mayBeLeftOut }, ...fields(field, below)];
    });
  }
  if (schema instanceof z.ZodRecord) return fields(schema.def.valueType, `${path}.<name>`);
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap((option) => fields(option, path));
  return [];
}

describe("every key of the schema", () => {
  const all = fields(stackFile, "stack");

  it("is described", () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ description }) => !description?.endsWith(".")).map(({ path }) => path)).toEqual([]);
  });

  it("that may be left out says what happens then", () => {
    const silent = all.filter(({ mayBeLeftOut, description }) => mayBeLeftOut && !description?.includes("Left out: "));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("that holds a number ends with its unit", () => {
    const units =
      /(Tokens|Requests|Runs|Supersteps|Calls|Times|Checkpoints|Connections|Days|Streams|TCP port|Natural logarithm|GPUs|Nodes|Replicas|Engineers|US dollars|Times the mean|Percent|Fraction of 1|Layers|Heads|Elements|Experts|Parameters|Patches|Bytes|[MG]iB|Watts|10\^\d+ (bytes|operations) a second)\.$/;
    const numbers = all.filter(({ schema }) => schema instanceof z.ZodNumber);
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter(({ description }) => !units.test(description ?? "")).map(({ path }) => path)).toEqual([]);
  });
});

describe("the JSON schema", () => {
  const schema: {
    required: string[];
    $comment: string;
    properties: { models: { additionalProperties: { required: string[] } } };
  } = JSON.parse(jsonSchemaText());

  it("does not ask for keys that have a default", () => {
    const { required } = schema.properties.models.additionalProperties;
    expect(required).toContain("maxModelLen");
    expect(required).not.toContain("gpuMemoryUtilization");
    expect(schema.required).not.toContain("silence");
  });

  it("says how it is made and names no address of its own", () => {
    expect(schema.$comment).toBe("Made by `npm run generate` from config/schema/. Do not edit.");
    expect(jsonSchemaText()).not.toContain('"$id"');
  });

  it("is the same at every call", () => {
    expect(jsonSchemaText()).toBe(jsonSchemaText());
  });
});

describe("the reference pages", () => {
  it("list every code under its own heading", () => {
    const page = errorsReference();
    for (const code of Object.keys(codes)) expect(page).toContain(`\n## ${code}\n`);
  });

  it("show each code's texts with no value missing", () => {
    expect(errorsReference()).not.toMatch(/undefined|\[object|\bNaN\b/);
  });

  it("list every key with what happens without it", () => {
    const page = stackFileReference();
    expect(page).toContain("| `models.<name>.task` | `generate`, `embed` | `generate` |");
    expect(page).toContain("| `cluster.existing.storageClass` | text | required | With `existing`: ");
    expect(page).not.toContain("undefined");
  });

  it("begin with how they are made", () => {
    for (const page of [errorsReference(), stackFileReference()]) {
      expect(page.split("\n")[0]).toMatch(/^<!-- Made by `npm run generate` from .*\. Do not edit\. -->$/);
    }
  });
});

describe("units", () => {
  it.each([
    ["45s", 45],
    ["10m", 600],
    ["1h", 3600],
  ])("reads %s as %d seconds", (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  it.each([
    ["512MiB", 512 * 1024 ** 2],
    ["80GiB", 80 * 1024 ** 3],
    ["1.5TiB", 1.5 * 1024 ** 4],
  ])("reads %s as %d bytes", (text, expected) => {
    expect(bytes(text)).toBe(expected);
  });
});
