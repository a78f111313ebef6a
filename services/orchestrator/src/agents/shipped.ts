import { extract } from "./extract.ts";
import type { ErasedKind } from "./registry.ts";
import { research } from "./research.ts";
import { support } from "./support.ts";

/** The graphs that every replica has, by the name that settings use. */
export const shipped: Readonly<Record<string, ErasedKind>> = { support, extract, research };
