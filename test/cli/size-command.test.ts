import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { soundStack } from "../support/stack-file.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", soundStack);
});
afterEach(() => checkout.remove());

const size = (line: string) => checkout.freehold(["size", ...line.split(" ")]);
const load = "--model Qwen/Qwen3-32B --gpu nvidia-h100-sxm --input 4000 --output 400 --rps 5";

describe("freehold size", () => {
  it("answers on one screen, with ranges and reasons", async () => {
    const { code, stdout, stderr } = await size(load);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").length).toBeLessThan(24);
    await expect(stdout).toMatchFileSnapshot("size.qwen3-32b-h100.txt");
  });

  it("takes objectives, and shows what limits a replica", async () => {
    const { stdout } = await size(`${load} --ttft 2s --itl 40ms --input-p95 8000`);
    expect(stdout).toContain("TTFT 2000 ms and ITL 40 ms at the 95th percentile");
    expect(stdout).toContain("more would put more time between tokens than the objective allows");
  });

  it("sizes one replica from memory alone without a load", async () => {
    const { stdout } = await size("--model Qwen/Qwen3-8B --gpu nvidia-l40s");
    expect(stdout).toContain("1 GPU a replica; how many replicas depends on the load.");
  });

  it("sizes a model that answers with vectors", async () => {
    const { stdout } = await size(
      "--model Qwen/Qwen3-Embedding-0.6B --gpu nvidia-l4 --task embed --input 500 --rps 20",
    );
    expect(stdout).toContain("No measured points of this engine");
  });

  it("says why no size works, and what would", async () => {
    const { code, stdout } = await size("--model Qwen/Qwen3-235B-A22B --gpu nvidia-l40s");
    expect(code).toBe(1);
    expect(stdout).toContain("8 GPUs a replica: too little memory");
    expect(stdout).toContain("1. serve Qwen/Qwen3-235B-A22B-FP8, the same model stored as fp8-block");
  });

  it("says the best that can be had of an objective that nothing keeps", async () => {
    const { code, stdout } = await size(`${load} --ttft 50ms`);
    expect(code).toBe(1);
    expect(stdout).toMatch(/no GPU of the catalog keeps it; the best is [a-z0-9-]+ with \d+ ms/);
  });

  it("prints the same as JSON", async () => {
    const { stdout } = await size(`${load} --json`);
    const { fleet, replica, sizing, candidates } = JSON.parse(stdout);
    expect(fleet.gpus).toBe(fleet.replicas * replica.tensorParallelSize);
    expect(sizing.points[0].requestsPerSecond.low).toBeLessThan(sizing.points[0].requestsPerSecond.high);
    expect(candidates).toHaveLength(4);
  });

  it("takes the user's own model from a stack file", async () => {
    const own = `${soundStack}catalog:\n  models:\n    acme/own: { form: variant, of: Qwen/Qwen3-32B, source: our training run, asOf: 2026-10-01 }\n`;
    checkout.write("config/own.yaml", own);
    const { code, stdout } = await size("--model acme/own --gpu nvidia-h100-sxm --file config/own.yaml");
    expect(code).toBe(0);
    expect(stdout).toContain("acme/own on nvidia-h100-sxm");
  });

  it.each([
    ["--model Qwen/Qwen3-23B --gpu nvidia-h100-sxm", 'CAP-137  The model "Qwen/Qwen3-23B" is not in the catalog.'],
    ["--model Qwen/Qwen3-32B --gpu nvidia-h100", 'CAP-137  The accelerator "nvidia-h100" is not in the catalog.'],
    ["--gpu nvidia-h100-sxm", "--model is missing"],
    ["--model Qwen/Qwen3-32B --gpu nvidia-h100-sxm --rps 5", "--rps needs --input and --output"],
    [`${load} --rps 0`, '--rps has to be a number from 0.000001 to 1000000, not "0"'],
    [`${load} --rps=-3`, 'not "-3"'],
    [`${load} --input 1e9`, "--input has to be a number from 1 to 10000000"],
    [`${load} --input-p95 10`, "--input-p95 10 is below --input 4000"],
    [`${load} --shared-prefix 5000`, "--shared-prefix 5000 is longer than --input 4000"],
    [`${load} --ttft 50`, '--ttft has to be a time such as 50ms or 1s, not "50"'],
    [`${load} --max-model-len 1000`, "--max-model-len 1000 is shorter than the requests, 4400 tokens"],
    [`${load} --max-model-len 99999`, "longer than the 40960 that Qwen/Qwen3-32B takes"],
    [`${load} --tensor-parallel-size 3`, "--tensor-parallel-size 3 does not divide the 64 attention heads"],
    [`${load} --tensor-parallel-size 16`, "spans more GPUs than a node has, 8"],
    [`${load} --engine llama`, "--engine has to be one of vllm, sglang, trtllm, tgi"],
    [`${load} --max-num-seqs 1.5`, "--max-num-seqs has to be a whole number"],
    ["--model Qwen/Qwen3-32B --gpu nvidia-h100-sxm --ttft 1s", "--ttft says nothing without --rps"],
  ])("rejects %s", async (line, text) => {
    const { code, stdout, stderr } = await size(line);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(text);
  });
});

describe("freehold decide", () => {
  it("puts the verdict first, then what it takes", async () => {
    const { code, stdout } = await checkout.freehold(["decide"]);
    expect(code).toBe(0);
    expect(stdout).toContain("The file names no workloads, so whether to host, and at what cost, is not decided.");
    expect(stdout).toContain("| chat-v1 | 2 | 2 | 4 | h100 (nvidia-h100-sxm) |");
  });

  it("answers also when nothing can be deployed, with the findings beside it", async () => {
    const workloads = `workloads:
  support:
    model: chat
    tokensPerMonth: 6e9
    inputTokens: { mean: 3500, p95: 8000 }
    outputTokens: { mean: 400, p95: 1500 }
    alternative: { provider: anthropic, model: claude-haiku-4-5 }
`;
    checkout.write("config/stack.yaml", soundStack.replace("replicas: 2", "replicas: 200") + workloads);
    const { code, stdout, stderr } = await checkout.freehold(["decide"]);
    expect(code).toBe(1);
    expect(stderr).toContain("CAP-101");
    expect(stdout).toContain("## Whether to host");
    const json = JSON.parse((await checkout.freehold(["decide", "--json"])).stdout);
    expect(json.models).toBeNull();
    expect(json.hosting.workloads[0].workload).toBe("support");
  });
});
