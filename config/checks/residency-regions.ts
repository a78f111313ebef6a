import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** Regions and the mode that they belong to come together. */
export const residencyRegions = check({
  reads: ["residency"],
  run: ({ residency }) => {
    if (residency === undefined) return [];
    const { mode, regions } = residency;
    if (mode === "none" && regions !== undefined) {
      const also = [{ path: ["residency", "mode"], text: "the mode is set here: none" }];
      return [finding("CST-114", at(["residency", "regions"]), { regions }, also)];
    }
    // Air-gapped is tied to a building, which needs no name.
    if ((mode === "region-bound" || mode === "sovereign") && regions === undefined) {
      return [finding("CST-115", at(["residency", "mode"]), { mode })];
    }
    return [];
  },
});
