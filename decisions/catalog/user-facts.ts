import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { Config } from "../../config/schema/index.ts";
import type { ModelEntry, ModelFacts } from "../../config/schema/model-facts.ts";
import { contradictionsOf } from "./contradictions.ts";
import { type Catalog, lookUp } from "./index.ts";
import { resolveModels } from "./models/resolve.ts";

const mib = 2 ** 20;
const gib = 2 ** 30;

/** The catalog with the file's own entries laid over it, and what is wrong with those. A faulty entry is left out. */
export function withUserFacts(
  catalog: Catalog,
  section: Config["catalog"],
): { readonly catalog: Catalog; readonly findings: readonly Finding[] } {
  const entries: Readonly<Record<string, ModelEntry>> = section?.models ?? {};
  const accelerators = section?.accelerators ?? {};
  const { models, unresolved } = resolveModels(entries, catalog.models);
  const modelFindings = Object.entries(models).map(
    ([repository, facts]) => [repository, checkModel(repository, facts, entries[repository])] as const,
  );
  const gpuFindings = Object.entries(accelerators).map(
    ([name, facts]) => [name, checkAccelerator(name, facts)] as const,
  );
  const known = [...Object.keys(models), ...Object.keys(catalog.models)];
  return {
    catalog: {
      ...catalog,
      models: laidOver(catalog.models, models, modelFindings),
      accelerators: laidOver(catalog.accelerators, accelerators, gpuFindings),
    },
    findings: [
      ...unresolved.map(({ repository, of }) =>
        finding("CAP-122", at(["catalog", "models", repository, "of"]), {
          repository,
          of,
          nearest: nearest(of, known),
        }),
      ),
      ...modelFindings.flatMap(([, found]) => found),
      ...gpuFindings.flatMap(([, found]) => found),
    ],
  };
}

/** Used facts whose source has no date, once for each model and accelerator. */
export function checkDates(config: Config, catalog: Catalog): Finding[] {
  const accelerators = new Map(Object.entries(config.nodePools).map(([pool, { accelerator }]) => [accelerator, pool]));
  const gpuFindings = [...accelerators].flatMap(([name, pool]) => {
    const facts = lookUp(catalog.accelerators, name);
    if (facts === null || facts.asOf !== "unknown") return [];
    const parameters = { kind: "accelerator", name, source: facts.source } as const;
    return [finding("CAP-124", at(["nodePools", pool, "accelerator"]), parameters)];
  });
  const repositories = new Map<string, string[]>();
  for (const [model, { versions }] of Object.entries(config.models)) {
    for (const [version, { weights }] of Object.entries(versions)) {
      repositories.set(weights.repository, ["models", model, "versions", version, "weights", "repository"]);
    }
  }
  const modelFindings = [...repositories].flatMap(([name, path]) => {
    const facts = lookUp(catalog.models, name);
    if (facts === null || facts.asOf !== "unknown") return [];
    return [finding("CAP-124", at(path), { kind: "model", name, source: facts.source })];
  });
  return [...gpuFindings, ...modelFindings];
}

function laidOver<T>(
  below: Readonly<Record<string, T>>,
  above: Readonly<Record<string, T>>,
  findings: readonly (readonly [name: string, found: readonly Finding[]])[],
): Readonly<Record<string, T>> {
  const faulty = new Set(findings.filter(([, found]) => found.length > 0).map(([name]) => name));
  const sound = Object.entries(above).filter(([name]) => !faulty.has(name));
  return sound.length === 0 ? below : { ...below, ...Object.fromEntries(sound) };
}

function checkModel(repository: string, facts: ModelFacts, entry: ModelEntry | undefined): Finding[] {
  return contradictionsOf(facts).map(({ path, text }) => {
    // A variant states its weights alone; the rest is in the entry whose shape it has.
    const isStated = entry?.form === "own" || path[0] === "weights";
    const place = at(["catalog", "models", repository, ...(isStated ? path : ["of"])]);
    return finding("CAP-121", place, { repository, contradiction: text });
  });
}

function checkAccelerator(name: string, facts: AcceleratorFacts): Finding[] {
  const { visibleMiB, engineVisibleGiB, denseTeraflops, memoryGigabytesPerSecond } = facts;
  const faults: (readonly [path: readonly string[], text: string])[] = [];
  if (engineVisibleGiB !== undefined && engineVisibleGiB * gib > visibleMiB * mib) {
    faults.push([["engineVisibleGiB"], `the engine cannot see ${engineVisibleGiB} GiB of ${visibleMiB} MiB`]);
  }
  const { bf16, fp8, fp4 } = denseTeraflops;
  if (bf16 !== undefined && fp8 !== undefined && fp8 < bf16) {
    faults.push([["denseTeraflops", "fp8"], `FP8 at ${fp8} is slower than 16 bits at ${bf16}`]);
  }
  if (fp8 !== undefined && fp4 !== undefined && fp4 < fp8) {
    faults.push([["denseTeraflops", "fp4"], `FP4 at ${fp4} is slower than FP8 at ${fp8}`]);
  }
  if (memoryGigabytesPerSecond < slowestMemory || memoryGigabytesPerSecond > fastestMemory) {
    const text = `a memory bandwidth of ${memoryGigabytesPerSecond} GB/s lies outside ${slowestMemory} to ${fastestMemory}`;
    faults.push([["memoryGigabytesPerSecond"], text]);
  }
  return faults.map(([path, contradiction]) =>
    finding("CAP-123", at(["catalog", "accelerators", name, ...path]), { accelerator: name, contradiction }),
  );
}

/** From a laptop's memory to several times the fastest accelerator of the catalog: mistakes of unit lie outside. */
const slowestMemory = 50;
const fastestMemory = 50_000;
