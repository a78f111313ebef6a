import type { Config } from "../../config/schema/index.ts";
import type { Party } from "../residency/facts.ts";

type Named = Pick<Config, "name" | "environment">;
type Pods = Party & { readonly kind: "pods" };

/** Role of the pods that change the agents' tables, and the name of their account and their policy. */
export const migrationRole = "migrate-agents";

/** Namespace of the agents: their Secrets are no gateway's affair. */
export function agentsNamespace({ name, environment }: Named): string {
  return `${name}-${environment}-agents`;
}

/** The pods of the orchestrator, as policies select them. */
export function orchestratorOf(config: Named): Pods {
  return {
    kind: "pods",
    name: "orchestrator",
    namespace: agentsNamespace(config),
    labels: { "app.kubernetes.io/instance": "orchestrator", "app.kubernetes.io/name": "orchestrator" },
  };
}

/** The pods that change the tables before replicas are replaced. */
export function migratorOf(config: Named): Pods {
  return {
    kind: "pods",
    name: migrationRole,
    namespace: agentsNamespace(config),
    labels: { "freehold/role": migrationRole },
  };
}
