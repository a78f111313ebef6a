import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";

/** Answers with a typed error, or ends an answer that has begun. */
export function refuse(response: ServerResponse, error: ApiError, requestId: string): void {
  if (response.headersSent) return void response.end();
  if (error.retryAfterSeconds !== null) response.setHeader("retry-after", String(error.retryAfterSeconds));
  response.writeHead(error.status, { "content-type": "application/json" }).end(JSON.stringify(error.toBody(requestId)));
}

/** A body that came whole. */
export interface ReceivedBody {
  readonly value: unknown;
  readonly bytes: number;
}

/**
 * The body as JSON; throws a typed error where it has more than `mostBytes`, breaks off or is no JSON. By events and not
 * by iteration, and with errors made only when needed: this runs for every request.
 */
export async function readJson(request: IncomingMessage, mostBytes: number): Promise<ReceivedBody> {
  const tooLarge = () => new ApiError(413, "body_too_large", `The body may have at most ${mostBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw tooLarge();
  const body = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    let isRead = false;
    request.on("end", () => {
      isRead = true;
      resolve(Buffer.concat(chunks));
    });
    // A body that breaks off is the caller's doing, and nobody is left to read the answer.
    request.on("close", () => {
      if (!isRead) reject(new ApiError(400, "body_incomplete", "The body broke off."));
    });
    request.on("error", () => reject(new ApiError(400, "body_incomplete", "The body broke off.")));
  });
  try {
    return { value: JSON.parse(body.toString("utf8")), bytes: body.length };
  } catch {
    throw new ApiError(400, "body_not_json", "The body is not JSON.");
  }
}
