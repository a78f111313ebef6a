import { findIdentifiers, lastPlaceholder, type OwnPattern, Placeholders } from "./text-redaction.ts";

type Json = Record<string, unknown>;

/** Something in a body that no placeholder can stand for. */
export class NotRedactable extends Error {
  readonly place: string;

  constructor(place: string, what: string) {
    super(what);
    this.place = place;
  }
}

export interface RedactedJson {
  readonly body: Json;
  /** Value by placeholder. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * The body with placeholders in every text. Throws a `NotRedactable` for what cannot be looked into (images, token
 * ids) and for identifiers where a placeholder would change the meaning (numbers, names of fields).
 */
export function redactBody(body: Json, own: readonly OwnPattern[]): RedactedJson {
  const placeholders = new Placeholders(lastPlaceholder(JSON.stringify(body)));
  const redacted = redactValue(body, "", placeholders, own) as Json;
  return { body: redacted, values: placeholders.values };
}

function redactValue(value: unknown, place: string, placeholders: Placeholders, own: readonly OwnPattern[]): unknown {
  if (typeof value === "string") {
    if (/^data:[\w.+-]+\/[\w.+-]+/.test(value)) throw new NotRedactable(place, "holds data that cannot be looked into");
    return place.endsWith(".arguments")
      ? redactArguments(value, place, placeholders, own)
      : placeholders.redact(value, own);
  }
  if (typeof value === "number") {
    if (findIdentifiers(String(value), own).length > 0) throw new NotRedactable(place, "is a number that identifies");
    return value;
  }
  if (Array.isArray(value)) {
    if (/^(prompt|input)$/.test(place) && value.length > 0 && !value.every((item) => typeof item === "string"))
      throw new NotRedactable(place, "holds token ids, which cannot be looked into");
    return value.map((item, index) => redactValue(item, `${place}.${index}`, placeholders, own));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const where = place === "" ? key : `${place}.${key}`;
    if (key === "image_url") throw new NotRedactable(where, "is an image, which cannot be looked into");
    if (findIdentifiers(key, own).length > 0)
      throw new NotRedactable(place || "body", "has a field whose name identifies");
    return [key, redactValue(item, where, placeholders, own)] as const;
  });
  return Object.fromEntries(entries);
}

/** Arguments of a call are JSON in a text: what stands in them is looked at as what it means. */
function redactArguments(text: string, place: string, placeholders: Placeholders, own: readonly OwnPattern[]): string {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return placeholders.redact(text, own, true);
  }
  return JSON.stringify(redactValue(given, place.replace(/\.arguments$/, ".given"), placeholders, own));
}
