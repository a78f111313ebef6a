import { entry } from "./entry.ts";

const listed = (names: readonly string[]) =>
  names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")} and ${names.length - 12} more`;

/** CAT-1xx: what the catalog's entries have against each other and the calendar, told by `freehold catalog check`. */
export const catalogCodes = {
  "CAT-101": entry<{ kind: string; names: readonly string[] }>({
    severity: "warning",
    summary: "Entries of the catalog have no date",
    title: ({ kind, names }) => `${names.length} of the ${kind} come from sources without a date.`,
    why: ({ names }) =>
      `Nobody can tell whether they still hold: ${listed(names)}. None of them is taken by default; where one is used, \`check\` says so.`,
    fix: ({ kind }) =>
      `Check those that you use, and write models and accelerators of your own under \`catalog\` with \`source\` and \`asOf\`, prices beside the ${kind === "prices" ? "alternative" : "node pool"}.`,
    example: { kind: "models", names: ["microsoft/phi-4", "Qwen/QwQ-32B"] },
  }),
  "CAT-102": entry<{ kind: string; source: string; asOf: string; days: number; count: number; limitDays: number }>({
    severity: "warning",
    summary: "Prices of the catalog are old",
    title: ({ kind, count, days, asOf }) => `${count} ${kind} are ${days} days old (${asOf}).`,
    why: ({ source, limitDays }) =>
      `They come from ${source}. Prices have moved by half within months, so after ${limitDays} days they may turn a verdict.`,
    fix: () => "Use a newer Freehold, or write your own prices with their date in the stack file.",
    example: {
      kind: "prices of instances",
      source: "github.com/aws/karpenter-provider-aws",
      asOf: "2026-07-20",
      days: 128,
      count: 60,
      limitDays: 90,
    },
  }),
  "CAT-103": entry<{ name: string; asOf: string; today: string }>({
    severity: "error",
    summary: "An entry of the catalog is dated in the future",
    title: ({ name, asOf, today }) => `${name} is dated ${asOf}, and today is ${today}.`,
    why: () => "A source that has not come out cannot have been read: the date or this machine's clock is wrong.",
    fix: () => "Correct the date under `catalog`, or set the clock.",
    example: { name: "acme/assistant", asOf: "2027-11-01", today: "2026-11-25" },
  }),
  "CAT-104": entry<{ accelerators: readonly string[]; instances: number }>({
    severity: "warning",
    summary: "Instances have GPUs that the catalog does not know",
    title: ({ accelerators, instances }) =>
      `${instances} instances have GPUs without facts: ${accelerators.join(", ")}.`,
    why: () => "Their prices are listed, and nothing can be sized on them.",
    fix: () => "Write the GPU's facts under `catalog.accelerators` of the stack file to use it.",
    example: { accelerators: ["nvidia-a10"], instances: 2 },
  }),
} as const;
