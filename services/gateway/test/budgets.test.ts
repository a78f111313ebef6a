import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../../test/support/postgres-server.ts";
import { BlockBudget } from "../src/block-budget.ts";
import { BudgetStore } from "../src/budget-store.ts";
import { Door } from "./support/door.ts";

const folder = mkdtempSync(join(tmpdir(), "gateway-budgets-"));
let server: PostgresServer;
let databases = 0;
let urlFile = "";
let url = "";

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs === null) throw new Error("There is no PostgreSQL server: npm test installs it with Python 3.");
  server = await startPostgres(programs);
});
afterAll(() => {
  server?.remove();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  const name = `budgets_${databases++}`;
  await server.createDatabase(name);
  url = server.url(name);
  urlFile = join(folder, name);
  writeFileSync(urlFile, `${url}\n`);
});

/** One connection of the test's own. */
async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const countedTokens = () =>
  withDatabase(async (client) => {
    const { rows } = await client.query("select coalesce(sum(tokens), 0) as tokens from freehold_gateway_budgets");
    return Number(rows[0].tokens);
  });

describe("gateways that share a budget", () => {
  const doors: Door[] = [];
  afterEach(async () => {
    for (const door of doors.splice(0)) await door.close();
  });

  /** A gateway; the second and later ones use the engine of the first. */
  async function door(tokensPerDay: number, replicas = 2, blockShare = 0.05): Promise<Door> {
    const [first] = doors;
    const engine = first?.engines[0];
    const tenant = { dataClasses: ["internal"], models: ["chat"], limits: { tokensPerDay } };
    const opened = await Door.open({
      engines: engine === undefined ? [["--step-ms", "0"]] : [],
      settings: ([own]) => ({
        replicas,
        budgets: { urlFile, blockShare },
        placements: [{ dataClass: "internal", tenant: "*", backends: ["engine"] }],
        backends: { engine: { url: (own ?? engine)?.url, model: "chat", digest: "d", location: "inside" } },
        models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["engine"] } } } },
        tenants: { acme: tenant, globex: { ...tenant, limits: {} } },
      }),
    });
    doors.push(opened);
    return opened;
  }

  /** Asks until the budget is used up, as a client does that heeds `retry-after` of a block under way. */
  async function useUp(gateway: Door): Promise<string> {
    for (let request = 0; request < 3000; request += 1) {
      const response = await gateway.chat(`request ${request}`, { max_tokens: 200 });
      const body = (await response.json()) as { error?: { code: string } };
      if (body.error === undefined) continue;
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      if (body.error.code !== "budget_block_pending") return body.error.code;
    }
    return "never refused";
  }
  /** Asks until one request is answered. */
  async function taken(gateway: Door): Promise<void> {
    await expect.poll(async () => (await gateway.chat("x", { max_tokens: 200 })).status, { interval: 20 }).toBe(200);
  }
  const spent = (gateway: Door) => gateway.metric("freehold_gateway_tokens_total", 'tenant="acme"');

  it("spend together what the limit allows, and never more", async () => {
    const [one, two] = [await door(40_000), await door(40_000)];
    // In step, so that neither has taken all before the other has begun.
    for (let request = 0; request < 30; request += 1) await Promise.all([taken(one), taken(two)]);
    expect(await Promise.all([useUp(one), useUp(two)])).toEqual(["limit_tokens_per_day", "limit_tokens_per_day"]);
    const all = (await spent(one)) + (await spent(two));
    expect(all).toBeLessThanOrEqual(40_000);
    // A block of 4,096 is the least; each may be left with what no longer holds a request.
    expect(all).toBeGreaterThan(40_000 - 2 * 4096);
    expect(await spent(one)).toBeGreaterThan(5000);
    expect(await spent(two)).toBeGreaterThan(5000);
    expect((await one.chat("free", {}, { authorization: "Bearer key-of-globex" })).status).toBe(200);
  });

  it("remember what was spent when they start anew, and lose no more than a block when they are killed", async () => {
    const first = await door(20_000, 1);
    for (let request = 0; request < 30; request += 1) await (await first.chat("x", { max_tokens: 100 })).arrayBuffer();
    const before = await spent(first);
    first.gateway.signal("SIGKILL");
    await first.gateway.ended();
    const lost = (await countedTokens()) - before;
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(4096);
    const second = await door(20_000, 1);
    expect(await useUp(second)).toBe("limit_tokens_per_day");
    expect(before + (await spent(second))).toBeLessThanOrEqual(20_000);
    expect(before + (await spent(second))).toBeGreaterThan(20_000 - 4096 - 500);
  });

  it("give back on SIGTERM what they did not use", async () => {
    const first = await door(20_000, 1);
    await (await first.chat("x", { max_tokens: 100 })).arrayBuffer();
    const used = await spent(first);
    expect(await countedTokens()).toBeGreaterThanOrEqual(4096);
    first.gateway.signal("SIGTERM");
    expect(await first.gateway.ended()).toBe(0);
    expect(await countedTokens()).toBe(used);
  });

  it("answer from the block they hold while the database waits, and ask it for nothing meanwhile", async () => {
    const gateway = await door(200_000, 1);
    await withDatabase(async (client) => {
      await client.query("begin");
      await client.query("select * from freehold_gateway_budgets for update");
      // The row is locked: whoever waited for it would never answer.
      for (let request = 0; request < 20; request += 1)
        expect((await gateway.chat(`request ${request}`, { max_tokens: 100 })).status).toBe(200);
      await client.query("rollback");
    });
  });

  it("run on what they hold when the database is gone, refuse then with a time to wait, and go on when it is back", async () => {
    const gateway = await door(100_000, 1);
    server.stop();
    try {
      expect((await gateway.chat("x", { max_tokens: 100 })).status).toBe(200);
      expect(await useUp(gateway)).toBe("budget_store_unavailable");
      const held = await spent(gateway);
      expect(held).toBeGreaterThan(2000);
      expect(held).toBeLessThanOrEqual(5000);
      expect((await gateway.chat("free", {}, { authorization: "Bearer key-of-globex" })).status).toBe(200);
    } finally {
      await server.start();
    }
    await expect.poll(async () => (await gateway.chat("x", { max_tokens: 100 })).status, { interval: 200 }).toBe(200);
    expect(await gateway.metric("freehold_gateway_budget_blocks_total", 'outcome="failed"')).toBeGreaterThan(0);
  });

  it("start without a database, and serve who has no limit", async () => {
    server.stop();
    try {
      const gateway = await door(100_000);
      const refused = await gateway.chat("x");
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toBe("2");
      expect(await refused.json()).toMatchObject({ error: { code: "budget_store_unavailable" } });
      expect((await gateway.chat("free", {}, { authorization: "Bearer key-of-globex" })).status).toBe(200);
    } finally {
      await server.start();
    }
  });
});

