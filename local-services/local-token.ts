import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";

/** Who signs tokens on this machine, and for whom. */
export const localIssuer = { issuer: "freehold-local", audience: "freehold-local" } as const;

const validDays = 30;
const keyId = "local";

/** A private key for the tokens of this machine, as PEM. */
export function newLocalKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The public half as a JSON Web Key Set. */
export function keySetOf(privateKey: string): string {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  return `${JSON.stringify({ keys: [{ ...jwk, kid: keyId, alg: "ES256", use: "sig" }] })}\n`;
}

/** A token of a tenant, good for thirty days from `now`. */
export function localToken(privateKey: string, claims: Readonly<Record<string, string>>, now: Date): string {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = { ...claims, iss: localIssuer.issuer, aud: localIssuer.audience, iat: issuedAt };
  const signed = `${part({ alg: "ES256", typ: "JWT", kid: keyId })}.${part({ ...content, exp: issuedAt + validDays * 86_400 })}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}
