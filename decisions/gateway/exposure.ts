import { ingressSoftwareOf } from "../../config/ingress.ts";
import type { GatewayConfig } from "../../config/schema/index.ts";
import type { Decided } from "../blueprint.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import { ingressControllers } from "../catalog/ingress-controllers.ts";
import { loadBalancers } from "../catalog/load-balancers.ts";
import { byName } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";
import type { ExposureBlueprint } from "./exposure-blueprint.ts";

type ExposureConfig = NonNullable<GatewayConfig["exposure"]>;
type IngressConfig = Extract<ExposureConfig, { readonly by: "ingress" }>;
type BalancerConfig = Exclude<ExposureConfig, { readonly by: "http-route" | "ingress" }>;

/** What the gateway itself needs to end an answer in its own words, before whoever stands in front ends it. Seconds. */
const marginSeconds = 30;

/** Who connects to the gateway when callers outside do: the pods that pass requests on, or callers themselves. */
export function outsideCallers(exposure: ExposureConfig): ExposureBlueprint["from"] {
  if (!("controller" in exposure)) {
    const ranges = [...exposure.sourceRanges, ...("subnetRanges" in exposure ? exposure.subnetRanges : [])];
    return {
      kind: "networks",
      name: "callers of the load balancer",
      networks: [...new Set(ranges)].sort(byName).map((cidr) => ({ cidr, except: [] })),
    };
  }
  const { namespace, labels } = exposure.controller;
  return {
    kind: "clients",
    name:
      exposure.by === "ingress" ? `the Ingress controller in ${namespace}` : `the pods of the Gateway in ${namespace}`,
    namespaceLabels: { "kubernetes.io/metadata.name": namespace },
    labels,
  };
}

/** The gateway's port that they connect to. */
export function outsidePort({ by }: ExposureConfig): number {
  return by === "http-route" || by === "ingress" ? gatewayFacts.port : gatewayFacts.securePort;
}

/** The way in as it will be deployed; null where the file has none. */
export function decideExposure(
  { exposure }: GatewayConfig,
  namespace: string,
  answerDeadline: Decided<number>,
): ExposureBlueprint | null {
  if (exposure === undefined) return null;
  const seconds = answerDeadline.value + marginSeconds;
  const common = {
    host: exposure.host,
    namespace,
    name: "gateway",
    service: "gateway",
    port: outsidePort(exposure),
    paths: gatewayFacts.paths,
    from: outsideCallers(exposure),
    timeoutSeconds: decided(
      seconds,
      policy(
        `The gateway itself ends an answer after ${answerDeadline.value} s, with a typed error; ${marginSeconds} s more, so that it is the gateway which does. An answer that is not streamed is silent until then, so the limit for silence is the same.`,
      ),
    ),
  };
  if (exposure.by === "http-route") {
    const { parent } = exposure;
    return {
      ...common,
      by: "http-route",
      parent,
      annotations: decided({}, policy("The Gateway API says times in the route itself.")),
      unchecked: [
        `Whether the listener ${parent.listener} of the Gateway ${parent.namespace}/${parent.name} ends TLS for ${exposure.host}, with a certificate that callers trust, and admits routes of ${namespace}: over one that does not, keys and prompts would cross the network in the clear.`,
        "Whether what runs the Gateway keeps to `timeouts` of a route, which the Gateway API leaves open, and passes on each part of an answer at once.",
      ],
    };
  }
  if (exposure.by === "ingress") return { ...common, ...ingressPart(exposure, seconds) };
  return { ...common, ...balancerPart(exposure, answerDeadline.value) };
}

function ingressPart(exposure: IngressConfig, seconds: number) {
  const { class: ingressClass, software: named, tls } = exposure;
  const software = ingressSoftwareOf(exposure);
  // A class without a controller, and the one that is refused, are findings of the file.
  const known = software === null || software === "ingress-nginx" ? "other" : software;
  const { name, timeouts, annotations, unchecked } = ingressControllers[known];
  const all = { ...annotations, ...Object.fromEntries(timeouts.map((key) => [key, `${seconds}s`])) };
  return {
    by: "ingress" as const,
    ingressClass,
    tls: { secret: tls.secret, issuer: tls.issuer ?? null },
    annotations: decided(
      all,
      named === undefined
        ? because("gateway.exposure.class", `The class ${ingressClass} is that of ${name}.`)
        : because("gateway.exposure.software", `The file says that ${name} serves the class.`),
      because(`catalog.ingressControllers.${known}`, "Its annotations for times and buffering."),
    ),
    unchecked: unchecked.map((text) => text.replaceAll("{timeout}", String(seconds))),
  };
}

function balancerPart(exposure: BalancerConfig, answerSeconds: number) {
  const { by: kind, tls, sourceRanges } = exposure;
  const { name, className, annotations, poolAnnotation, unchecked } = loadBalancers[kind];
  const pool = exposure.by === "metallb" ? exposure.addressPool : "";
  return {
    by: "load-balancer" as const,
    name: "gateway-internal",
    kind,
    className,
    sourceRanges,
    tls: { secret: tls.secret, issuer: tls.issuer ?? null },
    timeoutSeconds: decided(
      answerSeconds,
      policy(
        "A load balancer passes bytes on and counts silence alone; the gateway has the connection say that it lives every minute, so that the gateway's own limit is the only one.",
      ),
    ),
    annotations: decided(
      { ...annotations, ...(poolAnnotation === null ? {} : { [poolAnnotation]: pool }) },
      because("gateway.exposure.by", `The file asks for ${name}; there is no key for a public one.`),
      because(`catalog.loadBalancers.${kind}`, "What makes it an internal one."),
    ),
    unchecked: unchecked.map((text) => text.replaceAll("{pool}", pool)),
  };
}
