import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { parseLock } from "./parse.ts";
import type { Lock } from "./schema.ts";

const header = `# Written by \`freehold lock\`; do not edit. Image tags and charts as digests, models as commits with their files,
# each with who answered and when. What is deployed comes from here. Run \`freehold lock --check\` to see what has moved.
`;

/** The lock as the file's text: keys sorted, one line a fact, so that a diff shows what moved and nothing else. */
export function lockText(lock: Lock): string {
  const { lockVersion, stack, images, weights, charts } = lock;
  const body = {
    lockVersion,
    stack,
    images: sorted(images),
    weights: sorted(weights),
    charts: sorted(charts),
  };
  // No folding: a long key on two lines would be a diff of two lines.
  return header + stringify(body, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * SHA-256 of what a lock file says, in hexadecimal. Two texts with the same content have the same hash, however they
 * are spelled and commented, so outputs that carry it change exactly when the lock does. Of a text that is no lock,
 * the hash of the text.
 */
export function lockHash(text: string): string {
  const { lock } = parseLock(text);
  return createHash("sha256")
    .update(lock === null ? text : JSON.stringify(sorted(lock)))
    .digest("hex");
}

/** The same data with the keys of all its maps in order of their code units. */
function sorted<T>(value: T): T;
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, content]) => content !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
