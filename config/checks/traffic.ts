import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Config, ModelConfig } from "../schema/index.ts";
import { check } from "./check.ts";

/** Every request goes somewhere: traffic names versions that exist, and sums to 100. */
export const traffic = check({
  reads: ["models"],
  run: ({ models }) =>
    Object.entries(models).flatMap(([model, { versions, traffic: shares }]) => {
      const unknown = unknownVersions(model, versions, shares);
      // A misspelt version makes the sum look wrong or split; what is said about it first is enough.
      return unknown.length > 0 ? unknown : shareFindings(model, versions, shares);
    }),
});

function unknownVersions(model: string, versions: ModelConfig["versions"], shares: ModelConfig["traffic"]): Finding[] {
  const known = Object.keys(versions);
  // A model without versions has its own finding.
  if (known.length === 0) return [];
  return Object.keys(shares).flatMap((version) => {
    if (Object.hasOwn(versions, version)) return [];
    const parameters = { model, version, known, nearest: nearest(version, known) };
    return [finding("CFG-203", at(["models", model, "traffic", version], "key"), parameters)];
  });
}

function shareFindings(model: string, versions: ModelConfig["versions"], shares: ModelConfig["traffic"]): Finding[] {
  const place = at(["models", model, "traffic"]);
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  const serving = Object.entries(shares).flatMap(([version, share]) => (share > 0 ? [version] : []));
  const [only] = serving.length === 1 ? serving : Object.keys(versions).length === 1 ? Object.keys(versions) : [];
  if (sum === 100) return [];
  const written = Object.entries(shares).map(([version, share]) => `${version} ${share}`);
  return [
    finding("CFG-204", place, {
      model,
      sum,
      shares: written.length === 0 ? "no version has a share" : written.join(", "),
      correction: only === undefined ? null : `${only}: 100`,
    }),
  ];
}

/** Models whose versions share the requests, with what gives the largest share all of them. */
function splits(models: Config["models"]) {
  return Object.entries(models).flatMap(([name, { task, traffic: shares, versions }]) => {
    const serving = Object.entries(shares)
      .filter(([version, share]) => share > 0 && Object.hasOwn(versions, version))
      .sort(([, a], [, b]) => b - a);
    const [largest, ...others] = serving.map(([version]) => version);
    if (largest === undefined || others.length === 0) return [];
    const parameters = {
      model: name,
      versions: Object.keys(shares).filter((key) => [largest, ...others].includes(key)),
    };
    return [
      { task, place: at(["models", name, "traffic"]), parameters: { ...parameters, correction: `${largest}: 100` } },
    ];
  });
}

/** Only the gateway can share requests out. */
export const trafficSplit = check({
  reads: ["models"],
  needsAllOf: ["gateway"],
  run: (sections: Partial<Config>) =>
    sections.gateway !== undefined
      ? []
      : splits(sections.models ?? {}).map(({ place, parameters }) => finding("CFG-205", place, parameters)),
});

/** Vectors of one index come from one version. */
export const trafficOfVectors = check({
  reads: ["models", "gateway"],
  run: ({ models, gateway }) =>
    gateway === undefined
      ? []
      : splits(models)
          .filter(({ task }) => task === "embed")
          .map(({ place, parameters }) => finding("GTW-108", place, parameters)),
});
