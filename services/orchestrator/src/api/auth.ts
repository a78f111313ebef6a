import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { KeySetUnavailable, TokenVerifier } from "../../../shared/src/token-verifier.ts";
import type { Settings } from "../settings.ts";
import { Problem } from "./problem.ts";

const tenantName = z.string().regex(/^[A-Za-z0-9._-]{1,63}$/);
const keysSchema = z.record(z.string().regex(/^[0-9a-f]{64}$/), tenantName);

/** Names the tenant of each call, or answers 401. */
export type Authentication = MiddlewareHandler<{ Variables: { tenant: string } }>;

type TenantOf = (credentials: { key: string | undefined; bearer: string | undefined }) => Promise<string>;

/** Reads the keys and the key set that the settings name. */
export async function loadAuthentication(settings: Settings["auth"]): Promise<Authentication> {
  const tenantOf = await tenantBy(settings);
  return async (call, next) => {
    const bearer = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(call.req.header("authorization") ?? "")?.[1];
    call.set("tenant", await tenantOf({ key: call.req.header("x-api-key") ?? bearer, bearer }));
    await next();
  };
}

async function tenantBy(settings: Settings["auth"]): Promise<TenantOf> {
  if (settings.kind === "none") return async () => settings.tenant;
  const tenantOfKey = settings.keysFile === undefined ? () => undefined : await keysOf(settings.keysFile);
  if (settings.kind === "keys") {
    return async ({ key }) => {
      const tenant = tenantOfKey(key);
      if (tenant !== undefined) return tenant;
      throw new Problem(401, "The call has no known key: send it as x-api-key or as a bearer token.");
    };
  }
  const verifier = await TokenVerifier.load(settings);
  return async ({ key, bearer }) => tenantOfKey(key) ?? (await tenantOfToken(verifier, bearer, settings.tenantClaim));
}

/** Only hashes of keys are held, so neither file nor memory gives one away. */
async function keysOf(path: string): Promise<(key: string | undefined) => string | undefined> {
  const tenants = new Map(Object.entries(keysSchema.parse(JSON.parse(await readFile(path, "utf8")))));
  return (key) => (key === undefined ? undefined : tenants.get(createHash("sha256").update(key).digest("hex")));
}

async function tenantOfToken(verifier: TokenVerifier, token: string | undefined, claim: string): Promise<string> {
  if (token === undefined) throw new Problem(401, "The call has no token: send it as a bearer token.");
  const claims = await verifier.claims(token).catch((error: unknown) => {
    if (!(error instanceof KeySetUnavailable)) throw error;
    throw new Problem(503, error.message, error.retryAfterSeconds);
  });
  if (claims === null) throw new Problem(401, "The key or token is not valid here.");
  const tenant = tenantName.safeParse(claims[claim]);
  if (!tenant.success) throw new Problem(401, `The token names no tenant in its claim ${JSON.stringify(claim)}.`);
  return tenant.data;
}
