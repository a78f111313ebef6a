import type { EgressFacts } from "../decisions/residency/facts.ts";

/** Variables with which a workload's programs find the proxy, and what they reach without it. */
export function proxyVariables(egress: EgressFacts | null, workload: string): { name: string; value: string }[] {
  if (egress === null) return [];
  const own = egress.workloads.find(({ name }) => name === workload);
  if (own === undefined) throw new Error(`The proxy has no port for ${workload}.`);
  return [
    { name: "HTTPS_PROXY", value: `http://${egress.service}.${egress.namespace}.svc:${own.port}` },
    { name: "NO_PROXY", value: "localhost,127.0.0.1,.svc,.cluster.local" },
  ];
}

/** The same for a workload that may have no way out, and then has none of them. */
export function wayOutVariables(egress: EgressFacts | null, workload: string): { name: string; value: string }[] {
  return egress?.workloads.some(({ name }) => name === workload) === true ? proxyVariables(egress, workload) : [];
}
