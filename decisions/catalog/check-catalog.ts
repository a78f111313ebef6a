import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { byName } from "../figures.ts";
import { ageInDays, priceAgeLimitDays } from "./age.ts";
import { capacityPresets } from "./capacity-presets.ts";
import { commitments } from "./commitments.ts";
import { contradictionsOf } from "./contradictions.ts";
import type { Catalog } from "./index.ts";
import type { Sourced } from "./sourced.ts";

/** One entry of any kind, by the name that it is listed under. */
interface Named extends Sourced {
  readonly name: string;
}

/** What every entry has against itself, the others and today (`YYYY-MM-DD`). */
export function checkCatalog(catalog: Catalog, today: string): Finding[] {
  const kinds = entriesByKind(catalog);
  return [
    ...Object.entries(catalog.models).flatMap(([repository, facts]) =>
      contradictionsOf(facts).map(({ text }) =>
        finding("CAP-121", subjectOf("models", repository), { repository, contradiction: text }),
      ),
    ),
    ...[...kinds].flatMap(([kind, entries]) => entries.flatMap((entry) => checkFuture(kind, entry, today))),
    ...[...kinds].flatMap(([kind, entries]) => checkUndated(kind, entries)),
    ...[...kinds]
      .filter(([kind]) => pricedKinds.has(kind))
      .flatMap(([kind, entries]) => checkAges(kind, entries, today)),
    ...checkGpus(catalog),
  ];
}

const pricedKinds: ReadonlySet<string> = new Set(["prices", "instances"]);

/** All entries that carry a source, by kind, in the order in which they are told. */
function entriesByKind(catalog: Catalog): ReadonlyMap<string, readonly Named[]> {
  const named = (map: Readonly<Record<string, Sourced>>) =>
    Object.entries(map).map(([name, { source, asOf }]) => ({ name, source, asOf }));
  const instances = catalog.instances.map(({ provider, instance, region, source, asOf }) => ({
    name: `${provider} ${instance}${region === null ? "" : ` in ${region}`}`,
    source,
    asOf,
  }));
  const prices = Object.entries(catalog.providers).flatMap(([provider, { prices: list }]) =>
    Object.entries(list).map(([model, { source, asOf }]) => ({ name: `${provider} ${model}`, source, asOf })),
  );
  return new Map<string, readonly Named[]>([
    ["models", named(catalog.models)],
    ["accelerators", named(catalog.accelerators)],
    ["instances", instances],
    ["prices", prices],
    ["commitments", commitments.map(({ what, term, source, asOf }) => ({ name: `${what}, ${term}`, source, asOf }))],
    ["capacity presets", named(capacityPresets)],
  ]);
}

function subjectOf(kind: string, name: string): { readonly subject: string } {
  return { subject: `catalog.${kind}.${name}` };
}

function checkFuture(kind: string, { name, asOf }: Named, today: string): Finding[] {
  return asOf !== "unknown" && asOf > today ? [finding("CAT-103", subjectOf(kind, name), { name, asOf, today })] : [];
}

function checkUndated(kind: string, entries: readonly Named[]): Finding[] {
  const names = entries.filter(({ asOf }) => asOf === "unknown").map(({ name }) => name);
  return names.length === 0
    ? []
    : [finding("CAT-101", { subject: `catalog.${kind}` }, { kind, names: [...names].sort(byName) })];
}

/** One finding for all entries of one source. */
function checkAges(kind: string, entries: readonly Named[], today: string): Finding[] {
  const bySource = new Map<string, Named[]>();
  for (const entry of entries) {
    const key = `${entry.source} ${entry.asOf}`;
    bySource.set(key, [...(bySource.get(key) ?? []), entry]);
  }
  return [...bySource.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined || first.asOf === "unknown") return [];
    const days = ageInDays(first.asOf, today);
    if (!(days > priceAgeLimitDays)) return [];
    const { source, asOf } = first;
    const parameters = {
      kind: kind === "prices" ? "prices of APIs" : "prices of instances",
      source,
      asOf,
      days,
      count: some.length,
      limitDays: priceAgeLimitDays,
    };
    return [finding("CAT-102", { subject: `catalog.${kind}` }, parameters)];
  });
}

function checkGpus({ instances, accelerators }: Catalog): Finding[] {
  const unknown = instances.filter(({ accelerator }) => !Object.hasOwn(accelerators, accelerator));
  if (unknown.length === 0) return [];
  const names = [...new Set(unknown.map(({ accelerator }) => accelerator))].sort(byName);
  return [finding("CAT-104", { subject: "catalog.instances" }, { accelerators: names, instances: unknown.length })];
}
