import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { keyReference } from "../key-reference.ts";
import { modeHere } from "../other-side.ts";
import { keyCustodies, residencyModes } from "../schema/residency.ts";
import { check } from "./check.ts";

/** Who holds the keys is what the mode asks for at least, and the key is referred to, never written down. */
export const residencyKeys = check({
  reads: ["residency"],
  run: ({ residency }): Finding[] => {
    if (residency?.keys === undefined) return [];
    const { mode, keys, exceptions = {} } = residency;
    const findings: Finding[] = [];
    // Custodies and modes are as many, and each mode asks for the custody of its own rank.
    const least = keyCustodies[residencyModes.indexOf(mode)] ?? "local";
    const isLifted = mode === "region-bound" && Object.values(exceptions).some(({ rule }) => rule === "provider-keys");
    if (keyCustodies.indexOf(keys.custody) < keyCustodies.indexOf(least) && !isLifted) {
      const parameters = { custody: keys.custody, mode, least };
      findings.push(finding("RES-113", at(["residency", "keys", "custody"]), parameters, [modeHere(mode)]));
    }
    const also = [{ path: ["residency", "keys", "custody"], text: `who holds the key is said here: ${keys.custody}` }];
    const place = at(["residency", "keys", "reference"]);
    if (keys.reference === undefined) {
      if (keys.custody !== "provider") {
        findings.push(finding("RES-115", at(["residency", "keys"], "key"), { custody: keys.custody }, also));
      }
      return findings;
    }
    const reference = keyReference(keys.reference);
    if (reference.kind === "key") findings.push(finding("RES-111", place, {}, also));
    if (reference.kind === "unknown") findings.push(finding("RES-112", place, {}, also));
    return findings;
  },
});
