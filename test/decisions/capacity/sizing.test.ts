// Proves: the choice of a replica's size and number, and that it moves the right way. Not that the speeds are right:
// coefficients.test.ts holds those against measured points.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryBudget } from "../../../decisions/capacity/memory-budget.ts";
import { replicaSizes, setupOf, sizeModel } from "../../../decisions/capacity/sizing.ts";
import { demandWith, sized, sizingRequest } from "../../support/sizing.ts";

const objectives = (ttftMilliseconds: number | null, interTokenMilliseconds: number | null) => ({
  ttftMilliseconds,
  interTokenMilliseconds,
});

/** GPUs in all; none when no size works, which is more than any number. */
function gpusOf(named: Parameters<typeof sized>[0]): number {
  return sizeModel(sizingRequest(named)).chosen?.fleet?.gpus ?? Number.POSITIVE_INFINITY;
}

describe("sizeModel", () => {
  it("takes the fewest GPUs in total, spare included", () => {
    const { chosen, candidates } = sizeModel(sizingRequest());
    const others = candidates.flatMap((candidate) =>
      candidate.kind === "sized" && !candidate.isTight ? [candidate.fleet?.gpus ?? 0] : [],
    );
    expect(others.length).toBeGreaterThan(2);
    expect(chosen?.fleet?.gpus).toBe(Math.min(...others));
  });

  it("counts replicas times GPUs, with one replica spare", () => {
    const { fleet, tensorParallelSize } = sized();
    expect(fleet?.replicas).toBe((fleet?.working ?? 0) + 1);
    expect(fleet?.gpus).toBe((fleet?.replicas ?? 0) * tensorParallelSize);
  });

  it("keeps five of a hundred spare where that is more than one", () => {
    const { fleet } = sized({ demands: [demandWith({ requestsPerSecond: 100 })] });
    expect(fleet?.working).toBeGreaterThan(40);
    expect(fleet?.spare).toBe(Math.ceil((fleet?.working ?? 0) * 0.05));
  });

  it("gives ties to the smaller replica", () => {
    // One working and one spare either way: of sizes that carry the load alone the smallest has the fewest GPUs.
    const { tensorParallelSize, fleet } = sized({
      model: "Qwen/Qwen3-8B",
      demands: [demandWith({ requestsPerSecond: 0.01 })],
    });
    expect({ tensorParallelSize, gpus: fleet?.gpus }).toEqual({ tensorParallelSize: 1, gpus: 2 });
  });

  it("lets no replica take more than 80 % of what it can do", () => {
    const { points, load, fleet } = sized();
    expect(load).toBeCloseTo(5 / (points[0]?.requestsPerSecond.value ?? 0), 9);
    expect(load / (fleet?.working ?? 0)).toBeLessThanOrEqual(0.8);
  });

  it("passes over a size whose memory may not be enough, unless there is no other", () => {
    const free = sizeModel(sizingRequest({ maxModelLen: 32_768 }));
    const small = free.candidates.find(({ tensorParallelSize }) => tensorParallelSize === 1);
    expect(small?.kind === "sized" && small.isTight).toBe(true);
    expect(free.chosen?.tensorParallelSize).toBe(2);
    const set = sized({ maxModelLen: 32_768, overrides: { tensorParallelSize: 1 } });
    expect(set).toMatchObject({ tensorParallelSize: 1, isTight: true });
  });

  it("runs as many at once as keep the objectives, and tells the engine to take no more than need be", () => {
    const { points, setup } = sized({ demands: [demandWith({ objectives: objectives(null, 40) })] });
    const [point] = points;
    expect(point?.limit).toBe("itl");
    expect(point?.interTokenMilliseconds?.high).toBeLessThanOrEqual(40);
    expect(setup.maxNumSeqs).toBeGreaterThanOrEqual(point?.concurrency ?? 0);
    expect(setup.maxNumSeqs).toBeLessThan(2 * (point?.concurrency ?? 0) + 8);
  });

  it("sizes one replica from memory alone where no load is known", () => {
    const { fleet, points, tensorParallelSize, setup } = sized({ demands: [] });
    expect({ fleet, points, tensorParallelSize, seqs: setup.maxNumSeqs }).toEqual({
      fleet: null,
      points: [],
      tensorParallelSize: 1,
      seqs: 256,
    });
  });

  it("adds up the load of workloads that share a model, with one spare for both", () => {
    const one = sized({ demands: [demandWith({ requestsPerSecond: 20 })] });
    const two = sized({
      demands: [demandWith({ requestsPerSecond: 10 }), demandWith({ workload: "drafts", requestsPerSecond: 10 })],
    });
    expect(two.fleet).toEqual(one.fleet);
    expect(two.points.map(({ workload }) => workload)).toEqual(["support", "drafts"]);
  });

  it("keeps to what is set by hand", () => {
    const { setup, tensorParallelSize } = sized({
      overrides: {
        tensorParallelSize: 4,
        maxNumSeqs: 24,
        maxNumBatchedTokens: 4096,
        gpuMemoryUtilization: 0.85,
        kvCacheDtype: "fp8",
      },
    });
    expect(tensorParallelSize).toBe(4);
    expect(setup).toMatchObject({
      maxNumSeqs: 24,
      maxNumBatchedTokens: 4096,
      gpuMemoryUtilization: 0.85,
      kvCacheDtype: "fp8",
    });
  });

  it("says of each size why it does not work", () => {
    const kinds = (named: Parameters<typeof sized>[0]) =>
      sizeModel(sizingRequest(named)).candidates.map(({ tensorParallelSize, kind }) => `${tensorParallelSize} ${kind}`);
    expect(kinds({ demands: [demandWith({ objectives: objectives(500, null) })] })).toContain("1 missed");
    expect(kinds({ gpu: "nvidia-l4" })).toContain("1 does-not-fit");
    expect(kinds({ model: "deepseek-ai/DeepSeek-V4-Flash" })).toEqual([
      "1 unknown",
      "2 unknown",
      "4 unknown",
      "8 unknown",
    ]);
  });

  it("refuses a cache that cannot be computed with the word to measure it", () => {
    const [first] = sizeModel(sizingRequest({ model: "deepseek-ai/DeepSeek-V4-Flash" })).candidates;
    expect(first?.kind === "unknown" && first.reason).toMatch(/^Measure it: /);
  });

  it("widens the ranges of an engine without measured points, and says so", () => {
    const width = (engine: "vllm" | "sglang") => {
      const [point] = sized({ engine, overrides: { tensorParallelSize: 2 } }).points;
      const { low = 1, high = 1 } = point?.requestsPerSecond ?? {};
      return { width: high / low, basis: point?.basis.join(" ") };
    };
    expect(width("sglang").width).toBeGreaterThan(width("vllm").width);
    expect(width("sglang").basis).toContain("No measured points of this engine");
  });

  it("sizes a model that answers with vectors without any output", () => {
    const { points, fleet } = sized({
      model: "Qwen/Qwen3-Embedding-0.6B",
      task: "embed",
      maxModelLen: 8192,
      demands: [demandWith({ inputTokens: 500, longInputTokens: 1200, outputTokens: 0, requestsPerSecond: 50 })],
    });
    expect(points[0]?.interTokenMilliseconds).toBeNull();
    expect(points[0]?.requestsPerSecond.value).toBeGreaterThan(50);
    expect(fleet).toMatchObject({ working: 1, spare: 1, gpus: 2 });
  });

  it.each([
    [8, [1, 2, 4, 8]],
    [4, [1, 2, 4]],
    [6, [1, 2, 4]],
  ])("tries powers of two on nodes of %i", (gpusPerNode, sizes) => {
    expect(replicaSizes(sizingRequest({ gpusPerNode }))).toEqual(sizes);
  });
});

