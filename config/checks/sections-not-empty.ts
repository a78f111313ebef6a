import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** There is something to deploy and somewhere to put it. */
export const modelsNotEmpty = check({
  reads: ["models"],
  needsAllOf: ["models"],
  run: ({ models }) => {
    const findings: Finding[] = [];
    if (Object.keys(models).length === 0) {
      findings.push(finding("CFG-206", at(["models"]), { section: "models", entry: "model", sample: "chat" }));
    }
    for (const [model, { versions }] of Object.entries(models)) {
      if (Object.keys(versions).length > 0) continue;
      const section = `models.${model}.versions`;
      findings.push(finding("CFG-206", at(["models", model, "versions"]), { section, entry: "version", sample: "v1" }));
    }
    return findings;
  },
});

/** There is a node pool. */
export const nodePoolsNotEmpty = check({
  reads: ["nodePools"],
  needsAllOf: ["nodePools"],
  run: ({ nodePools }) =>
    Object.keys(nodePools).length > 0
      ? []
      : [finding("CFG-206", at(["nodePools"]), { section: "nodePools", entry: "node pool", sample: "h100" })],
});
