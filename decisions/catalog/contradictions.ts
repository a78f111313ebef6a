import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { explainedParameters, storedWeightBytes } from "../capacity/weight-bytes.ts";

/** Facts that cannot all be true. */
interface Contradiction {
  /** The key to point at, below the entry. */
  readonly path: readonly string[];
  readonly text: string;
}

/** Published sizes differ from counted ones by scales, padding and what a count leaves out; recipes by a factor of two. */
const tolerableRatio = 1.4;
/** A shape explains all but a few per cent of a model. */
const tolerableCount = 1.1;

/** What in a model's facts cannot be true together; empty for a sound entry. */
export function contradictionsOf(facts: ModelFacts): Contradiction[] {
  const { parameters, experts, layers, maxPositions } = facts;
  const found: Contradiction[] = [];
  const refuse = (isFalse: boolean, path: readonly string[], text: string) => {
    if (isFalse) found.push({ path, text });
  };
  refuse(
    facts.attentionHeads % facts.keyValueHeads !== 0,
    ["keyValueHeads"],
    `${facts.keyValueHeads} key-value heads do not divide ${facts.attentionHeads} attention heads`,
  );
  if (experts !== undefined) {
    refuse(
      experts.perToken > experts.count,
      ["experts", "perToken"],
      `a token passes through ${experts.perToken} of ${experts.count} experts`,
    );
    const dense = experts.denseLayers ?? 0;
    refuse(dense >= layers, ["experts", "denseLayers"], `${dense} of ${layers} layers have no experts`);
  } else if (facts.intermediateSize === undefined) {
    found.push({ path: ["hiddenSize"], text: "it has neither intermediateSize nor experts" });
  }
  found.push(...cacheContradictions(facts));
  if (parameters === undefined) return found;
  refuse(
    parameters.active > parameters.total,
    ["parameters", "active"],
    `${parameters.active} parameters are active of ${parameters.total}`,
  );
  const explained = explainedParameters(facts);
  refuse(
    explained > parameters.total * tolerableCount,
    ["parameters", "total"],
    `embeddings, attention and experts alone make ${explained} parameters, more than the ${parameters.total} in total`,
  );
  const { bytes } = facts.weights;
  const counted = storedWeightBytes({ ...facts, weights: { recipe: facts.weights.recipe } });
  if (bytes !== undefined && counted !== null) {
    const ratio = bytes / counted;
    refuse(
      ratio > tolerableRatio || ratio < 1 / tolerableRatio,
      ["weights", "bytes"],
      `${bytes} bytes of weights are ${ratio.toFixed(2)} times what ${parameters.total} parameters stored as ${facts.weights.recipe} take`,
    );
  }
  refuse(maxPositions < 128, ["maxPositions"], `a longest sequence of ${maxPositions} tokens is none`);
  return found;
}

function cacheContradictions({ cache, layers, maxPositions }: ModelFacts): Contradiction[] {
  const limited = {
    full: null,
    latent: null,
    measure: null,
    windowed: cache.kind === "windowed" ? { key: "windowedLayers", count: cache.windowedLayers } : null,
    chunked: cache.kind === "chunked" ? { key: "chunkedLayers", count: cache.chunkedLayers } : null,
    linear: cache.kind === "linear" ? { key: "fullAttentionLayers", count: cache.fullAttentionLayers } : null,
  }[cache.kind];
  const found: Contradiction[] = [];
  if (limited !== null && limited.count > layers) {
    found.push({
      path: ["cache", limited.key],
      text: `${limited.count} of ${layers} layers are said to be of one kind`,
    });
  }
  const reach =
    cache.kind === "windowed"
      ? { key: "windowTokens", tokens: cache.windowTokens }
      : cache.kind === "chunked"
        ? { key: "chunkTokens", tokens: cache.chunkTokens }
        : null;
  if (reach !== null && reach.tokens > maxPositions) {
    const text = `its layers look back over ${reach.tokens} tokens, and a sequence has at most ${maxPositions}`;
    found.push({ path: ["cache", reach.key], text });
  }
  return found;
}
