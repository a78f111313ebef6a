import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import { type EngineRelease, type ServingSetup, servingSetup } from "../../decisions/capacity/serving-setup.ts";
import { catalog, lookUp } from "../../decisions/catalog/index.ts";
import { adaptModel } from "./adapt-model.ts";
import type { PointRecord } from "./record.ts";

/** A record as the product sees it, and what the record leaves open. */
export interface Adapted {
  readonly setup: ServingSetup;
  /** False where only the cache's shape is known. */
  readonly isShapeKnown: boolean;
  /** Why the GPU's memory is not known; null when it is. */
  readonly gpuUnknown: string | null;
  /** Key of the catalog; null where the GPU is known by its memory alone, or not at all. */
  readonly acceleratorKey: string | null;
  /** Whether the record states the share of memory, or that it is the default. */
  readonly isUtilizationRecorded: boolean;
  readonly isLengthRecorded: boolean;
}

const accelerators: readonly (readonly [RegExp, string])[] = [
  [/gb300/, "nvidia-gb300"],
  [/gb200/, "nvidia-gb200"],
  [/b300/, "nvidia-b300-sxm"],
  [/b200/, "nvidia-b200-sxm"],
  [/h200/, "nvidia-h200-sxm"],
  [/h20\b(?!-3e)/, "nvidia-h20"],
  [/h100.*nvl/, "nvidia-h100-nvl"],
  [/h100.*pcie/, "nvidia-h100-pcie"],
  [/h100|h800/, "nvidia-h100-sxm"],
  [/a100.*40/, "nvidia-a100-40gb-sxm"],
  [/a100.*pcie/, "nvidia-a100-80gb-pcie"],
  [/a100|a800/, "nvidia-a100-80gb-sxm"],
  [/a10g?\b/, "nvidia-a10g"],
  [/l40s/, "nvidia-l40s"],
  [/\bl4\b|l4-/, "nvidia-l4"],
  [/\bt4\b|t4-/, "nvidia-t4"],
  [/pro 6000/, "nvidia-rtx-pro-6000-server"],
  [/3090/, "nvidia-rtx-3090"],
  [/4090/, "nvidia-rtx-4090"],
  [/5090(?! d)/, "nvidia-rtx-5090"],
  [/mi300x/, "amd-mi300x"],
  [/mi325x/, "amd-mi325x"],
  [/mi355x/, "amd-mi355x"],
];

/** Reads a record, or says what it does not tell. */
export function adapt(record: PointRecord): Adapted | { readonly unreadable: string } {
  const model = adaptModel(record);
  if (model === null) return { unreadable: "the record does not tell which model it is" };
  const { accelerator, key, unknown } = adaptGpu(record);
  const { release, core } = adaptEngine(record, accelerator);
  const flags = `${record.other_flags ?? ""}; ${record.notes ?? ""}`.toLowerCase().replaceAll(",", "");
  const number = (pattern: RegExp) => {
    const found = pattern.exec(flags)?.[1];
    return found === undefined ? null : Number(found);
  };
  const maxNumSeqs = number(/max[-_ ]num[-_ ]seqs[ =:]*(\d+)/);
  const batched =
    number(/max[-_ ]num[-_ ]batched[-_ ]tokens?[ =:]*(\d+)/) ??
    number(/(\d+) batched/) ??
    number(/batched(?: tokens)? (\d+)/);
  const blockTokens = number(/block(?:[-_ ]size)?[ =:]*(\d+)/);
  const draftLayers = /\+\s*(\d+)\s*draft/.exec(record.arch ?? "")?.[1];
  const setup = servingSetup({
    model: model.facts,
    accelerator,
    release,
    core,
    maxModelLen: record.max_model_len ?? Math.min(model.facts.maxPositions, 131_072),
    tensorParallelSize: record.tp ?? record.gpus ?? 1,
    pipelineParallelSize: record.pp ?? 1,
    ...(typeof record.gpu_memory_utilization === "number"
      ? { gpuMemoryUtilization: record.gpu_memory_utilization }
      : {}),
    ...(maxNumSeqs === null ? {} : { maxNumSeqs }),
    ...(batched === null ? {} : { maxNumBatchedTokens: batched }),
    ...(blockTokens === null ? {} : { blockTokens }),
    kvCacheDtype:
      /fp8|8-?bit/.test(record.kv_dtype ?? "") || /kv[-_ ]cache[-_ ]dtype[ =:]*fp8/.test(flags) ? "fp8" : "auto",
    hybridAllocator: !/(disable|without|no)[-_ ]*hybrid|hybrid[^;]{0,30}\b(off|disabled)|at full length/.test(flags),
    draftLayers: draftLayers === undefined ? 0 : Number(draftLayers),
    isTextOnly: /language[-_ ]model[-_ ]only|text[-_ ]only|limit[-_ ]mm/.test(flags),
    cudaGraphs: !/enforce[-_ ]eager|eager/.test(flags),
  });
  return {
    setup,
    isShapeKnown: model.isShapeKnown,
    gpuUnknown: unknown,
    acceleratorKey: key,
    isUtilizationRecorded: typeof record.gpu_memory_utilization === "number" || /\bdefaults?\b/.test(flags),
    isLengthRecorded: typeof record.max_model_len === "number",
  };
}

