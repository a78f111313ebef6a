import { elsewhereText } from "./capacity/elsewhere.ts";
import type { SizingRequest, SizingResult } from "./capacity/sizing.ts";
import { gpuHourUsd, waysToFit } from "./capacity/ways-to-fit.ts";
import type { Catalog } from "./catalog/index.ts";
import { countText, gibText } from "./figures.ts";
import { candidateText } from "./sizing-reasons.ts";

/** Why no size works, and what would: the answer of sizing where there is none. */
export function sizeFailureText(
  repository: string,
  request: SizingRequest,
  { candidates }: SizingResult,
  catalog: Catalog,
): string {
  return [
    `${repository} on ${request.acceleratorKey}: no size of a replica works.`,
    "",
    ...candidates.map((candidate) => `  ${candidateText(candidate)}`),
    "",
    ...remedies(request, candidates, catalog).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function remedies(request: SizingRequest, candidates: SizingResult["candidates"], catalog: Catalog): string[] {
  const missed = candidates.filter((candidate) => candidate.kind === "missed");
  const [first] = missed;
  if (first !== undefined) return [`Other GPUs: ${elsewhereText(request, first.missed.objective, catalog)}.`];
  const unknown = candidates.find((candidate) => candidate.kind === "unknown");
  if (unknown !== undefined) return [unknown.reason];
  const last = candidates.filter((candidate) => candidate.kind === "does-not-fit").at(-1);
  if (last === undefined) return ["No power of two up to the GPUs of a node divides its attention heads."];
  const ways = waysToFit(request, last.tensorParallelSize, catalog, gpuHourUsd(request.acceleratorKey, catalog));
  return [
    `On ${countText(last.tensorParallelSize, "GPU")} ${gibText(last.budget.missingBytes)} a GPU are missing. ${last.budget.reason}`,
    ...(ways.length === 0
      ? ["Nothing makes it fit here: take a smaller or a quantised model, or GPUs with more memory."]
      : ["The cheapest ways to make it fit:", ...ways.map((way, index) => `  ${index + 1}. ${way}`)]),
  ];
}
