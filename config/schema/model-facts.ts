import * as z from "zod";
import { repository } from "./primitives.ts";
import { sourced } from "./sourced.ts";

const count = z.int().min(1);

/** Which tensors are stored in how many bits; `decisions/catalog/weight-recipes.ts` says what each name stands for. */
const weightRecipe = z.enum([
  "bf16",
  "fp8",
  "fp8-block",
  "fp8-ffn",
  "int8",
  "int4",
  "int4-experts",
  "mxfp4-experts",
  "nvfp4",
  "nvfp4-ffn",
]);

const weights = z
  .strictObject({
    recipe: weightRecipe.meta({
      description:
        "How the weights are stored: `bf16` 16 bits throughout; `fp8`, `fp8-block` and `int8` 8 bits but for embeddings and output head; `fp8-ffn` 8 bits in the feed-forward layers alone; `int4` 4 bits (AWQ, GPTQ) but for embeddings and output head; `int4-experts`, `mxfp4-experts` 4 bits in the experts alone; `nvfp4` 4 bits but for embeddings and output head; `nvfp4-ffn` 4 bits in the feed-forward layers alone.",
    }),
    bytes: count.optional().meta({
      description:
        "Size of all tensors as published, such as `total_size` of the safetensors index. Left out: counted from shape and recipe. Bytes.",
    }),
  })
  .meta({ description: "How the repository stores its weights." });

const experts = z.strictObject({
  count: count.meta({ description: "Routed experts in each layer that has them. Experts." }),
  perToken: count.meta({ description: "Routed experts that each token passes through. Experts." }),
  intermediateSize: count.meta({ description: "Inner width of one routed expert. Elements." }),
  sharedIntermediateSize: count.optional().meta({
    description: "Inner width of the experts that every token passes through, summed. Left out: none. Elements.",
  }),
  denseLayers: z.int().min(0).optional().meta({
    description: "Layers with an ordinary feed-forward part in place of experts. Left out: none. Layers.",
  }),
});

const parameters = z.strictObject({
  total: count.meta({ description: "Parameters of the language model, embeddings included. Parameters." }),
  active: count.meta({ description: "Parameters that one token passes through. Parameters." }),
  vision: count.optional().meta({
    description: "Parameters of vision and audio parts, which the engine loads too. Left out: none. Parameters.",
  }),
});

const layers = count.max(1000);

/** What one token leaves in the key-value cache, by the way the model attends. */
const cacheFacts = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z
        .literal("full")
        .meta({ description: "Every layer keeps keys and values of every token (MHA, GQA, MQA)." }),
    }),
    z.strictObject({
      kind: z.literal("latent").meta({ description: "Every layer keeps one compressed vector a token (MLA)." }),
      rank: count.meta({ description: "Width of the compressed vector (kv_lora_rank). Elements." }),
      ropeSize: count.meta({ description: "Width of the positional part (qk_rope_head_dim). Elements." }),
      queryRank: count.optional().meta({
        description: "Width of the compressed query (q_lora_rank). Left out: queries are not compressed. Elements.",
      }),
      indexerHeadSize: count.optional().meta({
        description:
          "Width of the sparse-attention indexer's key (index_head_dim), kept in FP8 with one 4-byte scale for 128 elements. Left out: no indexer. Elements.",
      }),
      indexerLayers: layers.optional().meta({
        description: "Layers that keep indexer keys. Left out: all, where there is an indexer. Layers.",
      }),
    }),
    z.strictObject({
      kind: z.literal("windowed").meta({ description: "Some layers look back over a sliding window alone." }),
      windowTokens: count.meta({ description: "Length of the window (sliding_window). Tokens." }),
      windowedLayers: layers.meta({ description: "Layers with the window; the others keep every token. Layers." }),
      fullKeyValueHeads: count.optional().meta({
        description: "Key-value heads of the layers without window. Left out: keyValueHeads. Heads.",
      }),
      fullHeadSize: count.optional().meta({
        description: "Head size of the layers without window. Left out: headSize. Elements.",
      }),
    }),
    z.strictObject({
      kind: z.literal("chunked").meta({ description: "Some layers look back to the start of their chunk alone." }),
      chunkTokens: count.meta({ description: "Length of a chunk (attention_chunk_size). Tokens." }),
      chunkedLayers: layers.meta({ description: "Layers with chunks; the others keep every token. Layers." }),
    }),
    z.strictObject({
      kind: z.literal("linear").meta({ description: "Some layers keep a state of fixed size in place of a cache." }),
      fullAttentionLayers: layers.meta({ description: "Layers that keep every token. Layers." }),
      stateElements: count.meta({
        description: "Recurrent state of one sequence over all other layers, 4 bytes an element. Elements.",
      }),
      convolutionElements: count.optional().meta({
        description:
          "Inputs that the convolutions before it keep of one sequence, over all other layers, 2 bytes an element. Left out: none. Elements.",
      }),
    }),
    z.strictObject({
      kind: z.literal("measure").meta({ description: "The cache cannot be computed from the configuration." }),
      reason: z.string().min(10).meta({ description: "Why not. At least 10 characters." }),
    }),
  ])
  .meta({ description: "What the key-value cache holds." });

