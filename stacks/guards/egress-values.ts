import { at, finding } from "../../config/diagnostics/finding.ts";
import type { EgressHost } from "../../decisions/residency/facts.ts";
import { fields, type Guard, list, runsProxy } from "./guard.ts";

/** GRD-130: the proxy is given the lists that were decided. Its chart is rendered later, where no guard may see it. */
export const egressValues: Guard = ({ releases }, { egress }) =>
  releases.filter(runsProxy).flatMap(({ name: release, configPath, values }) => {
    const { workloads, hostsByName } = fields(values);
    const given = list(workloads).map(fields);
    const byName = (egress?.workloads ?? []).filter((workload) => workload.byName);
    const problems = [
      ...given.flatMap(({ name, port, hosts }) => {
        const own = egress?.workloads.find((workload) => workload.name === name && workload.port === port);
        if (own === undefined) return [`gives ${String(name)} the port ${String(port)}`];
        return strangers(hosts, own.hosts.value).map((host) => `lets ${own.name} through to ${host}`);
      }),
      ...strangers(
        hostsByName,
        byName.flatMap(({ hosts }) => hosts.value),
      ).map((host) => `is let out to ${host} by name`),
    ];
    return problems.map((problem) => finding("GRD-130", at(configPath), { release, problem }));
  });

/** Hosts of a list that were not decided. */
function strangers(given: unknown, decided: readonly EgressHost[]): string[] {
  const allowed = new Set(decided.map(({ host, port }) => `${host}:${port}`));
  return list(given)
    .map(fields)
    .map(({ host, port }) => `${String(host)}:${String(port)}`)
    .filter((target) => !allowed.has(target));
}
