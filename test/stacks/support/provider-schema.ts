import { readFileSync } from "node:fs";
import type { TerraformJson } from "../../../stacks/build.ts";

/** A type as Terraform prints it: `"string"`, `["map", "string"]`, `["object", {...}]`. */
type AttributeType = string | readonly [string, AttributeType | Readonly<Record<string, AttributeType>>];

interface AttributeSchema {
  readonly access: "required" | "optional" | "read-only";
  readonly type?: AttributeType;
  readonly nesting?: "single" | "list";
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
}

interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly blocks: Readonly<Record<string, NestedBlockSchema>>;
}

interface NestedBlockSchema extends BlockSchema {
  readonly nesting: "single" | "list" | "set";
  readonly min: number;
  readonly max: number;
}

interface ProviderSchemas {
  readonly origin: string;
  readonly providers: Readonly<
    Record<string, { readonly provider: BlockSchema; readonly resources: Readonly<Record<string, BlockSchema>> }>
  >;
}

/** The providers' own schemas, as far as the stacks use them. */
const providerSchemas = JSON.parse(
  readFileSync(new URL("../provider-schemas.json", import.meta.url), "utf8"),
) as ProviderSchemas;

/** Keys of a resource that belong to Terraform itself. */
const metaArguments = new Set(["//", "depends_on", "lifecycle"]);

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeFaults(value: unknown, type: AttributeType, at: string): string[] {
  if (typeof type === "string") {
    if (type === "dynamic") return [];
    const wanted = type === "bool" ? "boolean" : type;
    return typeof value === wanted ? [] : [`${at}: a ${type} is expected`];
  }
  const [collection, element] = type;
  if (collection === "map") {
    if (!isPlain(value)) return [`${at}: a map is expected`];
    return Object.entries(value).flatMap(([key, item]) => typeFaults(item, element as AttributeType, `${at}.${key}`));
  }
  if (collection === "list" || collection === "set") {
    if (!Array.isArray(value)) return [`${at}: a ${collection} is expected`];
    return value.flatMap((item, index) => typeFaults(item, element as AttributeType, `${at}[${index}]`));
  }
  throw new Error(`${at}: the checker does not know ${collection}.`);
}

function attributeFaults(value: unknown, schema: AttributeSchema, at: string): string[] {
  if (schema.access === "read-only") return [`${at}: read-only`];
  if (schema.type !== undefined) return typeFaults(value, schema.type, at);
  const nested = { attributes: schema.attributes ?? {}, blocks: {} };
  if (schema.nesting === "single") {
    return isPlain(value) ? bodyFaults(value, nested, at) : [`${at}: one object is expected`];
  }
  if (!Array.isArray(value)) return [`${at}: a list of objects is expected`];
  return value.flatMap((item, index) => bodyFaults(item, nested, `${at}[${index}]`));
}

function blockFaults(value: unknown, schema: NestedBlockSchema, at: string): string[] {
  if (schema.nesting === "single" && Array.isArray(value)) return [`${at}: one block is expected`];
  const items = Array.isArray(value) ? value : [value];
  return [
    ...(schema.max > 0 && items.length > schema.max ? [`${at}: at most ${schema.max}`] : []),
    ...(items.length < schema.min ? [`${at}: at least ${schema.min}`] : []),
    ...items.flatMap((item, index) =>
      isPlain(item)
        ? bodyFaults(item, schema, Array.isArray(value) ? `${at}[${index}]` : at)
        : [`${at}: a block is expected`],
    ),
  ];
}

function bodyFaults(body: Plain, schema: BlockSchema, at: string): string[] {
  const present = Object.entries(body).filter(([key]) => !metaArguments.has(key));
  const missing = [
    ...Object.entries(schema.attributes).filter(([, { access }]) => access === "required"),
    ...Object.entries(schema.blocks).filter(([, { min }]) => min > 0),
  ].filter(([key]) => body[key] === undefined);
  return [
    ...missing.map(([key]) => `${at}.${key}: missing`),
    ...present.flatMap(([key, value]) => {
      const attribute = schema.attributes[key];
      if (attribute !== undefined) return attributeFaults(value, attribute, `${at}.${key}`);
      const block = schema.blocks[key];
      return block === undefined ? [`${at}.${key}: unknown`] : blockFaults(value, block, `${at}.${key}`);
    }),
  ];
}

/** Everything in a stack's configuration that the providers would refuse before they ask a cluster. */
export function schemaFaults(json: TerraformJson, { providers }: ProviderSchemas = providerSchemas): string[] {
  const resources = Object.assign({}, ...Object.values(providers).map((provider) => provider.resources)) as Readonly<
    Record<string, BlockSchema>
  >;
  return [
    ...Object.entries(json.provider).flatMap(([name, configurations]) => {
      const source = json.terraform.required_providers[name]?.source;
      const schema = providers[`registry.terraform.io/${source}`]?.provider;
      if (schema === undefined) return [`provider.${name}: unknown`];
      return configurations.flatMap((body) => bodyFaults(body, schema, `provider.${name}`));
    }),
    ...Object.entries(json.resource).flatMap(([type, instances]) => {
      const schema = resources[type];
      if (schema === undefined) return [`${type}: unknown`];
      return Object.entries(instances).flatMap(([id, body]) => bodyFaults(body, schema, `${type}.${id}`));
    }),
  ];
}
