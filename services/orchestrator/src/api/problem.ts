import type { ContentfulStatusCode } from "hono/utils/http-status";

/** What the caller is told, with its HTTP status. A row of another tenant is a 404, as if it were not there. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: ContentfulStatusCode;
  readonly retryAfterSeconds: number | null;
  constructor(status: ContentfulStatusCode, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The 404 of a thing by its id. */
export function notFound(kind: string, id: string): Problem {
  return new Problem(404, `There is no ${kind} ${JSON.stringify(id.slice(0, 100))}.`);
}
