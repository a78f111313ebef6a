import type { Sourced } from "./sourced.ts";

/** What a licence allows, as far as a stack file can break it. */
export interface LicenceTerms extends Sourced {
  /** Whether it may be used commercially without a further agreement; null where nobody has checked. */
  readonly commercialUse: "allowed" | "forbidden" | null;
  /** Where the licence grants nothing, or null. */
  readonly excludedTerritory: { readonly territory: "eu"; readonly scope: string } | null;
  /** Conditions that a stack file says nothing about, as full sentences. */
  readonly conditions: readonly string[];
}

function open(source: string): LicenceTerms {
  return { commercialUse: "allowed", excludedTerritory: null, conditions: [], source, asOf: "2026-11-23" };
}

function llama(version: string, dated: string, excludedTerritory: LicenceTerms["excludedTerritory"]): LicenceTerms {
  return {
    commercialUse: "allowed",
    excludedTerritory,
    conditions: [
      "Who had more than 700 million monthly users when the model was released needs a licence from Meta.",
      "What is built with it says so.",
    ],
    source: `Llama ${version} Community License Agreement, sections 1 and 2, and its Acceptable Use Policy; llama.com/license`,
    asOf: dated,
  };
}

function unchecked(source: string): LicenceTerms {
  return { commercialUse: null, excludedTerritory: null, conditions: [], source, asOf: "unknown" };
}

/** Terms by the name that a model's facts give. */
export const licences: Readonly<Record<string, LicenceTerms>> = {
  "Apache-2.0": open("https://www.apache.org/licenses/LICENSE-2.0; that a model has it: its row's source"),
  MIT: open("https://opensource.org/license/mit; that a model has it: its row's source"),
  "Modified MIT": {
    ...open("licence file of moonshotai/Kimi-K2-Instruct on huggingface.co"),
    conditions: [
      "A product with more than 100 million monthly users or 20 million USD a month shows the model's name.",
    ],
  },
  "Llama 2 Community": llama("2", "2023-07-18", null),
  "Llama 3 Community": llama("3", "2024-04-18", null),
  "Llama 3.1 Community": llama("3.1", "2024-07-23", null),
  "Llama 3.2 Community": llama("3.2", "2024-09-25", null),
  "Llama 3.3 Community": llama("3.3", "2024-12-06", null),
  "Llama 4 Community": llama("4", "2025-04-05", {
    territory: "eu",
    scope:
      "grants no rights in its multimodal models to people living in, or companies with their main place of business in, the European Union",
  }),
  "Mistral Research": {
    commercialUse: "forbidden",
    excludedTerritory: null,
    conditions: ["Commercial use needs an agreement with Mistral AI."],
    source: "Mistral AI Research License, section 3.2; mistral.ai/licenses/MRL-0.1.md",
    asOf: "2024-07-24",
  },
  Qwen: {
    ...open("Qwen License Agreement, section 3; licence file of Qwen/Qwen2.5-72B-Instruct on huggingface.co"),
    conditions: ["Who has more than 100 million monthly users needs a licence from Alibaba Cloud."],
    asOf: "2024-09-19",
  },
  "Qwen Research": {
    commercialUse: "forbidden",
    excludedTerritory: null,
    conditions: ["Commercial use needs a licence from Alibaba Cloud."],
    source: "Qwen Research License Agreement; licence file of Qwen/Qwen2.5-3B-Instruct on huggingface.co",
    asOf: "2024-09-19",
  },
  "Gemma Terms of Use": {
    ...open("https://ai.google.dev/gemma/terms"),
    conditions: ["Whoever passes the model on must pass on the use restrictions of its terms."],
    asOf: "2025-03-24",
  },
  "DeepSeek V3 (first release)": {
    ...open("LICENSE-MODEL of github.com/deepseek-ai/DeepSeek-V3; later checkpoints are MIT"),
    conditions: ["The use restrictions of attachment A hold for all who use the model."],
    asOf: "2024-12-26",
  },
  "NVIDIA Open Model (unverified)": unchecked("model card on huggingface.co, not read"),
  unverified: unchecked("model card on huggingface.co, not read"),
};
