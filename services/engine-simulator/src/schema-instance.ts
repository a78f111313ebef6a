type Json = Record<string, unknown>;

/** The smallest value that fits a JSON schema of the usual keywords: what a guided engine would be held to. */
export function schemaInstance(schema: Json): unknown {
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const options = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (options?.[0] !== undefined) return schemaInstance(options[0]);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "string":
      return "text".padEnd(Number(schema.minLength ?? 0), "x");
    case "integer":
    case "number":
      return Number(schema.minimum ?? 1);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Number(schema.minItems ?? 1) }, () => schemaInstance((schema.items ?? {}) as Json));
    default: {
      const properties = (schema.properties ?? {}) as Record<string, Json>;
      return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, schemaInstance(value)]));
    }
  }
}
