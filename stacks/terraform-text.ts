/**
 * Text that Terraform evaluates to exactly `text`: it reads `${` and `%{` in every string, keys included, as the start
 * of a template, and a chat template or a label may hold both.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function escapeTemplate(text: string): string {
  // A replacement text would read `$$` as one dollar sign.
  return text.replaceAll("${", () => "$${").replaceAll("%{", () => "%%{");
}

/** The text behind `escapeTemplate`: what reaches the cluster once Terraform has evaluated it. */
export function unescapeTemplate(text: string): string {
  return text.replaceAll("$${", () => "${").replaceAll("%%{", () => "%{");
}

function mapText<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapText(item, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapText(item, change)])) as T;
}

/** The same plain data with every string and key escaped: the only door for user text into the output. */
export function escapeTemplates<T>(data: T): T {
  return mapText(data, escapeTemplate);
}

/** The same plain data with every string and key as Terraform would evaluate it. */
export function unescapeTemplates<T>(data: T): T {
  return mapText(data, unescapeTemplate);
}
