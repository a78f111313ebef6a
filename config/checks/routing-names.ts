import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { outsideHostProblem } from "../host.ts";
import { frontiersOf, type Route, routesOf } from "../routes.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** Requests are sent on by the gateway, so that there is one. */
export const routingGateway = check({
  reads: ["routing"],
  needsAllOf: ["gateway"],
  run: (sections: Partial<Config>) =>
    sections.routing === undefined || sections.gateway !== undefined
      ? []
      : [finding("RTE-101", at(["routing"], "key"), {})],
});

/** Models that ways begin at, lead to and are judged by are there, and are others. */
export const routingModels = check({
  reads: ["routing"],
  needsAllOf: ["models"],
  run: (sections: Partial<Config>) => {
    const config = { models: {}, ...sections };
    const known = Object.keys(config.models);
    const outside = frontiersOf(config).map(([name]) => name);
    return routesOf(config).flatMap((route) => {
      const path = ["routing", route.way, route.model];
      const start = known.includes(route.model)
        ? []
        : [finding("RTE-102", at(path, "key"), { key: path.join("."), ...unknown(route.model, known) })];
      return [...start, ...targetOf(route, path, [...outside, ...known]), ...judgeOf(route, path, config.models)];
    });
  },
});

function unknown(name: string, known: readonly string[]) {
  return { name, known, nearest: nearest(name, known) };
}

function targetOf({ model, to: { to } }: Route, path: readonly string[], known: readonly string[]): Finding[] {
  const place = at([...path, "to"]);
  if (to === model) return [finding("RTE-103", place, { key: path.join("."), name: to, ...others(known, to) })];
  if (known.includes(to)) return [];
  return [finding("RTE-103", place, { key: path.join("."), ...unknown(to, known), isItself: false })];
}

function others(known: readonly string[], itself: string) {
  return { known: known.filter((name) => name !== itself), nearest: null, isItself: true };
}

function judgeOf(route: Route, path: readonly string[], models: Config["models"]): Finding[] {
  const judge = route.way === "escalation" ? route.to.verify?.judge?.model : undefined;
  if (judge === undefined) return [];
  const graders = Object.keys(models).filter((name) => name !== route.model && models[name]?.task !== "embed");
  if (graders.includes(judge)) return [];
  const place = at([...path, "verify", "judge", "model"]);
  return [finding("RTE-107", place, { model: route.model, ...unknown(judge, graders) })];
}

/** A frontier has a name of its own, and an address that names one host. */
export const routingFrontiers = check({
  reads: ["routing"],
  needsAllOf: ["models"],
  run: (sections: Partial<Config>) => {
    const { models = {} } = sections;
    return frontiersOf(sections).flatMap(([name, { url }]): Finding[] => {
      const path = ["routing", "frontiers", name];
      const { host, pathname, search, username } = new URL(url);
      const problem =
        pathname !== "/" || search !== "" || username !== "" || url.includes("#")
          ? "holds more than a host and a port"
          : outsideHostProblem(host);
      return [
        ...(Object.hasOwn(models, name) ? [finding("RTE-104", at(path, "key"), { name })] : []),
        ...(problem === null ? [] : [finding("RTE-105", at([...path, "url"]), { name, url, problem })]),
      ];
    });
  },
});

/** Something sends a request each way. */
export const routingReasons = check({
  reads: ["routing"],
  run: ({ routing }) =>
    routesOf({ routing }).flatMap((route): Finding[] => {
      const path: ConfigPath = ["routing", route.way, route.model];
      const key = path.join(".");
      if (route.way === "overflow") {
        const { requestsPerReplicaAtLeast, ttft } = route.to;
        return requestsPerReplicaAtLeast === undefined && ttft === undefined
          ? [finding("RTE-106", at(path, "key"), { key, missing: "`requestsPerReplicaAtLeast` or `ttft`" })]
          : [];
      }
      const { rules, verify } = route.to;
      const empty = rules.flatMap(({ name: _, ...conditions }, index) =>
        Object.keys(conditions).length > 0
          ? []
          : [
              finding("RTE-106", at([...path, "rules", index]), {
                key: `${key}.rules.${index}`,
                missing: "a condition",
              }),
            ],
      );
      return rules.length === 0 && verify === undefined
        ? [finding("RTE-106", at(path, "key"), { key, missing: "`rules` or `verify`" })]
        : empty;
    }),
});
