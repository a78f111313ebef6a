import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { keyReference } from "../key-reference.ts";
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
      const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
      findings.push(
        finding("RES-113", at(["residency", "keys", "custody"]), { custody: keys.custody, mode, least }, also),
      );
    }
    const place = at(["residency", "keys", "reference"]);
    if (keys.reference === undefined) {
      if (keys.custody !== "provider") {
        findings.push(finding("RES-115", at(["residency", "keys"], "key"), { custody: keys.custody }));
      }
      return findings;
    }
    const reference = keyReference(keys.reference);
    if (reference.kind === "key") findings.push(finding("RES-111", place, {}));
    if (reference.kind === "unknown") findings.push(finding("RES-112", place, {}));
    return findings;
  },
});
