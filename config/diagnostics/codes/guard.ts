import type { CodeEntry } from "./entry.ts";

export const guardCodes = {} as const satisfies Record<string, CodeEntry<never>>;
