import type { Config } from "../../config/schema/index.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import type { Catalog } from "../catalog/index.ts";
import { gatewayNamespace } from "../gateway/gateway.ts";
import { policy } from "../reason.ts";
import type { VersionContext } from "../version-context.ts";
import type { Edge, EdgePort, NetworkFact, Party } from "./facts.ts";

/** Label of the pods that fetch weights, by which policies select them. */
const fetchWeightsRole = "fetch-weights";

const nameServers: Party = { kind: "dns", name: "name servers" };
const dnsPorts: readonly EdgePort[] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];

/** Label of pods that may call engines where there is no gateway. */
const inferenceClientLabel = "freehold/inference-client";
/** Label of pods that may call the gateway. */
const gatewayClientLabel = "freehold/gateway-client";

/** Pods with a label, in every namespace of the stack. */
function clientsOf({ name, environment }: Config, called: string, label: string): Party {
  return {
    kind: "clients",
    name: called,
    namespaceLabels: { "freehold/environment": environment, "freehold/stack": name },
    labels: { [label]: "true" },
  };
}

/** The pods of the gateway. */
function gatewayParty(config: Config): Extract<Party, { readonly kind: "pods" }> {
  return {
    kind: "pods",
    name: "gateway",
    namespace: gatewayNamespace(config),
    labels: { "app.kubernetes.io/instance": "gateway", "app.kubernetes.io/name": "gateway" },
  };
}

/** Every connection that may be opened in a stack. */
export function decideEdges(
  config: Config,
  contexts: readonly VersionContext[],
  networks: readonly NetworkFact[],
  hub: string | null,
  { engines }: Catalog,
): Edge[] {
  const { name, environment, gateway } = config;
  const namespace = `${name}-${environment}-inference`;
  const door = gatewayParty(config);
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
    const ports = [{ protocol: "TCP" as const, port: engines.vllm.port }];
    return gateway === undefined
      ? {
          from: clientsOf(config, "inference clients", inferenceClientLabel),
          to: engine,
          ports,
          because: [policy("Callers carry the label; an engine itself opens no connection.")],
        }
      : {
          from: door,
          to: engine,
          ports,
          because: [policy("The gateway alone calls engines: what it refuses, nobody reaches another way.")],
        };
  });
  const throughTheDoor: readonly Edge[] =
    gateway === undefined
      ? []
      : [
          {
            from: clientsOf(config, "gateway clients", gatewayClientLabel),
            to: door,
            ports: [{ protocol: "TCP", port: gatewayFacts.port }],
            because: [policy("Callers carry the label, and say who they are in each request.")],
          },
          { from: door, to: nameServers, ports: dnsPorts, because: [policy("Engines are found by their names.")] },
        ];
  if (hub === null || networks.length === 0) return [...toEngines, ...throughTheDoor];
  return [
    ...toEngines,
    ...throughTheDoor,
    {
      from: fetchers,
      to: nameServers,
      ports: dnsPorts,
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