const licence = z.string().min(2).max(60);

const ownShape = z.strictObject({
  form: z.literal("own").meta({ description: "The entry states the model's shape." }),
  layers: layers.meta({ description: "Decoder layers (num_hidden_layers). Layers." }),
  hiddenSize: count.meta({ description: "Width between layers (hidden_size). Elements." }),
  attentionHeads: count.meta({ description: "Query heads (num_attention_heads). Heads." }),
  keyValueHeads: count.meta({
    description:
      "Key-value heads (num_key_value_heads); repeated on GPUs where there are fewer heads than GPUs. Heads.",
  }),
  headSize: count.meta({ description: "Size of one head (head_dim). Elements." }),
  intermediateSize: count.optional().meta({
    description:
      "Inner width of the ordinary feed-forward part (intermediate_size). Left out: every layer has experts. Elements.",
  }),
  vocabularySize: count.meta({ description: "Entries of the vocabulary (vocab_size). Tokens." }),
  maxPositions: count.meta({
    description: "Longest sequence that the configuration allows (max_position_embeddings). Tokens.",
  }),
  tiedEmbeddings: z.boolean().meta({
    description: "Whether input embeddings and output head are one tensor (tie_word_embeddings).",
  }),
  experts: experts.optional().meta({ description: "The mixture of experts. Left out: the model has none." }),
  imagePatches: count.optional().meta({
    description:
      "Patches of the largest image that the engine tries when it starts. Left out: images do not raise the peak of memory. Patches.",
  }),
  parameters: parameters.optional().meta({
    description:
      "Parameter counts. Left out: not known, and the size of the weights must come from the lock or the file.",
  }),
  cache: cacheFacts,
  weights,
  licence: licence.meta({ description: "Short name of the licence, such as `Apache-2.0`. At most 60 characters." }),
  ...sourced,
});

const variant = z.strictObject({
  form: z.literal("variant").meta({ description: "The entry has the shape of another one and stores it differently." }),
  of: repository.meta({ description: "The repository whose shape it has, of this section or of Freehold's catalog." }),
  weights: weights.optional().meta({
    description: "How the repository stores its weights. Left out: as the one whose shape it has.",
  }),
  maxPositions: count.optional().meta({
    description: "Longest sequence, where it differs. Left out: that of the shape. Tokens.",
  }),
  licence: licence.optional().meta({ description: "Short name of the licence. Left out: that of the shape." }),
  ...sourced,
});

/** Shape, size and terms of one model repository. */
export const modelFacts = z.discriminatedUnion("form", [ownShape, variant]);

/** An entry as written: a shape, or a reference to one. */
export type ModelEntry = z.output<typeof modelFacts>;
/** A model's facts with the shape filled in. */
export type ModelFacts = Omit<z.output<typeof ownShape>, "form">;
export type WeightRecipe = z.output<typeof weightRecipe>;
