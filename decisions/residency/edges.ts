import { hostAndPort, hostProblem } from "../../config/host.ts";
import type { Config } from "../../config/schema/index.ts";
import { agentsCalls, migrationCalls } from "../agents/calls.ts";
import { migratorOf, orchestratorOf } from "../agents/namespace.ts";
import { agentFacts } from "../catalog/agents.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import type { Catalog } from "../catalog/index.ts";
import { outsideCallers, outsidePort } from "../exposure/exposure.ts";
import { gatewayCalls } from "../gateway/calls.ts";
import { gatewayParty } from "../gateway/namespace.ts";
import { because, policy } from "../reason.ts";
import type { VersionContext } from "../version-context.ts";
import { fetchersOf } from "./consumers.ts";
import type { Edge, EdgePort, EgressFacts, EgressWorkload, FrontierFact, NetworkFact, Party } from "./facts.ts";

const nameServers: Party = { kind: "dns", name: "name servers" };
const namePorts: readonly EdgePort[] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];

/** Label of pods that may call engines where there is no gateway. */
const inferenceClientLabel = "freehold/inference-client";
/** Label of pods that may call agents. */
const agentsClientLabel = "freehold/agents-client";
/** Label of pods that may call the gateway. */
const gatewayClientLabel = "freehold/gateway-client";

/** What is known of the way out before connections are decided. */
interface Outside {
  readonly hub: string | null;
  readonly networks: readonly NetworkFact[];
  readonly egress: EgressFacts | null;
  readonly frontiers: readonly FrontierFact[];
}

/** Every connection that may be opened in a stack. */
export function decideEdges(
  config: Config,
  contexts: readonly VersionContext[],
  { hub, networks, egress, frontiers }: Outside,
  { engines }: Catalog,
): Edge[] {
  const { name, environment, gateway } = config;
  const namespace = `${name}-${environment}-inference`;
  const door = gatewayParty(config);
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
  const inside =
    gateway === undefined
      ? toEngines
      : [...toEngines, ...throughGateway(config, door), ...gatewayCalls(gateway, door), ...ofAgents(config, door)];
  if (egress !== null) return [...inside, ...throughProxy(egress, inside)];
  const outside = frontiers.map(
    ({ name: frontier, host, port }): Edge => ({
      from: door,
      to: { kind: "networks", name: host, networks },
      ports: [{ protocol: "TCP", port }],
      because: [
        policy(
          `Requests are sent on to ${frontier}. Policies know no names: the gateway alone holds itself to the host, until \`residency.egress\` has a proxy do it.`,
        ),
      ],
    }),
  );
  const opened = [...inside, ...(networks.length === 0 ? [] : outside)];
  if (hub === null || hostProblem(hub) !== null || networks.length === 0) return opened;
  const fetchers = fetchersOf(config);
  return [
    ...opened,
    { from: fetchers, to: nameServers, ports: namePorts, because: [policy("The hub is found by its name.")] },
    {
      from: fetchers,
      to: { kind: "networks", name: hub, networks },
      ports: [{ protocol: "TCP", port: hostAndPort(hub).port }],
      because: [policy(`Weights are fetched from ${hub} over HTTPS, before an engine starts.`)],
    },
  ];
}

/** Pods with a label, in every namespace of the stack. */
function clientsOf({ name, environment }: Config, called: string, label: string): Party {
  return {
    kind: "clients",
    name: called,
    namespaceLabels: { "freehold/environment": environment, "freehold/stack": name },
    labels: { [label]: "true" },
  };
}

/** Callers to the gateway, and what it needs to find engines. */
function throughGateway(config: Config, door: Party): Edge[] {
  return [
    {
      from: clientsOf(config, "gateway clients", gatewayClientLabel),
      to: door,
      ports: [{ protocol: "TCP", port: gatewayFacts.port }],
      because: [policy("Callers carry the label, and say who they are in each request.")],
    },
    ...fromOutside("gateway", config.gateway?.exposure, door, gatewayFacts),
    { from: door, to: nameServers, ports: namePorts, because: [policy("Engines are found by their names.")] },
  ];
}

