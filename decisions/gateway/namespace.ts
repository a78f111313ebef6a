import type { Config } from "../../config/schema/index.ts";
import type { Party } from "../residency/facts.ts";

/** Its name among the workloads that have a way out. */
export const gatewayConsumer = "gateway";

/** Namespace of the gateway: its Secrets are no engine's affair. */
export function gatewayNamespace({ name, environment }: Pick<Config, "name" | "environment">): string {
  return `${name}-${environment}-gateway`;
}

/** The pods of the gateway, as policies select them. */
export function gatewayParty(config: Pick<Config, "name" | "environment">): Party & { readonly kind: "pods" } {
  return {
    kind: "pods",
    name: "gateway",
    namespace: gatewayNamespace(config),
    labels: { "app.kubernetes.io/instance": "gateway", "app.kubernetes.io/name": "gateway" },
  };
}
