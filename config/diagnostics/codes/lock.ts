import type { CodeEntry } from "./entry.ts";

export const lockCodes = {} as const satisfies Record<string, CodeEntry<never>>;
