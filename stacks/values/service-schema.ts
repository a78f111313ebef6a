import * as z from "zod";
import { bytes, cpu, labelValue, namespaceName, natural, objectName, port, positive } from "./forms.ts";

/** Names a volume and a folder. */
const folder = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

/** Sentences in which the charts of services differ. */
interface ServiceTexts {
  /** As in "The gateway's image". */
  readonly name: string;
  readonly replicas: string;
  readonly preStop: string;
  readonly terminationGracePeriod: string;
  readonly settings: string;
}

/** Values that the chart of every service of Freehold's own begins with. */
export function serviceValues({ name, replicas, preStop, terminationGracePeriod, settings }: ServiceTexts) {
  return {
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
      .meta({ description: `The ${name}'s image by digest, \`registry/repository@sha256:<64 hexadecimal digits>\`.` }),
    allowUnlocked: z.boolean().default(false).meta({
      description: "Accepts an image by tag. For clusters with simulated containers.",
    }),
    replicas: positive.meta({ description: replicas }),
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
        preStopSeconds: natural.meta({ description: preStop }),
        terminationGracePeriodSeconds: positive.meta({ description: terminationGracePeriod }),
      })
      .meta({ description: "How a replica stops." }),
    settings: z.record(z.string(), z.unknown()).meta({ description: settings }),
  };
}

/** Who may call from outside the stack. */
export const serviceCallers = {
  controller: z
    .strictObject({
      namespace: z
        .string()
        .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/)
        .default("")
        .meta({ description: "Namespace of the controller's pods. Empty: nobody outside the stack may call." }),
      labels: z.record(z.string(), z.string()).default({}).meta({ description: "Labels of those pods." }),
    })
    .prefault({})
    .meta({ description: "The pods that pass on requests from outside the cluster." }),
};

/** Existing Secrets that a service reads. */
export const serviceSecrets = {
  secrets: z.record(folder, objectName).default({}).meta({
    description:
      "Existing Secrets of the namespace, by the folder below `/etc/freehold` in which the settings name their files. Empty: none.",
  }),
};

/** Values that the chart of every service of Freehold's own ends with. */
export const serviceMetrics = {
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
};
