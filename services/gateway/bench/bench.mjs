#!/usr/bin/env node
// What the gateway costs, against the engine called directly, a bare Node.js proxy and a known gateway, all in one run.
// Processor time is the process's own, so that other work on the machine does not count. Latency is not: rounds take
// turns, their median is shown, and beside it how long the process waited for a core. Nothing is asserted here.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import buildServices, { serviceBundle } from "../../build.mjs";
import { ask, flatOut, percentile, steady } from "./load.mjs";
import { installPeer, peerName } from "./peer.mjs";

const seconds = Number(process.env.FREEHOLD_BENCH_SECONDS ?? 10);
const workshop = mkdtempSync(join(tmpdir(), "freehold-bench-gateway-"));
const key = "bench";
const children = [];
const endAll = () => {
  for (const child of children) child.kill("SIGKILL");
};
// Also where a fault ends the bench before it comes to its end.
process.once("exit", endAll);

async function startPeer() {
  const peer = await installPeer();
  if (peer === null) return null;
  const environment = { ...process.env, ...peer.environment };
  const child = spawn(process.execPath, peer.args, { stdio: "ignore", env: environment });
  children.push(child);
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(peer.url).catch(() => null)) return { ...peer, pid: child.pid };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return null;
}

async function start(script, args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"listening":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return { url, pid: child.pid };
  }
  throw new Error(`${script} ended before it listened`);
}

const ticksPerSecond = Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout);

/** Processor seconds that a process has used so far. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function peakMiB(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

function settings(engine) {
  const tenant = { dataClasses: ["internal"], models: ["chat"] };
  writeFileSync(
    join(workshop, "keys.json"),
    JSON.stringify([{ sha256: createHash("sha256").update(key).digest("hex"), tenant: "bench" }]),
  );
  const path = join(workshop, "settings.json");
  const content = {
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: { internal: { leavesBoundary: "never" } },
    placements: [{ dataClass: "internal", tenant: "*", backends: ["engine"] }],
    backends: { engine: { url: engine.url, model: "chat", digest: "d", location: "inside" } },
    models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["engine"] } } } },
    tenants: { bench: tenant },
    keysFile: join(workshop, "keys.json"),
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const messages = [{ role: "user", content: "A short question about the sea and the sky." }];
const short = { model: "chat", messages, max_tokens: 1, ignore_eos: true };

const rounds = 5;

/** Seconds that a process was ready to run and had no core. */
function waitedSeconds(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e9;
}

