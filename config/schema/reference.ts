import * as z from "zod";
import { stackFile } from "./index.ts";
import { patterns } from "./primitives.ts";

interface Row {
  readonly key: string;
  readonly type: string;
  /** `required`, the value that is used without the key, or `none`. */
  readonly withoutIt: string;
  readonly description: string;
}

/** The page `docs/reference/stack-file.md`: every key of the stack file with its type, what happens without it and what it means. */
export function stackFileReference(): string {
  const lines = [
    "<!-- Made by `npm run generate` from config/schema/. Do not edit. -->",
    "",
    "# The stack file",
    "",
    "Every key of `config/stack.yaml`. A name in angle brackets stands for any name you choose. Keys that are not listed",
    "are refused. [stack.yaml](../../config/stack.yaml) shows them in use, [errors.md](errors.md) explains what is refused.",
    "",
    "| Key | Type | Without it | Meaning |",
    "|---|---|---|---|",
    ...rows(stackFile, "").map(
      ({ key, type, withoutIt, description }) => `| \`${key}\` | ${type} | ${withoutIt} | ${description} |`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function rows(schema: z.ZodObject, prefix: string): Row[] {
  return Object.entries(schema.shape).flatMap(([name, field]) =>
    fieldRows(field, prefix === "" ? name : `${prefix}.${name}`),
  );
}

function fieldRows(outer: z.core.$ZodType, key: string): Row[] {
  const { schema, withoutIt, description } = opened(outer);
  const row: Row = { key, type: typeText(schema), withoutIt, description: cell(description) };
  if (schema instanceof z.ZodObject) return [row, ...rows(schema, key)];
  if (schema instanceof z.ZodRecord) {
    const below = opened(schema.def.valueType).schema;
    if (below instanceof z.ZodObject) return [row, ...rows(below, `${key}.<name>`)];
    return below instanceof z.ZodDiscriminatedUnion ? [row, ...unionRows(below, `${key}.<name>`)] : [row];
  }
  if (schema instanceof z.ZodDiscriminatedUnion) return [row, ...unionRows(schema, key)];
  return [row];
}

/** A union shows its deciding key once, then each member's own keys with the value that brings them. */
function unionRows(schema: z.ZodDiscriminatedUnion, key: string): Row[] {
  const { discriminator } = schema.def;
  const members = schema.options.flatMap((member) => {
    if (!(member instanceof z.ZodObject)) return [];
    const { [discriminator]: literal, ...own } = member.shape;
    if (!(literal instanceof z.ZodLiteral)) return [];
    const value = String(literal.def.values[0]);
    return [{ value, description: opened(literal).description, own }];
  });
  return members.flatMap(({ value, description, own }) => [
    { key: `${key}.${discriminator}`, type: `\`${value}\``, withoutIt: "required", description: cell(description) },
    ...Object.entries(own).flatMap(([name, field]) =>
      fieldRows(field, `${key}.${name}`).map((row) => ({
        ...row,
        description: `With \`${value}\`: ${row.description}`,
      })),
    ),
  ]);
}

function opened(outer: z.core.$ZodType) {
  let schema = outer;
  let withoutIt = "required";
  let description = "";
  for (;;) {
    description ||= z.globalRegistry.get(schema)?.description ?? "";
    if (schema instanceof z.ZodDefault) {
      withoutIt = `\`${String(schema.def.defaultValue)}\``;
      schema = schema.def.innerType;
    } else if (schema instanceof z.ZodOptional) {
      withoutIt = "see meaning";
      schema = schema.def.innerType;
    } else {
      return { schema, withoutIt, description };
    }
  }
}

function typeText(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodLiteral) return schema.def.values.map((value) => `\`${String(value)}\``).join(", ");
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(", ");
  if (schema instanceof z.ZodArray) return `list of ${typeText(schema.def.element)}`;
  if (schema instanceof z.ZodRecord) return `map by name: ${mapValue(schema.def.valueType)}`;
  if (schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion) return "map";
  if (schema instanceof z.ZodNumber) return numberText(schema);
  if (schema instanceof z.ZodUnknown) return "anything";
  return stringText(schema);
}

function mapValue(schema: z.core.$ZodType): string {
  return schema instanceof z.ZodObject ? "map" : typeText(schema);
}

function numberText(schema: z.ZodNumber): string {
  const { minimum, maximum } = z.toJSONSchema(schema, { target: "draft-7" });
  const noun = schema instanceof z.ZodNumberFormat ? "whole number" : "number";
  if (minimum === undefined) return noun;
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `${noun}, at least ${minimum}`
    : `${noun}, ${minimum} to ${maximum}`;
}

const forms: Readonly<Record<string, string>> = {
  [patterns.name.source]: "name",
  [patterns.duration.source]: "duration",
  [patterns.memory.source]: "memory",
  [patterns.latency.source]: "latency",
  [patterns.percentage.source]: "percentage",
  [patterns.repository.source]: "`owner/name`",
};

const formats: Readonly<Record<string, string>> = { uri: "address", uuid: "UUID", date: "date, `YYYY-MM-DD`" };

function stringText(schema: z.core.$ZodType): string {
  const { pattern, format, maxLength } = z.toJSONSchema(schema, { target: "draft-7" });
  const form =
    (pattern === undefined ? undefined : forms[pattern]) ??
    (format === undefined ? "text" : (formats[format] ?? "text"));
  return maxLength === undefined ? form : `${form}, at most ${maxLength} characters`;
}

/** Text that fits a cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}
