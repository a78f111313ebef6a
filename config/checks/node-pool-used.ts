import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** Every node pool serves a model; one that does not is paid for by nobody's intention. */
export const nodePoolUsed = check({
  reads: ["models", "nodePools"],
  needsAllOf: ["models"],
  run: ({ models, nodePools }) => {
    const used = new Set(Object.values(models).map(({ nodePool }) => nodePool));
    // Without models every pool is unused, and with a misspelt pool the one that was meant is; those are findings already.
    if (used.size === 0 || [...used].some((pool) => !Object.hasOwn(nodePools, pool))) return [];
    return Object.entries(nodePools).flatMap(([pool, { gpusPerNode, nodes }]) =>
      used.has(pool)
        ? []
        : [finding("CFG-216", at(["nodePools", pool], "key"), { pool, gpus: gpusPerNode * nodes.min })],
    );
  },
});
