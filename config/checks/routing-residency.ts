import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { classesHere } from "../other-side.ts";
import { frontiersOf, type Route, routesOf, stayingReason } from "../routes.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** Nobody else runs a model where nothing may leave; where data is bound to a place, it is written down on what terms. */
export const routingMode = check({
  reads: ["routing", "residency"],
  run: ({ routing, residency }) => {
    const mode = residency?.mode ?? "none";
    if (mode === "none") return [];
    const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
    return frontiersOf({ routing }).flatMap(([name, { agreement, streams }]): Finding[] => {
      const place = at(["routing", "frontiers", name], "key");
      if (mode !== "region-bound") return [finding("RTE-111", place, { name, mode }, also)];
      return [
        ...(agreement === undefined ? [finding("RTE-112", place, { name, mode }, also)] : []),
        ...(streams === undefined ? [finding("RTE-113", place, { name, mode }, also)] : []),
      ];
    });
  },
});

/** What a way names may go that way: classes that may leave, and tenants that want it. */
export const routingCargo = check({
  reads: ["routing"],
  needsAllOf: ["residency", "gateway"],
  run: (sections: Partial<Config>) =>
    sections.gateway === undefined
      ? []
      : routesOf(sections).flatMap((route) => [...classesOf(route, sections), ...tenantsOf(route, sections)]),
});

function classesOf({ way, model, to }: Route, sections: Partial<Config>): Finding[] {
  const { residency } = sections;
  const known = Object.keys(residency?.dataClasses ?? {});
  const isOutside = frontiersOf(sections).some(([name]) => name === to.to);
  return (to.dataClasses ?? []).flatMap((dataClass, index): Finding[] => {
    const key = `routing.${way}.${model}`;
    const place = at(["routing", way, model, "dataClasses", index]);
    if (!known.includes(dataClass)) {
      const parameters = { key, what: "data class", section: "residency.dataClasses", name: dataClass, known };
      return [finding("RTE-108", place, { ...parameters, nearest: nearest(dataClass, known) }, classesHere(residency))];
    }
    const reason = isOutside ? stayingReason(sections, dataClass) : null;
    if (reason === null) return [];
    const also = [{ path: ["residency", "dataClasses", dataClass, "leavesBoundary"], text: "the class is set here" }];
    return [finding("RTE-110", place, { key, dataClass, to: to.to, reason }, also)];
  });
}

function tenantsOf({ way, model, to }: Route, { gateway }: Partial<Config>): Finding[] {
  const tenants = gateway?.tenants ?? {};
  const known = Object.keys(tenants);
  const key = `routing.${way}.${model}`;
  const named = (to.tenants ?? []).flatMap((tenant, index): Finding[] => {
    const place = at(["routing", way, model, "tenants", index]);
    if (!known.includes(tenant)) {
      const parameters = { key, what: "tenant", section: "gateway.tenants", name: tenant, known };
      return [finding("RTE-108", place, { ...parameters, nearest: nearest(tenant, known) })];
    }
    if (tenants[tenant]?.mayEscalate === true) return [];
    const also = [{ path: ["gateway", "tenants", tenant], text: "the tenant is set here" }];
    return [finding("RTE-109", place, { key, tenant }, also)];
  });
  if (to.tenants !== undefined || known.some((tenant) => tenants[tenant]?.mayEscalate === true)) return named;
  const also = [{ path: ["gateway", "tenants"], text: "tenants are set here" }];
  return [finding("RTE-114", at(["routing", way, model], "key"), { key }, also)];
}

/** Data of some class may go each way that leads outside. */
export const routingEmpty = check({
  reads: ["routing", "residency"],
  needsAllOf: ["residency", "gateway"],
  run: (sections: Partial<Config>) => {
    const { residency } = sections;
    if (residency === undefined || residency.mode !== "region-bound") return [];
    const classes = Object.keys(residency.dataClasses ?? {});
    if (classes.some((dataClass) => stayingReason(sections, dataClass) === null)) return [];
    return routesOf(sections)
      .filter(({ to }) => to.dataClasses === undefined && frontiersOf(sections).some(([name]) => name === to.to))
      .map(({ way, model, to: { to } }) => {
        const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${residency.mode}` }];
        return finding("RTE-115", at(["routing", way, model, "to"]), { key: `routing.${way}.${model}`, to }, also);
      });
  },
});
