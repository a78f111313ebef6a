#!/usr/bin/env node
// Prints how long synthesis takes for 1, 10 and 100 models, how long ten workloads take to decide, and how long `up` takes from nothing and when nothing
// changes, against what this machine needs to start Node.js at all.
// Whole processes, median of several runs; nothing here is asserted, because machines differ.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const runs = Number(process.env.FREEHOLD_BENCH_RUNS ?? 7);
const workshop = mkdtempSync(join(tmpdir(), "freehold-bench-"));

// Reports the process's own peak memory on the way out: the same figure on every system.
const memoryProbe = join(workshop, "memory.mjs");
writeFileSync(
  memoryProbe,
  'process.on("exit", () => process.stderr.write(`peak-kib=${process.resourceUsage().maxRSS}\\n`));\n',
);

function measure(args) {
  const seconds = [];
  let peakMiB = 0;
  for (let run = 0; run <= runs; run += 1) {
    const started = performance.now();
    const result = spawnSync(process.execPath, ["--import", memoryProbe, ...args], { cwd: root, encoding: "utf8" });
    const elapsed = (performance.now() - started) / 1000;
    if (result.status !== 0) throw new Error(`${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
    // The first run warms the disk cache and the build.
    if (run > 0) seconds.push(elapsed);
    peakMiB = Math.max(peakMiB, Number(/peak-kib=(\d+)/.exec(result.stderr)?.[1] ?? 0) / 1024);
  }
  seconds.sort((a, b) => a - b);
  return { median: seconds[Math.floor(seconds.length / 2)], min: seconds[0], max: seconds.at(-1), peakMiB };
}

function stackOf(models) {
  const names = Array.from({ length: models }, (_, index) => `model-${index + 1}`);
  return {
    apiVersion: "freehold/v1alpha1",
    name: "bench",
    environment: "bench",
    state: { backend: "local" },
    cluster: { target: "local" },
    nodePools: {
      h100: { accelerator: "nvidia-h100-sxm", gpusPerNode: 8, nodes: { min: models, max: models } },
    },
    models: Object.fromEntries(
      names.map((name) => [
        name,
        {
          engine: "vllm",
          nodePool: "h100",
          maxModelLen: 8192,
          tensorParallelSize: 2,
          replicas: 2,
          versions: { v1: { weights: { repository: "Qwen/Qwen3-32B", revision: "main" } } },
          traffic: { v1: 100 },
        },
      ]),
    ),
  };
}

/** The same number of models, each sized from a workload of its own, with a price and an API to compare with. */
function decidedStackOf(models) {
  const stack = stackOf(models);
  const { h100 } = stack.nodePools;
  return {
    ...stack,
    nodePools: {
      h100: { ...h100, price: { usd: 23.6, per: "node-hour", asOf: "2026-11-01", source: "a figure for the bench" } },
    },
    workloads: Object.fromEntries(
      Object.keys(stack.models).map((model) => [
        `load-of-${model}`,
        {
          model,
          tokensPerMonth: 6e9,
          inputTokens: { mean: 3500, p95: 6000, sharedPrefix: 1200 },
          outputTokens: { mean: 400, p95: 1500 },
          objectives: { ttft: "2s", itl: "50ms" },
          alternative: { provider: "anthropic", model: "claude-sonnet-5" },
        },
      ]),
    ),
    models: Object.fromEntries(
      Object.entries(stack.models).map(([name, { tensorParallelSize, replicas, ...model }]) => [name, model]),
    ),
  };
}

const row = (name, { median, min, max, peakMiB }, baseline, limits = {}) => {
  const cells = [
    name.padEnd(24),
    `${median.toFixed(3)} s`.padStart(9),
    `${min.toFixed(3)} to ${max.toFixed(3)}`.padStart(18),
    `${(median / baseline).toFixed(1)} x`.padStart(8),
    `${peakMiB.toFixed(0)} MiB`.padStart(9),
  ];
  if (limits.seconds !== undefined) {
    const kept = median <= limits.seconds && peakMiB * 1.048576 <= limits.megabytes;
    cells.push(`  aim ${limits.seconds} s, ${limits.megabytes} MB: ${kept ? "kept" : "missed"}`);
  }
  console.log(cells.join(""));
};

try {
  console.log(`${cpus().length} cores, Node.js ${process.versions.node}, ${runs} runs each after one warm-up\n`);
  console.log(
    `${"".padEnd(24)}${"median".padStart(9)}${"min to max".padStart(18)}${"ratio".padStart(8)}${"peak".padStart(9)}`,
  );
  const baseline = measure(["--eval", "0"]);
  row("node, doing nothing", baseline, baseline.median);
  for (const [models, seconds] of [
    [1, 0.35],
    [10, 0.4],
    [100, 0.6],
  ]) {
    const folder = join(workshop, String(models));
    mkdirSync(folder);
    const file = join(folder, "stack.yaml");
    writeFileSync(file, JSON.stringify(stackOf(models)));
    const result = measure([join(root, "cli", "freehold.mjs"), "synth", file, "--out", join(folder, "out")]);
    row(`synth, ${models} model${models === 1 ? "" : "s"}`, result, baseline.median, { seconds, megabytes: 150 });
  }

  const decided = join(workshop, "decided.yaml");
  writeFileSync(decided, JSON.stringify(decidedStackOf(10)));
  const tenWorkloads = measure([join(root, "cli", "freehold.mjs"), "decide", decided]);
  row("decide, 10 workloads", tenWorkloads, baseline.median, { seconds: 0.5, megabytes: 150 });

  // A checkout of its own, so that a cluster the user has running is left alone.
  const checkout = join(workshop, "checkout");
  for (const part of ["charts", "config", "dist", "local-cluster", "package.json"]) {
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  }
  const freehold = (...args) => {
    const started = performance.now();
    const result = spawnSync(process.execPath, [join(checkout, "dist", "freehold.mjs"), ...args], { encoding: "utf8" });
    if (result.status !== 0)
      throw new Error(`freehold ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
    return (performance.now() - started) / 1000;
  };
  freehold("tools");
  try {
    const runsOf = { first: [], second: [] };
    for (let run = 0; run < 3; run += 1) {
      runsOf.first.push(freehold("up"));
      runsOf.second.push(freehold("up"));
      freehold("down");
    }
    for (const [name, values, aim] of [
      ["up, from nothing", runsOf.first, 60],
      ["up, nothing changes", runsOf.second, 10],
    ]) {
      values.sort((a, b) => a - b);
      const [min, median, max] = values;
      const kept = median <= aim ? "kept" : "missed";
      console.log(
        `${name.padEnd(24)}${`${median.toFixed(1)} s`.padStart(9)}${`${min.toFixed(1)} to ${max.toFixed(1)}`.padStart(18)}${`${(median / baseline.median).toFixed(0)} x`.padStart(8)}${"".padStart(9)}  aim ${aim} s: ${kept}`,
      );
    }
  } finally {
    freehold("down");
  }
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
