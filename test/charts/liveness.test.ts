// Proves what the probe script says about answers of an engine. The answers come from a small server here, not from vLLM.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LoopbackServer, listen } from "../support/loopback-server.ts";
import { type EngineState, vllmMetrics } from "../support/vllm-metrics.ts";

const script = fileURLToPath(new URL("../../charts/model-server/files/liveness.py", import.meta.url));
const stall = 120;

let server: LoopbackServer;
let answer: RequestListener = () => {};
let directory = "";

beforeAll(async () => {
  server = await listen((request, response) => answer(request, response));
});
afterAll(() => server.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "freehold-liveness-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function answerText(text: string, status = 200): void {
  answer = (_request, response) => {
    response.writeHead(status, { "content-type": "text/plain" }).end(text);
  };
}

interface Options {
  readonly port?: number;
  readonly state?: string;
  readonly process?: string;
  readonly timeoutSeconds?: number;
}

function probe(now: number, options: Options = {}): Promise<{ readonly code: number; readonly line: string }> {
  const { port = server.port, state = join(directory, "liveness.json"), timeoutSeconds = 20 } = options;
  const words = ["-ISB", script, `--port=${port}`, `--stall-seconds=${stall}`, `--timeout-seconds=${timeoutSeconds}`];
  words.push(`--state=${state}`, `--now=${now}`, `--process=${options.process ?? "one"}`);
  return new Promise((resolve, reject) => {
    execFile("python3", words, { timeout: 50_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") return reject(error);
      resolve({ code: error === null ? 0 : Number(error.code), line: `${stdout}${stderr}` });
    });
  });
}

async function probeEngines(now: number, engines: Readonly<Record<string, EngineState>>, options?: Options) {
  answerText(vllmMetrics(engines));
  return probe(now, options);
}

const fine = "engines that make progress or have nothing to do: 0\n";

describe("liveness by engine steps", () => {
  it("passes a busy engine whose counter moves", async () => {
    for (const now of [0, 100, 200, 300]) {
      expect(await probeEngines(now, { 0: { running: 18, waiting: 2, steps: 402_110 + now } })).toEqual({
        code: 0,
        line: fine,
      });
    }
  });

  it("fails a busy engine whose counter has stood still for the whole limit, and says why in one line", async () => {
    const frozen = { 0: { running: 18, waiting: 2, steps: 402_110 } };
    expect((await probeEngines(1000, frozen)).code).toBe(0);
    expect((await probeEngines(1119.9, frozen)).code).toBe(0);
    expect(await probeEngines(1120, frozen)).toEqual({
      code: 1,
      line: "engine 0 holds 20 requests and has made no step for 120 s (limit 120 s, 402110 steps so far)\n",
    });
  });

  it("passes an idle engine however long it rests", async () => {
    for (const now of [0, 86_400]) expect((await probeEngines(now, { 0: { running: 0, steps: 5 } })).code).toBe(0);
  });

  it("counts from the first probe that saw work, not from the last step", async () => {
    await probeEngines(0, { 0: { running: 0, steps: 5 } });
    expect((await probeEngines(5000, { 0: { running: 1, steps: 5 } })).code).toBe(0);
    expect((await probeEngines(5119, { 0: { running: 1, steps: 5 } })).code).toBe(0);
    expect((await probeEngines(5120, { 0: { running: 1, steps: 5 } })).code).toBe(1);
  });

  it("passes a long prefill, which fills the cache without a counted step", async () => {
    for (const [index, now] of [0, 100, 200, 300].entries()) {
      const engine = { running: 1, steps: 5, cache: 0.1 + index / 10 };
      expect((await probeEngines(now, { 0: engine })).code).toBe(0);
    }
  });

  it("fails an engine whose queue grows while it schedules nothing", async () => {
    expect((await probeEngines(0, { 0: { running: 0, waiting: 1, steps: 5, cache: 0 } })).code).toBe(0);
    expect((await probeEngines(60, { 0: { running: 0, waiting: 4, steps: 5, cache: 0 } })).code).toBe(0);
    expect((await probeEngines(121, { 0: { running: 0, waiting: 9, steps: 5, cache: 0 } })).code).toBe(1);
  });

  it("fails when one of two engines stands still beside a busy one", async () => {
    const both = (steps: number) => ({ 0: { running: 4, steps }, 1: { running: 3, steps: 70 } });
    expect((await probeEngines(0, both(10))).code).toBe(0);
    const last = await probeEngines(130, both(900));
    expect(last).toEqual({
      code: 1,
      line: "engine 1 holds 3 requests and has made no step for 130 s (limit 120 s, 70 steps so far)\n",
    });
  });

  it("takes a counter that starts anew for progress", async () => {
    await probeEngines(0, { 0: { running: 2, steps: 900 } });
    expect((await probeEngines(125, { 0: { running: 2, steps: 3 } })).code).toBe(0);
    expect((await probeEngines(244, { 0: { running: 2, steps: 3 } })).code).toBe(0);
    expect((await probeEngines(245, { 0: { running: 2, steps: 3 } })).code).toBe(1);
  });

  it("forgets what it saw of an earlier container", async () => {
    const frozen = { 0: { running: 2, steps: 0 } };
    await probeEngines(0, frozen, { process: "first" });
    expect((await probeEngines(130, frozen, { process: "second" })).code).toBe(0);
    expect((await probeEngines(251, frozen, { process: "second" })).code).toBe(1);
  });

  it("starts anew when the clock is behind what it wrote", async () => {
    const frozen = { 0: { running: 2, steps: 7 } };
    await probeEngines(9000, frozen);
    expect((await probeEngines(10, frozen)).code).toBe(0);
    expect((await probeEngines(130, frozen)).code).toBe(1);
  });
});

