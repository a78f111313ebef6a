import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import type { Settings } from "../settings.ts";
import { Problem } from "./problem.ts";

const keysSchema = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string().regex(/^[A-Za-z0-9._-]{1,63}$/));

/** Names the tenant of each call, or answers 401. Only hashes of keys are held, so neither file nor memory gives one away. */
export function authenticate(settings: Settings["auth"]): MiddlewareHandler<{ Variables: { tenant: string } }> {
  if (settings.kind === "none") {
    return async (call, next) => {
      call.set("tenant", settings.tenant);
      await next();
    };
  }
  const tenants = new Map(Object.entries(keysSchema.parse(JSON.parse(readFileSync(settings.keysFile, "utf8")))));
  return async (call, next) => {
    const key = call.req.header("x-api-key") ?? /^Bearer (.+)$/i.exec(call.req.header("authorization") ?? "")?.[1];
    const tenant = key === undefined ? undefined : tenants.get(createHash("sha256").update(key).digest("hex"));
    if (tenant === undefined)
      throw new Problem(401, "The call has no known key: send it as x-api-key or as a bearer token.");
    call.set("tenant", tenant);
    await next();
  };
}
