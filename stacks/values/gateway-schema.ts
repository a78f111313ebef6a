import * as z from "zod";
import { gatewayExposureSchema } from "./gateway-exposure-schema.ts";

const bytes = z.string().regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|Pi)?$/);
const cpu = z.string().regex(/^[1-9][0-9]*m?$/);
const labelValue = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
const secretName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/);
/** Also the name of a volume. */
const folder = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const namespaceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const positive = z.int().min(1).max(2_147_483_647);
const natural = z.int().min(0).max(2_147_483_647);
const port = z.int().min(1024).max(65_535);

/** Values of `charts/gateway`: `values.schema.json`, `values.yaml` and the chart's README are made from this. */
const gatewaySchema = z.strictObject({
  stack: labelValue.meta({
    description: "Name of the stack; namespaces with the label `freehold/stack` of this value may hold callers.",
  }),
  environment: labelValue.meta({
    description: "Environment of the stack; namespaces of callers also carry `freehold/environment` of this value.",
  }),
  image: z
    .string()
    .regex(/^[!-~]+$/)
    .max(512)
    .meta({ description: "The gateway's image by digest, `registry/repository@sha256:<64 hexadecimal digits>`." }),
  allowUnlocked: z.boolean().default(false).meta({
    description: "Accepts an image by tag. For clusters with simulated containers.",
  }),
  replicas: positive.meta({ description: "Replicas that answer at once." }),
  ports: z
    .strictObject({
      api: port.meta({ description: "Port of the API; the settings' `listen` names it too." }),
      admin: port.meta({ description: "Port of health and metrics; the settings' `admin` names it too." }),
    })
    .meta({ description: "Where a replica listens." }),
  resources: z
    .strictObject({
      cpu: cpu.meta({ description: "CPU request, such as `500m`; there is no CPU limit." }),
      memory: bytes.meta({ description: "Memory request and limit. Quantity, such as `512Mi`." }),
      ephemeralStorage: bytes.default("256Mi").meta({
        description: "Local storage request and limit: the container's logs. Quantity.",
      }),
    })
    .meta({ description: "What one replica takes from its node." }),
  drain: z
    .strictObject({
      preStopSeconds: natural.meta({
        description: "How long a stopping replica still takes requests while callers learn that it goes. Seconds.",
      }),
      terminationGracePeriodSeconds: positive.meta({
        description: "All the time a stopping replica has, `preStopSeconds` included. Seconds.",
      }),
    })
    .meta({ description: "How a replica stops." }),
  settings: z.record(z.string(), z.unknown()).meta({
    description:
      "The gateway's settings, as services/gateway reads them. A change is taken without a restart, once the kubelet has brought it to the pod: within two minutes as a rule.",
  }),
  variables: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
        value: z.string().max(1024),
      }),
    )
    .default([])
    .meta({ description: "Variables of the container, such as those that name the forward proxy. Empty: none." }),
  secrets: z.record(folder, secretName).default({}).meta({
    description:
      "Existing Secrets of the namespace, by the folder below `/etc/freehold` in which the settings name their files. Empty: none.",
  }),
  exposure: gatewayExposureSchema,
  metricsNamespaces: z
    .array(namespaceName)
    .default([])
    .meta({ description: "Namespaces whose pods may scrape the admin port. Empty: none." }),
  podMonitor: z
    .strictObject({
      enabled: z.boolean().default(false).meta({
        description: "Adds a PodMonitor. It needs the Prometheus Operator's resource definitions.",
      }),
      intervalSeconds: positive.default(15).meta({ description: "Time between two scrapes. Seconds." }),
    })
    .prefault({})
    .meta({ description: "Scraping by the Prometheus Operator." }),
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type GatewayValues = z.input<typeof gatewaySchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function gatewayJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(gatewaySchema, { io: "input", target: "draft-7" });
}
