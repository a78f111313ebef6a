import type { Demand } from "../../decisions/capacity/demand.ts";
import type { Sizing, SizingRequest } from "../../decisions/capacity/sizing.ts";
import { sizeModel } from "../../decisions/capacity/sizing.ts";
import { acceleratorOf, modelOf } from "./capacity.ts";

/** Five requests a second of 4,000 + 400 tokens, without objectives. */
export function demandWith(changes: Partial<Demand> = {}): Demand {
  return {
    workload: "support",
    path: "workloads.support",
    requestsPerSecond: 5,
    inputTokens: 4000,
    outputTokens: 400,
    longInputTokens: 8000,
    sharedPrefixTokens: 0,
    objectives: { ttftMilliseconds: null, interTokenMilliseconds: null },
    ...changes,
  };
}

type Named = Partial<Omit<SizingRequest, "model" | "accelerator" | "acceleratorKey">> & {
  readonly model?: string;
  readonly gpu?: string;
};

/** Qwen3-32B on nodes of eight H100 under `demandWith()`, and whatever a test says otherwise. */
export function sizingRequest({ model, gpu, ...rest }: Named = {}): SizingRequest {
  const acceleratorKey = gpu ?? "nvidia-h100-sxm";
  return {
    model: modelOf(model ?? "Qwen/Qwen3-32B"),
    accelerator: acceleratorOf(acceleratorKey),
    acceleratorKey,
    gpusPerNode: 8,
    engine: "vllm",
    release: [0, 33],
    task: "generate",
    maxModelLen: 16_384,
    overrides: {},
    demands: [demandWith()],
    ...rest,
  };
}

/** The size that is chosen; an error of the test where there is none. */
export function sized(named: Named = {}): Sizing {
  const { chosen, candidates } = sizeModel(sizingRequest(named));
  if (chosen === null) throw new Error(JSON.stringify(candidates.map(({ kind }) => kind)));
  return chosen;
}
