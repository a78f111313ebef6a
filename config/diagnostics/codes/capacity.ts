import type { CodeEntry } from "./entry.ts";

export const capacityCodes = {} as const satisfies Record<string, CodeEntry<never>>;
