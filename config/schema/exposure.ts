import * as z from "zod";

const objectName = z.string().min(1).max(253);

const host = z.string().min(1).max(253).meta({
  description:
    "The name under which callers outside the cluster find the service, such as `llm.example.com`. The record in DNS is yours to make.",
});

const controller = z.strictObject({
  namespace: objectName.meta({ description: "Namespace of the pods that open connections to the service." }),
  labels: z.record(z.string(), z.string()).meta({
    description: "Labels of those pods. They, and marked pods of the stack, are all that reaches the gateway.",
  }),
});

const tls = z.strictObject({
  secret: objectName.meta({
    description:
      "Secret in the service's namespace with `tls.crt` and `tls.key`: one that exists, or the one cert-manager writes where `issuer` is named.",
  }),
  issuer: z
    .strictObject({
      kind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").meta({
        description: "`Issuer` lies in the service's namespace. Left out: ClusterIssuer.",
      }),
      name: objectName.meta({ description: "Name of the issuer." }),
    })
    .optional()
    .meta({ description: "Issuer of cert-manager that makes the certificate. Left out: the Secret exists." }),
});

const httpRoute = z.strictObject({
  by: z.literal("http-route").meta({
    description: "A route of the Gateway API below a Gateway that somebody else runs, and whose listener ends TLS.",
  }),
  host,
  parent: z
    .strictObject({
      namespace: objectName.meta({ description: "Namespace of the Gateway." }),
      name: objectName.meta({ description: "Name of the Gateway." }),
      listener: objectName.meta({
        description:
          "Its listener that ends TLS for the host, and admits routes of the service's namespace. The file cannot tell whether it does; the explanation says so.",
      }),
    })
    .meta({ description: "What the route is attached to." }),
  controller: controller.meta({ description: "The pods of the Gateway, which pass requests on." }),
});

/** Ingress controllers whose annotations are known, and `other`. */
const ingressSoftware = ["contour", "f5-nginx", "haproxy", "ingress-nginx", "traefik", "other"] as const;

const ingress = z.strictObject({
  by: z.literal("ingress").meta({ description: "An Ingress of a controller that somebody else runs." }),
  host,
  class: objectName.meta({ description: "Name of the IngressClass." }),
  software: z.enum(ingressSoftware).optional().meta({
    description:
      "Which controller serves the class: its annotations set timeouts and switch buffering off. `f5-nginx` is NGINX's own, `ingress-nginx` ended in March 2026 and is refused; with `other` none are written. Left out: by the name of the class, where that is `contour`, `haproxy`, `nginx` (ingress-nginx) or `traefik`.",
  }),
  tls: tls.meta({ description: "Where the certificate lies. There is no way in without one." }),
  controller: controller.meta({ description: "The pods of the controller, which pass requests on." }),
});

/** Keys of every load balancer: it passes bytes on, and the gateway itself ends TLS. */
const behindBalancer = {
  host,
  tls: tls.meta({ description: "Where the certificate lies that the gateway itself shows to callers." }),
  sourceRanges: z.array(z.string().min(1).max(50)).min(1).max(50).meta({
    description:
      "Networks that callers stand in, such as `10.20.0.0/16`: the load balancer and the network policy let in no other. From `region-bound` up, private address space alone.",
  }),
};

const awsLoadBalancer = z.strictObject({
  by: z.literal("aws-load-balancer").meta({
    description: "An internal Network Load Balancer, made by the AWS Load Balancer Controller.",
  }),
  ...behindBalancer,
  subnetRanges: z.array(z.string().min(1).max(50)).min(1).max(20).meta({
    description: "Networks of the subnets that it stands in: its health checks come from there.",
  }),
});

const googleLoadBalancer = z.strictObject({
  by: z.literal("google-load-balancer").meta({ description: "An internal passthrough load balancer of GKE." }),
  ...behindBalancer,
});

const azureLoadBalancer = z.strictObject({
  by: z.literal("azure-load-balancer").meta({ description: "An internal load balancer of AKS." }),
  ...behindBalancer,
});

const metallb = z.strictObject({
  by: z.literal("metallb").meta({ description: "An address that MetalLB announces in your own network." }),
  ...behindBalancer,
  addressPool: objectName.meta({
    description: "MetalLB's IPAddressPool. The file cannot tell whether its addresses are internal alone.",
  }),
});

/** How callers outside the cluster reach the agents: through a controller, which ends TLS. */
export const agentsExposure = z.discriminatedUnion("by", [httpRoute, ingress]);

/** How callers outside the cluster reach the gateway. */
export const gatewayExposure = z.discriminatedUnion("by", [
  httpRoute,
  ingress,
  awsLoadBalancer,
  googleLoadBalancer,
  azureLoadBalancer,
  metallb,
]);
