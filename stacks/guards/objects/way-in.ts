import type { ExposureBlueprint } from "../../../decisions/exposure/blueprint.ts";
import { fields, list } from "../guard.ts";
import type { ClusterObject } from "./object-guard.ts";
import { balancerProblems } from "./way-in-balancer.ts";

/** Kind of the object that opens each way in. */
const kinds: Readonly<Record<ExposureBlueprint["by"], string>> = {
  "http-route": "HTTPRoute",
  ingress: "Ingress",
  "load-balancer": "Service",
};

/** The decided way in that an object opens; undefined for an object that opens none. */
export function wayInOf({ kind, name, namespace }: ClusterObject, waysIn: readonly ExposureBlueprint[]) {
  return waysIn.find((way) => kind === kinds[way.by] && name === way.name && namespace === way.namespace);
}

/** What such an object has that was not decided, each as the end of a sentence. */
export function wayInProblems({ body }: ClusterObject, exposure: ExposureBlueprint): readonly string[] {
  const spec = fields(body.spec);
  if (exposure.by === "load-balancer") return balancerProblems(body, exposure);
  return exposure.by === "http-route" ? routeProblems(spec, exposure) : ingressProblems(body, spec, exposure);
}

type Fields = Readonly<Record<string, unknown>>;
type Form<K extends ExposureBlueprint["by"]> = Extract<ExposureBlueprint, { readonly by: K }>;

function routeProblems(spec: Fields, exposure: Form<"http-route">): string[] {
  const { namespace, name, listener } = exposure.parent;
  const parents = list(spec.parentRefs).map(fields);
  const isParent = (parent: Fields) =>
    parent.namespace === namespace && parent.name === name && parent.sectionName === listener;
  const rules = list(spec.rules).map(fields);
  const backends = rules.flatMap(({ backendRefs }) => list(backendRefs).map(fields));
  const filters = [...rules, ...backends].flatMap((each) => list(each.filters));
  const paths = rules.flatMap(({ matches }) => {
    const all = list(matches).map((match) => fields(fields(match).path));
    return all.length === 0 ? ["every path"] : all.map(({ type, value }) => pathText(type === "Exact", value));
  });
  return [
    ...(parents.length === 1 && parents.every(isParent)
      ? []
      : [`is attached to more than the listener ${listener} of ${namespace}/${name}`]),
    ...hostProblems(list(spec.hostnames), exposure),
    ...pathProblems(paths, exposure),
    // A filter can send a copy of each request elsewhere.
    ...(filters.length > 0 ? ["changes or copies requests on their way"] : []),
    ...(backends.every(
      ({ namespace: elsewhere, kind = "Service", name: service, port }) =>
        elsewhere === undefined && kind === "Service" && service === exposure.service && port === exposure.port,
    )
      ? []
      : [`leads to more than the ${exposure.service}`]),
  ];
}

function ingressProblems(body: Fields, spec: Fields, exposure: Form<"ingress">): string[] {
  const annotations = Object.keys(fields(fields(body.metadata).annotations));
  const rules = list(spec.rules).map(fields);
  const paths = rules.flatMap(({ http }) => list(fields(http).paths).map(fields));
  const services = paths.map(({ backend }) => fields(fields(backend).service).name);
  const covered = list(spec.tls)
    .map(fields)
    .filter(({ secretName }) => secretName === exposure.tls.secret);
  return [
    ...(spec.ingressClassName === exposure.ingressClass ? [] : [`has the class ${spec.ingressClassName}`]),
    ...(spec.defaultBackend === undefined ? [] : ["answers whatever no rule names"]),
    ...hostProblems(
      rules.map(({ host }) => host),
      exposure,
    ),
    ...(covered.some(({ hosts }) => list(hosts).includes(exposure.host)) ? [] : ["has no certificate for its host"]),
    ...pathProblems(
      paths.map(({ pathType, path }) => pathText(pathType === "Exact", path)),
      exposure,
    ),
    ...(services.every((service) => service === exposure.service)
      ? []
      : [`leads to more than the ${exposure.service}`]),
    ...annotations
      .filter((key) => !Object.hasOwn(exposure.annotations.value, key))
      .map((key) => `tells the controller ${key}`),
  ];
}

function hostProblems(hosts: readonly unknown[], { host }: ExposureBlueprint): string[] {
  if (hosts.length === 0) return ["answers under every name"];
  return hosts.filter((each) => each !== host).map((each) => `answers under ${each ?? "every name"}`);
}

function pathText(isExact: boolean, path: unknown): string {
  return isExact ? String(path) : `all of ${path}`;
}

function pathProblems(paths: readonly string[], { paths: decided, pathMatch }: ExposureBlueprint): string[] {
  const allowed = decided.map((path) => pathText(pathMatch === "exact", path));
  return paths.filter((path) => !allowed.includes(path)).map((path) => `passes on ${path}`);
}
