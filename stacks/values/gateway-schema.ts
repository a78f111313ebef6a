import * as z from "zod";
import { nameOrEmpty, network } from "./forms.ts";
import { serviceCallers, serviceMetrics, serviceSecrets, serviceValues } from "./service-schema.ts";

/** Values of `charts/gateway`: `values.schema.json`, `values.yaml` and the chart's README are made from this. */
const gatewaySchema = z.strictObject({
  ...serviceValues({
    name: "gateway",
    replicas: "Replicas that answer at once.",
    preStop: "How long a stopping replica still takes requests while callers learn that it goes. Seconds.",
    terminationGracePeriod: "All the time a stopping replica has, `preStopSeconds` included. Seconds.",
    settings:
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
  ...serviceSecrets,
  ...serviceCallers,
  secure: z
    .strictObject({
      port: z.int().min(0).max(65_535).default(0).meta({
        description: "Port over TLS; the settings' `secure` names it too. 0: none.",
      }),
      secret: nameOrEmpty.meta({ description: "Secret with the certificate." }),
      networks: z
        .array(network)
        .default([])
        .meta({ description: "Networks that callers and health checks of a load balancer come from." }),
    })
    .prefault({})
    .meta({ description: "Behind a load balancer, the gateway itself ends TLS." }),
  ...serviceMetrics,
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type GatewayValues = z.input<typeof gatewaySchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function gatewayJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(gatewaySchema, { io: "input", target: "draft-7" });
}
