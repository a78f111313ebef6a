import * as z from "zod";
import { positive } from "./forms.ts";
import { serviceCallers, serviceMetrics, serviceSecrets, serviceValues } from "./service-schema.ts";

/** Values of `charts/orchestrator`: `values.schema.json`, `values.yaml` and the chart's README are made from this. */
const orchestratorSchema = z.strictObject({
  ...serviceValues({
    name: "orchestrator",
    replicas: "Replicas that serve and work at once.",
    preStop: "How long a stopping replica still serves and works as before while callers learn that it goes. Seconds.",
    terminationGracePeriod:
      "All the time a stopping replica has, `preStopSeconds` and the settings' `runs.drainSeconds` included. Seconds.",
    settings:
      "The orchestrator's settings, as services/orchestrator reads them. A change replaces the replicas one after the other.",
  }),
  startSeconds: positive.default(180).meta({
    description: "How long a replica may take to start, the settings' `storage.tablesWithinSeconds` included. Seconds.",
  }),
  variables: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/), value: z.string() }))
    .default([])
    .meta({
      description: "Environment variables: the way to the proxy, and what keeps libraries from reporting. Empty: none.",
    }),
  ...serviceCallers,
  ...serviceSecrets,
  ...serviceMetrics,
});

/** Values as they are given: keys with a default in the chart may be left out. */
export type OrchestratorValues = z.input<typeof orchestratorSchema>;

/** The schema as Helm validates it: keys that the chart has a default for are optional, unknown ones refused. */
export function orchestratorJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(orchestratorSchema, { io: "input", target: "draft-7" });
}
