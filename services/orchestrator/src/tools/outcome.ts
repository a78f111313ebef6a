/**
 * The tool was asked, and nobody can say whether the call took place: its server went away, its answer was lost, its time
 * ran out. What follows is the policy's business.
 */
export class OutcomeUnknown extends Error {
  override name = "OutcomeUnknown";
}

/** True for a connection that never came about: nothing was asked of anyone. */
export function isNeverConnected(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EHOSTUNREACH" || code === "ENETUNREACH")
      return true;
    if (code === "UND_ERR_CONNECT_TIMEOUT") return true;
  }
  return false;
}

/** The text as it is stored and told: no NUL, which PostgreSQL does not store, and cut at `maxBytes`. */
export function bounded(text: string, maxBytes: number): string {
  const clean = text.replaceAll("\0", "");
  const bytes = Buffer.from(clean, "utf8");
  if (bytes.length <= maxBytes) return clean;
  return `${new TextDecoder().decode(bytes.subarray(0, maxBytes))}\n(cut at ${maxBytes} bytes)`;
}