describe("GPUs in total", () => {
  const load = fc.double({ min: 0.01, max: 300, noNaN: true });
  const length = fc.integer({ min: 16, max: 7000 });
  const gpu = fc.constantFrom(
    "nvidia-h100-sxm",
    "nvidia-h200-sxm",
    "nvidia-l40s",
    "nvidia-a100-80gb-sxm",
    "nvidia-b200-sxm",
  );
  const model = fc.constantFrom("Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "openai/gpt-oss-120b", "google/gemma-3-27b-it");

  it("never fall when the load rises", () => {
    fc.assert(
      fc.property(
        model,
        gpu,
        length,
        length,
        load,
        fc.double({ min: 1, max: 5, noNaN: true }),
        (name, on, input, output, rps, times) => {
          const at = (requestsPerSecond: number) =>
            gpusOf({
              model: name,
              gpu: on,
              demands: [
                demandWith({ requestsPerSecond, inputTokens: input, longInputTokens: input, outputTokens: output }),
              ],
            });
          expect(at(rps * times)).toBeGreaterThanOrEqual(at(rps));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("never fall when an objective is stricter", () => {
    const limit = fc.integer({ min: 20, max: 6000 });
    fc.assert(
      fc.property(
        model,
        gpu,
        length,
        load,
        limit,
        limit,
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (name, on, input, rps, ttft, itl, share) => {
          const at = (factor: number) =>
            gpusOf({
              model: name,
              gpu: on,
              demands: [
                demandWith({
                  requestsPerSecond: rps,
                  inputTokens: input,
                  longInputTokens: input,
                  objectives: objectives(ttft * factor, itl * factor),
                }),
              ],
            });
          expect(at(share)).toBeGreaterThanOrEqual(at(1));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("units", () => {
  it("do not mix: a GPU whose gigabytes were taken for gibibytes would hold more than it has", () => {
    // The vendor sells 80 GB; the driver shows 79.2 GiB of what are 74.5 GiB by that figure. Twelve digits are compared.
    const request = sizingRequest({ demands: [] });
    const { visibleBytes } = memoryBudget(setupOf(request, 2, 256)) as { visibleBytes: number };
    expect(visibleBytes / 2 ** 30).toBeCloseTo(79.18, 2);
    expect(visibleBytes / 1e9).toBeCloseTo(85.02, 2);
  });

  it("do not mix: weights of n billion parameters in 16 bits are 2 n GB, which are fewer GiB", () => {
    const request = sizingRequest({ demands: [] });
    const { budget } = sized({ demands: [], overrides: { tensorParallelSize: 1 } });
    const bytes = budget.terms.find(({ name }) => name === "weights")?.bytes ?? 0;
    const total = request.model.parameters?.total ?? 0;
    expect(bytes).toBe(2 * total);
    expect(bytes / 2 ** 30).toBeLessThan((2 * total) / 1e9);
  });
});