describe("the end of a day", () => {
  let day = "2026-11-01";
  let budget: BlockBudget;
  const limits = { tokensPerDay: 10_000 };
  const opened: BlockBudget[] = [];
  beforeEach(() => {
    day = "2026-11-01";
    budget = new BlockBudget({
      store: new BudgetStore(urlFile),
      blockShare: 1,
      monotonic: () => performance.now(),
      today: () => day,
      onTaken: () => {},
    });
    opened.push(budget);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  function spend(tokens: number): string {
    try {
      budget.reserve("acme", limits, 1, { tokens, usd: 0 })({ tokens, usd: 0 });
      return "done";
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
  const first = () => expect.poll(() => spend(6000), { interval: 20 }).toBe("done");

  it("gives nothing away to a clock that jumps, forwards or back", async () => {
    await first();
    for (const jumped of ["2026-11-02", "2030-01-01", "2026-10-31"]) {
      day = jumped;
      expect(spend(1000)).toBe("done");
      await expect.poll(() => countedTokens()).toBe(10_000);
    }
    expect(spend(1000)).toBe("done");
    await expect.poll(() => spend(1000), { interval: 20 }).toBe("limit_tokens_per_day");
  });

  it("opens the new day when the database has come to it, without refusing anybody meanwhile", async () => {
    await first();
    expect(spend(3500)).toBe("done");
    // For the database it is tomorrow: days never go back.
    await withDatabase((client) =>
      client.query(
        "insert into freehold_gateway_budgets select tenant, day + 1, 0, 0, 0, 0 from freehold_gateway_budgets",
      ),
    );
    day = "2026-11-02";
    expect(spend(400)).toBe("done");
    await expect.poll(() => spend(9000), { interval: 20 }).toBe("done");
    await expect.poll(() => spend(9000), { interval: 20 }).toBe("limit_tokens_per_day");
  });
});
