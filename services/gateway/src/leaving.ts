import { ApiError } from "./api-error.ts";
import type { RedactedBody } from "./redaction/redactor.ts";

/** Records what leaves the boundary, without what it says; the error where it is larger than may leave at once. */
export function recordLeaving(
  body: string | RedactedBody,
  mostBytes: number,
  record: { readonly requestId: string; readonly backend: string; readonly [field: string]: string },
): ApiError | null {
  const bytes = Buffer.byteLength(typeof body === "string" ? body : body.text);
  if (bytes > mostBytes) {
    const message = `The request has ${bytes} bytes; at most ${mostBytes} may leave the boundary at once.`;
    return new ApiError(413, "body_too_large_to_leave", message);
  }
  const what = { ...record, bytes, redacted: typeof body !== "string" };
  console.log(JSON.stringify({ level: "info", event: "left_boundary", at: new Date().toISOString(), ...what }));
  return null;
}
