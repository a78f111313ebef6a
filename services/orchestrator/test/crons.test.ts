// Proves: a schedule begins its runs once, whoever is there, and what cannot be kept is refused when it is written down.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Service } from "../src/service.ts";
import type { StorageSettings } from "../src/settings.ts";
import { openDatabase } from "../src/storage/open.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

/** Twice a year: nothing of it comes up while a test runs, whenever that is. */
const rarely = "0 0 1 */6 *";
const ask = { input: { messages: [{ role: "human", content: "hi" }] } };

onBothDatabases("crons", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-crons-"));
  let storage: StorageSettings;
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let service: Service;
  beforeAll(async () => {
    model = await startModelServer(() => ({ text: ["Hello"] }));
    const hash = (key: string) => createHash("sha256").update(key).digest("hex");
    writeFileSync(
      join(folder, "keys.json"),
      JSON.stringify({ [hash("mine")]: "acme", [hash("theirs")]: "globex", [hash("poor")]: "poor" }),
    );
    storage = given().storage;
    service = await start();
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (agents: Record<string, unknown> = { support: supportAgent(model) }) =>
    startReplica({
      storage,
      auth: { kind: "keys", keysFile: join(folder, "keys.json") },
      agents,
      runs: { reaperSeconds: 0.1 },
      tenants: { poor: { runsPerDay: 0 } },
    });
  const clientOf = (apiKey: string) => new Client({ apiUrl: service.url, apiKey, callerOptions: { maxRetries: 0 } });
  /** Runs a statement as the operator would while no replica is there: the embedded database has one owner. */
  const whileStopped = async (sql: string, values: unknown[], agents?: Record<string, unknown>) => {
    await service.stop();
    const database = await openDatabase(storage);
    await database.asOwner((transaction) => transaction.query(sql, values));
    await database.close();
    service = await start(agents);
  };
  const passed =
    "update orchestrator.crons set next_run_date = clock_timestamp() - interval '3 years' where cron_id = $1";

  test("are written, found, counted, changed and removed by the JavaScript SDK, unchanged", async () => {
    const client = clientOf("mine");
    const thread = await client.threads.create();
    const made = (await client.crons.create("support", {
      ...ask,
      schedule: "0 6 * * *",
      timezone: "Europe/Berlin",
      metadata: { use: "report" },
    })) as unknown as { cron_id: string; next_run_date: string };
    const hour = new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone: "Europe/Berlin" });
    expect(hour.format(new Date(made.next_run_date))).toBe("06");
    const bound = await client.crons.createForThread(thread.thread_id, "support", { ...ask, schedule: rarely });
    expect(bound).toMatchObject({ thread_id: thread.thread_id, schedule: rarely, enabled: true });
    expect(await client.crons.search({ metadata: { use: "report" } })).toMatchObject([{ cron_id: made.cron_id }]);
    const newest = await client.crons.search({ sortBy: "created_at", sortOrder: "desc" });
    expect(newest.map((cron) => cron.thread_id)).toEqual([thread.thread_id, null]);
    expect(await client.crons.count({ threadId: thread.thread_id })).toBe(1);
    await client.crons.update(made.cron_id, { enabled: false, metadata: { use: "none" } });
    expect(await client.crons.search({ enabled: false })).toMatchObject([
      { cron_id: made.cron_id, schedule: "0 6 * * *", metadata: { use: "none" } },
    ]);
    await client.crons.delete(made.cron_id);
    await expect(client.crons.delete(made.cron_id)).rejects.toMatchObject({ status: 404 });
    await client.threads.delete(thread.thread_id);
    expect(await client.crons.count()).toBe(0);
  });

  test("reject a schedule, a time zone or an end that can never be kept, with a sentence", async () => {
    const client = clientOf("mine");
    const refusal = (plan: { schedule: string; timezone?: string; endTime?: string }) =>
      client.crons.create("support", { ...ask, ...plan }).then(
        () => null,
        (error: { status: number; message: string }) => [error.status, error.message],
      );
    const unreadable = [422, expect.stringContaining("five fields")];
    for (const schedule of [
      "soon",
      "* * * *",
      "* * * * * *",
      "99 * * * *",
      "@daily",
      "2031-01-01T00:00:00",
      "' or 1=1 --",
    ]) {
      expect([schedule, await refusal({ schedule })]).toEqual([schedule, unreadable]);
    }
    expect(await refusal({ schedule: rarely, timezone: "Mars/Base" })).toEqual([
      422,
      expect.stringContaining("Mars/Base"),
    ]);
    expect(await refusal({ schedule: "0 0 30 2 *" })).toEqual([422, expect.stringContaining("never comes up")]);
    expect(await refusal({ schedule: rarely, endTime: "2020-01-01T00:00:00Z" })).toEqual([
      422,
      expect.stringContaining("end_time"),
    ]);
    expect(await refusal({ schedule: rarely, endTime: "tomorrow" })).toEqual([
      422,
      expect.stringContaining("end_time"),
    ]);
    expect(await client.crons.count()).toBe(0);
  });

  test("show a foreign tenant nothing", async () => {
    const foreign = clientOf("theirs");
    const thread = await clientOf("mine").threads.create();
    const { cron_id } = (await clientOf("mine").crons.create("support", { ...ask, schedule: rarely })) as never as {
      cron_id: string;
    };
    const refused = expect.objectContaining({ status: 404 });
    await expect(foreign.crons.update(cron_id, { enabled: false })).rejects.toEqual(refused);
    await expect(foreign.crons.delete(cron_id)).rejects.toEqual(refused);
    await expect(
      foreign.crons.createForThread(thread.thread_id, "support", { ...ask, schedule: rarely }),
    ).rejects.toEqual(refused);
    expect([await foreign.crons.search(), await foreign.crons.count()]).toEqual([[], 0]);
    await clientOf("mine").crons.delete(cron_id);
  });

  test("begin one run for all dates that passed while no replica was there, and keep the thread they are bound to", async () => {
    const thread = await clientOf("mine").threads.create();
    const cron = (await clientOf("mine").crons.createForThread(thread.thread_id, "support", {
      ...ask,
      schedule: rarely,
      metadata: { use: "late" },
    })) as unknown as { cron_id: string; next_run_date: string };
    await whileStopped(passed, [cron.cron_id]);
    const runs = () => clientOf("mine").runs.list(thread.thread_id);
    await expect.poll(async () => (await runs()).map((run) => run.status)).toEqual(["success"]);
    expect((await runs())[0]?.metadata).toEqual({ use: "late", cron_id: cron.cron_id });
    const [after] = await clientOf("mine").crons.search({ threadId: thread.thread_id });
    expect(after).toMatchObject({ enabled: true, next_run_date: cron.next_run_date });
    await clientOf("mine").crons.delete(cron.cron_id);
  });

  test("begin nothing after their end, and are off then", async () => {
    const cron = (await clientOf("mine").crons.create("support", {
      ...ask,
      schedule: rarely,
      onRunCompleted: "keep",
    })) as never as { cron_id: string };
    const before = await clientOf("mine").threads.count();
    const ended = passed.replace("where", ", end_time = clock_timestamp() - interval '2 years' where");
    await whileStopped(ended, [cron.cron_id]);
    await expect.poll(async () => (await clientOf("mine").crons.search())[0]).toMatchObject({ enabled: false });
    expect(await clientOf("mine").threads.count()).toBe(before);
    await clientOf("mine").crons.delete(cron.cron_id);
  });

  test("wait for the agent that no replica has, and begin once it is back", async () => {
    const cron = (await clientOf("mine").crons.create("support", {
      ...ask,
      schedule: rarely,
      onRunCompleted: "keep",
    })) as never as { cron_id: string };
    const before = await clientOf("mine").threads.count();
    await whileStopped(passed, [cron.cron_id], { other: supportAgent(model) });
    // Draining waits for the round that the start began, which looks for what is due.
    await service.worker.drain();
    expect(await clientOf("mine").crons.search()).toMatchObject([{ enabled: true }]);
    expect(await clientOf("mine").threads.count()).toBe(before);
    await service.stop();
    service = await start();
    await expect.poll(() => clientOf("mine").threads.count()).toBe(before + 1);
    await clientOf("mine").crons.delete(cron.cron_id);
  });

  test("count for their tenant's budget: one that it does not hold leaves its date out, and keeps nobody else's", async () => {
    const plan = { ...ask, schedule: rarely, onRunCompleted: "keep" as const };
    const refused = (await clientOf("poor").crons.create("support", plan)) as never as { cron_id: string };
    const other = (await clientOf("mine").crons.create("support", plan)) as never as { cron_id: string };
    const before = await clientOf("mine").threads.count();
    await whileStopped(passed.replace("= $1", "= any($1)"), [[refused.cron_id, other.cron_id]]);
    await expect.poll(() => clientOf("mine").threads.count()).toBe(before + 1);
    const [cron] = await clientOf("poor").crons.search();
    expect(new Date(cron?.next_run_date as never).getTime()).toBeGreaterThan(Date.now());
    expect(await clientOf("poor").threads.count()).toBe(0);
    await clientOf("mine").crons.delete(other.cron_id);
  });

  test("begin exactly one run each with two replicas", async ({ skip }) => {
    skip(given().server === null, "the embedded database has one replica");
    const client = clientOf("mine");
    const crons: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      const cron = await client.crons.create("support", { ...ask, schedule: rarely, onRunCompleted: "keep" });
      crons.push((cron as never as { cron_id: string }).cron_id);
    }
    const begun = () =>
      given().database.asOwner(async (transaction) => {
        const { rows } = await transaction.query<{ count: string }>(
          "select count(*) from orchestrator.runs where metadata->>'cron_id' = any($1) group by metadata->>'cron_id'",
          [crons],
        );
        return rows.map((row) => Number(row.count));
      });
    const other = await start();
    for (let round = 1; round <= 3; round += 1) {
      await given().database.asOwner((transaction) => transaction.query(passed.replace("= $1", "= any($1)"), [crons]));
      await expect.poll(begun).toEqual(crons.map(() => round));
    }
    await other.stop();
    await service.worker.drain();
    expect(await begun()).toEqual(crons.map(() => 3));
  });
});
