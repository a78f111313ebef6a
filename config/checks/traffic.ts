import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { ModelConfig } from "../schema/index.ts";
import { check } from "./check.ts";

/** Every request goes somewhere: traffic names versions that exist, sums to 100 and, for now, goes to one of them. */
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
  const findings: Finding[] = [];
  if (sum !== 100) {
    const written = Object.entries(shares).map(([version, share]) => `${version} ${share}`);
    findings.push(
      finding("CFG-204", place, {
        model,
        sum,
        shares: written.length === 0 ? "no version has a share" : written.join(", "),
        correction: only === undefined ? null : `${only}: 100`,
      }),
    );
  }
  if (serving.length > 1) {
    const [largest = ""] = [...serving].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
    findings.push(finding("CFG-205", place, { model, versions: serving, correction: `${largest}: 100` }));
  }
  return findings;
}
