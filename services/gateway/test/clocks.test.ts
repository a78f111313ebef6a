// Proves: a wall clock that jumps gives no budget away, lets no expired key or token in once it is right, leaves no key
// set stuck, and does not move the time in which an answer can be read on.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, expect, it, vi } from "vitest";
import { DividedBudget } from "../src/day-budget.ts";
import { HeldAnswers } from "../src/held-answers.ts";
import { Identity } from "../src/identity.ts";
import { settingsSchema } from "../src/settings.ts";
import { TenantLedger } from "../src/tenant-limits.ts";

afterEach(() => {
  vi.useRealTimers();
});

const noon = Date.parse("2026-11-20T12:00:00Z");
const hour = 3_600_000;
const day = 24 * hour;

function settingsWith(more: object) {
  return settingsSchema.parse({
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: { internal: { leavesBoundary: "never" } },
    placements: [],
    backends: {},
    models: {},
    tenants: { acme: { dataClasses: ["internal"], models: [] } },
    ...more,
  });
}

it("opens no new budget when the clock is set back, nor twice for a day that was jumped to and left again", () => {
  let wall = noon;
  const ledger = new TenantLedger(() => 0, new DividedBudget(() => new Date(wall).toISOString().slice(0, 10)));
  const spend = () =>
    ledger.reserve("acme", { tokensPerDay: 100 }, 1, { tokens: 100, usd: 0, isStream: false }).settle(100, 0);
  spend();
  expect(spend).toThrow("tokens per day");
  wall = noon - day;
  expect(spend).toThrow("tokens per day");
  // A jump ahead opens the later day early, and only once.
  wall = noon + day;
  spend();
  wall = noon;
  expect(spend).toThrow("tokens per day");
  wall = noon + day;
  expect(spend).toThrow("tokens per day");
});

it("refills requests a minute by a clock that does not jump", () => {
  let monotonic = 0;
  const ledger = new TenantLedger(() => monotonic, new DividedBudget(() => "2026-11-20"));
  const ask = () =>
    ledger.reserve("acme", { requestsPerMinute: 1 }, 1, { tokens: 0, usd: 0, isStream: false }).settle(0, 0);
  vi.useFakeTimers({ toFake: ["Date"], now: noon });
  ask();
  vi.setSystemTime(noon + day);
  expect(ask).toThrow("requests per minute");
  monotonic = 60_000;
  ask();
});

it("holds keys to the day they expire on, whatever the clock did before", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: noon });
  const folder = mkdtempSync(join(tmpdir(), "gateway-clock-"));
  const sha256 = createHash("sha256").update("a-key").digest("hex");
  writeFileSync(
    join(folder, "keys.json"),
    JSON.stringify([{ sha256, tenant: "acme", expires: "2026-11-20T13:00:00Z" }]),
  );
  const identity = await Identity.load(settingsWith({ keysFile: join(folder, "keys.json") }));
  rmSync(folder, { recursive: true });
  const call = () => identity.caller({ authorization: "Bearer a-key" });
  const refused = { code: "credentials_refused" };
  expect(await call()).toMatchObject({ tenant: "acme" });
  vi.setSystemTime(noon + 2 * hour);
  await expect(call()).rejects.toMatchObject(refused);
  vi.setSystemTime(noon - day);
  expect(await call()).toMatchObject({ tenant: "acme" });
  vi.setSystemTime(noon + hour);
  await expect(call()).rejects.toMatchObject(refused);
});

it("holds tokens to their time, and asks for a rotated key though the clock was set back by a day", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: noon });
  const pairs = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const keys = await Promise.all(
    pairs.map(async ({ publicKey }, index) => ({ ...(await exportJWK(publicKey)), kid: `k${index}`, alg: "ES256" })),
  );
  let served = keys.slice(0, 1);
  const provider = createServer((_, response) => void response.end(JSON.stringify({ keys: served })));
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = provider.address() as AddressInfo;
    const jwt = { issuer: "https://id.example", audience: "freehold", jwksUrl: `http://127.0.0.1:${port}/` };
    const identity = await Identity.load(settingsWith({ jwt }));
    const call = async (index: number, expiresAt: number) => {
      const token = await new SignJWT({ tenant: "acme" })
        .setProtectedHeader({ alg: "ES256", kid: `k${index}` })
        .setIssuer(jwt.issuer)
        .setAudience(jwt.audience)
        .setExpirationTime(expiresAt / 1000)
        .sign(pairs[index]?.privateKey as never);
      return identity.caller({ authorization: `Bearer ${token}` });
    };
    expect(await call(0, noon + hour)).toMatchObject({ tenant: "acme" });
    vi.setSystemTime(noon + 2 * hour);
    await expect(call(0, noon + hour)).rejects.toMatchObject({ code: "credentials_refused" });
    vi.setSystemTime(noon - day);
    served = keys;
    expect(await call(1, noon)).toMatchObject({ tenant: "acme" });
  } finally {
    provider.closeAllConnections();
    provider.close();
  }
});

/** As much of a response as a reader is. */
function reader() {
  const written: string[] = [];
  const response = {
    writeHead: () => response,
    write: (text: string) => written.push(text),
    end: () => {},
    on: () => {},
  };
  return { written, response: response as unknown as ServerResponse };
}

it("keeps an answer for ten minutes by a clock that does not jump", () => {
  vi.useFakeTimers({ now: noon });
  const held = new HeldAnswers();
  const caller = { tenant: "acme", dataClass: "internal" };
  const most = { answerBytes: 1000, allBytes: 1000 };
  held.open("request-1", caller);
  held.append("request-1", "first", most);
  held.append("request-1", "second", most);
  held.finish("request-1");
  const readOn = () => {
    const { written, response } = reader();
    held.readOn(`${held.eventIdPrefix("request-1")}0`, caller, true, response);
    return written;
  };
  vi.setSystemTime(noon + day);
  expect(readOn()).toEqual(["second"]);
  vi.setSystemTime(noon - day);
  vi.advanceTimersByTime(599_000);
  expect(readOn()).toEqual(["second"]);
  vi.advanceTimersByTime(2000);
  expect(readOn).toThrow("Its time is over");
});

it("forgets what was kept of a request whose id comes again, and keeps no more than all may take", () => {
  const held = new HeldAnswers();
  const caller = { tenant: "acme", dataClass: "internal" };
  const most = { answerBytes: 100, allBytes: 15 };
  for (const id of ["request-1", "request-1", "request-2"]) {
    held.open(id, caller);
    held.append(id, "0123456", most);
  }
  held.append("request-2", "0123456", most);
  const readOn = (id: string) => {
    const { written, response } = reader();
    held.readOn(`${held.eventIdPrefix(id)}0`, caller, true, response);
    return written;
  };
  expect(readOn("request-1")).toEqual([]);
  expect(() => readOn("request-2")).toThrow("longer than what may be kept");
});
