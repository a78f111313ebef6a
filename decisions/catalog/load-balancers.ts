import type { GatewayConfig } from "../../config/schema/index.ts";
import type { Sourced } from "./sourced.ts";

type By = NonNullable<GatewayConfig["exposure"]>["by"];
export type BalancerKind = Exclude<By, "http-route" | "ingress">;

/** What makes a load balancer of a kind an internal one. */
interface LoadBalancer extends Sourced {
  readonly name: string;
  /** `loadBalancerClass` of the Service: whose controller makes it. Null for the cluster's own. */
  readonly className: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  /** Annotation that names the pool of addresses; null where there is none. */
  readonly poolAnnotation: string | null;
  /** What only the cluster or the network can tell, as full sentences; `{pool}` stands for the pool's name. */
  readonly unchecked: readonly string[];
}

export const loadBalancers: Readonly<Record<BalancerKind, LoadBalancer>> = {
  "aws-load-balancer": {
    name: "an internal Network Load Balancer",
    className: "service.k8s.aws/nlb",
    annotations: {
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      // Callers are told by their own addresses, and not by those of the load balancer.
      "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes": "preserve_client_ip.enabled=true",
    },
    poolAnnotation: null,
    unchecked: ["Whether the AWS Load Balancer Controller runs in the cluster: without it nothing is made."],
    source: "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
    asOf: "2026-11-26",
  },
  "google-load-balancer": {
    name: "an internal passthrough load balancer of GKE",
    className: null,
    annotations: { "networking.gke.io/load-balancer-type": "Internal" },
    poolAnnotation: null,
    unchecked: [
      "Whether the cluster is one of GKE: elsewhere the annotation says nothing, and the address may be public.",
    ],
    source: "https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing",
    asOf: "2026-11-26",
  },
  "azure-load-balancer": {
    name: "an internal load balancer of AKS",
    className: null,
    annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" },
    poolAnnotation: null,
    unchecked: [
      "Whether the cluster is one of AKS: elsewhere the annotation says nothing, and the address may be public.",
    ],
    source: "https://learn.microsoft.com/azure/aks/internal-lb",
    asOf: "2026-11-26",
  },
  metallb: {
    name: "an address of MetalLB",
    className: null,
    annotations: {},
    poolAnnotation: "metallb.io/address-pool",
    unchecked: ["Whether all addresses of MetalLB's pool {pool} are internal."],
    source: "https://metallb.io/usage/",
    asOf: "2026-11-26",
  },
};
