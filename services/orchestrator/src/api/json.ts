import { isBaseMessage } from "@langchain/core/messages";

/** A JSON object as it came over the wire. */
export type JsonObject = { [key: string]: unknown };

/**
 * The same value as clients of the wire format expect it: messages flat, with their type. What lies within itself is null
 * there: what a graph tells of its steps may hold any object.
 */
export function toWire(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (above.includes(value)) return null;
  const within = [...above, value];
  const part = (one: unknown) => toWire(one, within);
  if (Array.isArray(value)) return value.map(part);
  if (isBaseMessage(value)) {
    const { data } = value.toDict();
    return part({ ...data, type: value.type });
  }
  if (value instanceof Map || value instanceof Set) return [...value].map(part);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { error: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, part(one)]));
}
