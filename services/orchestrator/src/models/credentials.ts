import { readFileSync } from "node:fs";
import * as z from "zod";

const keysSchema = z.record(z.string(), z.string().min(1));

/**
 * The tenant's key at the model's API, or the one of `*`; null where the file has neither, and the API then refuses the
 * call. Read at each call: a Secret that is renewed is taken without a restart.
 */
export function bearerOf(keysFile: string, tenant: string): string | null {
  const keys = keysSchema.parse(JSON.parse(readFileSync(keysFile, "utf8")));
  const key = Object.hasOwn(keys, tenant) ? keys[tenant] : keys["*"];
  return key ?? null;
}
