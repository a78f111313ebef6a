import type { CodeEntry } from "./entry.ts";

export const localClusterCodes = {} as const satisfies Record<string, CodeEntry<never>>;
