import { forPods, type ObjectGuard, variablesOf } from "./object-guard.ts";

/** GRD-253: a workload with a way out asks the proxy, at its own port. */
export const proxyAsked: ObjectGuard = forPods("GRD-253", ({ labels, object, containers }, { residency }) => {
  const egress = residency.egress.value;
  const own = egress?.workloads.find(
    ({ from }) =>
      from.namespace === object.namespace && Object.entries(from.labels).every(([key, value]) => labels[key] === value),
  );
  if (egress === null || own === undefined) return [];
  const proxy = `http://${egress.service}.${egress.namespace}.svc:${own.port}`;
  return containers
    .filter((container) => variablesOf(container).get("HTTPS_PROXY") !== proxy)
    .map(({ name }) => `does not go through the proxy: container ${name} does not set HTTPS_PROXY to ${proxy}`);
});
