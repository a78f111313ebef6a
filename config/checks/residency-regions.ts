import { at, finding } from "../diagnostics/finding.ts";
import { modeHere } from "../other-side.ts";
import { check } from "./check.ts";

/** Regions and the mode that they belong to come together. */
export const residencyRegions = check({
  reads: ["residency"],
  run: ({ residency }) => {
    if (residency === undefined) return [];
    const { mode, regions } = residency;
    if (mode === "none" && regions !== undefined) {
      return [finding("CST-114", at(["residency", "regions"]), { regions }, [modeHere(mode)])];
    }
    // Air-gapped is tied to a building, which needs no name.
    if ((mode === "region-bound" || mode === "sovereign") && regions === undefined) {
      return [finding("CST-115", at(["residency", "mode"]), { mode })];
    }
    return [];
  },
});