describe("liveness on the machine's own clock", () => {
  it("passes twice in a row and keeps which server it saw", async () => {
    answerText(vllmMetrics({ 0: { running: 1, steps: 5 } }));
    const state = join(directory, "liveness.json");
    const words = [
      "-ISB",
      script,
      `--port=${server.port}`,
      "--stall-seconds=3600",
      "--timeout-seconds=20",
      `--state=${state}`,
    ];
    const run = () => promisify(execFile)("python3", words, { timeout: 50_000 });
    await run();
    const first = JSON.parse(readFileSync(state, "utf8"));
    await run();
    const second = JSON.parse(readFileSync(state, "utf8"));
    expect(second.process).toBe(first.process);
    expect(second.engines).toEqual(first.engines);
    expect(second.at).toBeGreaterThan(first.at);
  });
});

describe("liveness without an answer", () => {
  it("fails a server that refuses connections only after the whole limit", async () => {
    const closed = await listen(() => {});
    await closed.close();
    const options = { port: closed.port };
    expect((await probe(0, options)).code).toBe(0);
    expect((await probe(119, options)).code).toBe(0);
    const last = await probe(120, options);
    expect(last.code).toBe(1);
    expect(last.line).toMatch(/^the server has not answered at \/metrics for 120 s \(limit 120 s\): .*refused.*\n$/);
  });

  it("treats a server that accepts and says nothing as silent, within its time", async () => {
    answer = () => {};
    const options = { timeoutSeconds: 0.3 };
    expect((await probe(0, options)).code).toBe(0);
    expect(await probe(121, options)).toEqual({
      code: 1,
      line: expect.stringMatching(/^the server has not answered at \/metrics for 121 s .*\n$/),
    });
  });

  it("treats an answer that never ends as silence, within its time", async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("# \n"), 20);
      response.on("close", () => clearInterval(drip));
    };
    expect(await probe(0, { timeoutSeconds: 0.5 })).toEqual({
      code: 0,
      line: "the server has not answered at /metrics for 0 s (limit 120 s): no complete answer in time\n",
    });
  });

  it("counts silence anew after an answer", async () => {
    const closed = await listen(() => {});
    await closed.close();
    await probe(0, { port: closed.port });
    await probeEngines(110, { 0: { running: 1, steps: 5 } });
    expect((await probe(125, { port: closed.port })).code).toBe(0);
    expect((await probe(245, { port: closed.port })).code).toBe(1);
  });

  it("keeps counting a stall through a pause in the answers", async () => {
    const closed = await listen(() => {});
    await closed.close();
    const frozen = { 0: { running: 1, steps: 5 } };
    await probeEngines(0, frozen);
    await probe(60, { port: closed.port });
    expect((await probeEngines(121, frozen)).code).toBe(1);
  });
});

describe("liveness in doubt", () => {
  it("passes a server that offers none of the series, and says so", async () => {
    answerText("# TYPE up gauge\nup 1\n");
    for (const now of [0, 9000]) {
      expect(await probe(now)).toEqual({
        code: 0,
        line: "cannot tell: /metrics has no vllm:iteration_tokens_total_count with vllm:num_requests_running beside it\n",
      });
    }
  });

  it.each([404, 500])("passes a server that answers with status %i", async (status) => {
    answerText("no", status);
    await probe(0);
    expect(await probe(9000)).toEqual({ code: 0, line: `cannot tell: /metrics answers with status ${status}\n` });
  });

  it("passes over samples that are no numbers", async () => {
    answerText(
      [
        'vllm:num_requests_running{engine="0"} NaN',
        'vllm:num_requests_running{engine="1"} 1',
        'vllm:iteration_tokens_total_count{engine="1"} many',
        'vllm:iteration_tokens_total_count{engine="2"',
        "vllm:iteration_tokens_total_count{} 4",
      ].join("\n"),
    );
    await probe(0);
    expect((await probe(9000)).code).toBe(0);
  });

  it.each(["", "{", "[]", "5", '{"process":"one","at":"x"}', '{"process":"one","at":0,"silentSince":{},"engines":{}}'])(
    "starts anew from a state file that holds %j",
    async (content) => {
      writeFileSync(join(directory, "liveness.json"), content);
      expect(await probeEngines(500, { 0: { running: 1, steps: 5 } })).toEqual({ code: 0, line: fine });
      expect((await probeEngines(620, { 0: { running: 1, steps: 5 } })).code).toBe(1);
    },
  );

  it("passes when what it saw cannot be kept, and says so in the same line", async () => {
    const options = { state: join(directory, "missing", "liveness.json") };
    await probeEngines(0, { 0: { running: 1, steps: 5 } }, options);
    const last = await probeEngines(9000, { 0: { running: 1, steps: 5 } }, options);
    expect(last.code).toBe(0);
    expect(last.line).toMatch(/^engines that .* \(cannot keep what was seen: .*\)\n$/);
  });

  it("leaves one file behind, whole", async () => {
    await probeEngines(0, { 0: { running: 1, steps: 5 } });
    await probeEngines(1, { 0: { running: 1, steps: 6 } });
    expect(readdirSync(directory)).toEqual(["liveness.json"]);
  });
});
