import { entry } from "./entry.ts";

/** CAP-12x: facts about models and GPUs, the user's own and the catalog's. */
export const factCodes = {
  "CAP-121": entry<{ repository: string; contradiction: string }>({
    severity: "error",
    summary: "The facts of a model contradict each other",
    title: ({ repository, contradiction }) => `The facts of ${repository} contradict each other: ${contradiction}.`,
    why: () =>
      "Memory, speed and cost are reckoned from these facts. From ones that cannot all be true nothing can be reckoned.",
    fix: () =>
      "Take every figure from the repository's own config.json; the reference page names the key of each. Sizes and counts are whole numbers without a unit.",
    example: { repository: "acme/assistant", contradiction: "8 key-value heads do not divide 36 attention heads" },
  }),
  "CAP-122": entry<{ repository: string; of: string; nearest: string | null }>({
    severity: "error",
    summary: "A model has the shape of one that nobody knows",
    title: ({ repository, of }) => `${repository} is said to have the shape of ${of}, which has none here.`,
    why: () =>
      "An entry with `form: variant` takes its shape from another one of this section or of Freehold's catalog, and that one must end in an entry with `form: own`.",
    fix: ({ nearest, of }) =>
      nearest === null ? `State the shape of ${of} with \`form: own\`.` : `Did you mean "${nearest}"?`,
    example: { repository: "acme/assistant", of: "Qwen/Qwen3-23B", nearest: "Qwen/Qwen3-32B" },
  }),
  "CAP-123": entry<{ accelerator: string; contradiction: string }>({
    severity: "error",
    summary: "The facts of an accelerator cannot be true",
    title: ({ accelerator, contradiction }) => `The facts of ${accelerator} cannot be true: ${contradiction}.`,
    why: () => "Memory, speed and cost are reckoned from these facts.",
    fix: () =>
      "Memory is in MiB or GiB as the driver and PyTorch report it; bandwidth in GB/s and speed in 10^12 operations a second without sparsity, as the vendor states them.",
    example: { accelerator: "acme-gpu", contradiction: "the engine cannot see 96 GiB of 81559 MiB" },
  }),
  "CAP-124": entry<{ kind: "model" | "accelerator"; name: string; source: string }>({
    severity: "warning",
    summary: "Facts without a date are used",
    title: ({ kind, name }) => `The facts about the ${kind} ${name} come from a source without a date.`,
    why: ({ source }) => `Nobody can tell whether they still hold. The source: ${source}.`,
    fix: ({ kind, name }) =>
      `Check them against the ${kind === "model" ? "repository's config.json" : "GPU itself"} and write them under catalog.${kind}s.${name} with \`source\` and \`asOf\`. To accept them, give CAP-124 and the reason under \`silence\`.`,
    example: { kind: "model", name: "microsoft/phi-4", source: "public GitHub files" },
  }),
} as const;
