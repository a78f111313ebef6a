import { createHash } from "node:crypto";
import type { ContinuationRequest } from "./continuation.ts";
import type { Json, Route } from "./request-fields.ts";

/** What a continuation has to know of the body. */
export function continuationOf(body: Json, maxModelLen: number): ContinuationRequest {
  const { stop } = body;
  return {
    stop: typeof stop === "string" ? [stop] : ((stop as string[] | undefined) ?? []),
    includeStop: body.include_stop_str_in_output === true,
    minTokens: (body.min_tokens as number | undefined) ?? 0,
    maxTokens: ((body.max_completion_tokens ?? body.max_tokens) as number | undefined) ?? null,
    maxModelLen,
  };
}

/** By tenant of the settings, of whom there are few. */
const salts = new Map<string, string>();

function saltOf(tenant: string): string {
  let salt = salts.get(tenant);
  if (salt === undefined) {
    salt = createHash("sha256").update(`freehold cache of ${tenant}`).digest("base64url");
    salts.set(tenant, salt);
  }
  return salt;
}

/** With each event, so that an answer which breaks off is paid as well. */
const countedUsage = { include_usage: true, continuous_usage_stats: true };

/** What goes to the engine: with the tenant's cache salt, and for a continuable answer streamed, with ids, without `stop`. */
export function engineBody(body: Json, route: Route, tenant: string, isContinuable: boolean): Json {
  if (route === "embedding") return body;
  const salted = { ...body, cache_salt: saltOf(tenant) };
  if (!isContinuable) return body.stream === true ? { ...salted, stream_options: countedUsage } : salted;
  const { stop: _, include_stop_str_in_output: __, stream_options: ___, ...rest } = salted as Json;
  return { ...rest, stream: true, return_token_ids: true };
}