/** The GPU by name; by its memory alone where the record gives that; else a stand-in and why it is one. */
function adaptGpu(record: PointRecord): { accelerator: AcceleratorFacts; key: string | null; unknown: string | null } {
  const visibleGiB = record.gpu_visible_gib ?? null;
  const name = record.gpu.toLowerCase().replaceAll("_", " ");
  const isMixed = / \+ | and /.test(name);
  const key = accelerators.find(([pattern]) => pattern.test(name))?.[1] ?? null;
  const known = key === null || isMixed ? null : lookUp(catalog.accelerators, key);
  const large = lookUp(catalog.accelerators, "nvidia-h100-sxm");
  const small = lookUp(catalog.accelerators, "nvidia-l40s");
  if (large === null || small === null) throw new Error("The catalog lacks nvidia-h100-sxm or nvidia-l40s.");
  if (known !== null) {
    return {
      accelerator: visibleGiB === null ? known : { ...known, engineVisibleGiB: visibleGiB },
      key,
      unknown: null,
    };
  }
  if (visibleGiB !== null) {
    const alike = visibleGiB >= 70 ? large : small;
    return {
      accelerator: { ...alike, visibleMiB: Math.ceil(visibleGiB * 1024), engineVisibleGiB: visibleGiB },
      key: null,
      unknown: null,
    };
  }
  const isLarge = /\b(80|9\d|1\d\d) ?gb/.test(name);
  return {
    accelerator: isLarge ? large : small,
    key: null,
    unknown: isMixed ? "the GPUs differ" : `the record does not tell the GPU ("${record.gpu}")`,
  };
}

const v1Since = "2025-03";
const graphsCountedSince = "2026-05";

/** Release and core, from the version, from a date in its place, or from the date of the source. */
function adaptEngine(
  record: PointRecord,
  accelerator: AcceleratorFacts,
): { release: EngineRelease; core: "v0" | "v1" } {
  const text = `${record.engine_version ?? ""} ${record.engine}`;
  const date = /\b(20\d\d(?:-\d\d)?)/.exec(`${text} ${record.source_date ?? ""}`)?.[1] ?? null;
  const version = /(?:^|[^\d.])(\d{1,2})\.(\d{1,3})(?:[.\sa-z]|$)/.exec(text);
  if (version !== null) {
    const release: EngineRelease = [Number(version[1]), Number(version[2])];
    const isV0 = /\bv0 ?(engine|\()|\bv0$/i.test(text.trim()) || (release[0] === 0 && release[1] < 8);
    return { release, core: isV0 ? "v0" : "v1" };
  }
  if (/\bv0\b/i.test(text)) return { release: null, core: "v0" };
  // V1 came to GPUs before Ampere long after the others.
  if (date === null) return { release: null, core: accelerator.generation === "turing" ? "v0" : "v1" };
  if (date < v1Since) return { release: null, core: "v0" };
  return { release: [0, date >= graphsCountedSince ? 25 : 15], core: "v1" };
}
