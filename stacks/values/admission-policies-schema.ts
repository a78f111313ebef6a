import * as z from "zod";
import { labelValue } from "./forms.ts";

const text = z.string().regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/);
const networks = z.array(z.string().regex(/^[0-9a-f.:]+\/[0-9]{1,3}$/)).default([]);
const network = z.string().regex(/^[0-9a-f.:]+\/[0-9]{1,3}$/);

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
  wayIn: z
    .strictObject({
      by: z.enum(["none", "http-route", "ingress", "load-balancer"]).default("none").meta({
        description: "What opens it. `none`: nothing may.",
      }),
      namespace: text.default("").meta({ description: "Namespace of the object, and of the gateway behind it." }),
      name: text.default("").meta({ description: "Name of the object." }),
      service: text.default("").meta({ description: "Name of the Service behind it." }),
      host: text.default("").meta({ description: "The only host that it may name." }),
      paths: z
        .array(z.string().regex(/^\/[a-z0-9/._-]+$/))
        .default([])
        .meta({ description: "The only paths that it may pass on." }),
      parent: z
        .strictObject({
          namespace: text.default("").meta({ description: "Namespace of the Gateway." }),
          name: text.default("").meta({ description: "Name of the Gateway." }),
          listener: text.default("").meta({ description: "Its listener." }),
        })
        .prefault({})
        .meta({ description: "What an `http-route` is attached to." }),
      ingressClass: text.default("").meta({ description: "Class of an `ingress`." }),
      secret: text.default("").meta({ description: "Secret with its certificate." }),
      annotations: z.record(z.string(), z.string()).default({}).meta({
        description: "Annotations that it may carry, and a `load-balancer` has to.",
      }),
      loadBalancerClass: z
        .string()
        .regex(/^([a-z0-9./-]+)?$/)
        .default("")
        .meta({ description: "Class of a `load-balancer`. Empty: none." }),
      sourceRanges: networks.meta({ description: "Networks that a `load-balancer` may let in." }),
      networks: networks.meta({ description: "Networks that the gateway's policy may let in behind it." }),
      port: z.int().min(0).max(65_535).default(0).meta({ description: "The gateway's port that they may reach." }),
    })
    .prefault({})
    .meta({ description: "The one way in from outside the cluster." }),
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
