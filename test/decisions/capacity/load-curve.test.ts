// Proves: the drawn latencies are those that the size was decided from, from one request to as many as are let in.
import { describe, expect, it } from "vitest";
import { demandOf } from "../../../decisions/capacity/demand.ts";
import { loadCurve } from "../../../decisions/capacity/load-curve.ts";
import { type Sizing, type SizingRequest, sizeModel } from "../../../decisions/capacity/sizing.ts";
import { catalog, lookUp } from "../../../decisions/catalog/index.ts";
import { workloadConfig } from "../../support/hosting.ts";

const demand = demandOf("support", workloadConfig({ objectives: { ttft: "3s", itl: "50ms" } }));

function sized(changes: Partial<SizingRequest> = {}): { request: SizingRequest; sizing: Sizing } {
  const model = lookUp(catalog.models, "Qwen/Qwen3-32B");
  const accelerator = lookUp(catalog.accelerators, "nvidia-h100-sxm");
  if (model === null || accelerator === null) throw new Error("the catalog has both");
  const request: SizingRequest = {
    model,
    accelerator,
    acceleratorKey: "nvidia-h100-sxm",
    gpusPerNode: 8,
    engine: "vllm",
    release: [0, 33],
    task: "generate",
    maxModelLen: 32_768,
    overrides: {},
    demands: [demand],
    ...changes,
  };
  const { chosen } = sizeModel(request);
  if (chosen === null) throw new Error("this model can be sized");
  return { request, sizing: chosen };
}

describe("latency against load", () => {
  it("begins with one request and has the planned load among its points, with the figures that were decided", () => {
    const { request, sizing } = sized();
    const curve = loadCurve(request, sizing, demand);
    const [decided] = sizing.points;
    const planned = curve?.points.find(({ requests }) => requests === curve.keptRequests);
    expect(curve?.points[0]?.requests).toBe(1);
    expect(curve?.keptRequests).toBe(decided?.concurrency);
    expect(planned?.ttftMilliseconds).toEqual(decided?.ttftMilliseconds);
    expect(planned?.interTokenMilliseconds).toEqual(decided?.interTokenMilliseconds);
    expect(planned?.requestsPerSecond).toEqual(decided?.requestsPerSecond);
    expect(curve?.objectives).toEqual({ ttftMilliseconds: 3000, interTokenMilliseconds: 50 });
  });

  it("rises with the load, each range around its middle", () => {
    const { request, sizing } = sized();
    const points = loadCurve(request, sizing, demand)?.points ?? [];
    expect(points.length).toBeGreaterThan(5);
    for (const [index, { requests, ttftMilliseconds, interTokenMilliseconds }] of points.entries()) {
      const before = points[index - 1];
      expect(requests).toBeGreaterThan(before?.requests ?? 0);
      expect(ttftMilliseconds.value).toBeGreaterThanOrEqual(before?.ttftMilliseconds.value ?? 0);
      expect(interTokenMilliseconds?.low).toBeLessThan(interTokenMilliseconds?.value ?? 0);
      expect(interTokenMilliseconds?.high).toBeGreaterThan(interTokenMilliseconds?.value ?? 0);
    }
  });

  it("keeps to thirty points and one, however many requests are let in", () => {
    const { request, sizing } = sized({
      demands: [{ ...demand, objectives: { ttftMilliseconds: null, interTokenMilliseconds: null } }],
      overrides: { maxNumSeqs: 1024, tensorParallelSize: 8 },
    });
    const curve = loadCurve(request, sizing, demand);
    expect(curve?.points.length).toBeLessThanOrEqual(31);
    expect(curve?.points.at(-1)?.requests).toBeGreaterThan(100);
  });

  it("has no time between tokens for vectors", () => {
    const vectors = {
      ...demand,
      outputTokens: 0,
      objectives: { ttftMilliseconds: null, interTokenMilliseconds: null },
    };
    const { request, sizing } = sized({ task: "embed", demands: [vectors] });
    const curve = loadCurve(request, sizing, vectors);
    expect(curve?.points.every(({ interTokenMilliseconds }) => interTokenMilliseconds === null)).toBe(true);
  });

  it("is absent for a workload that the replica was not sized for", () => {
    const { request, sizing } = sized();
    expect(loadCurve(request, sizing, { ...demand, workload: "other" })).toBeNull();
  });
});
