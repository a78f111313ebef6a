import { randomUUID } from "node:crypto";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { createThread } from "../../src/api/threads.ts";
import { TenantSaver } from "../../src/checkpoints/saver.ts";
import { type Authority, AuthorityLost } from "../../src/runs/authority.ts";
import { appendEvents } from "../../src/runs/events.ts";
import {
  claimRun,
  extendLease,
  finishRun,
  handOver,
  postponeRun,
  reapExpired,
  stopRuns,
} from "../../src/runs/queue.ts";
import type { RunRow } from "../../src/runs/run.ts";
import type { Database } from "../../src/storage/database.ts";
import { TenantStore } from "../../src/store/tenant-store.ts";
import { ToolLedger } from "../../src/tools/ledger.ts";
import { randomFrom } from "./random.ts";

const maxAttempts = 2;
const stepsOfASchedule = 16;

/** A worker's view of a run it claimed; it keeps writing after it lost it, as a paused process does. */
interface Hold {
  run: RunRow;
  authority: Authority;
}

/** What the world knows of a run, by itself. */
interface Known {
  id: string;
  threadId: string;
  status: string;
  attempt: number;
  holder: Hold | null;
  isLeaseOver: boolean;
  isPostponed: boolean;
}

/** A call that left its trace outside. */
interface Called {
  policy: "once" | "idempotent";
  executions: number;
  isStored: boolean;
}

/** The worker dies at this point. */
class Crash extends Error {}

function must(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(sentence);
}

/**
 * One seeded schedule on three runs of two threads: claims, writes of every kind by present and former holders, tool calls
 * that die in the middle, leases that run out, reapers, hand-overs, postponements, ends, cancels. The world keeps its own
 * record of who may do what, and throws a sentence where an answer of the store is not as the record says.
 */
export async function playSchedule(database: Database, seed: number): Promise<void> {
  const world = new World(database, seed);
  await world.open();
  for (let step = 0; step < stepsOfASchedule; step += 1) await world.step();
  await world.close();
}

class World {
  readonly #database: Database;
  readonly #random: () => number;
  readonly #tenant: string;
  readonly #perTenant: number;
  readonly #runs: Known[] = [];
  readonly #holds: Hold[] = [];
  readonly #called = new Map<string, Called>();

  constructor(database: Database, seed: number) {
    this.#database = database;
    this.#random = randomFrom(seed);
    this.#tenant = `schedule-${seed}`;
    this.#perTenant = this.#random() < 0.3 ? 1 : 5;
  }

