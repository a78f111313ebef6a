import type { Decided } from "../blueprint.ts";
import type { BalancerKind } from "../catalog/load-balancers.ts";
import type { Party } from "../residency/facts.ts";

/** The one way in from outside the cluster. */
export type ExposureBlueprint = HttpRouteExposure | IngressExposure | LoadBalancerExposure;

interface Exposure {
  /** Name under which callers outside find the gateway. */
  readonly host: string;
  /** Namespace and name of the object that opens the way in. */
  readonly namespace: string;
  readonly name: string;
  /** Service and port that it leads to. */
  readonly service: string;
  readonly port: number;
  /** The only paths that are passed on, exactly. */
  readonly paths: readonly string[];
  /** Who connects to the gateway's pods. */
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

/** A Service that an internal load balancer stands in front of; the gateway itself ends TLS. */
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
