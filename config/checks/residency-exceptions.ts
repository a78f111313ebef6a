import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { modeHere, subjectHere } from "../other-side.ts";
import { valueAt } from "../subject.ts";
import { check } from "./check.ts";

/** An exception is about something in the file, and lifts nothing that the mode forbids outright. */
export const residencyExceptions = check({
  reads: ["residency", "models", "nodePools", "state", "cluster"],
  needsAllOf: ["models"],
  run: (sections): Finding[] => {
    const { residency } = sections;
    if (residency === undefined) return [];
    const { mode, exceptions = {} } = residency;
    return Object.entries(exceptions).flatMap(([name, { rule, subject }]): Finding[] => {
      const path = ["residency", "exceptions", name];
      if (mode === "sovereign" || mode === "air-gapped") {
        return [finding("RES-106", at([...path, "rule"]), { name, rule, mode }, [modeHere(mode)])];
      }
      return valueAt(sections, subject) === undefined
        ? [finding("RES-107", at([...path, "subject"]), { name, subject }, subjectHere(sections, subject))]
        : [];
    });
  },
});
