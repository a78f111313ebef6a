import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** A cluster that others use has its state where others find it. */
export const sharedState = check({
  reads: ["state", "cluster"],
  run: ({ state, cluster: { target } }) => {
    if (state.backend !== "local" || target === "local") return [];
    const also = [{ path: ["cluster", "target"], text: `the target is set here: ${target}` }];
    return [finding("CFG-210", at(["state", "backend"]), { target }, also)];
  },
});
