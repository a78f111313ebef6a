import type { Decided } from "./blueprint.ts";
import type { Demand } from "./capacity/demand.ts";
import {
  defaultUtilization,
  type ShapeOverrides,
  type Sizing,
  type SizingResult,
  undemandedSeqs,
} from "./capacity/sizing.ts";
import { vllmDefaults } from "./catalog/engine-defaults.ts";
import { lookUp } from "./catalog/index.ts";
import { engineRelease } from "./engine-version.ts";
import { because, decided, policy } from "./reason.ts";
import { replicasReasons, seqsReasons, sizeReasons } from "./sizing-reasons.ts";
import type { VersionContext } from "./version-context.ts";

/** A decided key of a model, and where it is to be found: the key itself where the file sets it, else the model. */
export interface ShapeValue<T> extends Decided<T> {
  readonly path: string;
}

/** How large one replica is and how many there are: the keys of a model that are decided unless the file sets them. */
export interface ServingShape {
  readonly tensorParallelSize: ShapeValue<number>;
  readonly replicas: ShapeValue<number>;
  readonly maxNumSeqs: ShapeValue<number>;
  readonly maxNumBatchedTokens: ShapeValue<number>;
  readonly gpuMemoryUtilization: ShapeValue<number>;
  readonly kvCacheDtype: ShapeValue<"auto" | "fp8">;
  /** Null where the figures could not be computed and the file sets size and number by hand. */
  readonly sizing: Sizing | null;
}

/** What the file sets by hand of a model's shape. */
export function overridesOf({ model }: VersionContext): ShapeOverrides {
  const { tensorParallelSize, replicas, maxNumSeqs, maxNumBatchedTokens, gpuMemoryUtilization, kvCacheDtype } = model;
  return { tensorParallelSize, replicas, maxNumSeqs, maxNumBatchedTokens, gpuMemoryUtilization, kvCacheDtype };
}

/** The shape that sizing found, with what the file sets in place of it. Null when nothing says how many replicas there are. */
export function sizedShape(
  context: VersionContext,
  { candidates }: SizingResult,
  sizing: Sizing,
  demands: readonly Demand[],
): ServingShape | null {
  const { overrides, value } = shapeOf(context);
  const { setup, fleet } = sizing;
  const replicas = overrides.replicas ?? fleet?.replicas;
  if (replicas === undefined) return null;
  const engine = vllmDefaults(engineRelease(context), setup.core, setup.accelerator, setup.maxModelLen);
  return {
    tensorParallelSize: value(
      "tensorParallelSize",
      sizing.tensorParallelSize,
      ...sizeReasons(context, candidates, sizing),
    ),
    replicas: value("replicas", replicas, ...replicasReasons(sizing, demands)),
    maxNumSeqs: value("maxNumSeqs", setup.maxNumSeqs, ...seqsReasons(sizing)),
    maxNumBatchedTokens: value("maxNumBatchedTokens", setup.maxNumBatchedTokens, batchedReason(engine.source)),
    gpuMemoryUtilization: value("gpuMemoryUtilization", setup.gpuMemoryUtilization, utilizationReason),
    kvCacheDtype: value("kvCacheDtype", setup.kvCacheDtype, cacheReason),
    sizing,
  };
}

/** The shape that the file sets by hand where nothing could be computed; null where size or number is not set. */
export function statedShape(context: VersionContext): ServingShape | null {
  const { overrides, value } = shapeOf(context);
  const accelerator = lookUp(context.catalog.accelerators, context.pool.accelerator);
  const { tensorParallelSize, replicas } = overrides;
  if (tensorParallelSize === undefined || replicas === undefined || accelerator === null) return null;
  const engine = vllmDefaults(engineRelease(context), "v1", accelerator, context.model.maxModelLen);
  const batched = overrides.maxNumBatchedTokens ?? engine.maxNumBatchedTokens ?? context.model.maxModelLen;
  return {
    tensorParallelSize: value("tensorParallelSize", tensorParallelSize),
    replicas: value("replicas", replicas),
    maxNumSeqs: value("maxNumSeqs", overrides.maxNumSeqs ?? undemandedSeqs, ...seqsReasons(null)),
    maxNumBatchedTokens: value("maxNumBatchedTokens", batched, batchedReason(engine.source)),
    gpuMemoryUtilization: value(
      "gpuMemoryUtilization",
      overrides.gpuMemoryUtilization ?? defaultUtilization,
      utilizationReason,
    ),
    kvCacheDtype: value("kvCacheDtype", overrides.kvCacheDtype ?? "auto", cacheReason),
    sizing: null,
  };
}

const utilizationReason = policy(
  "vLLM's default was 0.90 until 0.21 and has been 0.92 since; at 0.90 what the engine does not foresee still finds room.",
);
const cacheReason = policy(
  "16 bits, as the model computes: 8 bits hold twice as much and may cost quality, which nobody has measured here.",
);

function batchedReason(source: string) {
  return because(
    "catalog.engines.vllm",
    `The engine's own default on this GPU, written out so that another release cannot move it (${source.split(";")[0]}).`,
  );
}

/** Makes the values of a shape: what the file sets has that as its ground, whatever was decided. */
function shapeOf(context: VersionContext) {
  const overrides = overridesOf(context);
  const value = <T>(key: keyof ShapeOverrides, chosen: T, ...reasons: Decided<T>["because"]): ShapeValue<T> => {
    const path = `${context.modelPath}.${key}`;
    const isSet = overrides[key] !== undefined;
    const [first, ...more] = isSet
      ? [because(path, `The file says ${chosen}.`), ...(key === "replicas" ? reasons : [])]
      : reasons;
    return { ...decided(chosen, first ?? policy("Set by hand."), ...more), path: isSet ? path : context.modelPath };
  };
  return { overrides, value };
}
