import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "../../config/load.ts";
import { parseLock } from "../../config/lock/parse.ts";
import { lockHash } from "../../config/lock/write.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { decide } from "../../decisions/decide.ts";
import { renderReport } from "../../report/report.ts";
import { type ReportInput, type ReportView, reportView } from "../../report/view/report-view.ts";
import type { WorkloadView } from "../../report/view/workload-view.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The day on which tests and goldens are written; prices of the catalog are about two months old by then. */
export const reportDay = "2026-11-24";

/**
 * A stack that hosts: one workload of eighty billion tokens against a frontier model at the file's own price, with some of
 * it escalated, on a model that nobody in the catalog sells.
 */
export const hostingStack = `apiVersion: freehold/v1alpha1
name: support-agents
environment: trial
workloads:
  support:
    model: chat
    tokensPerMonth: 80e9
    inputTokens: { mean: 3500, p95: 8000, sharedPrefix: 1200 }
    outputTokens: { mean: 400, p95: 1500 }
    peakToMean: 2.5
    objectives: { ttft: 2s, itl: 50ms }
    escalationShare: 0.05
    alternative:
      provider: anthropic
      model: claude-opus-5
      price:
        input: { usd: 5, per: million-tokens }
        output: { usd: 25, per: million-tokens }
        asOf: 2026-11-01
        source: "https://prices.example/quote?team=1&year=2026"
team: { engineers: 1, costPerMonth: { usd: 18000 } }
state: { backend: local }
cluster: { target: local }
nodePools:
  h100:
    accelerator: nvidia-h100-sxm
    gpusPerNode: 8
    nodes: { min: 8, max: 8 }
    price: { usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }
models:
  chat:
    engine: vllm
    nodePool: h100
    maxModelLen: 32768
    versions:
      v1: { weights: { repository: Qwen/Qwen2.5-72B-Instruct } }
    traffic: { v1: 100 }
`;

/** A stack whose honest answer is an API: two workloads on one node, one with a frontier model and a cheap host, one of vectors. */
export const apiStack = `apiVersion: freehold/v1alpha1
name: support-agents
environment: trial
workloads:
  indexing:
    model: embeddings
    tokensPerMonth: 4e9
    inputTokens: { mean: 500, p95: 1200 }
  support:
    model: chat
    tokensPerMonth: 6e9
    inputTokens: { mean: 3500, p95: 8000, sharedPrefix: 1200 }
    outputTokens: { mean: 400, p95: 1500 }
    objectives: { ttft: 2s, itl: 50ms }
    alternative: { provider: anthropic, model: claude-sonnet-5 }
team: { engineers: 1, costPerMonth: { usd: 18000 } }
state: { backend: local }
cluster: { target: local }
nodePools:
  h100:
    accelerator: nvidia-h100-sxm
    gpusPerNode: 8
    nodes: { min: 2, max: 2 }
    price: { usd: 23.60, per: node-hour, asOf: 2026-11-01, source: our quote }
models:
  chat:
    engine: vllm
    nodePool: h100
    maxModelLen: 32768
    versions:
      v1: { weights: { repository: Qwen/Qwen3-32B } }
    traffic: { v1: 100 }
  embeddings:
    engine: vllm
    task: embed
    nodePool: h100
    maxModelLen: 8192
    versions:
      v1: { weights: { repository: Qwen/Qwen3-Embedding-0.6B } }
    traffic: { v1: 100 }
`;

/** A stack file's text with each `from` replaced by its `to`; a `from` that is not there is a mistake of the test. */
export function changed(stack: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The stack file does not hold ${JSON.stringify(from)}.`);
    return text.replace(from, () => to);
  }, stack);
}

/** What the report of a stack file is made from. */
export function reportInput(
  text: string,
  {
    lockText = null,
    file = "config/stack.yaml",
    asOf = reportDay,
  }: {
    readonly lockText?: string | null;
    readonly file?: string;
    readonly asOf?: string;
  } = {},
): ReportInput {
  const loaded = load(text);
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.findings));
  const lock = lockText === null ? null : parseLock(lockText).lock;
  const { hosting, findings } = decide(loaded.config, lock, catalog, {
    asOf,
    lockHash: lockText === null ? null : lockHash(lockText),
  });
  return {
    config: loaded.config,
    catalog,
    hosting,
    findings: [...loaded.findings, ...findings],
    files: { stack: { name: file, text } },
    file,
    asOf,
  };
}

/** The content of a stack file's report. */
export function viewOf(text: string): ReportView {
  return reportView(reportInput(text));
}

/** The content of one workload's section. */
export function workloadOf(text: string, name: string): WorkloadView {
  const found = viewOf(text).workloads.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`The report holds no workload ${name}.`);
  return found;
}

/** The report of a stack file as a page. */
export function pageOf(text: string): string {
  return renderReport(reportInput(text));
}

/** The page of an example, for its golden: `expectGolden(name, "report.html", exampleReport(name))`. */
export function exampleReport(name: string): string {
  const file = `examples/${name}/stack.yaml`;
  const lockPath = `${root}test/golden/${name}/stack.lock.yaml`;
  const lockText = existsSync(lockPath) ? readFileSync(lockPath, "utf8") : null;
  return renderReport(reportInput(readFileSync(`${root}${file}`, "utf8"), { lockText, file }));
}
