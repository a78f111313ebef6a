import * as z from "zod";

const objectName = z.string().regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/);
const host = z.string().regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/);

const networks = z.array(z.string().regex(/^[0-9a-f.:]+\/[0-9]{1,3}$/)).default([]);

/** The part of the gateway's values that opens a way in from outside the cluster. */
export const gatewayExposureSchema = z
  .strictObject({
    by: z.enum(["none", "http-route", "ingress", "load-balancer"]).default("none").meta({
      description:
        "What opens it: `http-route` needs the resource definitions of the Gateway API. `none`: nobody outside the cluster gets in.",
    }),
    host: host.default("").meta({ description: "Name under which callers outside find the gateway." }),
    paths: z
      .array(z.string().regex(/^\/[a-z0-9/._-]+$/))
      .default([])
      .meta({ description: "The only paths that are passed on, exactly." }),
    timeoutSeconds: z.int().min(0).max(99_999).default(0).meta({
      description: "How long an answer may take, for `http-route`. Seconds.",
    }),
    annotations: z.record(z.string(), z.string()).default({}).meta({
      description:
        "What the controller of an Ingress is told about times and buffering, and what makes a load balancer an internal one.",
    }),
    parent: z
      .strictObject({
        namespace: objectName.default("").meta({ description: "Namespace of the Gateway." }),
        name: objectName.default("").meta({ description: "Name of the Gateway." }),
        listener: objectName.default("").meta({ description: "Its listener that ends TLS." }),
      })
      .prefault({})
      .meta({ description: "What an `http-route` is attached to." }),
    ingressClass: objectName.default("").meta({ description: "Class of an `ingress`." }),
    tls: z
      .strictObject({
        secret: objectName.default("").meta({
          description: "Secret with the certificate. An `ingress` and a `load-balancer` need one.",
        }),
        issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").meta({
          description: "Kind of the issuer.",
        }),
        issuer: objectName.default("").meta({
          description:
            "Issuer of cert-manager that makes the certificate; it needs cert-manager's resource definitions. Empty: the Secret exists.",
        }),
      })
      .prefault({})
      .meta({ description: "Where the certificate lies." }),
    controller: z
      .strictObject({
        namespace: objectName.default("").meta({ description: "Namespace of the controller's pods." }),
        labels: z.record(z.string(), z.string()).default({}).meta({ description: "Labels of those pods." }),
      })
      .prefault({})
      .meta({ description: "The pods that may connect from outside the stack, but for a `load-balancer`." }),
    loadBalancerClass: z
      .string()
      .regex(/^([a-z0-9./-]+)?$/)
      .default("")
      .meta({ description: "Class of a `load-balancer`. Empty: the cluster's own." }),
    sourceRanges: networks.meta({ description: "Networks that callers of a `load-balancer` stand in." }),
    networks: networks.meta({ description: "The same with those that its health checks come from." }),
    securePort: z.int().min(0).max(65_535).default(0).meta({
      description: "Port over TLS behind a `load-balancer`; the settings' `secure` names it too.",
    }),
  })
  .prefault({})
  .meta({ description: "The way in from outside the cluster." });

/** Values as they are given. */
export type GatewayExposureValues = z.input<typeof gatewayExposureSchema>;
