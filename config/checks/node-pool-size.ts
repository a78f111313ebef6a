import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** A pool's smallest size does not exceed its largest. */
export const nodePoolSize = check({
  reads: ["nodePools"],
  run: ({ nodePools }) =>
    Object.entries(nodePools).flatMap(([pool, { nodes }]) => {
      if (nodes.min <= nodes.max) return [];
      const also = [{ path: ["nodePools", pool, "nodes", "max"], text: `nodes.max is set here: ${nodes.max}` }];
      return [finding("CFG-202", at(["nodePools", pool, "nodes", "min"]), { pool, ...nodes }, also)];
    }),
});
