import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { KeySetUnavailable, TokenVerifier } from "../../shared/src/token-verifier.ts";
import { ApiError } from "./api-error.ts";
import type { Settings } from "./settings.ts";

/** Who calls, and what kind of data the request carries. */
export interface Caller {
  readonly tenant: string;
  readonly dataClass: string;
}

const keysSchema = z.array(
  z.strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    tenant: z.string(),
    /** From when on it is refused. Left out: never. */
    expires: z.iso.datetime({ offset: true }).optional(),
  }),
);

interface KnownKey {
  readonly tenant: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const dataClassHeader = "x-freehold-data-class";

export class Identity {
  readonly #settings: Settings;
  /** Tenant by SHA-256 of the key: the time of a look-up says nothing about a key that a guesser could steer by. */
  readonly #keys: ReadonlyMap<string, KnownKey>;
  readonly #tokens: TokenVerifier | null;

  private constructor(settings: Settings, keys: ReadonlyMap<string, KnownKey>, tokens: TokenVerifier | null) {
    this.#settings = settings;
    this.#keys = keys;
    this.#tokens = tokens;
  }

  /** Reads the keys and the key set that the settings name. */
  static async load(settings: Settings): Promise<Identity> {
    const { keysFile, jwt } = settings;
    const entries = keysFile === undefined ? [] : keysSchema.parse(JSON.parse(await readFile(keysFile, "utf8")));
    const tokens = jwt === undefined ? null : await TokenVerifier.load(jwt);
    const known = entries.map(({ sha256, tenant, expires }) => {
      const expiresAt = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
      return [sha256, { tenant, expiresAt }] as const;
    });
    return new Identity(settings, new Map(known), tokens);
  }

  /** The caller behind an `Authorization` header; throws a 401, 403 or 503 that does not repeat what was sent. */
  async caller(headers: Readonly<Record<string, string | string[] | undefined>>): Promise<Caller> {
    const token = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(String(headers.authorization ?? ""))?.[1];
    if (token === undefined) throw new ApiError(401, "no_credentials", "Send `Authorization: Bearer <key or token>`.");
    const known = this.#keys.get(createHash("sha256").update(token).digest("hex"));
    if (known !== undefined && known.expiresAt <= Date.now())
      throw new ApiError(401, "credentials_refused", "The key or token is not valid here.");
    const claims = known === undefined ? await this.#claims(token) : { tenant: known.tenant, dataClass: undefined };
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
    if (jwt === undefined || this.#tokens === null) throw refused;
    const claims = await this.#tokens.claims(token).catch((error: unknown) => {
      if (!(error instanceof KeySetUnavailable)) throw error;
      throw new ApiError(503, "key_set_unavailable", error.message, { retryAfterSeconds: error.retryAfterSeconds });
    });
    const tenant = claims?.[jwt.tenantClaim];
    const dataClass = claims?.[jwt.dataClassClaim];
    if (typeof tenant !== "string") throw refused;
    return { tenant, dataClass: typeof dataClass === "string" ? dataClass : undefined };
  }
}
