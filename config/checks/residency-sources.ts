import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { hostProblem, registryProblem } from "../host.ts";
import { isPrivate, isWorldwide, parseNetwork } from "../network.ts";
import { bindingMode } from "../other-side.ts";
import { check } from "./check.ts";

/** Hosts and networks that data may come from say exactly one place each. */
export const residencySources = check({
  reads: ["residency"],
  run: ({ residency }): Finding[] => {
    if (residency === undefined) return [];
    const { mode, sources: { registries = [], hub, networks = [] } = {} } = residency;
    const hosts = [
      ...registries.map((text, index) => ({ path: ["registries", index], text, problem: registryProblem(text) })),
      ...(hub === undefined ? [] : [{ path: ["hub"], text: hub, problem: hostProblem(hub) }]),
    ];
    const also = bindingMode(mode);
    return [
      ...hosts.flatMap(({ path, text, problem }) =>
        problem === null
          ? []
          : [finding("RES-108", at(["residency", "sources", ...path]), { key: String(path[0]), text, problem }, also)],
      ),
      ...networks.flatMap((text, index): Finding[] => {
        const place = at(["residency", "sources", "networks", index]);
        const network = parseNetwork(text);
        if (network === null) return [finding("RES-109", place, { text }, also)];
        if (isWorldwide(network))
          return [finding("RES-110", place, { text, prefixLength: network.prefixLength }, also)];
        if (mode === "air-gapped" && !isPrivate(network)) return [finding("RES-114", place, { text }, also)];
        return [];
      }),
    ];
  },
});
