import { unclassified } from "../../config/data-classes.ts";
import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { frontierHost, frontiersOf, type Route, routesOf } from "../../config/routes.ts";
import type { Config } from "../../config/schema/index.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import { byName, sortedEntries } from "../figures.ts";
import { unknownProvider } from "../hosting/offers.ts";
import { type Reach, reach } from "../hosting/residency-bounds.ts";
import { because } from "../reason.ts";
import type { EscalationCargo, FrontierFact } from "./facts.ts";
import { isAtLeast, modeOf } from "./mode.ts";

type Cargo = Readonly<Record<string, Decided<EscalationCargo>>>;

/** Models outside that some request may be sent to, each with the classes and tenants whose requests those are. */
export function decideFrontiers(config: Config, catalog: Catalog, cargo: Cargo): FrontierFact[] {
  const { residency } = config;
  if (config.gateway === undefined || isAtLeast(modeOf(residency), "sovereign")) return [];
  return sortedEntries(Object.fromEntries(frontiersOf(config))).flatMap(([name, frontier]) => {
    const reached = reachOf(config, catalog, name);
    const routes = routesOf(config).filter(({ to }) => to.to === name);
    const requests = reached?.status === "available" ? requestsOf(config, routes, cargo) : [];
    if (reached === null || requests.length === 0) return [];
    const reasons: Reason[] = [
      because(`routing.frontiers.${name}`, reached.reason),
      ...(frontier.agreement === undefined
        ? []
        : [because(`routing.frontiers.${name}.agreement`, `It processes under ${frontier.agreement}.`)]),
      ...(frontier.streams === undefined
        ? []
        : [
            because(
              `routing.frontiers.${name}.streams`,
              `That answers stream from there was accepted by ${frontier.streams.acceptedBy}: ${frontier.streams.reason}`,
            ),
          ]),
    ];
    return [
      {
        name,
        provider: frontier.provider,
        ...frontierHost(frontier.url),
        requests,
        because: reasons,
      },
    ];
  });
}

/** Classes and tenants whose requests may go one of these ways. */
function requestsOf({ residency, gateway }: Config, routes: readonly Route[], cargo: Cargo): FrontierFact["requests"] {
  const defined = Object.keys(residency?.dataClasses ?? {}).sort(byName);
  const classes =
    defined.length === 0
      ? modeOf(residency) === "none"
        ? [unclassified]
        : []
      : defined.filter((dataClass) => (lookUp(cargo, dataClass)?.value ?? "nothing") !== "nothing");
  const willing = sortedEntries(gateway?.tenants ?? {}).filter(([, { mayEscalate }]) => mayEscalate === true);
  return classes.flatMap((dataClass) => {
    const own = routes.filter(({ to }) => to.dataClasses === undefined || to.dataClasses.includes(dataClass));
    const tenants = willing
      .filter(([, { dataClasses }]) => dataClasses === undefined || dataClasses.includes(dataClass))
      .map(([tenant]) => tenant)
      .filter((tenant) => own.some(({ to }) => to.tenants === undefined || to.tenants.includes(tenant)));
    const mayCarry = lookUp(cargo, dataClass)?.value ?? "everything";
    return tenants.length === 0 ? [] : [{ dataClass, tenants, isRedacted: mayCarry === "redacted" }];
  });
}

function reachOf({ residency, routing }: Config, catalog: Catalog, name: string): Reach | null {
  const frontier = lookUp(routing?.frontiers ?? {}, name);
  if (frontier === null) return null;
  const provider = lookUp(catalog.providers, frontier.provider) ?? unknownProvider(frontier.provider);
  return reach(provider, residency, frontier.regions);
}

/** Providers of models outside stand in the allowed regions. What nothing may be sent to is a finding of the file's own checks. */
export function checkFrontiers(config: Config, catalog: Catalog): Finding[] {
  if (modeOf(config.residency) !== "region-bound") return [];
  return frontiersOf(config).flatMap(([name, { provider, regions }]): Finding[] => {
    const reached = reachOf(config, catalog, name);
    if (reached === null || reached.status === "available") return [];
    const path = ["routing", "frontiers", name, regions === undefined ? "provider" : "regions"];
    const also = [{ path: ["residency", "regions"], text: "the allowed regions are set here" }];
    const isUnknown = lookUp(catalog.providers, provider) === null;
    return [finding("RTE-201", at(path), { name, provider, reason: reached.reason, isUnknown }, also)];
  });
}
