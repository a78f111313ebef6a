import { at, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { check } from "./check.ts";

/** Every model runs on a node pool that the file defines. */
export const nodePoolExists = check({
  reads: ["models", "nodePools"],
  needsAllOf: ["nodePools"],
  run: ({ models, nodePools }) => {
    const known = Object.keys(nodePools);
    return Object.entries(models).flatMap(([model, { nodePool }]) => {
      if (Object.hasOwn(nodePools, nodePool)) return [];
      const parameters = { model, nodePool, known, nearest: nearest(nodePool, known) };
      return [finding("CFG-201", at(["models", model, "nodePool"]), parameters)];
    });
  },
});
