// Proves: whatever strikes a replica, and wherever, the run ends in one stated way and no `once` tool is asked twice. Prints times.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "./support/database-proxy.ts";
import { onPostgres } from "./support/databases.ts";
import { type Answer, startModelServer } from "./support/model-server.ts";
import { type ReplicaProcess, replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

/** Shorter than the defaults, in the same proportions, so that a lease runs out within the patience of a test. */
const runs = { leaseSeconds: 3, heartbeatSeconds: 1, reaperSeconds: 0.5, pollMilliseconds: 50, maxAttempts: 5 };
const faults = ["killed", "paused past its lease", "cut from the database", "database restarted"] as const;
const moments = ["a model call", "a tool call", "a checkpoint"] as const;

onPostgres("battery of faults", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-battery-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let program: ReturnType<typeof replicaProgram>;
  let heir: ReplicaProcess;
  let gate: Promise<void> | null = null;
  const times: string[] = [];
  beforeAll(async () => {
    program = replicaProgram();
    model = await startModelServer(async ({ body }): Promise<Answer> => {
      await gate;
      const last = body.messages.at(-1);
      return last?.role === "tool"
        ? { text: ["Done: ", last.content] }
        : { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] };
    });
    heir = await program.start({ storage: given().storage, agents: { support: supportAgent(model) }, runs });
  }, 120_000);
  afterAll(async () => {
    await program?.remove();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
    console.log(times.join("\n"));
  });

  /** A replica that reaches its database over a wire of its own. */
  async function startVictim(): Promise<{ victim: ReplicaProcess; proxy: DatabaseProxy }> {
    const url = new URL(given().server?.url("postgres") ?? "");
    const proxy = await startDatabaseProxy(Number(url.port));
    url.port = String(proxy.port);
    const urlFile = join(folder, `url-${proxy.port}`);
    writeFileSync(urlFile, url.href);
    const storage = { kind: "postgres", urlFile, connections: 10 };
    return { victim: await program.start({ storage, agents: { support: supportAgent(model) }, runs }), proxy };
  }

  async function strike(fault: (typeof faults)[number], victim: ReplicaProcess, proxy: DatabaseProxy): Promise<void> {
    if (fault === "killed") await victim.end("SIGKILL");
    if (fault === "paused past its lease") victim.process.kill("SIGSTOP");
    if (fault === "cut from the database") proxy.cut();
    if (fault === "database restarted") {
      given().server?.stop("immediate");
      await given().server?.start();
    }
  }

  const cases = faults.flatMap((fault) => moments.map((moment) => [fault, moment] as const));
  test.each(cases)(
    "%s in %s",
    async (fault, moment) => {
      const { victim, proxy } = await startVictim();
      // Only the victim is awake when the run is accepted, so it is the one that claims it.
      heir.process.kill("SIGSTOP");
      const client = new Client({ apiUrl: victim.url, callerOptions: { maxRetries: 0 } });
      const before = { requests: model.requests.length, tools: model.toolCalls.length };
      let open = () => {};
      if (moment === "a model call") {
        gate = new Promise((resolve) => {
          open = resolve;
        });
      }
      const release = moment === "a tool call" ? model.holdTools() : () => {};
      const held = moment === "a checkpoint" ? proxy.holdAt("insert into orchestrator.checkpoints") : null;
      const thread = await client.threads.create();
      const run = await client.runs.create(thread.thread_id, "support", {
        input: { messages: [{ role: "human", content: "refund" }] },
      });
      if (moment === "a model call") await expect.poll(() => model.requests.length).toBe(before.requests + 1);
      if (moment === "a tool call") await expect.poll(() => model.toolCalls.length).toBe(before.tools + 1);
      await held;
      const struckAt = performance.now();
      await strike(fault, victim, proxy);
      heir.process.kill("SIGCONT");
      gate = null;
      open();
      release();
      const survivor = new Client({ apiUrl: heir.url });
      const status = async () => (await survivor.runs.get(thread.thread_id, run.run_id)).status;
      await expect.poll(status, { timeout: 40_000, interval: 50 }).toMatch(/success|interrupted|error/);
      const seconds = (performance.now() - struckAt) / 1000;
      // What wakes late writes nothing: state and log are as they were.
      victim.process.kill("SIGCONT");
      const ended = await status();
      expect(ended).toMatch(moment === "a tool call" ? /success|interrupted/ : /success/);
      expect(model.toolCalls.length - before.tools).toBe(1);
      const { rows } = await given().database.asOwner((transaction) =>
        transaction.query<{ attempt: number; last_seq: string; events: string }>(
          `select attempt, last_seq, (select count(*) from orchestrator.run_events e where e.run_id = r.run_id) as events
           from orchestrator.runs r where run_id = $1`,
          [run.run_id],
        ),
      );
      expect(rows[0]?.events).toBe(rows[0]?.last_seq);
      times.push(`| ${fault} | ${moment} | ${ended} | ${rows[0]?.attempt} | ${seconds.toFixed(1)} s |`);
      await victim.end("SIGKILL");
      await proxy.close();
    },
    120_000,
  );

  test("a disk that is full: no accepted run is lost, and it ends once there is room", async () => {
    const raise = `create function orchestrator.disk_is_full() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`;
    const { database } = given();
    await database.asOwner((transaction) => transaction.query(raise));
    await database.asOwner((transaction) =>
      transaction.query(
        "create trigger disk_is_full before insert on orchestrator.checkpoints for each row execute function orchestrator.disk_is_full()",
      ),
    );
    const client = new Client({ apiUrl: heir.url, callerOptions: { maxRetries: 0 } });
    const before = model.toolCalls.length;
    const thread = await client.threads.create();
    const run = await client.runs.create(thread.thread_id, "support", {
      input: { messages: [{ role: "human", content: "refund" }] },
    });
    const attempt = async () => {
      const { rows } = await database.asOwner((transaction) =>
        transaction.query<{ attempt: number }>("select attempt from orchestrator.runs where run_id = $1", [run.run_id]),
      );
      return rows[0]?.attempt;
    };
    await expect.poll(attempt).toBe(2);
    expect((await client.runs.get(thread.thread_id, run.run_id)).status).toMatch(/running|pending/);
    await database.asOwner((transaction) => transaction.query("drop function orchestrator.disk_is_full cascade"));
    await client.runs.join(thread.thread_id, run.run_id);
    expect((await client.runs.get(thread.thread_id, run.run_id)).status).toBe("success");
    expect(model.toolCalls.length - before).toBe(1);
  }, 120_000);

  test("clocks that are an hour off, ahead and behind, neither take a run nor lose one", async () => {
    heir.process.kill("SIGSTOP");
    for (const hours of [1, -1]) {
      const shift = `const now = Date.now; const D = Date; Date.now = () => now() + ${hours * 3_600_000};
        globalThis.Date = class extends D { constructor(...a) { a.length === 0 ? super(Date.now()) : super(...a); } };
        Date.now = () => now() + ${hours * 3_600_000};`;
      const flags = ["--import", `data:text/javascript,${encodeURIComponent(shift)}`];
      const settings = { storage: given().storage, agents: { support: supportAgent(model) }, runs };
      const wrong = await program.start(settings, flags);
      const right = await program.start(settings);
      const release = model.holdTools();
      const client = new Client({ apiUrl: wrong.url, callerOptions: { maxRetries: 0 } });
      const before = model.toolCalls.length;
      const thread = await client.threads.create();
      const created = await Promise.all(
        [1, 2, 3].map(() =>
          client.runs.create(null, "support", { input: { messages: [{ role: "human", content: "refund" }] } }),
        ),
      );
      await expect.poll(() => model.toolCalls.length).toBe(before + 3);
      // Longer than a lease: whoever went by its own clock would take the others' runs, or give up its own.
      await new Promise((resolve) => setTimeout(resolve, runs.leaseSeconds * 1500));
      release();
      for (const run of created) {
        await client.runs.join(run.thread_id, run.run_id);
        const { rows } = await given().database.asOwner((transaction) =>
          transaction.query("select status, attempt from orchestrator.runs where run_id = $1", [run.run_id]),
        );
        expect(rows).toEqual([{ status: "success", attempt: 1 }]);
      }
      expect(model.toolCalls.length).toBe(before + 3);
      await client.threads.delete(thread.thread_id);
      await Promise.all([wrong.end("SIGKILL"), right.end("SIGKILL")]);
    }
    heir.process.kill("SIGCONT");
  }, 120_000);
});
