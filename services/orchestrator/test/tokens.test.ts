// Proves: a signed token names the tenant, any other lets nobody in, and a key set that cannot be had is a 503.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadAuthentication } from "../src/api/auth.ts";
import type { Caller } from "../src/api/context.ts";
import type { Service } from "../src/service.ts";
import { settingsSchema } from "../src/settings.ts";
import { embeddedStorage } from "./support/embedded.ts";
import { startReplica } from "./support/service.ts";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const foreignKey = (await generateKeyPair("ES256")).privateKey;
const keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] };
const issuer = "https://id.example";
const audience = "orchestrator";

interface Claims {
  iss?: string;
  aud?: string;
  exp?: string;
  claims?: Record<string, unknown>;
}

const unsigned = ({ iss = issuer, aud = audience, claims = { tenant: "acme" } }: Claims, alg = "ES256") =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: "k1" }).setIssuer(iss).setAudience(aud);
const token = (claims: Claims = {}, key = privateKey) =>
  unsigned(claims)
    .setExpirationTime(claims.exp ?? "5m")
    .sign(key);

const folder = mkdtempSync(join(tmpdir(), "orchestrator-tokens-"));
let isProviderThere = false;
let provider: Server;
let service: Service;
beforeAll(async () => {
  provider = createServer((_, response) =>
    isProviderThere ? response.end(JSON.stringify(keySet)) : response.writeHead(500).end(),
  );
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  const keysFile = join(folder, "keys.json");
  writeFileSync(keysFile, JSON.stringify({ [createHash("sha256").update("a key").digest("hex")]: "globex" }));
  const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
  service = await startReplica({
    storage: await embeddedStorage(join(folder, "data")),
    auth: { kind: "tokens", issuer, audience, jwksUrl, keysFile },
    agents: {},
  });
});
afterAll(async () => {
  await service?.stop();
  provider?.closeAllConnections();
  provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

const as = (headers: Record<string, string>) =>
  new Client({ apiUrl: service.url, apiKey: null, defaultHeaders: headers, callerOptions: { maxRetries: 0 } });
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const refusal = async (headers: Record<string, string>) => {
  const answer = await fetch(`${service.url}/threads/search`, { method: "POST", headers });
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), text: await answer.text() };
};

test("answers 503 with a wait while no key set can be had, and still knows keys", async () => {
  const answer = await refusal(bearer(await token()));
  expect(answer).toMatchObject({ status: 503, retryAfter: "2", text: expect.stringContaining("cannot be had") });
  expect(await as({ "x-api-key": "a key" }).threads.search()).toEqual([]);
  isProviderThere = true;
  await expect.poll(async () => (await refusal(bearer(await token()))).status).toBe(200);
});

test("knows the tenant by the token's claim, and each sees its own", async () => {
  const acme = as(bearer(await token()));
  const thread = await acme.threads.create();
  expect((await acme.threads.get(thread.thread_id)).thread_id).toBe(thread.thread_id);
  const others = [bearer(await token({ claims: { tenant: "globex" } })), { "x-api-key": "a key" }];
  for (const other of others) {
    await expect(as(other).threads.get(thread.thread_id)).rejects.toMatchObject({ status: 404 });
  }
});

test("names who decides: the token's subject, or the start of a key's hash", async () => {
  const jwksFile = join(folder, "subjects.json");
  writeFileSync(jwksFile, JSON.stringify(keySet));
  const keysFile = join(folder, "keys.json");
  const { auth } = settingsSchema.parse({
    storage: { kind: "embedded", folder: "x" },
    agents: {},
    auth: { kind: "tokens", issuer, audience, jwksFile, keysFile },
  });
  const app = new Hono<{ Variables: Caller }>();
  app.use(await loadAuthentication(auth));
  app.get("/", (call) => call.json({ tenant: call.var.tenant, subject: call.var.subject }));
  const who = async (headers: Record<string, string>) => (await app.request("/", { headers })).json();
  const named = await token({ claims: { tenant: "acme", sub: "ada@example.com" } });
  expect(await who(bearer(named))).toEqual({ tenant: "acme", subject: "ada@example.com" });
  expect(await who(bearer(await token()))).toEqual({ tenant: "acme", subject: "a token without a subject" });
  const hash = createHash("sha256").update("a key").digest("hex");
  expect(await who({ "x-api-key": "a key" })).toEqual({ tenant: "globex", subject: `key:${hash.slice(0, 12)}` });
});

test("rejects a token that is expired, without expiry, foreign, of another issuer or audience, unsigned or without a tenant", async () => {
  const hmac = unsigned({}, "HS256").setExpirationTime("5m");
  const none = new UnsecuredJWT({ tenant: "acme" }).setIssuer(issuer).setAudience(audience).setExpirationTime("5m");
  const wrong = {
    expired: await token({ exp: "-1m" }),
    endless: await unsigned({}).sign(privateKey),
    foreign: await token({}, foreignKey),
    issuer: await token({ iss: "https://evil.example" }),
    audience: await token({ aud: "gateway" }),
    none: none.encode(),
    hmac: await hmac.sign(Buffer.from(JSON.stringify(keySet.keys[0]))),
    tenantless: await token({ claims: {} }),
    "no name": await token({ claims: { tenant: "acme' or '1'='1" } }),
    list: await token({ claims: { tenant: ["acme"] } }),
    "not a token": "acme",
  };
  for (const [kind, text] of Object.entries(wrong)) {
    expect([kind, (await refusal(bearer(text))).status]).toEqual([kind, 401]);
  }
  expect((await refusal({})).status).toBe(401);
});

test("reads a key set from a file, and rejects settings that name both or neither", async () => {
  const jwksFile = join(folder, "jwks.json");
  writeFileSync(jwksFile, JSON.stringify(keySet));
  const auth = (more: object) => ({ kind: "tokens", issuer, audience, ...more });
  const settings = (more: object) =>
    settingsSchema.safeParse({ storage: { kind: "embedded", folder: "x" }, agents: {}, auth: auth(more) });
  for (const more of [{}, { jwksFile, jwksUrl: "https://id.example/keys" }]) {
    expect(settings(more).error?.issues).toMatchObject([{ message: expect.stringContaining("exactly one") }]);
  }
  const parsed = settings({ jwksFile });
  if (!parsed.success) throw parsed.error;
  await expect(loadAuthentication(parsed.data.auth)).resolves.toBeTypeOf("function");
  const missing = settings({ jwksFile: join(folder, "none.json") });
  await expect(loadAuthentication((missing.data as typeof parsed.data).auth)).rejects.toThrow(/none\.json/);
});
