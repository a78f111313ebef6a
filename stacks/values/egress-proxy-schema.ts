import * as z from "zod";
import { labelValue, namespaceName, port } from "./forms.ts";

/** A Kubernetes quantity of bytes without a fraction. */
const bytes = z.string().regex(/^[1-9][0-9]*(Ki|Mi|Gi)?$/);

/** One host by its full name: no wildcard, no address, no port. */
const hostName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]*[a-z][a-z0-9-]*$/);

const host = z.strictObject({
  host: hostName.meta({ description: "Full name of the host." }),
  port: z.int().min(1).max(65_535).meta({ description: "Its port." }),
});

const workload = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .meta({ description: "What the log calls it." }),
  port: port.meta({ description: "Port of the proxy that is its own." }),
  from: z.strictObject({
    namespace: namespaceName.meta({ description: "Namespace of its pods." }),
    labels: z.record(z.string(), z.string()).meta({ description: "Labels of its pods." }),
  }),
  hosts: z.array(host).meta({ description: "Hosts that it is let through to; every other one is refused." }),
});

const egressProxySchema = z.strictObject({
  stack: labelValue.meta({ description: "Value of the label `freehold/stack`." }),
  environment: labelValue.meta({ description: "Value of the label `freehold/environment`." }),
  image: z.string().min(1).meta({ description: "Image of Envoy, by digest." }),
  allowUnlocked: z.boolean().default(false).meta({ description: "Lets an image without a digest run." }),
  workloads: z.array(workload).min(1).meta({ description: "Who may ask for what, a port each." }),
  hostsByName: z.array(host).default([]).meta({
    description: "Hosts that a CiliumNetworkPolicy lets out by name. Empty: none, and no such policy is made.",
  }),
  replicas: z.int().min(1).max(10).default(2).meta({ description: "Copies of the proxy." }),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().min(1),
        operator: z.literal("Exists"),
        effect: z.enum(["NoSchedule", "NoExecute"]),
        tolerationSeconds: z.int().min(0).max(2_147_483_647).optional(),
      }),
    )
    .default([])
    .meta({ description: "Taints that its pods tolerate: GPU nodes may be all that a cluster has." }),
  maxConnections: z.int().min(1).max(1_000_000).default(2000).meta({
    description: "Connections of all workloads at once; further ones are refused.",
  }),
  drainSeconds: z.int().min(0).max(3600).default(30).meta({
    description: "How long open tunnels may go on once a pod is to stop. Seconds.",
  }),
  readyPort: port.default(8081).meta({ description: "Port of the probes." }),
  listenAddress: z.string().default("0.0.0.0").meta({ description: "Address that it listens at." }),
  userId: z.int().min(1).max(2_147_483_647).default(65532).meta({ description: "User and group that Envoy runs as." }),
  resources: z
    .strictObject({
      cpu: z
        .string()
        .regex(/^[1-9][0-9]*m?$/)
        .default("200m")
        .meta({ description: "CPU request; there is no CPU limit." }),
      memory: bytes.default("256Mi").meta({ description: "Memory request and limit. Quantity." }),
      ephemeralStorage: bytes.default("256Mi").meta({
        description: "Local storage request and limit, for logs. Quantity.",
      }),
    })
    .prefault({}),
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type EgressProxyValues = z.input<typeof egressProxySchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function egressProxyJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(egressProxySchema, { io: "input", target: "draft-7" });
}
