import type { ModelFacts, WeightRecipe } from "../../config/schema/model-facts.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import type { PointRecord } from "./record.ts";

/** A record's model: its facts, and whether widths and vocabulary are known beside the cache's shape. */
export interface AdaptedModel {
  readonly facts: ModelFacts;
  readonly isShapeKnown: boolean;
}

const decorations =
  /\b(instruct|chat|base|it|hf|fp8|fp4|nvfp4|mxfp4|bf16|fp16|dynamic|awq|gptq|int4|int8|w4a16|w8a8|w8a16|tuned?|meta|v0|1|250[67]|0[1-9]\d\d)\b/g;

/** The model that a record is about: by name, else by what its `arch` says; null when neither tells. */
export function adaptModel(record: PointRecord): AdaptedModel | null {
  const shape = readArch(record.arch ?? "");
  const named = byName(record.model);
  if (named !== null && agrees(named, shape)) {
    return { facts: withRecipe(withHeads(named, shape), record), isShapeKnown: true };
  }
  if (shape === null) return null;
  const alike = byShape(shape, record.model);
  if (alike !== null) return { facts: withRecipe(alike, record), isShapeKnown: true };
  return { facts: withRecipe(bareFacts(shape), record), isShapeKnown: false };
}

function byName(text: string): ModelFacts | null {
  const inBrackets = /\(([^)]+)\)/.exec(text)?.[1];
  const outside = text.replace(/\(.*$/, "").replace(/\+.*$/, "");
  const parts = [outside, ...(inBrackets === undefined ? [] : [inBrackets])].flatMap(spellings);
  for (const plain of [exact, bare]) {
    for (const part of parts) {
      const wanted = plain(part);
      const found = Object.entries(catalog.models).find(([repository]) => plain(baseName(repository)) === wanted);
      if (found !== undefined && wanted.length > 3) return found[1];
    }
  }
  return null;
}

/** `DeepSeek-V3/R1` names two models of one shape; an owner stands before a slash, too. */
function spellings(text: string): string[] {
  const whole = text.trim();
  const slash = whole.indexOf("/");
  if (slash === -1) return [whole];
  return [whole.slice(slash + 1), whole.slice(0, slash), whole];
}

function baseName(repository: string): string {
  return repository.slice(repository.indexOf("/") + 1);
}

