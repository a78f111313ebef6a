import * as z from "zod";
import { labelValue, network, objectName, port } from "./forms.ts";

const wayIn = z.strictObject({
  by: z.enum(["http-route", "ingress", "load-balancer"]).meta({ description: "What opens it." }),
  namespace: objectName.meta({ description: "Namespace of the object, and of the service behind it." }),
  name: objectName.meta({ description: "Name of the object." }),
  service: objectName.meta({ description: "Name of the Service behind it, and of its pods." }),
  host: objectName.meta({ description: "The only host that it may name." }),
  paths: z
    .array(z.string().regex(/^\/[a-z0-9/._-]*$/))
    .min(1)
    .meta({ description: "The only paths that it may pass on." }),
  pathMatch: z.enum(["exact", "prefix"]).meta({
    description: "Whether it passes on these paths exactly, or all below them.",
  }),
  parent: z
    .strictObject({
      namespace: objectName.meta({ description: "Namespace of the Gateway." }),
      name: objectName.meta({ description: "Name of the Gateway." }),
      listener: objectName.meta({ description: "Its listener." }),
    })
    .optional()
    .meta({ description: "What an `http-route` is attached to." }),
  ingressClass: objectName.optional().meta({ description: "Class of an `ingress`." }),
  secret: objectName.optional().meta({ description: "Secret with its certificate." }),
  annotations: z.record(z.string(), z.string()).optional().meta({
    description: "Annotations that it may carry, and a `load-balancer` has to.",
  }),
  loadBalancerClass: z
    .string()
    .regex(/^[a-z0-9./-]+$/)
    .optional()
    .meta({ description: "Class of a `load-balancer`. Left out: none." }),
  sourceRanges: z.array(network).optional().meta({ description: "Networks that a `load-balancer` may let in." }),
  networks: z
    .array(network)
    .optional()
    .meta({ description: "Networks that the service's policy may let in behind it." }),
  port: port.optional().meta({ description: "The service's port that they may reach." }),
});

const admissionPoliciesSchema = z.strictObject({
  stack: labelValue.meta({
    description: "Name of the stack; policies hold in namespaces with the label `freehold/stack` of this value.",
  }),
  environment: labelValue.meta({
    description:
      "Environment of the stack; those namespaces also carry the label `freehold/environment` of this value.",
  }),
  registries: z
    .array(z.string().regex(/^[a-z0-9.:-]+(\/[a-z0-9._/-]+)?$/))
    .default([])
    .meta({ description: "Registries that images may come from, as `host` or `host/path`. Empty: any." }),
  networks: z
    .array(network)
    .default([])
    .meta({ description: "Networks that policies may let pods out to. Empty: none." }),
  inside: z
    .array(
      z.strictObject({
        namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
        labels: z.record(z.string(), z.string()),
        networks: z.array(network),
      }),
    )
    .default([])
    .meta({
      description:
        "Pods that reach private networks beside the proxy, such as a database, by namespace and labels. Empty: none.",
    }),
  reachable: z
    .array(
      z.strictObject({
        namespaceLabels: z.record(z.string(), z.string()),
        labels: z.record(z.string(), z.string()),
      }),
    )
    .default([])
    .meta({
      description: "Pods that others may be let out to, by labels of their namespace and of their own. Empty: none.",
    }),
  egressNamespace: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/)
    .default("")
    .meta({ description: "Namespace of the proxy that alone has a way out. Empty: there is none." }),
  egressHosts: z
    .array(z.string().regex(/^[a-z0-9.-]+:[0-9]{1,5}$/))
    .default([])
    .meta({ description: "All that the proxy may connect to, as `host:port`." }),
  egressHostsByName: z
    .array(z.string().regex(/^[a-z0-9.-]+$/))
    .default([])
    .meta({ description: "Hosts that rules of the network plugin may name. Empty: none may be written." }),
  verifier: z
    .strictObject({
      image: z
        .string()
        .regex(/^[^\s'"]+@sha256:[0-9a-f]{64}$/)
        .meta({ description: "Image, by digest." }),
      command: z.array(z.string().min(1)).min(1).meta({ description: "Program and its words." }),
    })
    .nullable()
    .default(null)
    .meta({ description: "What verifies the signature of weights in each Job that fetches them. Null: nothing." }),
  waysIn: z
    .array(wayIn)
    .default([])
    .meta({ description: "Every way in from outside the cluster, each opened by one object. Empty: none." }),
  digestsRequired: z.boolean().default(true).meta({
    description: "Refuses images without a digest. Off only where containers are simulated and nothing is locked.",
  }),
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type AdmissionPoliciesValues = z.input<typeof admissionPoliciesSchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function admissionPoliciesJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(admissionPoliciesSchema, { io: "input", target: "draft-7" });
}
