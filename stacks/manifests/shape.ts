/** Turns one value of Terraform's configuration into what the Kubernetes API calls it. */
export type Shape = (value: unknown, at: string) => unknown;

/** The API's name, where it is not the camel case of Terraform's, and the shape of what is below. */
export type Field = Shape | readonly [name: string, shape: Shape];

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Text, flags, and maps whose keys are the user's own: kept as they are. */
export const same: Shape = (value) => value;

/** Terraform writes some of the API's integers as text. */
export const integer: Shape = (value) => Number(value);

/** A file mode: octal text there, an integer in the API. */
export const fileMode: Shape = (value) => Number.parseInt(String(value), 8);

/** A port by number or by name. */
export const port: Shape = (value) => (/^[0-9]+$/.test(String(value)) ? Number(value) : value);

/**
 * A block. A field the table does not know is a fault of ours: left out silently, the manifests would say less than
 * the Terraform they are made from.
 */
export function block(fields: Readonly<Record<string, Field>>): Shape {
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error(`${at} is not a single block.`);
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (field === undefined) throw new Error(`${at}.${key} has no counterpart in stacks/manifests/kinds.ts.`);
        const [name, shape] = typeof field === "function" ? [camelCase(key), field] : field;
        return [name, shape(item, `${at}.${key}`)];
      }),
    );
  };
}

/** A block that may be repeated. */
export function blocks(fields: Readonly<Record<string, Field>>): Shape {
  const one = block(fields);
  return (value, at) => {
    if (!Array.isArray(value)) throw new Error(`${at} is not a list of blocks.`);
    return value.map((item, index) => one(item, `${at}[${index}]`));
  };
}
