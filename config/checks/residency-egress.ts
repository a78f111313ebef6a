import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { outsideHostProblem } from "../host.ts";
import { bindingMode, modeHere } from "../other-side.ts";
import { check } from "./check.ts";

/** The way out leads to hosts that say exactly one place each, and is none where no connection leads out. */
export const residencyEgress = check({
  reads: ["residency"],
  run: ({ residency }): Finding[] => {
    if (residency?.egress === undefined) return [];
    const { mode, egress } = residency;
    if (mode === "air-gapped") {
      return [finding("RES-120", at(["residency", "egress"], "key"), {}, [modeHere(mode)])];
    }
    return Object.entries(egress.hosts ?? {}).flatMap(([workload, hosts = []]) =>
      hosts.flatMap((text, index): Finding[] => {
        const problem = outsideHostProblem(text);
        const place = at(["residency", "egress", "hosts", workload, index]);
        return problem === null ? [] : [finding("RES-121", place, { workload, text, problem }, bindingMode(mode))];
      }),
    );
  },
});
