import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { classesHere, modeHere } from "../other-side.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** Somebody can call: there are tenants, and a way to say which one a request belongs to. */
export const gatewayCallers = check({
  reads: ["gateway"],
  run: ({ gateway }) => {
    if (gateway === undefined) return [];
    const findings: Finding[] = [];
    if (gateway.keys === undefined && gateway.jwt === undefined) {
      findings.push(finding("GTW-101", at(["gateway"], "key"), {}));
    }
    if (Object.keys(gateway.tenants).length === 0) {
      const parameters = { section: "gateway.tenants", entry: "tenant", sample: "support" };
      findings.push(finding("CFG-206", at(["gateway", "tenants"]), parameters));
    }
    return findings;
  },
});

/** Keys stand for callers only where nothing is bound. */
export const gatewayKeys = check({
  reads: ["gateway", "residency"],
  run: ({ gateway, residency }) => {
    const mode = residency?.mode ?? "none";
    if (gateway?.keys === undefined || mode === "none") return [];
    const also = [modeHere(mode)];
    return [finding("GTW-102", at(["gateway", "keys"], "key"), { mode }, also)];
  },
});

/** Models that tenants may call, and that have a price, are there. */
export const gatewayModels = check({
  reads: ["gateway"],
  needsAllOf: ["models"],
  run: (sections: Partial<Config>) => {
    const { gateway, models = {} } = sections;
    const known = Object.keys(models);
    const unknown = (names: readonly string[]) => names.filter((name) => !known.includes(name));
    const tenants = Object.entries(gateway?.tenants ?? {}).flatMap(([tenant, { models: called = [] }]) =>
      unknown(called).map((model) => {
        const place = at(["gateway", "tenants", tenant, "models", called.indexOf(model)]);
        return finding("GTW-103", place, { tenant, model, known, nearest: nearest(model, known) });
      }),
    );
    const prices = unknown(Object.keys(gateway?.prices ?? {})).map((model) =>
      finding("GTW-105", at(["gateway", "prices", model], "key"), { model, known, nearest: nearest(model, known) }),
    );
    return [...tenants, ...prices];
  },
});

/** Data classes that tenants may send are defined. */
export const gatewayDataClasses = check({
  reads: ["gateway"],
  needsAllOf: ["residency"],
  run: (sections: Partial<Config>) => {
    const { gateway, residency } = sections;
    const known = Object.keys(residency?.dataClasses ?? {});
    return Object.entries(gateway?.tenants ?? {}).flatMap(([tenant, { dataClasses = [] }]) =>
      dataClasses.flatMap((dataClass, index) => {
        if (known.includes(dataClass)) return [];
        const place = at(["gateway", "tenants", tenant, "dataClasses", index]);
        const parameters = { tenant, dataClass, known, nearest: nearest(dataClass, known) };
        return [finding("GTW-104", place, parameters, classesHere(residency))];
      }),
    );
  },
});

/** A limit of money can be reached. */
export const gatewayPrices = check({
  reads: ["gateway"],
  needsAllOf: ["models"],
  run: (sections: Partial<Config>) => {
    const { gateway, models = {} } = sections;
    return Object.entries(gateway?.tenants ?? {}).flatMap(([tenant, { limits, models: called }]) => {
      if (limits?.usdPerDay === undefined) return [];
      const free = (called ?? Object.keys(models)).filter(
        (model) => Object.hasOwn(models, model) && !Object.hasOwn(gateway?.prices ?? {}, model),
      );
      if (free.length === 0) return [];
      const place = at(["gateway", "tenants", tenant, "limits", "usdPerDay"]);
      return [finding("GTW-106", place, { tenant, models: free })];
    });
  },
});

/** Where containers run, there is an image to run. */
export const gatewayImage = check({
  reads: ["gateway", "cluster"],
  run: ({ gateway, cluster }) =>
    gateway === undefined || gateway.image !== undefined || cluster.target === "local"
      ? []
      : [
          finding("GTW-107", at(["gateway"], "key"), { target: cluster.target }, [
            { path: ["cluster", "target"], text: "the target is set here" },
          ]),
        ],
});
