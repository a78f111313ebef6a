import type { ModelEntry, ModelFacts } from "../../../config/schema/model-facts.ts";
import { deepseekModels } from "./deepseek.ts";
import { embeddingModels } from "./embedding.ts";
import { gemmaModels } from "./gemma.ts";
import { llamaModels } from "./llama.ts";
import { mistralModels } from "./mistral.ts";
import { othersModels } from "./others.ts";
import { qwen25Models } from "./qwen2-5.ts";
import { qwen3Models } from "./qwen3.ts";
import { qwen35Models } from "./qwen3-5.ts";
import { resolveModels } from "./resolve.ts";

/** Every entry as written, by Hugging Face repository. */
export const modelEntries: Readonly<Record<string, ModelEntry>> = {
  ...deepseekModels,
  ...embeddingModels,
  ...gemmaModels,
  ...llamaModels,
  ...mistralModels,
  ...othersModels,
  ...qwen25Models,
  ...qwen3Models,
  ...qwen35Models,
};

/**
 * Models by their Hugging Face repository, shapes filled in. Parameter counts are counted from the configuration's
 * fields unless the source says otherwise; biases are left out.
 */
export const models: Readonly<Record<string, ModelFacts>> = resolveModels(modelEntries, {}).models;
