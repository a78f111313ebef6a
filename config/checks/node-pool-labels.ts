import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { labelKeyProblem, labelValueProblem } from "../label.ts";
import { check } from "./check.ts";

/** Labels that select a pool's nodes are labels that a node can have. */
export const nodePoolLabels = check({
  reads: ["nodePools"],
  run: ({ nodePools }) =>
    Object.entries(nodePools).flatMap(([pool, { labels = {} }]) =>
      Object.entries(labels).flatMap(([key, value]) => {
        const findings: Finding[] = [];
        const path = ["nodePools", pool, "labels", key];
        const inKey = labelKeyProblem(key);
        if (inKey !== null) findings.push(finding("CFG-212", at(path, "key"), { pool, key, problem: inKey }));
        const inValue = labelValueProblem(value);
        if (inValue !== null) findings.push(finding("CFG-213", at(path), { pool, key, value, problem: inValue }));
        return findings;
      }),
    ),
});
