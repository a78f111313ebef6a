import { readFile } from "node:fs/promises";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";

/** Signatures only: `none` and shared secrets are not on the list. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** A key set is asked for an unknown key at most this often: a rotation arrives soon, and made-up keys ask for nothing. */
const keySetCooldownMilliseconds = 2000;

/** The set of keys cannot be had just now: nothing is known of any token, and nobody is let in. */
export class KeySetUnavailable extends Error {
  override name = "KeySetUnavailable";
  readonly retryAfterSeconds = keySetCooldownMilliseconds / 1000;
  constructor() {
    super("The keys that tokens are checked with cannot be had just now.");
  }
}

/** Whose tokens count, and where the keys to check them with lie: in a file, or behind a URL that is asked when needed. */
export interface TokenIssuer {
  issuer: string;
  audience: string;
  jwksFile?: string | undefined;
  jwksUrl?: string | undefined;
}

/** Checks signed tokens of one issuer. */
export class TokenVerifier {
  readonly #issuer: TokenIssuer;
  #keySet: JWTVerifyGetKey;
  #lastSeenAt = Date.now();

  private constructor(issuer: TokenIssuer, keySet: JWTVerifyGetKey) {
    this.#issuer = issuer;
    this.#keySet = keySet;
  }

  /** Reads the key set where it is a file; one behind a URL is asked with the first token. */
  static async load(issuer: TokenIssuer): Promise<TokenVerifier> {
    const { jwksFile, jwksUrl } = issuer;
    if (jwksFile !== undefined) {
      return new TokenVerifier(issuer, createLocalJWKSet(JSON.parse(await readFile(jwksFile, "utf8"))));
    }
    if (jwksUrl === undefined) throw new Error("A token issuer needs jwksFile or jwksUrl.");
    return new TokenVerifier(issuer, remoteKeySet(jwksUrl));
  }

  /** What the token says, or null when it is not valid here: foreign, expired, without expiry, unsigned or malformed. */
  async claims(token: string): Promise<JWTPayload | null> {
    this.#noticeClock();
    try {
      const { issuer, audience } = this.#issuer;
      const options = { issuer, audience, algorithms, requiredClaims: ["exp"], clockTolerance: 5 };
      return (await jwtVerify(token, this.#keySet, options)).payload;
    } catch (error) {
      if (isKeySetOut(error)) throw new KeySetUnavailable();
      return null;
    }
  }

  /** A set that counts its waiting time by a clock that was set back would not be asked for a rotated key for as long. */
  #noticeClock(): void {
    const now = Date.now();
    const { jwksUrl } = this.#issuer;
    if (jwksUrl !== undefined && now < this.#lastSeenAt - keySetCooldownMilliseconds)
      this.#keySet = remoteKeySet(jwksUrl);
    this.#lastSeenAt = now;
  }
}

function remoteKeySet(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), { timeoutDuration: 2000, cooldownDuration: keySetCooldownMilliseconds });
}

function isKeySetOut(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // What `jose` says of an answer that is not 200 or not JSON, and what `fetch` throws.
  if (error instanceof errors.JOSEError) return error.code === "ERR_JOSE_GENERIC";
  return error instanceof TypeError && error.message === "fetch failed";
}
