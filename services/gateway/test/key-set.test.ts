// Proves: tokens are checked against a key set behind a URL through rotation, silence, errors and rubbish, and fail closed.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Door } from "./support/door.ts";

async function keyNamed(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256" } };
}
type Key = Awaited<ReturnType<typeof keyNamed>>;
const [first, second, third] = (await Promise.all(["first", "second", "third"].map(keyNamed))) as [Key, Key, Key];

/** How the identity provider answers: with these keys, or with a fault. */
let answer: readonly Key[] | "error" | "rubbish" | "silence";
let asked = 0;
let provider: Server;
let door: Door;

beforeAll(async () => {
  provider = createServer((_, response) => {
    asked += 1;
    if (answer === "silence") return;
    if (answer === "error") response.writeHead(500).end("no");
    else if (answer === "rubbish") response.end("<html>");
    else response.end(JSON.stringify({ keys: answer.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  const { port } = provider.address() as AddressInfo;
  door = await Door.open({
    engines: [["--step-ms", "0"]],
    settings: () => ({
      keysFile: undefined,
      jwt: { issuer: "https://id.example", audience: "freehold", jwksUrl: `http://127.0.0.1:${port}/keys` },
    }),
  });
});
afterAll(async () => {
  await door?.close();
  provider?.closeAllConnections();
  provider?.close();
});

async function ask({ kid, privateKey }: Key): Promise<Response> {
  const token = await new SignJWT({ tenant: "acme" })
    .setProtectedHeader({ alg: "ES256", kid })
    .setIssuer("https://id.example")
    .setAudience("freehold")
    .setExpirationTime("5m")
    .sign(privateKey);
  return door.chat("x", { max_tokens: 1 }, { authorization: `Bearer ${token}` });
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

it("answers 503 with a wait, and lets nobody in, while no key set can be had", async () => {
  for (const fault of ["error", "rubbish", "silence"] as const) {
    answer = fault;
    const response = await ask(first);
    expect([fault, response.status]).toEqual([fault, 503]);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await codeOf(response)).toBe("key_set_unavailable");
  }
});

it("takes a token once the set is there, and one of a rotated key within the time it states", async () => {
  answer = [first];
  expect((await ask(first)).status).toBe(200);
  answer = [first, second];
  await expect.poll(async () => (await ask(second)).status, { interval: 250 }).toBe(200);
});

it("knows known keys while the provider is out, and no others", async () => {
  answer = "error";
  expect((await ask(first)).status).toBe(200);
  await expect.poll(async () => (await ask(third)).status, { interval: 250 }).toBe(503);
  expect((await ask(second)).status).toBe(200);
});

it("asks the provider a few times at most, however many made-up keys come", async () => {
  answer = [first];
  await expect.poll(async () => (await ask(third)).status, { interval: 250 }).toBe(401);
  const before = asked;
  const start = performance.now();
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await ask(third)).status));
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(asked - before).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - start) / 2000));
});
