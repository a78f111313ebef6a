import { Client } from "@langchain/langgraph-sdk";
import { expect, test } from "vitest";
import { onPostgres } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

const kills = Number(process.env.FREEHOLD_KILLS ?? 5);
const isAsked = process.env.FREEHOLD_FIGURES === "1";

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
      console.log(`takeover after SIGKILL, ${kills} kills, seconds: ${sorted.map((one) => one.toFixed(1)).join(" ")}`);
      expect(seconds).toHaveLength(kills);
    } finally {
      await program.remove();
      await model.stop();
    }
  }, 580_000);
});
