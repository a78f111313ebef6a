#!/usr/bin/env node
// What the gateway costs, against the engine called directly and against a bare Node.js proxy, all in one run.
// Processor time is the process's own, so that other work on the machine does not count. Nothing is asserted here.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import buildServices, { serviceBundle } from "../../build.mjs";
import { ask, flatOut, percentile, steady } from "./load.mjs";

const seconds = Number(process.env.FREEHOLD_BENCH_SECONDS ?? 10);
const workshop = mkdtempSync(join(tmpdir(), "freehold-bench-gateway-"));
const key = "bench";
const children = [];

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

async function latency(name, url) {
  const sorted = await steady(500, seconds, () => ask(url, key, short));
  console.log(
    `  ${name.padEnd(14)} p50 ${percentile(sorted, 0.5).toFixed(2)} ms, p99 ${percentile(sorted, 0.99).toFixed(2)} ms`,
  );
  return sorted;
}

async function throughput(name, { url, pid }) {
  const before = processorSeconds(pid);
  const answers = await flatOut(64, seconds, () => ask(url, key, short));
  const perCore = answers / (processorSeconds(pid) - before);
  console.log(
    `  ${name.padEnd(14)} ${Math.round(perCore)} requests a processor second, ${Math.round(answers / seconds)} a second in all`,
  );
  return perCore;
}

async function streams(name, { url, pid }) {
  const before = processorSeconds(pid);
  const body = { ...short, stream: true, max_tokens: 50 * seconds };
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 400 }, () => ask(url, key, body)));
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
  for (const url of [fast.url, bare.url, gateway.url]) await flatOut(32, 2, () => ask(url, key, short));

  console.log("Latency at 500 short requests a second");
  const direct = await latency("engine", fast.url);
  await latency("bare proxy", bare.url);
  const through = await latency("gateway", gateway.url);
  const added = (share) => (percentile(through, share) - percentile(direct, share)).toFixed(2);
  console.log(`  added by the gateway: p50 ${added(0.5)} ms, p99 ${added(0.99)} ms`);

  console.log("Short requests, as fast as they go");
  const bareRate = await throughput("bare proxy", bare);
  const gatewayRate = await throughput("gateway", gateway);
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
  console.log(`  the gateway takes ${(gatewayMicros / bareMicros).toFixed(2)} times what the bare proxy takes`);
  console.log(`Peak memory: gateway ${Math.max(peakMiB(gateway.pid), peakMiB(pacedGateway.pid)).toFixed(0)} MiB`);
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(workshop, { recursive: true, force: true });
}
