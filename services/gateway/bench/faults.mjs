#!/usr/bin/env node
// What a caller sees of each fault, with the gateway's default deadlines: two engines, one of which meets the fault in
// the middle of an answer. Prints the table of docs/reference/failure-behaviour.md. Nothing is asserted here.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import buildServices, { serviceBundle } from "../../build.mjs";

const rounds = Number(process.env.FREEHOLD_FAULT_ROUNDS ?? 10);
const streams = Number(process.env.FREEHOLD_FAULT_STREAMS ?? 10);
const key = "faults";
const workshop = mkdtempSync(join(tmpdir(), "freehold-faults-"));
const children = new Set();

async function start(name, args) {
  const child = spawn(process.execPath, [serviceBundle(name), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"listening":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`${name} ended before it listened`);
}

function stop({ child }) {
  child.kill("SIGKILL");
  children.delete(child);
}

function settings(engines) {
  const names = engines.map((_, index) => `engine-${index}`);
  const path = join(workshop, "settings.json");
  writeFileSync(
    join(workshop, "keys.json"),
    JSON.stringify([{ sha256: createHash("sha256").update(key).digest("hex"), tenant: "t" }]),
  );
  const backend = ({ url }) => ({ url, model: "chat", digest: "d", location: "inside" });
  const content = {
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: { internal: { leavesBoundary: "never" } },
    placements: [{ dataClass: "internal", tenant: "*", backends: names }],
    backends: Object.fromEntries(engines.map((engine, index) => [names[index], backend(engine)])),
    models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: names } } } },
    tenants: { t: { dataClasses: ["internal"], models: ["chat"] } },
    keysFile: join(workshop, "keys.json"),
    retries: { budgetShare: 1 },
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const body = (round, index) => ({
  model: "chat",
  messages: [{ role: "user", content: `round ${round}, stream ${index}` }],
  max_tokens: 100,
  ignore_eos: true,
  seed: round,
});

function post(url, value) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  return fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(value) });
}

/** Text, end and longest gap between two events of one stream, as the caller sees them. */
async function read(url, value) {
  const response = await post(url, { ...value, stream: true });
  const seen = { text: "", isDone: false, error: null, gap: 0 };
  let rest = "";
  let lastAt = performance.now();
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    seen.gap = Math.max(seen.gap, performance.now() - lastAt);
    lastAt = performance.now();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines.filter((text) => text.startsWith("data: "))) {
      if (line === "data: [DONE]") seen.isDone = true;
      else {
        const event = JSON.parse(line.slice(6));
        if (event.error !== undefined) seen.error = event.error.code;
        seen.text += event.choices?.[0]?.delta?.content ?? "";
      }
    }
  }
  return seen;
}

async function trial(name, strike) {
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    const flags = ["--step-ms", "10"];
    const engines = await Promise.all([start("engine-simulator", flags), start("engine-simulator", flags)]);
    const gateway = await start("gateway", ["--settings", settings(engines)]);
    const bodies = Array.from({ length: streams }, (_, index) => body(round, index));
    const whole = await Promise.all(
      bodies.map(async (value) => (await (await post(engines[1].url, value)).json()).choices[0].message.content),
    );
    const before = await strike.before?.(engines[0]);
    const reading = Promise.all(bodies.map((value) => read(gateway.url, value)));
    setTimeout(() => strike.during?.(engines[0], before), 500);
    for (const [index, seen] of (await reading).entries()) {
      results.push({ ...seen, isPrefix: whole[index].startsWith(seen.text), isWhole: seen.text === whole[index] });
    }
    for (const service of [gateway, ...engines]) stop(service);
  }
  const gaps = results.map(({ gap }) => gap).sort((a, b) => a - b);
  const share = (test) => `${((results.filter(test).length / results.length) * 100).toFixed(1)} %`;
  const at = (part) => `${(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))] / 1000).toFixed(2)} s`;
  const columns = [
    name,
    results.length,
    share((seen) => seen.isWhole && seen.isDone),
    share((seen) => seen.isPrefix),
    share((seen) => seen.isDone),
    at(0.95),
    at(1),
  ];
  console.log(`| ${columns.join(" | ")} |`);
}

/** A fault on command for each of the streams that the first engine gets. */
const onCommand = (fault) => ({
  before: ({ url }) =>
    fetch(`${url}/sim/faults`, { method: "POST", body: JSON.stringify({ ...fault, afterTokens: 40, times: streams }) }),
});

try {
  await buildServices();
  console.log(
    "| Fault of one of two replicas | Streams | Whole, token for token | Prefix of the answer | Typed end | Longest gap, p95 | Longest gap, most |",
  );
  console.log("|---|---|---|---|---|---|---|");
  await trial("none", {});
  await trial("kill -9", { during: ({ child }) => child.kill("SIGKILL") });
  await trial("process frozen (SIGSTOP)", { during: ({ child }) => child.kill("SIGSTOP") });
  await trial("SIGTERM without drain", { during: ({ child }) => child.kill("SIGTERM") });
  await trial("engine stands still, `/health` 200", onCommand({ kind: "freeze" }));
  await trial("connection closed (FIN)", onCommand({ kind: "cut", how: "fin" }));
  await trial("connection reset (RST)", onCommand({ kind: "cut", how: "rst" }));
  await trial("silence", onCommand({ kind: "cut", how: "silence" }));
  await trial("malformed event", onCommand({ kind: "malformed" }));
  await trial("error event", onCommand({ kind: "error-event" }));
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(workshop, { recursive: true, force: true });
}
