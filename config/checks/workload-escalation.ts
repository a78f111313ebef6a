import { at, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** What is escalated has somewhere to go. */
export const workloadEscalation = check({
  reads: ["workloads"],
  run: ({ workloads = {} }) =>
    Object.entries(workloads).flatMap(([workload, { escalationShare, alternative }]) => {
      if (escalationShare === 0 || alternative !== undefined) return [];
      const percent = Number((escalationShare * 100).toFixed(2));
      return [finding("CST-117", at(["workloads", workload, "escalationShare"]), { workload, percent })];
    }),
});
