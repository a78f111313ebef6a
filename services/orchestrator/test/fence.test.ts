import { randomUUID } from "node:crypto";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { createThread } from "../src/api/threads.ts";
import { TenantSaver } from "../src/checkpoints/saver.ts";
import { type Authority, AuthorityLost } from "../src/runs/authority.ts";
import { appendEvents } from "../src/runs/events.ts";
import { claimRun, extendLease, finishRun, handOver, reapExpired, stopRuns } from "../src/runs/queue.ts";
import type { RunRow } from "../src/runs/run.ts";
import type { Database } from "../src/storage/database.ts";
import { TenantStore } from "../src/store/tenant-store.ts";
import { ToolLedger } from "../src/tools/ledger.ts";
import { onBothDatabases } from "./support/databases.ts";
import { randomFrom } from "./support/random.ts";

const isTorture = process.env.FREEHOLD_TORTURE === "1";
const firstSeed = Number(process.env.FREEHOLD_SEED ?? 1);
const schedules = isTorture ? 10_000 : 1000;

/** A worker's view of a run it claimed; it keeps writing after it lost it, as a paused process does. */
interface Hold {
  run: RunRow;
  authority: Authority;
}

/**
 * One seeded schedule on one run: claims, writes of every kind by present and former holders, leases that run out,
 * reapers, hand-overs, cancels. The world's own record says who may write; each answer of the store is held against it.
 */
async function playSchedule(database: Database, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const tenant = `schedule-${seed}-${randomUUID()}`;
  const threadId = randomUUID();
  const runId = randomUUID();
  await database.asTenant(tenant, async (transaction) => {
    await createThread(transaction, tenant, threadId, {});
    await transaction.query(
      `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request, multitask_strategy)
       values ($1, $2, $3, 'a', 'a', 3, '{}', 'enqueue')`,
      [runId, tenant, threadId],
    );
  });
  const holds: Hold[] = [];
  let holder: Hold | null = null;
  let isOver = false;
  let accepted = 0;
  const claim = async () => {
    const run = await claimRun(database, { worker: "w", leaseSeconds: 600, perTenant: 5, deadlineSeconds: 600 });
    if (run === null) return;
    expect(holder, `seed ${seed}: a run was given out while it was held`).toBeNull();
    expect(run.run_id).toBe(runId);
    holder = { run, authority: { runId, fence: BigInt(run.fence) } };
    holds.push(holder);
  };
  const writes: ((hold: Hold) => Promise<unknown>)[] = [
    ({ authority }) =>
      database.asTenant(tenant, (transaction) => appendEvents(transaction, authority, [{ event: "e", data: "1" }])),
    ({ authority }) =>
      new TenantSaver(database, tenant, authority).put(
        { configurable: { thread_id: threadId, checkpoint_ns: "" } },
        emptyCheckpoint(),
        { source: "loop", step: 1, parents: {} },
        {},
      ),
    ({ authority }) =>
      new TenantSaver(database, tenant, authority).putWrites(
        { configurable: { thread_id: threadId, checkpoint_ns: "", checkpoint_id: "c" } },
        [["channel", accepted]],
        randomUUID(),
      ),
    ({ run, authority }) =>
      new ToolLedger(database, run, authority).call({
        tool: "t",
        key: randomUUID(),
        input: null,
        policy: "once",
        execute: async () => 1,
      }),
    ({ authority }) =>
      new TenantStore(database, tenant, { maxItemBytes: 1024, maxItems: 1000 }, authority).put(["n"], "k", {
        accepted,
      }),
    ({ authority }) => extendLease(database, authority, 600),
  ];
  for (let step = 0; step < 10; step += 1) {
    const choice = random();
    const hold = holds[Math.floor(random() * holds.length)];
    if (choice < 0.25 || hold === undefined) {
      await claim();
    } else if (choice < 0.7) {
      const write = writes[Math.floor(random() * writes.length)] as (typeof writes)[number];
      const refusal = await write(hold).then(
        () => null,
        (error: unknown) => error,
      );
      if (hold === holder) expect(refusal, `seed ${seed}, step ${step}: the holder was refused`).toBeNull();
      else expect(refusal, `seed ${seed}, step ${step}: a former holder wrote`).toBeInstanceOf(AuthorityLost);
      accepted += refusal === null ? 1 : 0;
    } else if (choice < 0.82) {
      await database.asOwner((transaction) =>
        transaction.query(
          "update orchestrator.runs set lease_until = clock_timestamp() - interval '1 second' where run_id = $1 and status = 'running'",
          [runId],
        ),
      );
      holder = null;
      if (random() < 0.7) {
        const reaped = await reapExpired(database);
        isOver ||= reaped.some((one) => one.run_id === runId && one.outcome === "error");
      }
    } else if (choice < 0.9) {
      await handOver(database, hold.authority);
      if (hold === holder) holder = null;
    } else if (choice < 0.95) {
      const ended = await finishRun(database, hold.authority, {
        status: "success",
        error: null,
        values: {},
        interrupts: {},
        answerWithinSeconds: 60,
        events: [],
      }).then(
        () => true,
        () => false,
      );
      expect(ended, `seed ${seed}, step ${step}: finished by who does not hold it`).toBe(hold === holder);
      if (ended) isOver = true;
      if (ended) holder = null;
    } else {
      const stopped = await database.asTenant(tenant, (transaction) => stopRuns(transaction, [runId], "interrupt"));
      expect(stopped.length === 1, `seed ${seed}, step ${step}: stopped twice`).toBe(!isOver);
      isOver = true;
      holder = null;
    }
  }
  await reapExpired(database);
  const { rows } = await database.asTenant(tenant, (transaction) =>
    transaction.query<{ status: string; last_seq: string; events: string; highest: string }>(
      `select r.status, r.last_seq, count(e.seq) as events, coalesce(max(e.seq), 0) as highest
         from orchestrator.runs r left join orchestrator.run_events e using (run_id) where run_id = $1 group by r.run_id`,
      [runId],
    ),
  );
  const [end] = rows;
  expect([end?.events, end?.highest], `seed ${seed}: the log has a gap`).toEqual([end?.last_seq, end?.last_seq]);
  if (isOver) expect(end?.status, `seed ${seed}: an ended run lives`).toMatch(/^(success|error|interrupted)$/);
  // The next schedule starts with an empty queue.
  await database.asTenant(tenant, (transaction) =>
    transaction.query("delete from orchestrator.threads where thread_id = $1", [threadId]),
  );
}

onBothDatabases("fencing", (given) => {
  test(`no write of a former holder is accepted in ${schedules} seeded schedules`, async () => {
    for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) await playSchedule(given().database, seed);
  }, 1_200_000);
});
