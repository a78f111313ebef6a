import { isBaseMessage } from "@langchain/core/messages";

/** A JSON object as it came over the wire. */
export type JsonObject = { [key: string]: unknown };

/** The same value as clients of the wire format expect it: messages flat, with their type. */
export function toWire(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (Array.isArray(value)) return value.map(toWire);
  if (isBaseMessage(value)) {
    const { data } = value.toDict();
    return toWire({ ...data, type: value.type });
  }
  if (value instanceof Map || value instanceof Set) return [...value].map(toWire);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { error: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toWire(part)]));
}
