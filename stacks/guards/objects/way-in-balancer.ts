import { contains, parseNetwork } from "../../../config/network.ts";
import type { LoadBalancerExposure } from "../../../decisions/exposure/blueprint.ts";
import { fields, list } from "../guard.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a Service behind an internal load balancer has that was not decided, each as the end of a sentence. */
export function balancerProblems(body: Fields, exposure: LoadBalancerExposure): string[] {
  const spec = fields(body.spec);
  const annotations = fields(fields(body.metadata).annotations);
  const decided = exposure.annotations.value;
  const ports = list(spec.ports).map(fields);
  return [
    ...(spec.type === "LoadBalancer" ? [] : [`is of the type ${spec.type ?? "ClusterIP"}`]),
    ...(list(spec.externalIPs).length > 0 ? ["has addresses beside the load balancer's"] : []),
    ...(spec.allocateLoadBalancerNodePorts === false ? [] : ["opens a port of every node"]),
    ...(spec.externalTrafficPolicy === "Local" ? [] : ["hides callers behind the addresses of nodes"]),
    ...(spec.loadBalancerClass === (exposure.className ?? undefined)
      ? []
      : [`is made by ${spec.loadBalancerClass ?? "the cluster's own load balancer"}`]),
    ...rangeProblems(list(spec.loadBalancerSourceRanges).map(String), exposure.sourceRanges),
    ...(isService(fields(spec.selector), exposure) ? [] : [`leads to more than the ${exposure.service}`]),
    ...(ports.length > 0 && ports.every(({ port, targetPort }) => port === 443 && targetPort === "https")
      ? []
      : ["leads to another port than that of TLS"]),
    ...Object.entries(decided)
      .filter(([key, value]) => annotations[key] !== value)
      .map(([key, value]) => `does not say ${key}: ${value}`),
    ...Object.keys(annotations)
      .filter((key) => !Object.hasOwn(decided, key))
      .map((key) => `says ${key}`),
  ];
}

function rangeProblems(ranges: readonly string[], decided: readonly string[]): string[] {
  if (ranges.length === 0) return ["lets in the world"];
  const allowed = decided.flatMap((range) => parseNetwork(range) ?? []);
  return ranges
    .filter((range) => {
      const network = parseNetwork(range);
      return network === null || !allowed.some((outer) => contains(outer, network));
    })
    .map((range) => `lets in ${range}`);
}

function isService(selector: Fields, { service }: LoadBalancerExposure): boolean {
  return selector["app.kubernetes.io/name"] === service && selector["app.kubernetes.io/instance"] === service;
}
