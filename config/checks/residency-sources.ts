import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { hostProblem, registryProblem } from "../host.ts";
import { isPrivate, isWorldwide, parseNetwork } from "../network.ts";
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
    return [
      ...hosts.flatMap(({ path, text, problem }) =>
        problem === null
          ? []
          : [finding("RES-108", at(["residency", "sources", ...path]), { key: String(path[0]), text, problem })],
      ),
      ...networks.flatMap((text, index): Finding[] => {
        const place = at(["residency", "sources", "networks", index]);
        const network = parseNetwork(text);
        if (network === null) return [finding("RES-109", place, { text })];
        if (isWorldwide(network)) return [finding("RES-110", place, { text, prefixLength: network.prefixLength })];
        if (mode === "air-gapped" && !isPrivate(network)) {
          const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
          return [finding("RES-114", place, { text }, also)];
        }
        return [];
      }),
    ];
  },
});
