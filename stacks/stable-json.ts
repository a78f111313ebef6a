import { sortedJson } from "./values/sorted-json.ts";

/** JSON with sorted keys, two spaces and a final newline: the same data gives the same bytes on every machine. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(sortedJson(value)), null, 2)}\n`;
}
