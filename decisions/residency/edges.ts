import type { Config } from "../../config/schema/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { policy } from "../reason.ts";
import type { VersionContext } from "../version-context.ts";
import type { Edge, NetworkFact, Party } from "./facts.ts";

/** Label of the pods that fetch weights, by which policies select them. */
const fetchWeightsRole = "fetch-weights";

const nameServers: Party = { kind: "dns", name: "name servers" };

/** Every connection that may be opened in a stack. */
export function decideEdges(
  { name, environment }: Config,
  contexts: readonly VersionContext[],
  networks: readonly NetworkFact[],
  hub: string | null,
  { engines }: Catalog,
): Edge[] {
  const namespace = `${name}-${environment}-inference`;
  const clients: Party = {
    kind: "clients",
    name: "inference clients",
    namespaceLabels: { "freehold/environment": environment, "freehold/stack": name },
    labels: { "freehold/inference-client": "true" },
  };
  const fetchers: Party = {
    kind: "pods",
    name: fetchWeightsRole,
    namespace,
    labels: { "freehold/role": fetchWeightsRole },
  };
  const toEngines = contexts.map(({ release }): Edge => {
    const engine: Party = {
      kind: "pods",
      name: release,
      namespace,
      labels: { "app.kubernetes.io/instance": release, "app.kubernetes.io/name": "model-server" },
    };
    return {
      from: clients,
      to: engine,
      ports: [{ protocol: "TCP", port: engines.vllm.port }],
      because: [policy("Callers carry the label; an engine itself opens no connection.")],
    };
  });
  if (hub === null || networks.length === 0) return toEngines;
  return [
    ...toEngines,
    {
      from: fetchers,
      to: nameServers,
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
      because: [policy("The hub is found by its name.")],
    },
    {
      from: fetchers,
      to: { kind: "networks", name: hub, networks },
      ports: [{ protocol: "TCP", port: 443 }],
      because: [policy(`Weights are fetched from ${hub} over HTTPS, before an engine starts.`)],
    },
  ];
}
