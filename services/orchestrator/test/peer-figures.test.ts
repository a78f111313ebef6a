// Prints figures of the orchestrator beside those of the official server of the wire format, on the same graphs in the same minutes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { installPeer, peerName } from "../bench/peer.ts";
import { onPostgres } from "./support/databases.ts";
import { replicaProgram } from "./support/replica-process.ts";

const minutes = Number(process.env.FREEHOLD_LOAD_MINUTES ?? 1);
const isAsked = process.env.FREEHOLD_FIGURES === "1";
const perMinute = 900;
const turns = 40;
/** How long one waits for somebody to go on with a run after a restart. */
const patienceMilliseconds = 30_000;

/** One server under measurement, with one process at a time. */
interface Contender {
  name: string;
  url: string;
  pid: number;
  /** Kills the process, where there is one, and starts it on what it left behind. */
  start(): Promise<void>;
  /** Bytes that the threads take. */
  storedBytes(): Promise<number>;
}

onPostgres("figures beside a peer", (given) => {
  const program = replicaProgram();
  const contenders: Contender[] = [];
  let asked = 0;
  let held: Server;
  let stopPeer = async () => {};
  beforeAll(async () => {
    if (!isAsked) return;
    held = createServer(() => {
      asked += 1;
    });
    await new Promise<void>((resolve) => held.listen(0, "127.0.0.1", resolve));
    contenders.push(ours());
    const peer = installPeer();
    if (peer === null) console.log(`${peerName} could not be installed: it is left out`);
    else contenders.push(theirs(peer));
    for (const contender of contenders) await contender.start();
  });
  afterAll(async () => {
    await stopPeer();
    await program.remove();
    held?.closeAllConnections();
    held?.close();
  });

  function ours(): Contender {
    const agent = (graph: string) => ({ graph: "measured", settings: { graph } });
    let end = async () => {};
    return {
      name: "orchestrator",
      url: "",
      pid: 0,
      async start() {
        await end();
        const replica = await program.start({
          storage: given().storage,
          graphs: { measured: fileURLToPath(new URL("../bench/agent", import.meta.url)) },
          agents: { steps: agent("steps"), talk: agent("talk"), wait: agent("wait") },
          runs: { concurrency: 20 },
        });
        this.url = replica.url;
        this.pid = replica.process.pid ?? 0;
        end = async () => {
          await replica.end("SIGKILL");
        };
      },
      storedBytes: () =>
        given().database.asOwner(async (transaction) => {
          let sum = 0;
          for (const table of [
            "checkpoints",
            "checkpoint_blobs",
            "checkpoint_items",
            "checkpoint_writes",
            "run_events",
          ]) {
            const { rows } = await transaction.query<{ bytes: string }>(
              `select coalesce(sum(pg_column_size(t.*)), 0) as bytes from orchestrator.${table} t`,
            );
            sum += Number(rows[0]?.bytes);
          }
          return sum;
        }),
    };
  }

  function theirs(startPeer: NonNullable<ReturnType<typeof installPeer>>): Contender {
    const folder = join(program.folder, "peer");
    return {
      name: peerName,
      url: "",
      pid: 0,
      async start() {
        await stopPeer();
        const peer = await startPeer(await freePort(), folder);
        this.url = peer.url;
        this.pid = peer.process.pid ?? 0;
        stopPeer = () => peer.end("SIGKILL");
      },
      async storedBytes() {
        // It writes its memory to files three seconds after a change.
        await delay(5000);
        return bytesBelow(folder);
      },
    };
  }

  const clientOf = ({ url }: Contender) => new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } });

  test(`${perMinute} runs a minute of a 5-step graph, on one process each`, async ({ skip }) => {
    skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
    for (const contender of contenders) {
      const client = clientOf(contender);
      await client.runs.wait(null, "steps", { input: {} });
      const began: number[] = [];
      const ended: number[] = [];
      const before = processorSeconds(contender.pid);
      const startedAt = performance.now();
      const runs: Promise<void>[] = [];
      for (let number = 0; number < minutes * perMinute; number += 1) {
        const sentAt = Date.now();
        runs.push(
          client.runs.wait(null, "steps", { input: {} }).then((values) => {
            ended.push(Date.now() - sentAt);
            began.push((values as unknown as { beganAt: number }).beganAt - sentAt);
          }),
        );
        await delay(Math.max(0, startedAt + (number + 1) * (60_000 / perMinute) - performance.now()));
      }
      await Promise.all(runs);
      const share = (processorSeconds(contender.pid) - before) / ((performance.now() - startedAt) / 1000);
      expect(began).toHaveLength(minutes * perMinute);
      console.log(
        `${contender.name}: ${began.length} runs of a 5-step graph at ${perMinute} a minute: ` +
          `request to first step ${quantiles(began)}; request to result ${quantiles(ended)}; ` +
          `${(share * 100).toFixed(0)} % of a core`,
      );
    }
  }, 580_000);

  test(`storage of ${turns} turns of 2 KB`, async ({ skip }) => {
    skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
    for (const contender of contenders) {
      const client = clientOf(contender);
      const before = await contender.storedBytes();
      const thread = await client.threads.create();
      for (let turn = 0; turn < turns; turn += 1) {
        const text = Array.from({ length: 2048 }, () => String.fromCharCode(97 + Math.random() * 26)).join("");
        await client.runs.wait(thread.thread_id, "talk", { input: { said: [text] } });
      }
      const bytes = (await contender.storedBytes()) - before;
      expect(bytes).toBeGreaterThan(turns * 2048);
      console.log(`${contender.name}: ${turns} turns of 2 KB take ${Math.round(bytes / 1024)} KiB`);
    }
  }, 580_000);

  test("start on what is there, and what becomes of a run after SIGKILL and a restart", async ({ skip }) => {
    skip(!isAsked, "figures take minutes; npm run bench:orchestrator prints them");
    const { port } = held.address() as AddressInfo;
    for (const contender of contenders) {
      const client = clientOf(contender);
      const thread = await client.threads.create();
      const before = asked;
      const run = await client.runs.create(thread.thread_id, "wait", { input: { url: `http://127.0.0.1:${port}/` } });
      await expect.poll(() => asked).toBe(before + 1);
      await delay(5000);
      const killedAt = performance.now();
      await contender.start();
      const startedAfter = (performance.now() - killedAt) / 1000;
      while (asked === before + 1 && performance.now() - killedAt < patienceMilliseconds) await delay(20);
      const wentOnAfter = asked > before + 1 ? (performance.now() - killedAt) / 1000 : null;
      const status = await clientOf(contender)
        .runs.get(thread.thread_id, run.run_id)
        .then(
          (one) => one.status,
          () => "gone",
        );
      console.log(
        `${contender.name}: kill to listening again ${startedAfter.toFixed(2)} s; the run that was under way ` +
          (wentOnAfter === null
            ? `was not taken up within ${patienceMilliseconds / 1000} s and is ${status}`
            : `was taken up after ${wentOnAfter.toFixed(1)} s and is ${status}`),
      );
    }
  }, 580_000);
});

/** Median, 95th and 99th percentile. */
function quantiles(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.ceil(sorted.length * share) - 1]} ms`;
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`;
}

/** Processor time of a process, as Linux counts it: in hundredths of a second. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
