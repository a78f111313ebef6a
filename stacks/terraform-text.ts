/**
 * Text that Terraform evaluates to exactly `text`: it reads `${` and `%{` in every string, keys included, as the start
 * of a template, and a chat template or a label may hold both.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function escapeTemplate(text: string): string {
  if (!text.includes("{")) return text;
  // A replacement text would read `$$` as one dollar sign.
  return text.replaceAll("${", () => "$${").replaceAll("%{", () => "%%{");
}

/** The text behind `escapeTemplate`: what reaches the cluster once Terraform has evaluated it. */
export function unescapeTemplate(text: string): string {
  if (!text.includes("{")) return text;
  return text.replaceAll("$${", () => "${").replaceAll("%%{", () => "%{");
}

function mapText<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapText(item, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  const mapped: Record<string, unknown> = {};
  for (const key of Object.keys(value)) mapped[change(key)] = mapText((value as Record<string, unknown>)[key], change);
  return mapped as T;
}

/** The same plain data with every string and key escaped: the only door for user text into the output. */
export function escapeTemplates<T>(data: T): T {
  return mapText(data, escapeTemplate);
}

/** How cdktf marks a value it will fill in later; in a user's text it would look one up and fail. */
const tokenMarker = "TfToken[";
/** The same to a reader of the code; a private-use character that no yaml file has reason to hold. */
const hiddenMarker = "Tf\u{E000}Token[";

function hideToken(text: string): string {
  return text.includes(tokenMarker) ? text.replaceAll(tokenMarker, hiddenMarker) : text;
}

/** The same plain data with nothing in it that cdktf takes for its own; `showTokens` undoes it in the output. */
export function hideTokens<T>(data: T): T {
  return mapText(data, hideToken);
}

/** The same plain data as it was before `hideTokens`. */
export function showTokens<T>(data: T): T {
  return mapText(data, (text) => (text.includes(hiddenMarker) ? text.replaceAll(hiddenMarker, tokenMarker) : text));
}

/** The same plain data with every string and key as Terraform would evaluate it. */
export function unescapeTemplates<T>(data: T): T {
  return mapText(data, unescapeTemplate);
}
