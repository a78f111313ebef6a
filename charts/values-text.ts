import { Document, isMap, type Pair, type Scalar, visit, type YAMLMap } from "yaml";

/** The part of a JSON schema that a values file is made from. */
export interface ValuesSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, ValuesSchema>>;
}

/** Every key with its default; null where the chart has none and a value must be given. */
function defaults({ properties, default: value }: ValuesSchema): unknown {
  if (properties === undefined) return value ?? null;
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, defaults(schema)]));
}

function describe(map: YAMLMap<Scalar<string>, unknown>, { properties = {} }: ValuesSchema): void {
  for (const { key, value } of map.items) {
    const schema = properties[key.value];
    if (schema === undefined) continue;
    if (schema.description !== undefined) key.commentBefore = ` -- ${schema.description}`;
    if (isMap(value)) describe(value as YAMLMap<Scalar<string>, unknown>, schema);
  }
}

/** A chart's `values.yaml`: each key of the schema in its order, with its sentence above and its default beside it. */
export function valuesText(schema: ValuesSchema, header: string): string {
  const document = new Document(defaults(schema));
  document.commentBefore = header;
  describe(document.contents as YAMLMap<Scalar<string>, unknown>, schema);
  visit(document, {
    Pair: (_key, pair: Pair<unknown, unknown>) => {
      if (isMap(pair.value) && pair.value.items.length === 0) pair.value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}
