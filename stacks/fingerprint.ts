import { createHash } from "node:crypto";

/**
 * The first eight digits of the text's SHA-256. In the name of what cannot be changed in place it makes another
 * content another object; what stands there is then replaced by its successor instead of blocking it.
 */
export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
