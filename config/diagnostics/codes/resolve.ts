import type { CodeEntry } from "./entry.ts";

export const resolveCodes = {} as const satisfies Record<string, CodeEntry<never>>;
