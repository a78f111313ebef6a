import * as z from "zod";

/** What the schema says about one place of the file. */
export interface SchemaPlace {
  readonly schema: z.core.$ZodType;
  /** True when the key may be left out. */
  readonly isOptional: boolean;
  /** First sentence and what follows, as the reference page shows it; null where the schema says nothing. */
  readonly description: string | null;
}

/**
 * What the schema says about `path`, or null where it has no such place. `value` decides between the members of a
 * union: a file that says `target: existing` is measured against that member.
 */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): SchemaPlace | null {
  let place = placeOf(schema);
  let current = value;
  for (const part of path) {
    const child = childOf(place.schema, part, current);
    if (child === null) return null;
    place = placeOf(child);
    current = typeof current === "object" && current !== null ? Reflect.get(current, part) : undefined;
  }
  return place;
}

/** Keys that the schema knows at this place: those of an object, or of the union member that the value chose. */
export function knownKeys(schema: z.core.$ZodType, value: unknown): readonly string[] {
  const object = asObject(schema, value);
  return object === null ? [] : Object.keys(object.shape);
}

/** Members of a union on a key that know `key`, as `target: existing`. */
export function membersThatKnow(schema: z.core.$ZodType, key: string): readonly string[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return [];
  const { discriminator } = schema.def;
  return schema.options.flatMap((member) => {
    if (!(member instanceof z.ZodObject) || !Object.hasOwn(member.shape, key)) return [];
    return memberNames(member, discriminator).map((name) => `${discriminator}: ${name}`);
  });
}

function placeOf(outer: z.core.$ZodType): SchemaPlace {
  let schema = outer;
  let isOptional = false;
  let description: string | null = null;
  for (;;) {
    description ??= z.globalRegistry.get(schema)?.description ?? null;
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
      isOptional = true;
      schema = schema.def.innerType;
    } else {
      return { schema, isOptional, description };
    }
  }
}

function childOf(schema: z.core.$ZodType, part: PropertyKey, value: unknown): z.core.$ZodType | null {
  const object = asObject(schema, value);
  if (object !== null) {
    const shape: Readonly<Record<PropertyKey, z.core.$ZodType | undefined>> = object.shape;
    return Object.hasOwn(shape, part) ? (shape[part] ?? null) : null;
  }
  if (schema instanceof z.ZodRecord) return schema.def.valueType;
  if (schema instanceof z.ZodArray) return schema.def.element;
  return null;
}

function asObject(schema: z.core.$ZodType, value: unknown): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return null;
  const { discriminator } = schema.def;
  const chosen = typeof value === "object" && value !== null ? Reflect.get(value, discriminator) : undefined;
  for (const member of schema.options) {
    if (
      member instanceof z.ZodObject &&
      typeof chosen === "string" &&
      memberNames(member, discriminator).includes(chosen)
    )
      return member;
  }
  return null;
}

function memberNames(member: z.ZodObject, discriminator: string): readonly string[] {
  const literal: unknown = member.shape[discriminator];
  return literal instanceof z.ZodLiteral ? literal.def.values.map(String) : [];
}

/** Pattern and greatest length that a text must have, each null where the schema asks for none. */
export function textForm(schema: z.core.$ZodType): {
  readonly pattern: RegExp | null;
  readonly longest: number | null;
} {
  let pattern: RegExp | null = null;
  let longest: number | null = null;
  if (schema instanceof z.ZodString) {
    for (const {
      _zod: { def },
    } of schema.def.checks ?? []) {
      if ("pattern" in def && def.pattern instanceof RegExp) pattern = def.pattern;
      if ("maximum" in def && typeof def.maximum === "number") longest = Math.min(longest ?? def.maximum, def.maximum);
    }
  }
  return { pattern, longest };
}

/** True when the schema takes whole numbers only; zod's issue for text in their place does not say so. */
export function isWholeNumber(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodNumberFormat;
}
