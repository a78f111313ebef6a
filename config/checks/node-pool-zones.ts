import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** A pool lists each zone once. */
export const nodePoolZones = check({
  reads: ["nodePools"],
  run: ({ nodePools }) =>
    Object.entries(nodePools).flatMap(([pool, { zones = [] }]) => {
      const first = new Map<string, number>();
      return zones.flatMap((zone, index) => {
        const earlier = first.get(zone);
        if (earlier === undefined) {
          first.set(zone, index);
          return [];
        }
        const also = [{ path: ["nodePools", pool, "zones", earlier], text: `${zone} is listed here first` }];
        return [finding("CFG-211", at(["nodePools", pool, "zones", index]), { pool, zone }, also)];
      });
    }),
});
