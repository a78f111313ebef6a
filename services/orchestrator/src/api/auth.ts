import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { KeySetUnavailable, TokenVerifier } from "../../../shared/src/token-verifier.ts";
import type { Settings } from "../settings.ts";
import type { Caller } from "./context.ts";
import { Problem } from "./problem.ts";

const tenantName = z.string().regex(/^[A-Za-z0-9._-]{1,63}$/);
const keysSchema = z.record(z.string().regex(/^[0-9a-f]{64}$/), tenantName);

/** Names who calls, or answers 401. */
export type Authentication = MiddlewareHandler<{ Variables: Caller }>;

type CallerOf = (credentials: { key: string | undefined; bearer: string | undefined }) => Promise<Caller>;

/** Reads the keys and the key set that the settings name. */
export async function loadAuthentication(settings: Settings["auth"]): Promise<Authentication> {
  const callerOf = await callerBy(settings);
  return async (call, next) => {
    const bearer = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(call.req.header("authorization") ?? "")?.[1];
    const { tenant, subject } = await callerOf({ key: call.req.header("x-api-key") ?? bearer, bearer });
    call.set("tenant", tenant);
    call.set("subject", subject);
    await next();
  };
}

async function callerBy(settings: Settings["auth"]): Promise<CallerOf> {
  if (settings.kind === "none") return async () => ({ tenant: settings.tenant, subject: "local" });
  const callerOfKey = settings.keysFile === undefined ? () => undefined : await keysOf(settings.keysFile);
  if (settings.kind === "keys") {
    return async ({ key }) => {
      const caller = callerOfKey(key);
      if (caller !== undefined) return caller;
      throw new Problem(401, "The call has no known key: send it as x-api-key or as a bearer token.");
    };
  }
  const verifier = await TokenVerifier.load(settings);
  return async ({ key, bearer }) => callerOfKey(key) ?? (await callerOfToken(verifier, bearer, settings.tenantClaim));
}

/** Only hashes of keys are held, so neither file nor memory gives one away. The start of the hash is the key's subject. */
async function keysOf(path: string): Promise<(key: string | undefined) => Caller | undefined> {
  const tenants = new Map(Object.entries(keysSchema.parse(JSON.parse(await readFile(path, "utf8")))));
  return (key) => {
    if (key === undefined) return undefined;
    const hash = createHash("sha256").update(key).digest("hex");
    const tenant = tenants.get(hash);
    return tenant === undefined ? undefined : { tenant, subject: `key:${hash.slice(0, 12)}` };
  };
}

async function callerOfToken(verifier: TokenVerifier, token: string | undefined, claim: string): Promise<Caller> {
  if (token === undefined) throw new Problem(401, "The call has no token: send it as a bearer token.");
  const claims = await verifier.claims(token).catch((error: unknown) => {
    if (!(error instanceof KeySetUnavailable)) throw error;
    throw new Problem(503, error.message, error.retryAfterSeconds);
  });
  if (claims === null) throw new Problem(401, "The key or token is not valid here.");
  const tenant = tenantName.safeParse(claims[claim]);
  if (!tenant.success) throw new Problem(401, `The token names no tenant in its claim ${JSON.stringify(claim)}.`);
  return { tenant: tenant.data, subject: claims.sub ?? "a token without a subject" };
}
