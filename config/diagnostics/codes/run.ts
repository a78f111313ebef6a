import type { CodeEntry } from "./entry.ts";

export const runCodes = {} as const satisfies Record<string, CodeEntry<never>>;
