import { at, type Finding, finding, type RelatedPlace } from "../diagnostics/finding.ts";
import { modeHere } from "../other-side.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** What is escalated may leave: by the mode, and by the class of its data. */
export const residencyEscalation = check({
  reads: ["workloads", "residency"],
  needsAllOf: ["gateway"],
  run: (sections: Partial<Config>) => {
    const { workloads = {}, residency, gateway } = sections;
    const hasRedactor = gateway?.redactor !== undefined;
    return Object.entries(workloads).flatMap(([workload, { escalationShare, dataClass }]): Finding[] => {
      if (escalationShare === 0 || residency === undefined) return [];
      const { mode } = residency;
      const place = at(["workloads", workload, "escalationShare"]);
      if (mode === "sovereign" || mode === "air-gapped") {
        return [finding("RES-103", place, { workload, mode }, [modeHere(mode)])];
      }
      const refusal = classRefusal(workload, dataClass, residency, hasRedactor);
      return refusal === null ? [] : [finding("RES-104", place, { workload, reason: refusal.reason }, refusal.also)];
    });
  },
});

interface Refusal {
  readonly reason: string;
  readonly also: readonly RelatedPlace[];
}

/** Why the class of data keeps a request inside, or null when it may leave. A class that is not defined is RES-102. */
function classRefusal(
  workload: string,
  dataClass: string | undefined,
  { mode, dataClasses = {} }: NonNullable<Config["residency"]>,
  hasRedactor: boolean,
): Refusal | null {
  if (dataClass === undefined) {
    if (mode === "none") return null;
    return {
      reason: `workloads.${workload} says no \`dataClass\`, and under ${mode} only data that is declared may leave.`,
      also: [modeHere(mode)],
    };
  }
  const leaves = Object.hasOwn(dataClasses, dataClass) ? dataClasses[dataClass]?.leavesBoundary : undefined;
  if (leaves === undefined || leaves === "allowed" || (leaves === "redacted" && hasRedactor)) return null;
  return {
    reason:
      leaves === "never"
        ? `Its data class "${dataClass}" never leaves.`
        : `Its data class "${dataClass}" leaves only redacted, and the file has no \`gateway.redactor\`.`,
    also: [
      { path: ["residency", "dataClasses", dataClass, "leavesBoundary"], text: `the class is set here: ${leaves}` },
      { path: ["workloads", workload, "dataClass"], text: "the workload names it here" },
    ],
  };
}
