import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { classesHere, modeHere } from "../other-side.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** What a class of data says agrees with itself and with the mode. */
export const residencyClasses = check({
  reads: ["residency"],
  run: ({ residency }) =>
    Object.entries(residency?.dataClasses ?? {}).flatMap(([name, { personalData, leavesBoundary }]): Finding[] => {
      const path = ["residency", "dataClasses", name];
      if (personalData && leavesBoundary === "allowed") {
        const also = [{ path: [...path, "personalData"], text: "personal data is declared here" }];
        return [finding("RES-101", at([...path, "leavesBoundary"]), { name }, also)];
      }
      const mode = residency?.mode;
      if (leavesBoundary !== "never" && (mode === "sovereign" || mode === "air-gapped")) {
        const parameters = { name, leavesBoundary, mode };
        return [finding("RES-105", at([...path, "leavesBoundary"]), parameters, [modeHere(mode)])];
      }
      return [];
    }),
});

/** A workload's class of data is one that is defined. */
export const workloadDataClass = check({
  reads: ["workloads"],
  needsAllOf: ["residency"],
  // A file without the section defines no class.
  run: (sections: Partial<Config>) => {
    const { workloads = {}, residency } = sections;
    const known = Object.keys(residency?.dataClasses ?? {});
    return Object.entries(workloads).flatMap(([workload, { dataClass }]) => {
      if (dataClass === undefined || known.includes(dataClass)) return [];
      const parameters = { workload, dataClass, known, nearest: nearest(dataClass, known) };
      return [finding("RES-102", at(["workloads", workload, "dataClass"]), parameters, classesHere(residency))];
    });
  },
});
