import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as z from "zod";
import { ApiError } from "./api-error.ts";
import type { Settings } from "./settings.ts";

/** Who calls, and what kind of data the request carries. */
export interface Caller {
  readonly tenant: string;
  readonly dataClass: string;
}

const keysSchema = z.array(z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), tenant: z.string() }));

/** Signatures only: `none` and shared secrets are not on the list. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** A key set is asked for an unknown key at most this often: a rotation arrives soon, and made-up keys ask for nothing. */
const keySetCooldownMilliseconds = 2000;

const dataClassHeader = "x-freehold-data-class";

export class Identity {
  readonly #settings: Settings;
  /** Tenant by SHA-256 of the key: the time of a look-up says nothing about a key that a guesser could steer by. */
  readonly #keys: ReadonlyMap<string, string>;
  readonly #jwks: JWTVerifyGetKey | null;

  private constructor(settings: Settings, keys: ReadonlyMap<string, string>, jwks: JWTVerifyGetKey | null) {
    this.#settings = settings;
    this.#keys = keys;
    this.#jwks = jwks;
  }

  /** Reads the keys and the key set that the settings name. */
  static async load(settings: Settings): Promise<Identity> {
    const { keysFile, jwt } = settings;
    const entries = keysFile === undefined ? [] : keysSchema.parse(JSON.parse(await readFile(keysFile, "utf8")));
    let jwks: JWTVerifyGetKey | null = null;
    if (jwt?.jwksFile !== undefined) jwks = createLocalJWKSet(JSON.parse(await readFile(jwt.jwksFile, "utf8")));
    if (jwt?.jwksUrl !== undefined) {
      jwks = createRemoteJWKSet(new URL(jwt.jwksUrl), {
        timeoutDuration: 2000,
        cooldownDuration: keySetCooldownMilliseconds,
      });
    }
    return new Identity(settings, new Map(entries.map(({ sha256, tenant }) => [sha256, tenant])), jwks);
  }

  /** The caller behind an `Authorization` header; throws a 401, 403 or 503 that does not repeat what was sent. */
  async caller(headers: Readonly<Record<string, string | string[] | undefined>>): Promise<Caller> {
    const token = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(String(headers.authorization ?? ""))?.[1];
    if (token === undefined) throw new ApiError(401, "no_credentials", "Send `Authorization: Bearer <key or token>`.");
    const known = this.#keys.get(createHash("sha256").update(token).digest("hex"));
    const claims = known === undefined ? await this.#claims(token) : { tenant: known, dataClass: undefined };
    const tenant = Object.hasOwn(this.#settings.tenants, claims.tenant)
      ? this.#settings.tenants[claims.tenant]
      : undefined;
    if (tenant === undefined) throw new ApiError(403, "tenant_unknown", "These credentials belong to no tenant here.");
    const asked = headers[dataClassHeader];
    // A class that the token fixes cannot be changed by a header.
    if (claims.dataClass !== undefined && asked !== undefined && asked !== claims.dataClass) {
      throw new ApiError(
        403,
        "data_class_not_allowed",
        `The token fixes another data class than \`${dataClassHeader}\` names.`,
      );
    }
    const dataClass = claims.dataClass ?? asked ?? tenant.dataClasses[0];
    if (typeof dataClass !== "string" || !tenant.dataClasses.includes(dataClass)) {
      throw new ApiError(403, "data_class_not_allowed", "This tenant may not send this data class.");
    }
    return { tenant: claims.tenant, dataClass };
  }

  async #claims(token: string): Promise<{ tenant: string; dataClass: string | undefined }> {
    const { jwt } = this.#settings;
    const refused = new ApiError(401, "credentials_refused", "The key or token is not valid here.");
    if (jwt === undefined || this.#jwks === null) throw refused;
    try {
      const { issuer, audience } = jwt;
      const { payload } = await jwtVerify(token, this.#jwks, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ["exp"],
        clockTolerance: 5,
      });
      const tenant = payload[jwt.tenantClaim];
      const dataClass = payload[jwt.dataClassClaim];
      if (typeof tenant !== "string") throw refused;
      return { tenant, dataClass: typeof dataClass === "string" ? dataClass : undefined };
    } catch (error) {
      if (!isKeySetOut(error)) throw refused;
      throw new ApiError(503, "key_set_unavailable", "The keys that tokens are checked with cannot be had just now.", {
        retryAfterSeconds: keySetCooldownMilliseconds / 1000,
      });
    }
  }
}

/** Whether the set of keys could not be had: nothing is known of the token then, and nothing is let in. */
function isKeySetOut(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // What `jose` says of an answer that is not 200 or not JSON, and what `fetch` throws.
  if (error instanceof errors.JOSEError) return error.code === "ERR_JOSE_GENERIC";
  return error instanceof TypeError && error.message === "fetch failed";
}
