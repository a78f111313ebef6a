import { lookUp } from "./look-up.ts";
import type { Sourced } from "./sourced.ts";

/** A place of a cloud that requests can be processed in. */
export interface Region extends Sourced {
  readonly provider: string;
  /** Two letters of ISO 3166-1, lower case. */
  readonly country: string;
  readonly place: string;
}

type Row = readonly [country: string, place: string];

function regionsOf(provider: string, sourced: Sourced, rows: Readonly<Record<string, Row>>): [string, Region][] {
  return Object.entries(rows).map(([name, [country, place]]) => [name, { provider, country, place, ...sourced }]);
}

/** Regions by name. Names of different clouds differ, so the name alone says which cloud is meant. */
export const regions: Readonly<Record<string, Region>> = Object.fromEntries([
  ...regionsOf(
    "aws",
    {
      source: "https://docs.aws.amazon.com/bedrock/latest/userguide/endpoints-region-availability.html",
      asOf: "unknown",
    },
    {
      "eu-central-1": ["de", "Frankfurt"],
      "eu-central-2": ["ch", "Zurich"],
      "eu-north-1": ["se", "Stockholm"],
      "eu-south-1": ["it", "Milan"],
      "eu-south-2": ["es", "Aragon"],
      "eu-west-1": ["ie", "Dublin"],
      "eu-west-2": ["gb", "London"],
      "eu-west-3": ["fr", "Paris"],
      "us-east-1": ["us", "Virginia"],
      "us-east-2": ["us", "Ohio"],
      "us-west-1": ["us", "California"],
      "us-west-2": ["us", "Oregon"],
      "ca-central-1": ["ca", "Montreal"],
    },
  ),
  ...regionsOf(
    "azure",
    {
      source: "https://learn.microsoft.com/en-us/azure/reliability/regions-list (not read again for this list)",
      asOf: "unknown",
    },
    {
      austriaeast: ["at", "Vienna"],
      belgiumcentral: ["be", "Brussels"],
      francecentral: ["fr", "Paris"],
      germanywestcentral: ["de", "Frankfurt"],
      italynorth: ["it", "Milan"],
      northeurope: ["ie", "Dublin"],
      norwayeast: ["no", "Oslo"],
      polandcentral: ["pl", "Warsaw"],
      spaincentral: ["es", "Madrid"],
      swedencentral: ["se", "Gavle"],
      switzerlandnorth: ["ch", "Zurich"],
      uksouth: ["gb", "London"],
      westeurope: ["nl", "Amsterdam"],
      eastus: ["us", "Virginia"],
      eastus2: ["us", "Virginia"],
    },
  ),
  ...regionsOf(
    "gcp",
    { source: "https://cloud.google.com/about/locations (not read again for this list)", asOf: "unknown" },
    {
      "europe-central2": ["pl", "Warsaw"],
      "europe-north1": ["fi", "Hamina"],
      "europe-southwest1": ["es", "Madrid"],
      "europe-west1": ["be", "St. Ghislain"],
      "europe-west2": ["gb", "London"],
      "europe-west3": ["de", "Frankfurt"],
      "europe-west4": ["nl", "Eemshaven"],
      "europe-west6": ["ch", "Zurich"],
      "europe-west8": ["it", "Milan"],
      "europe-west9": ["fr", "Paris"],
      "us-central1": ["us", "Iowa"],
    },
  ),
  ...regionsOf(
    "ovhcloud",
    { source: "https://tokonomix.ai/en/models/ovh/gpt-oss-120b", asOf: "unknown" },
    { gra: ["fr", "Gravelines"] },
  ),
  ...regionsOf(
    "scaleway",
    { source: "https://www.scaleway.com/en/docs/generative-apis/faq", asOf: "unknown" },
    { "fr-par": ["fr", "Paris"] },
  ),
  ...regionsOf(
    "nebius",
    { source: "https://www.bolna.ai/docs/custom-llm-inference/nebius (places not read again)", asOf: "unknown" },
    { "eu-north1": ["fi", "Mantsala"], "eu-west1": ["fr", "Paris"] },
  ),
]);

const union = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk".split(" ");

/** Groups of countries that `residency.regions` may name. */
export const areas: Readonly<Record<string, readonly string[]>> = {
  eu: union,
  eea: [...union, "is", "li", "no"],
};

const countries: ReadonlySet<string> = new Set([
  ...union,
  ..."is li no ch gb us ca au jp sg in kr br ae sa za tr ua rs nz mx cl".split(" "),
]);

/** Names that `residency.regions` may hold, for the nearest to a misspelt one. */
export function knownPlaces(): string[] {
  return [...Object.keys(areas), ...Object.keys(regions)];
}

/** Whether a region, country or area of this name is known. */
export function isKnownPlace(name: string): boolean {
  return countries.has(name) || lookUp(areas, name) !== null || lookUp(regions, name) !== null;
}

/** Whether everything that `place` covers lies inside one of the allowed places. An unknown place lies nowhere. */
export function liesInside(place: string, allowed: readonly string[]): boolean {
  if (allowed.includes(place)) return true;
  const area = lookUp(areas, place);
  // An area is inside when each of its countries is: named by themselves or by a wider area.
  if (area !== null) return area.every((country) => liesInside(country, allowed));
  const region = lookUp(regions, place);
  const country = region === null ? (countries.has(place) ? place : null) : region.country;
  if (country === null) return false;
  return allowed.some((one) => one === country || (lookUp(areas, one)?.includes(country) ?? false));
}

const spelled: Readonly<Record<string, string>> = {
  eu: "the European Union",
  eea: "the European Economic Area",
  us: "the United States",
};

/** `eu-central-1 (Frankfurt, DE)`, `the European Union`, `FR`, or the name as it stands. */
export function placeText(name: string): string {
  const region = lookUp(regions, name);
  if (region === null) return lookUp(spelled, name) ?? (countries.has(name) ? name.toUpperCase() : name);
  return `${name} (${region.place}, ${region.country.toUpperCase()})`;
}
