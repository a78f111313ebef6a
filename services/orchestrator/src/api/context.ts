import type { Context } from "hono";
import type { ZodType } from "zod";
import type { TraceContext } from "../../../shared/src/trace-context.ts";
import type { AgentRegistry } from "../agents/registry.ts";
import type { Settings } from "../settings.ts";
import type { Database } from "../storage/database.ts";
import { Problem } from "./problem.ts";
import type { RunNews } from "./run-news.ts";

/** What every route works with. */
export interface Api {
  database: Database;
  agents: AgentRegistry;
  settings: Settings;
  news: RunNews;
}

/** Who calls, as authentication found it. */
export interface Caller {
  tenant: string;
  /** Who is written down as having decided something. */
  subject: string;
  /** Where the call stands in its caller's trace. */
  trace: TraceContext | null;
}

/** A request whose caller is known. */
export type Call = Context<{ Variables: Caller }>;

/** The body, decoded as UTF-8 and checked; what the schema does not name is dropped. An empty body is `{}`. */
export async function bodyOf<Body>(call: Call, schema: ZodType<Body>, maxBytes: number): Promise<Body> {
  const bytes = await limitedBody(call, maxBytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, "The body is not valid UTF-8.");
  }
  let value: unknown;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new Problem(400, "The body is not valid JSON.");
  }
  // PostgreSQL stores no NUL in text; found here, it is the caller's mistake and not a failed write later.
  if (text.includes("\\u0000")) throw new Problem(422, "The body holds the character U+0000, which cannot be stored.");
  return checked(schema, value, "The body");
}

/** The query, checked; what the schema does not name is dropped. */
export function queryOf<Query>(call: Call, schema: ZodType<Query>): Query {
  return checked(schema, call.req.query(), "The query");
}

function checked<Value>(schema: ZodType<Value>, value: unknown, place: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(422, `${issue?.path.join(".") || place}: ${issue?.message}`);
}

async function limitedBody(call: Call, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new Problem(413, `The body is larger than ${maxBytes} bytes.`);
  if (Number(call.req.header("content-length") ?? 0) > maxBytes) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (call.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.byteLength;
    if (length > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}
