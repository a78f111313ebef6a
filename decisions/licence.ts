import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import type { Config } from "../config/schema/index.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";
import { licences } from "./catalog/licences.ts";
import { isInEu } from "./catalog/territories.ts";
import { sortedEntries } from "./figures.ts";

/** How and where the models of a file are used. */
export interface LicenceUse {
  readonly commercial: boolean;
  /** Cloud regions that the file names; none when it names none. */
  readonly regions: readonly string[];
}

/** Environments that nobody earns money with, by their names. */
const trialNames: ReadonlySet<string> = new Set([
  "trial",
  "test",
  "dev",
  "development",
  "rehearsal",
  "laptop",
  "demo",
  "bench",
  "sandbox",
]);

/** How a file uses its models: for money unless its environment is named as a trial; in the regions that it names. */
export function licenceUseOf({ environment, residency, nodePools }: Config): LicenceUse {
  const zones = Object.values(nodePools).flatMap((pool) => pool.zones ?? []);
  // `eu-central-1a` is a zone of the region `eu-central-1`.
  const regions = [...(residency?.regions ?? []), ...zones.map((zone) => zone.replace(/-?[a-z]$/, ""))];
  return { commercial: !trialNames.has(environment), regions: [...new Set(regions)] };
}

/** Models whose licence speaks against their use, once for each version that serves one. */
export function checkLicences(config: Config, catalog: Catalog, { commercial, regions }: LicenceUse): Finding[] {
  const inEu = regions.filter(isInEu);
  return sortedEntries(config.models).flatMap(([model, { versions }]) =>
    sortedEntries(versions).flatMap(([version, { weights }]) => {
      const { repository } = weights;
      const licence = lookUp(catalog.models, repository)?.licence;
      if (licence === undefined) return [];
      const place = at(["models", model, "versions", version, "weights", "repository"]);
      const terms = lookUp(licences, licence);
      const named = { model, repository, licence };
      if (terms === null || terms.commercialUse === null) {
        return commercial ? [finding("LIC-103", place, named)] : [];
      }
      const { source, conditions, excludedTerritory } = terms;
      const found: Finding[] = [];
      if (commercial && terms.commercialUse === "forbidden") {
        found.push(
          finding("LIC-101", place, { ...named, source, conditions, environment: config.environment }, [
            { path: ["environment"], text: "the environment is set here" },
          ]),
        );
      }
      if (inEu.length > 0 && excludedTerritory !== null) {
        found.push(finding("LIC-102", place, { ...named, source, scope: excludedTerritory.scope, regions: inEu }));
      }
      return found;
    }),
  );
}
