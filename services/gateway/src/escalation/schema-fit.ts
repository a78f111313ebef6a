import type { Json } from "../request-fields.ts";

/** Deeper than any schema that people write; a schema that refers to itself ends here. */
const mostDepth = 64;

/**
 * Where `value` does not fit the JSON schema, as a path; null when it fits. Knows types, `enum`, `const`, objects,
 * lists, bounds, combinations and references within the schema. `pattern` and `format` are not looked at: a pattern
 * of a caller's could run for ever.
 */
export function misfit(value: unknown, schema: unknown, root: unknown = schema, place = "$", depth = 0): string | null {
  if (schema === true || depth > mostDepth) return null;
  if (schema === false) return place;
  if (!isObject(schema)) return null;
  const inside = (child: unknown, of: unknown, where: string) => misfit(child, of, root, where, depth + 1);
  if (typeof schema.$ref === "string") {
    const target = resolve(schema.$ref, root);
    return target === undefined ? null : inside(value, target, place);
  }
  if (!hasType(value, schema.type)) return place;
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => isSame(one, value))) return place;
  if ("const" in schema && !isSame(schema.const, value)) return place;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some((one) => inside(value, one, place) === null)) return place;
  if (Array.isArray(schema.oneOf) && schema.oneOf.filter((one) => inside(value, one, place) === null).length !== 1)
    return place;
  for (const one of Array.isArray(schema.allOf) ? schema.allOf : []) {
    const at = inside(value, one, place);
    if (at !== null) return at;
  }
  if (typeof value === "number") return isBetween(value, schema.minimum, schema.maximum) ? null : place;
  if (typeof value === "string") return isBetween([...value].length, schema.minLength, schema.maxLength) ? null : place;
  if (Array.isArray(value)) return listMisfit(value, schema, place, inside);
  return isObject(value) ? objectMisfit(value, schema, place, inside) : null;
}

type Inside = (child: unknown, of: unknown, where: string) => string | null;

function listMisfit(value: readonly unknown[], schema: Json, place: string, inside: Inside): string | null {
  if (!isBetween(value.length, schema.minItems, schema.maxItems)) return place;
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  for (const [index, item] of value.entries()) {
    const at = inside(item, prefix[index] ?? schema.items ?? true, `${place}.${index}`);
    if (at !== null) return at;
  }
  return null;
}

function objectMisfit(value: Json, schema: Json, place: string, inside: Inside): string | null {
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const name of Array.isArray(schema.required) ? schema.required : [])
    if (!Object.hasOwn(value, String(name))) return `${place}.${String(name)}`;
  for (const [name, child] of Object.entries(value)) {
    const of = Object.hasOwn(properties, name) ? properties[name] : (schema.additionalProperties ?? true);
    const at = inside(child, of, `${place}.${name}`);
    if (at !== null) return at;
  }
  return null;
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === undefined) return true;
  if (Array.isArray(type)) return type.some((one) => hasType(value, one));
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return typeof value === type;
}

function isBetween(value: number, least: unknown, most: unknown): boolean {
  return !(typeof least === "number" && value < least) && !(typeof most === "number" && value > most);
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#")) return undefined;
  return reference
    .slice(1)
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (at, part) => (isObject(at) ? at[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
      root,
    );
}
