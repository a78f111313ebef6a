import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { Client } from "@langchain/langgraph-sdk";
import { expect, test } from "vitest";
import * as z from "zod";
import { agentKind } from "../src/agents/registry.ts";
import { onPostgres } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { replicaProgram } from "./support/replica-process.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const kills = Number(process.env.FREEHOLD_KILLS ?? 5);
const minutes = Number(process.env.FREEHOLD_LOAD_MINUTES ?? 1);
const isAsked = process.env.FREEHOLD_FIGURES === "1";

/** Five steps that do nothing: what is measured is the engine, not an agent. */
const steps = agentKind({
  settings: z.object({}),
  build: (_, checkpointer) =>
    new StateGraph(MessagesAnnotation)
      .addSequence(["one", "two", "three", "four", "five"].map((name) => [name, () => ({})] as [string, () => object]))
      .addEdge("__start__", "one")
      .compile({ checkpointer }),
});

onPostgres("figures with the default lease", (given) => {
  test("prints how long after SIGKILL another replica holds the run", async ({ skip }) => {
    skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
    const seconds: number[] = [];
    const program = replicaProgram();
    let waiting = 0;
    const model = await startModelServer(async () => {
      waiting += 1;
      await new Promise(() => {});
      return {};
    });
    const start = (concurrency: number) =>
      program.start({ storage: given().storage, agents: { support: supportAgent(model) }, runs: { concurrency } });
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        const victim = await start(5);
        const client = new Client({ apiUrl: victim.url });
        const thread = await client.threads.create();
        const before = waiting;
        const input = { messages: [{ role: "human", content: "hi" }] };
        await client.runs.create(thread.thread_id, "support", { input });
        await expect.poll(() => waiting).toBe(before + 1);
        const heir = await start(5);
        await victim.end("SIGKILL");
        const killedAt = performance.now();
        await expect.poll(() => waiting, { timeout: 60_000, interval: 20 }).toBe(before + 2);
        seconds.push((performance.now() - killedAt) / 1000);
        await heir.end("SIGKILL");
        await given().database.asOwner((transaction) => transaction.query("delete from orchestrator.threads"));
      }
      const sorted = seconds.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(kills * share) - 1]?.toFixed(1);
      console.log(
        `takeover after SIGKILL, ${kills} kills: p50 ${at(0.5)} s, p99 ${at(0.99)} s; ` +
          `all: ${sorted.map((one) => one.toFixed(1)).join(" ")}`,
      );
      expect(seconds).toHaveLength(kills);
    } finally {
      await program.remove();
      await model.stop();
    }
  }, 580_000);

  test("prints how long runs wait for their worker at 900 a minute", async ({ skip }) => {
    skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
    const service = await startReplica(
      { storage: given().storage, agents: { steps: { graph: "steps" } }, runs: { concurrency: 20 } },
      { steps },
    );
    try {
      const client = new Client({ apiUrl: service.url });
      const beganAt = performance.now();
      const accepted: Promise<unknown>[] = [];
      for (let number = 0; number < minutes * 900; number += 1) {
        accepted.push(client.runs.create(null, "steps", { input: { messages: [] } }));
        await delay(Math.max(0, beganAt + (number + 1) * (60_000 / 900) - performance.now()));
      }
      await Promise.all(accepted);
      const read = () =>
        given().database.asOwner(async (transaction) => {
          const { rows } = await transaction.query<{ done: number; p50: number; p95: number; p99: number }>(
            `select count(*) filter (where status = 'success')::int as done,
               (percentile_cont(0.5) within group (order by waited))::float8 as p50,
               (percentile_cont(0.95) within group (order by waited))::float8 as p95,
               (percentile_cont(0.99) within group (order by waited))::float8 as p99
               from (select status, extract(epoch from started_at - created_at) * 1000 as waited
                       from orchestrator.runs where graph_id = 'steps') as runs`,
          );
          return rows[0] as (typeof rows)[number];
        });
      await expect.poll(async () => (await read()).done, { timeout: 60_000 }).toBe(accepted.length);
      const { p50, p95, p99 } = await read();
      const tell = (milliseconds: number) => `${milliseconds.toFixed(0)} ms`;
      console.log(
        `${accepted.length} runs of a 5-step graph at 900 a minute, from accepted to begun: ` +
          `p50 ${tell(p50)}, p95 ${tell(p95)}, p99 ${tell(p99)}`,
      );
    } finally {
      await service.stop();
    }
  }, 580_000);
});

test("prints how long a replica on an existing embedded database takes to listen", async ({ skip }) => {
  skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
  const program = replicaProgram();
  const seconds: string[] = [];
  try {
    for (let start = 0; start <= 5; start += 1) {
      const beganAt = performance.now();
      const storage = { kind: "embedded", folder: join(program.folder, "data") };
      const replica = await program.start({ storage, agents: {} });
      if (start > 0) seconds.push(((performance.now() - beganAt) / 1000).toFixed(2));
      await replica.end("SIGTERM");
    }
    console.log(`start to listening on an existing embedded database, seconds: ${seconds.sort().join(" ")}`);
    expect(seconds).toHaveLength(5);
  } finally {
    await program.remove();
  }
}, 580_000);
