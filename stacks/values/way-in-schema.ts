import * as z from "zod";
import { labelValue, nameOrEmpty, network, objectName, port } from "./forms.ts";

/** Values of `charts/way-in`: `values.schema.json`, `values.yaml` and the chart's README are made from this. */
const wayInSchema = z.strictObject({
  stack: labelValue.meta({ description: "Name of the stack." }),
  environment: labelValue.meta({ description: "Environment of the stack." }),
  by: z.enum(["http-route", "ingress", "load-balancer"]).meta({
    description: "What opens it: `http-route` needs the resource definitions of the Gateway API.",
  }),
  host: objectName.meta({ description: "Name under which callers outside find the service." }),
  paths: z.array(z.string().regex(/^\/[a-z0-9/._-]*$/)).meta({ description: "The only paths that are passed on." }),
  pathMatch: z.enum(["exact", "prefix"]).meta({
    description: "Whether the paths are passed on exactly, or all below them as well.",
  }),
  service: z
    .strictObject({
      name: objectName.meta({ description: "Name of the Service, and of its release." }),
      port: port.meta({ description: "Port of the Service." }),
      app: nameOrEmpty.meta({
        description: "`app.kubernetes.io/name` of its pods, to which a `load-balancer` leads.",
      }),
    })
    .meta({ description: "The service that it leads to, in the release's namespace." }),
  timeoutSeconds: z.int().min(0).max(99_999).default(0).meta({
    description: "How long an answer may take, for `http-route`. Seconds.",
  }),
  annotations: z.record(z.string(), z.string()).default({}).meta({
    description:
      "What the controller of an Ingress is told about times and buffering, and what makes a load balancer an internal one.",
  }),
  parent: z
    .strictObject({
      namespace: nameOrEmpty.meta({ description: "Namespace of the Gateway." }),
      name: nameOrEmpty.meta({ description: "Name of the Gateway." }),
      listener: nameOrEmpty.meta({ description: "Its listener that ends TLS." }),
    })
    .prefault({})
    .meta({ description: "What an `http-route` is attached to." }),
  ingressClass: nameOrEmpty.meta({ description: "Class of an `ingress`." }),
  tls: z
    .strictObject({
      secret: nameOrEmpty.meta({ description: "Secret with the certificate. An `ingress` needs one." }),
      issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").meta({
        description: "Kind of the issuer.",
      }),
      issuer: nameOrEmpty.meta({
        description:
          "Issuer of cert-manager that makes the certificate; it needs cert-manager's resource definitions. Empty: the Secret exists.",
      }),
    })
    .prefault({})
    .meta({ description: "Where the certificate lies." }),
  loadBalancerClass: z
    .string()
    .regex(/^([a-z0-9./-]+)?$/)
    .default("")
    .meta({ description: "Class of a `load-balancer`. Empty: the cluster's own." }),
  sourceRanges: z
    .array(network)
    .default([])
    .meta({ description: "Networks that callers of a `load-balancer` stand in." }),
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type WayInValues = z.input<typeof wayInSchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function wayInJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(wayInSchema, { io: "input", target: "draft-7" });
}
