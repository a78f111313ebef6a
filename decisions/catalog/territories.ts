/** Regions in Europe that lie outside the European Union: London, Cardiff, Zurich, Geneva, Oslo, Stavanger. */
const europeOutsideEu: ReadonlySet<string> = new Set([
  "eu-west-2",
  "eu-central-2",
  "europe-west2",
  "europe-west6",
  "uksouth",
  "ukwest",
  "switzerlandnorth",
  "switzerlandwest",
  "norwayeast",
  "norwaywest",
]);

/** Azure's names do not begin with the continent. */
const azureInEu: ReadonlySet<string> = new Set([
  "austriaeast",
  "francecentral",
  "francesouth",
  "germanynorth",
  "germanywestcentral",
  "italynorth",
  "northeurope",
  "polandcentral",
  "spaincentral",
  "swedencentral",
  "swedensouth",
  "westeurope",
]);

/**
 * Whether a cloud region, or the area `eu`, lies in the European Union, by the names that AWS, Google Cloud and Azure give.
 * Source: docs.aws.amazon.com regions, cloud.google.com/compute/docs/regions-zones, learn.microsoft.com azure regions list;
 * as known on 2026-11-25.
 */
export function isInEu(region: string): boolean {
  const name = region.toLowerCase();
  if (europeOutsideEu.has(name)) return false;
  return name === "eu" || azureInEu.has(name) || /^(eu|europe)-/.test(name);
}
