import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Door } from "./support/door.ts";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const foreign = await generateKeyPair("ES256");
const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" };

let door: Door;
let keySet: string;
beforeAll(async () => {
  door = await Door.open({
    engines: [["--step-ms", "0"]],
    settings: (_, folder) => {
      keySet = join(folder, "jwks.json");
      writeFileSync(keySet, JSON.stringify({ keys: [jwk] }));
      const never = { leavesBoundary: "never" };
      return {
        residencyMode: "region-bound",
        keysFile: undefined,
        jwt: { issuer: "https://id.example", audience: "freehold", jwksFile: keySet },
        dataClasses: { internal: never, restricted: never },
        placements: [{ dataClass: "internal", tenant: "*", backends: ["engine-0"] }],
        tenants: { acme: { dataClasses: ["internal", "restricted"], models: ["chat"] } },
      };
    },
  });
});
afterAll(() => door?.close());

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | null;
  readonly tenant?: string;
  readonly dataClass?: string;
}

function token(
  { issuer = "https://id.example", audience = "freehold", expires = "5m", tenant = "acme", dataClass }: Claims,
  key = privateKey,
) {
  const jwt = new SignJWT({ tenant, ...(dataClass === undefined ? {} : { data_class: dataClass }) })
    .setProtectedHeader({ alg: "ES256", kid: "k1" })
    .setIssuer(issuer)
    .setAudience(audience);
  return (expires === null ? jwt : jwt.setExpirationTime(expires)).sign(key);
}

const status = async (bearer: string, headers: Record<string, string> = {}) =>
  (await door.chat("x", { max_tokens: 1 }, { authorization: `Bearer ${bearer}`, ...headers })).status;

it("takes a signed token of the right issuer and audience", async () => {
  expect(await status(await token({}))).toBe(200);
});

it("rejects a token that is expired, without expiry, foreign, of another audience or issuer, or unsigned", async () => {
  expect(await status(await token({ expires: "-1m" }))).toBe(401);
  expect(await status(await token({ expires: null }))).toBe(401);
  expect(await status(await token({}, foreign.privateKey))).toBe(401);
  expect(await status(await token({ audience: "another" }))).toBe(401);
  expect(await status(await token({ issuer: "https://evil.example" }))).toBe(401);
  const claims = new UnsecuredJWT({ tenant: "acme" }).setIssuer("https://id.example").setAudience("freehold");
  expect(await status(claims.setExpirationTime("5m").encode())).toBe(401);
  const shared = new SignJWT({ tenant: "acme" })
    .setProtectedHeader({ alg: "HS256", kid: "k1" })
    .setIssuer("https://id.example");
  const signed = await shared
    .setAudience("freehold")
    .setExpirationTime("5m")
    .sign(Buffer.from(JSON.stringify(jwk)));
  expect(await status(signed)).toBe(401);
});

it("rejects an API key, which is enough only in residency mode none", async () => {
  expect(await status("test-key-of-acme")).toBe(401);
});

it("rejects a tenant it does not know, and a data class that is not the tenant's or not the token's", async () => {
  expect(await status(await token({ tenant: "nobody" }))).toBe(403);
  expect(await status(await token({ tenant: "__proto__" }))).toBe(403);
  expect(await status(await token({}), { "x-freehold-data-class": "public" })).toBe(403);
  expect(await status(await token({ dataClass: "internal" }), { "x-freehold-data-class": "restricted" })).toBe(403);
});

it("rejects data that no backend may see", async () => {
  const response = await door.chat("x", {}, { authorization: `Bearer ${await token({ dataClass: "restricted" })}` });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ error: { code: "residency_refused" } });
});

it("takes a key set that changed in its file, and keeps the old one while the new one is broken", async () => {
  const successor = { ...(await exportJWK(foreign.publicKey)), kid: "k1", alg: "ES256" };
  writeFileSync(keySet, "{");
  await expect.poll(() => door.gateway.log.join("\n")).toContain("settings_refused");
  expect(await status(await token({}))).toBe(200);
  writeFileSync(keySet, JSON.stringify({ keys: [successor] }));
  await expect.poll(() => door.gateway.log.join("\n")).toContain("settings_taken");
  expect(await status(await token({}, foreign.privateKey))).toBe(200);
  expect(await status(await token({}))).toBe(401);
});