/** Whoever passes on requests from outside the cluster to a service. */
function fromOutside(
  section: "gateway" | "agents",
  exposure: Parameters<typeof outsideCallers>[0] | undefined,
  to: Party,
  facts: Parameters<typeof outsidePort>[1],
): Edge[] {
  if (exposure === undefined) return [];
  const from = outsideCallers(exposure);
  const way = from.kind === "networks" ? "over TLS, through an internal load balancer" : "and through these pods alone";
  const text = `Callers outside the cluster come in at https://${exposure.host}, ${way}.`;
  return [
    {
      from,
      to,
      ports: [{ protocol: "TCP", port: outsidePort(exposure, facts) }],
      because: [because(`${section}.exposure`, text)],
    },
  ];
}

/** Callers to the agents, and what these call but hosts outside. */
function ofAgents(config: Config, door: Party): Edge[] {
  const { agents } = config;
  if (agents === undefined) return [];
  const [orchestrator, migrator] = [orchestratorOf(config), migratorOf(config)];
  return [
    {
      from: clientsOf(config, "agents' clients", agentsClientLabel),
      to: orchestrator,
      ports: [{ protocol: "TCP", port: agentFacts.port }],
      because: [policy("Callers carry the label, and say who they are in each request.")],
    },
    ...fromOutside("agents", agents.exposure, orchestrator, { port: agentFacts.port, securePort: null }),
    {
      from: orchestrator,
      to: nameServers,
      ports: namePorts,
      because: [policy("Gateway, database and tool servers are found by their names.")],
    },
    {
      from: orchestrator,
      to: door,
      ports: [{ protocol: "TCP", port: gatewayFacts.port }],
      because: [policy("Models are asked through the gateway alone.")],
    },
    ...agentsCalls(agents, orchestrator),
    {
      from: migrator,
      to: nameServers,
      ports: namePorts,
      because: [policy("The database is found by its name.")],
    },
    ...migrationCalls(agents, migrator),
  ];
}

/** Each workload to its own port of the proxy, and the proxy to the hosts of all of them. */
function throughProxy({ proxy, workloads }: EgressFacts, inside: readonly Edge[]): Edge[] {
  const open = workloads.filter(leadsOut);
  if (open.length === 0) return [];
  const asksAlready = (name: string) => inside.some(({ from, to }) => from.name === name && to.kind === "dns");
  return [
    ...open.flatMap(({ name, port, from }): Edge[] => [
      ...(asksAlready(from.name)
        ? []
        : [{ from, to: nameServers, ports: namePorts, because: [policy("The proxy is found by its name.")] }]),
      {
        from,
        to: proxy,
        ports: [{ protocol: "TCP", port }],
        because: [policy(`The port of ${name} alone: by it the proxy knows who asks, and which hosts it may name.`)],
      },
    ]),
    { from: proxy, to: nameServers, ports: namePorts, because: [policy("Hosts are found by their names.")] },
    ...open.map(
      (workload): Edge => ({
        from: proxy,
        to: outsideOf(workload),
        ports: portsOf(workload),
        because: [policy(`What ${workload.name} may reach, and nothing else.`)],
      }),
    ),
  ];
}

function leadsOut({ hosts, networks, byName }: EgressWorkload): boolean {
  return hosts.value.length > 0 && (networks.length > 0 || byName);
}

function outsideOf({ hosts, networks, byName }: EgressWorkload): Party {
  const names = hosts.value.map(({ host }) => host);
  const name = names.join(", ");
  return byName ? { kind: "names", name, hosts: names } : { kind: "networks", name, networks };
}

function portsOf({ hosts }: EgressWorkload): EdgePort[] {
  const ports = [...new Set(hosts.value.map(({ port }) => port))].sort((a, b) => a - b);
  return ports.map((port) => ({ protocol: "TCP", port }));
}