function exact(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function bare(text: string): string {
  return exact(text.toLowerCase().replace(/[-_.]/g, " ").replace(decorations, " "));
}

interface ArchShape {
  readonly family: string;
  readonly layers: number;
  /** Null for latent attention. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
  readonly latent: { readonly rank: number; readonly ropeSize: number } | null;
}

/** `llama 32L/8kv/128`, `deepseek_v3 61L MLA 512+64`. */
function readArch(arch: string): ArchShape | null {
  const family = /^[a-z0-9_]+/i.exec(arch)?.[0].toLowerCase() ?? "";
  const layers = Number(/(\d+)\s*L\b/.exec(arch)?.[1] ?? Number.NaN);
  if (!Number.isInteger(layers)) return null;
  const heads = /(\d+)\s*kv/i.exec(arch)?.[1];
  const size = /kv\s*\/\s*(\d+)/i.exec(arch)?.[1];
  const latent = /(\d{3})\s*\+\s*(\d{2})/.exec(arch);
  if (/mla/i.test(arch) || latent !== null) {
    if (latent === null) return null;
    return {
      family,
      layers,
      keyValueHeads: null,
      headSize: null,
      latent: { rank: Number(latent[1]), ropeSize: Number(latent[2]) },
    };
  }
  if (heads === undefined || size === undefined) return null;
  return { family, layers, keyValueHeads: Number(heads), headSize: Number(size), latent: null };
}

function agrees(facts: ModelFacts, shape: ArchShape | null): boolean {
  return shape === null || shape.layers === facts.layers;
}

/** Key-value heads as the record states them: repositories have changed them between revisions. */
function withHeads(facts: ModelFacts, shape: ArchShape | null): ModelFacts {
  const { cache } = facts;
  if (shape === null || shape.keyValueHeads === null || cache.kind !== "full") return facts;
  const added = shape.keyValueHeads - facts.keyValueHeads;
  if (added === 0 || facts.parameters === undefined) return { ...facts, keyValueHeads: shape.keyValueHeads };
  const parameters = added * facts.headSize * 2 * facts.hiddenSize * facts.layers;
  return {
    ...facts,
    keyValueHeads: shape.keyValueHeads,
    parameters: { ...facts.parameters, total: facts.parameters.total + parameters },
  };
}

const families: Readonly<Record<string, RegExp>> = {
  llama: /llama/i,
  qwen2: /qwen2\.5-\d|distill-qwen/i,
  qwen2_5_vl: /qwen2\.5-vl/i,
  qwen3: /qwen3-\d+(\.\d+)?b$/i,
  qwen3_moe: /qwen3.*-a\d+b/i,
  qwen3_vl: /qwen3-vl/i,
  mistral: /mistral/i,
  mistral3: /mistral/i,
};

function byShape(shape: ArchShape, name: string): ModelFacts | null {
  const pattern = families[shape.family];
  if (pattern === undefined) return null;
  const found = Object.entries(catalog.models).find(
    ([repository, facts]) =>
      pattern.test(baseName(repository)) &&
      isOfSize(facts, name) &&
      facts.layers === shape.layers &&
      facts.keyValueHeads === shape.keyValueHeads &&
      facts.headSize === shape.headSize,
  );
  return found?.[1] ?? null;
}

/** False where a name such as `acme-7b` states another size than the model has. */
function isOfSize({ parameters }: ModelFacts, name: string): boolean {
  const billions = Number(/(\d+(?:\.\d+)?)\s*b\b/i.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(billions) || parameters === undefined) return true;
  return Math.abs(parameters.total / 1e9 / billions - 1) < sizeTolerance;
}

/** Names round their sizes: Qwen3-14B has 14.8, Llama-3.1-70B 70.6 billion. */
const sizeTolerance = 0.15;

/** What `arch` alone tells: enough for the cache, not for weights or activation. */
function bareFacts(shape: ArchShape): ModelFacts {
  return {
    layers: shape.layers,
    hiddenSize: 1,
    attentionHeads: shape.keyValueHeads ?? 1,
    keyValueHeads: shape.keyValueHeads ?? 1,
    headSize: shape.headSize ?? 1,
    vocabularySize: 1,
    maxPositions: 1_000_000,
    tiedEmbeddings: true,
    cache: shape.latent === null ? { kind: "full" } : { kind: "latent", ...shape.latent },
    weights: { recipe: "bf16" },
    licence: "unverified",
    source: "the record's own arch field",
    asOf: "unknown",
  };
}

function withRecipe(facts: ModelFacts, record: PointRecord): ModelFacts {
  const recipe = readRecipe(record, facts);
  return recipe === facts.weights.recipe ? facts : { ...facts, weights: { recipe } };
}

/** The recipe that `weight_dtype` names; the model's own where it names none. */
function readRecipe({ weight_dtype, model }: PointRecord, facts: ModelFacts): WeightRecipe {
  const text = `${weight_dtype ?? ""}`.toLowerCase();
  const own = facts.weights.recipe;
  if (/awq|gptq|int4|w4a16|4-?bit int/.test(text)) return /expert/.test(text) ? "int4-experts" : "int4";
  if (/mxfp4/.test(text) || (/fp4/.test(text) && /gpt-?oss/i.test(model))) return "mxfp4-experts";
  if (/nvfp4|fp4/.test(text)) {
    // NVIDIA's own repositories keep attention at 16 bits in Gemma and in mixtures of experts.
    return /gemma/i.test(model) || facts.experts !== undefined ? "nvfp4-ffn" : "nvfp4";
  }
  if (/fp8|w8a8|int8/.test(text)) {
    if (/attention[^,;]*(16|bf16)/.test(text) || /405b/i.test(model)) return "fp8-ffn";
    if (own.startsWith("fp8")) return own;
    return /fp8/.test(text) ? "fp8" : "int8";
  }
  return /bf16|fp16|float16|16-?bit/.test(text) ? "bf16" : own;
}
