import { entry } from "./entry.ts";

interface Use {
  readonly model: string;
  readonly repository: string;
  readonly licence: string;
  readonly source: string;
}

/** LIC: what the licences of models allow. All are warnings, because an agreement with the licensor changes the answer. */
export const licenceCodes = {
  "LIC-101": entry<Use & { readonly environment: string; readonly conditions: readonly string[] }>({
    severity: "warning",
    summary: "A model's licence forbids commercial use",
    title: ({ model, repository, licence }) =>
      `"${model}" serves ${repository}, whose licence (${licence}) forbids commercial use.`,
    why: ({ environment, conditions, source }) =>
      `The environment "${environment}" counts as commercial. ${[...conditions, `Source: ${source}.`].join(" ")}`,
    fix: () =>
      "Serve another model. If you have an agreement with the licensor, give LIC-101 and name the agreement under `silence`.",
    example: {
      model: "chat",
      repository: "mistralai/Mistral-Large-Instruct-2407",
      licence: "Mistral Research",
      environment: "production",
      conditions: ["Commercial use needs an agreement with Mistral AI."],
      source: "Mistral AI Research License, section 3.2",
    },
  }),
  "LIC-102": entry<Use & { readonly scope: string; readonly regions: readonly string[] }>({
    severity: "warning",
    summary: "A model's licence leaves out the territory it is served in",
    title: ({ model, repository, licence }) =>
      `"${model}" serves ${repository} in the European Union, which its licence (${licence}) leaves out.`,
    why: ({ scope, regions, source }) =>
      `The file names ${regions.join(", ")}. The licence ${scope}. What counts there is the seat of the licensee, which the file does not say. Source: ${source}.`,
    fix: () =>
      "Serve another model. If the licensee sits elsewhere, or does not use the parts that are left out, give LIC-102 and say so under `silence`.",
    example: {
      model: "chat",
      repository: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
      licence: "Llama 4 Community",
      scope:
        "grants no rights in its multimodal models to companies with their main place of business in the European Union",
      regions: ["eu-central-1"],
      source: "Llama 4 Acceptable Use Policy",
    },
  }),
  "LIC-103": entry<Omit<Use, "source">>({
    severity: "warning",
    summary: "A model's licence has not been checked",
    title: ({ model, repository, licence }) =>
      `Whether ${repository}, which "${model}" serves, may be used commercially has not been checked (licence: ${licence}).`,
    why: () => "Freehold's catalog has no terms for it, so nothing stands against its use and nothing for it.",
    fix: () =>
      "Read the licence on the model's card. Then give LIC-103 and what you found under `silence`, or name the licence under catalog.models if it is one that Freehold knows.",
    example: { model: "chat", repository: "zai-org/GLM-5.2", licence: "unverified" },
  }),
} as const;
