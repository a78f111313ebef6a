import type { Decided } from "../blueprint.ts";
import type { BalancerKind } from "../catalog/load-balancers.ts";
import type { Party } from "../residency/facts.ts";

/** The one way in from outside the cluster to a service. */
export type ExposureBlueprint = HttpRouteExposure | IngressExposure | LoadBalancerExposure;

interface Exposure {
  /** Name under which callers outside find the service. */
  readonly host: string;
  /** What callers outside take for the service's address. */
  readonly url: string;
  /** Namespace of the service, and name of the release and the object that open the way in. */
  readonly namespace: string;
  readonly name: string;
  /** Service and port that it leads to. */
  readonly service: string;
  readonly port: number;
  /** The only paths that are passed on: these exactly, or all below them. */
  readonly paths: readonly string[];
  readonly pathMatch: "exact" | "prefix";
  /** Who connects to the service's pods. */
  readonly from: Extract<Party, { readonly kind: "clients" | "networks" }>;
  /** How long whatever stands in front waits for an answer, and for each of its parts. Seconds. */
  readonly timeoutSeconds: Decided<number>;
  /** What makes the controller pass on long answers token by token, or the load balancer an internal one. */
  readonly annotations: Decided<Readonly<Record<string, string>>>;
  /** What neither the file nor Freehold can tell, as full sentences. */
  readonly unchecked: readonly string[];
}

export interface HttpRouteExposure extends Exposure {
  readonly by: "http-route";
  readonly parent: { readonly namespace: string; readonly name: string; readonly listener: string };
}

export interface IngressExposure extends Exposure {
  readonly by: "ingress";
  readonly ingressClass: string;
  readonly tls: TlsBlueprint;
}

/** A Service that an internal load balancer stands in front of; the service itself ends TLS. */
export interface LoadBalancerExposure extends Exposure {
  readonly by: "load-balancer";
  readonly kind: BalancerKind;
  /** `loadBalancerClass` of the Service; null where the cluster has one kind. */
  readonly className: string | null;
  /** Networks that callers stand in. */
  readonly sourceRanges: readonly string[];
  readonly tls: TlsBlueprint;
}

/** Where the certificate lies. */
export interface TlsBlueprint {
  readonly secret: string;
  /** Who makes it; null where it exists. */
  readonly issuer: { readonly kind: "Issuer" | "ClusterIssuer"; readonly name: string } | null;
}
