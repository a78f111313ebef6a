import { ingressSoftwareOf } from "../../config/ingress.ts";
import type { GatewayConfig } from "../../config/schema/index.ts";
import { ingressControllers } from "../catalog/ingress-controllers.ts";
import { loadBalancers } from "../catalog/load-balancers.ts";
import { byName } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";
import type { ExposureBlueprint } from "./blueprint.ts";

type ExposureConfig = NonNullable<GatewayConfig["exposure"]>;
type IngressConfig = Extract<ExposureConfig, { readonly by: "ingress" }>;
type BalancerConfig = Exclude<ExposureConfig, { readonly by: "http-route" | "ingress" }>;

/** A service as whatever stands in front of it has to know it. */
export interface ExposedService {
  /** Section of the file that has the way in. */
  readonly section: "gateway" | "agents";
  /** Name of its release and its Service. */
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** Where it ends TLS itself; null where it does not. */
  readonly securePort: number | null;
  readonly paths: readonly string[];
  readonly pathMatch: ExposureBlueprint["pathMatch"];
  /** What stands between the host and the paths of its API. */
  readonly basePath: string;
  /** Largest request that it takes. MiB. */
  readonly bodyMebibytes: number;
  /** After how long it ends an answer itself, and that as the start of a sentence. Seconds. */
  readonly endsAfterSeconds: number;
  readonly ending: string;
}

/** What a service itself needs to end an answer in its own words, before whoever stands in front ends it. Seconds. */
const marginSeconds = 30;

/** Who connects to a service when callers outside do: the pods that pass requests on, or callers themselves. */
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

/** The service's port that they connect to. */
export function outsidePort(
  { by }: ExposureConfig,
  { port, securePort }: Pick<ExposedService, "port" | "securePort">,
): number {
  return by === "http-route" || by === "ingress" ? port : (securePort ?? port);
}

/** The way in as it will be deployed; null where the file has none. */
export function decideExposure(
  exposure: ExposureConfig | undefined,
  exposed: ExposedService,
): ExposureBlueprint | null {
  if (exposure === undefined) return null;
  const { service, namespace, paths, pathMatch, basePath, endsAfterSeconds, ending } = exposed;
  const seconds = endsAfterSeconds + marginSeconds;
  const common = {
    host: exposure.host,
    url: `https://${exposure.host}${basePath}`,
    namespace,
    name: `${service}-way-in`,
    service,
    port: outsidePort(exposure, exposed),
    paths,
    pathMatch,
    from: outsideCallers(exposure),
    timeoutSeconds: decided(
      seconds,
      policy(
        `${ending} after ${endsAfterSeconds} s, with a typed error; ${marginSeconds} s more, so that it is the ${service} which does. An answer that is not streamed is silent until then, so the limit for silence is the same.`,
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
  if (exposure.by === "ingress") return { ...common, ...ingressPart(exposure, exposed, seconds) };
  return { ...common, ...balancerPart(exposure, endsAfterSeconds) };
}

/** Keys of the Secret of a way in's certificate, where it has to exist. */
export function certificateOf(
  exposure: ExposureBlueprint | null,
): { readonly holds: string; readonly secret: string; readonly key: string }[] {
  if (exposure === null || exposure.by === "http-route" || exposure.tls.issuer !== null) return [];
  const { secret } = exposure.tls;
  return [
    { holds: "the certificate of the way in", secret, key: "tls.crt" },
    { holds: "the private key of that certificate", secret, key: "tls.key" },
  ];
}

function ingressPart(exposure: IngressConfig, { section, bodyMebibytes }: ExposedService, seconds: number) {
  const { class: ingressClass, software: named, tls } = exposure;
  const software = ingressSoftwareOf(exposure);
  // A class without a controller, and the one that is refused, are findings of the file.
  const known = software === null || software === "ingress-nginx" ? "other" : software;
  const { name, timeouts, annotations, unchecked } = ingressControllers[known];
  const all = {
    ...Object.fromEntries(
      // One MiB less, and it would be the controller that refuses a large request.
      Object.entries(annotations).map(([key, text]) => [key, text.replace("{body}", String(bodyMebibytes + 1))]),
    ),
    ...Object.fromEntries(timeouts.map((key) => [key, `${seconds}s`])),
  };
  return {
    by: "ingress" as const,
    ingressClass,
    tls: { secret: tls.secret, issuer: tls.issuer ?? null },
    annotations: decided(
      all,
      named === undefined
        ? because(`${section}.exposure.class`, `The class ${ingressClass} is that of ${name}.`)
        : because(`${section}.exposure.software`, `The file says that ${name} serves the class.`),
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