/** Latencies of several ways to the engine: each gets a round in turn, so that a busy minute meets them all. */
async function latencies(ways) {
  const seen = ways.map(() => ({ p50: [], p99: [], waited: 0 }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { url, pid, headers }] of ways.entries()) {
      const before = waitedSeconds(pid);
      const sorted = await steady(500, Math.max(1, seconds / rounds), () => ask(url, key, short, headers));
      seen[index].waited += waitedSeconds(pid) - before;
      seen[index].p50.push(percentile(sorted, 0.5));
      seen[index].p99.push(percentile(sorted, 0.99));
    }
  }
  return ways.map(({ name }, index) => {
    const { waited, ...shares } = seen[index];
    const p50 = median(shares.p50);
    const p99 = median(shares.p99);
    const part = (waited / Math.max(seconds, rounds)) * 100;
    console.log(
      `  ${name.padEnd(14)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, waited for a core ${part.toFixed(0)} % of the time`,
    );
    return { p50, p99, best99: Math.min(...shares.p99) };
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function throughput(name, { url, pid, headers }) {
  const before = processorSeconds(pid);
  const answers = await flatOut(64, seconds, () => ask(url, key, short, headers));
  const perCore = answers / (processorSeconds(pid) - before);
  console.log(
    `  ${name.padEnd(14)} ${Math.round(perCore)} requests a processor second, ${Math.round(answers / seconds)} a second in all`,
  );
  return perCore;
}

async function streams(name, { url, pid, headers }) {
  const before = processorSeconds(pid);
  const body = { ...short, stream: true, max_tokens: 50 * seconds };
  const started = performance.now();
  const all = await Promise.allSettled(Array.from({ length: 400 }, () => ask(url, key, body, headers)));
  const answers = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (answers.length < all.length) console.log(`  ${name.padEnd(14)} answered ${answers.length} of ${all.length}`);
  if (answers.length === 0) return Number.NaN;
  const took = (performance.now() - started) / 1000;
  const events = answers.reduce((sum, answer) => sum + answer.events, 0);
  const micros = ((processorSeconds(pid) - before) / events) * 1e6;
  const longest = answers.map(({ longestGap }) => longestGap).sort((a, b) => a - b);
  console.log(
    `  ${name.padEnd(14)} ${micros.toFixed(1)} us an event, ${took.toFixed(1)} s for ${seconds} s of tokens, longest gap p99 ${percentile(longest, 0.99).toFixed(0)} ms`,
  );
  return micros;
}

try {
  await buildServices();
  const passThrough = fileURLToPath(new URL("pass-through.mjs", import.meta.url));
  const fast = await start(serviceBundle("engine-simulator"), ["--step-ms", "0", "--max-num-seqs", "4096"]);
  const gateway = await start(serviceBundle("gateway"), ["--settings", settings(fast)]);
  const bare = await start(passThrough, [fast.url]);
  console.log(`Node.js ${process.versions.node}, ${cpus().length} cores, ${cpus()[0].model}`);
  const peer = await startPeer();
  if (peer === null) console.log(`${peerName} could not be installed or started: it is left out`);
  const known = peer === null ? [] : [{ ...peer, name: peerName, headers: peer.headers(fast.url) }];
  const ways = [
    { ...fast, name: "engine" },
    { ...bare, name: "bare proxy" },
    { ...gateway, name: "gateway" },
    ...known,
  ];
  for (const { url, headers } of ways) await flatOut(32, 2, () => ask(url, key, short, headers));

  console.log("Latency at 500 short requests a second");
  const [direct, , ...through] = await latencies(ways);
  for (const [index, { name }] of ways.slice(2).entries()) {
    const { p50, p99, best99 } = through[index];
    console.log(
      `  added by ${name}: p50 ${(p50 - direct.p50).toFixed(2)} ms, p99 ${(p99 - direct.p99).toFixed(2)} ms; p99 of the quietest rounds ${(best99 - direct.best99).toFixed(2)} ms`,
    );
  }

  console.log("Short requests, as fast as they go");
  const bareRate = await throughput("bare proxy", bare);
  const gatewayRate = await throughput("gateway", gateway);
  for (const way of known) await throughput(way.name, way);
  console.log(`  the gateway does ${((gatewayRate / bareRate) * 100).toFixed(0)} % of what the bare proxy does`);

  console.log("400 streams of 50 tokens a second");
  const paced = await start(serviceBundle("engine-simulator"), [
    "--step-ms",
    "20",
    "--max-num-seqs",
    "4096",
    "--kv-blocks",
    "1000000",
  ]);
  const pacedGateway = await start(serviceBundle("gateway"), ["--settings", settings(paced)]);
  const pacedBare = await start(passThrough, [paced.url]);
  await streams("engine", paced);
  const bareMicros = await streams("bare proxy", pacedBare);
  const gatewayMicros = await streams("gateway", pacedGateway);
  if (peer !== null) await streams(peerName, { ...peer, headers: peer.headers(paced.url) });
  console.log(`  the gateway takes ${(gatewayMicros / bareMicros).toFixed(2)} times what the bare proxy takes`);
  const peaks = [`gateway ${Math.max(peakMiB(gateway.pid), peakMiB(pacedGateway.pid)).toFixed(0)} MiB`];
  if (peer !== null) peaks.push(`${peerName} ${peakMiB(peer.pid).toFixed(0)} MiB`);
  console.log(`Peak memory: ${peaks.join(", ")}`);
} finally {
  endAll();
  rmSync(workshop, { recursive: true, force: true });
}