  async open(): Promise<void> {
    await this.#database.asOwner(async (transaction) => {
      // What a schedule that failed left behind is not this one's.
      for (const table of [
        "threads",
        "tool_calls",
        "checkpoints",
        "checkpoint_writes",
        "checkpoint_blobs",
        "store_items",
      ]) {
        await transaction.query(`delete from orchestrator.${table}`);
      }
    });
    const [one, two] = [randomUUID(), randomUUID()];
    await this.#database.asTenant(this.#tenant, async (transaction) => {
      for (const id of [one, two]) await createThread(transaction, this.#tenant, id, {});
      for (const [index, threadId] of [one, one, two].entries()) {
        const id = randomUUID();
        await transaction.query(
          `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request,
             multitask_strategy, created_at) values ($1, $2, $3, 'a', 'a', $4, '{}', 'enqueue',
             clock_timestamp() - interval '1 hour' + make_interval(secs => $5))`,
          [id, this.#tenant, threadId, maxAttempts, index],
        );
        const isPostponed = false;
        this.#runs.push({ id, threadId, status: "pending", attempt: 0, holder: null, isLeaseOver: false, isPostponed });
      }
    });
  }

  async step(): Promise<void> {
    const choice = this.#random();
    const hold = this.#pick(this.#holds);
    if (choice < 0.25 || hold === undefined) return this.#claim();
    if (choice < 0.5) return this.#write(hold);
    if (choice < 0.64) return this.#callTool(hold);
    if (choice < 0.76) return this.#loseLease();
    if (choice < 0.83) return this.#reap();
    if (choice < 0.88) return this.#handOver(hold);
    if (choice < 0.92) return this.#postpone(hold);
    if (choice < 0.96) return this.#finish(hold);
    return this.#stop();
  }

  /** Holds the store's rows against the record. */
  async close(): Promise<void> {
    await this.#reap();
    for (const run of this.#runs) {
      const { rows } = await this.#database.asTenant(this.#tenant, (transaction) =>
        transaction.query<{ status: string; attempt: number; last_seq: string; events: string; highest: string }>(
          `select r.status, r.attempt, r.last_seq, count(e.seq) as events, coalesce(max(e.seq), 0) as highest
             from orchestrator.runs r left join orchestrator.run_events e using (run_id) where run_id = $1 group by r.run_id`,
          [run.id],
        ),
      );
      const [row] = rows;
      must(row?.status === run.status, `a run is ${row?.status} and should be ${run.status}`);
      must(row?.attempt === run.attempt, `a run is in attempt ${row?.attempt} and should be in ${run.attempt}`);
      must(row?.events === row?.last_seq && row?.highest === row?.last_seq, "the log has a gap");
    }
    for (const threadId of new Set(this.#runs.map((run) => run.threadId))) {
      const isLive = this.#runs.some((run) => run.threadId === threadId && !isOver(run));
      const { rows } = await this.#database.asTenant(this.#tenant, (transaction) =>
        transaction.query<{ status: string }>("select status from orchestrator.threads where thread_id = $1", [
          threadId,
        ]),
      );
      const wasTouched = this.#runs.some((run) => run.threadId === threadId && (run.attempt > 0 || isOver(run)));
      if (wasTouched) must((rows[0]?.status === "busy") === isLive, "a thread is busy without a run, or idle with one");
    }
  }

  async #claim(): Promise<void> {
    const expected = this.#eligible()[0];
    const run = await claimRun(this.#database, {
      worker: "w",
      leaseSeconds: 600,
      perTenant: this.#perTenant,
      deadlineSeconds: 6000,
    });
    must(run?.run_id === expected?.id, "a claim gave out another run than the one whose turn it is");
    if (run === null || expected === undefined) return;
    expected.status = "running";
    expected.attempt += 1;
    expected.isLeaseOver = false;
    must(run.attempt === expected.attempt, "a claim counted another attempt");
    expected.holder = { run, authority: { runId: run.run_id, fence: BigInt(run.fence) } };
    this.#holds.push(expected.holder);
  }

  /** Runs that may start, the one whose turn it is first. */
  #eligible(): Known[] {
    if (this.#runs.filter((run) => run.status === "running").length >= this.#perTenant) return [];
    return this.#runs.filter(
      (run, index) =>
        run.status === "pending" &&
        !run.isPostponed &&
        !this.#runs.some((other) => other.threadId === run.threadId && other.status === "running") &&
        !this.#runs.slice(0, index).some((other) => other.threadId === run.threadId && other.status === "pending"),
    );
  }

  async #write(hold: Hold): Promise<void> {
    const { run, authority } = hold;
    const saver = new TenantSaver(this.#database, this.#tenant, authority);
    const thread = { thread_id: run.thread_id, checkpoint_ns: "" };
    const write = this.#pick<() => Promise<unknown>>([
      () =>
        this.#database.asTenant(this.#tenant, (transaction) =>
          appendEvents(transaction, authority, [{ event: "e", data: "1" }]),
        ),
      () => saver.put({ configurable: thread }, emptyCheckpoint(), { source: "loop", step: 1, parents: {} }, {}),
      () => saver.putWrites({ configurable: { ...thread, checkpoint_id: "c" } }, [["channel", 1]], randomUUID()),
      () =>
        new TenantStore(this.#database, this.#tenant, { maxItemBytes: 1024, maxItems: 1000 }, authority).put(
          ["n"],
          "k",
          {},
        ),
      () => extendLease(this.#database, authority, 600),
    ]);
    await this.#held(hold, "wrote", write as () => Promise<unknown>);
  }

  /** A call whose worker may die before it, in it or after it; each thread has two, and they come again and again. */
  async #callTool(hold: Hold): Promise<void> {
    const number = this.#random() < 0.5 ? 1 : 2;
    const key = `${hold.run.thread_id}-${number}`;
    const policy = number === 1 ? "once" : "idempotent";
    const called = this.#called.get(key) ?? { policy, executions: 0, isStored: false };
    const isKnown = this.#called.has(key);
    const death = this.#random();
    let isAsked = false;
    const call = (input: unknown) =>
      new ToolLedger(this.#database, hold.run, hold.authority).call({
        tool: "t",
        key,
        input,
        policy,
        execute: async () => {
          if (death < 0.2) throw new Crash();
          called.executions += 1;
          if (death < 0.4) throw new Crash();
          return `result of ${key}`;
        },
      });
    const isCurrent = this.#holderOf(hold)?.holder === hold && !this.#holderOf(hold)?.isLeaseOver;
    const result = await call("input").catch((error: unknown) => error);
    if (!isCurrent) return must(result instanceof AuthorityLost, "a former holder called a tool");
    this.#called.set(key, called);
    if (result instanceof Crash) {
      must(!isKnown || policy !== "once", "a `once` tool was asked again");
    } else if (result instanceof Error) {
      isAsked = /interrupt/i.test(result.message) || result.name === "GraphInterrupt";
      must(isAsked, `a call of the holder failed: ${result.message}`);
      must(policy === "once" && isKnown && !called.isStored, "a person was asked without need");
    } else {
      must(result === `result of ${key}`, "a call gave another result");
      must(policy !== "once" || called.executions === 1, "a `once` tool gave a result it never had");
      called.isStored = true;
    }
    if (policy === "once") must(called.executions <= 1, "a `once` tool was asked twice");
    const again = await call("other").catch((error: unknown) => error);
    must(again instanceof Error && /another input/.test(again.message), "one key was taken for two calls");
  }

  async #loseLease(): Promise<void> {
    const run = this.#pick(this.#runs.filter((one) => one.status === "running"));
    if (run === undefined) return;
    await this.#database.asOwner((transaction) =>
      transaction.query(
        "update orchestrator.runs set lease_until = clock_timestamp() - interval '1 second' where run_id = $1",
        [run.id],
      ),
    );
    run.isLeaseOver = true;
  }

  async #reap(): Promise<void> {
    const expected = this.#runs.filter((run) => run.status === "running" && run.isLeaseOver);
    const reaped = await reapExpired(this.#database);
    const ids = (list: readonly string[]) => [...list].sort().join();
    must(
      ids(reaped.map((one) => one.run_id)) === ids(expected.map((run) => run.id)),
      "a reaper took other runs than those whose lease is over",
    );
    for (const run of expected) {
      const outcome = run.attempt >= maxAttempts ? "error" : "pending";
      must(reaped.find((one) => one.run_id === run.id)?.outcome === outcome, `a reaped run is not ${outcome}`);
      run.status = outcome;
      run.holder = null;
    }
  }

  async #handOver(hold: Hold): Promise<void> {
    const run = this.#holderOf(hold);
    await handOver(this.#database, hold.authority);
    // A lease that is over and not yet reaped may still be given back: nobody else has the run.
    if (run === undefined || run.holder !== hold) return;
    run.status = "pending";
    run.attempt -= 1;
    run.holder = null;
  }

  async #postpone(hold: Hold): Promise<void> {
    const seconds = this.#random() < 0.5 ? 0 : 600;
    const isDone = await this.#held(hold, "postponed its run", () =>
      postponeRun(this.#database, hold.authority, seconds),
    );
    const run = this.#holderOf(hold);
    if (!isDone || run === undefined) return;
    run.status = "pending";
    run.isPostponed = seconds > 0;
    run.holder = null;
  }

  async #finish(hold: Hold): Promise<void> {
    const status = this.#random() < 0.5 ? "success" : "error";
    const isDone = await this.#held(hold, "ended its run", () =>
      finishRun(this.#database, hold.authority, {
        status,
        error: null,
        values: {},
        interrupts: {},
        answerWithinSeconds: 60,
        events: [{ event: "end", data: "1" }],
      }),
    );
    const run = this.#holderOf(hold);
    if (!isDone || run === undefined) return;
    run.status = status;
    run.holder = null;
  }

  async #stop(): Promise<void> {
    const run = this.#pick(this.#runs) as Known;
    const stopped = await this.#database.asTenant(this.#tenant, (transaction) =>
      stopRuns(transaction, [run.id], "interrupt"),
    );
    must((stopped.length === 1) === !isOver(run), "a run was stopped that had ended, or not stopped");
    if (stopped.length === 1) run.status = "interrupted";
    run.holder = null;
  }

  /** Does what only the holder may; whether it was the holder. */
  async #held(hold: Hold, what: string, work: () => Promise<unknown>): Promise<boolean> {
    const run = this.#holderOf(hold);
    const isCurrent = run?.holder === hold && !run.isLeaseOver;
    const refusal = await work().then(
      () => null,
      (error: unknown) => error,
    );
    if (isCurrent) must(refusal === null, `the holder was refused: ${(refusal as Error | null)?.message}`);
    else must(refusal instanceof AuthorityLost, `a former holder ${what}`);
    return isCurrent;
  }

  #holderOf(hold: Hold): Known | undefined {
    return this.#runs.find((run) => run.id === hold.run.run_id);
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }
}

function isOver(run: Known): boolean {
  return run.status !== "pending" && run.status !== "running";
}
