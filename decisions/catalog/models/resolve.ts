import type { ModelEntry, ModelFacts } from "../../../config/schema/model-facts.ts";

/** Entries with their shapes filled in, and those whose shape could not be found. */
interface Resolved {
  readonly models: Readonly<Record<string, ModelFacts>>;
  /** Repository and the one it names, where no chain of entries ends in a shape. */
  readonly unresolved: readonly { readonly repository: string; readonly of: string }[];
}

/** Fills in the shapes that variants name, from `entries` first and from `known` after. */
export function resolveModels(
  entries: Readonly<Record<string, ModelEntry>>,
  known: Readonly<Record<string, ModelFacts>>,
): Resolved {
  const models: Record<string, ModelFacts> = Object.create(null);
  const unresolved: { repository: string; of: string }[] = [];
  for (const [repository, entry] of Object.entries(entries)) {
    const facts = resolve(repository, entries, known, new Set());
    if (facts !== null) models[repository] = facts;
    else unresolved.push({ repository, of: entry.form === "variant" ? entry.of : repository });
  }
  return { models, unresolved };
}

function resolve(
  repository: string,
  entries: Readonly<Record<string, ModelEntry>>,
  known: Readonly<Record<string, ModelFacts>>,
  seen: Set<string>,
): ModelFacts | null {
  if (seen.has(repository)) return null;
  seen.add(repository);
  const entry = Object.hasOwn(entries, repository) ? entries[repository] : undefined;
  if (entry === undefined) return Object.hasOwn(known, repository) ? (known[repository] ?? null) : null;
  if (entry.form === "own") {
    const { form: _, ...facts } = entry;
    return facts;
  }
  const shape = resolve(entry.of, entries, known, seen);
  if (shape === null) return null;
  return {
    ...shape,
    weights: entry.weights ?? shape.weights,
    maxPositions: entry.maxPositions ?? shape.maxPositions,
    licence: entry.licence ?? shape.licence,
    source: entry.source,
    asOf: entry.asOf,
  };
}
