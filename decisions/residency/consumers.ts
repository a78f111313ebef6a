import { isInside } from "../../config/inside-place.ts";
import type { Config } from "../../config/schema/index.ts";
import { orchestratorOf } from "../agents/namespace.ts";
import type { Reason } from "../blueprint.ts";
import { hubs } from "../catalog/hubs.ts";
import { lookUp } from "../catalog/look-up.ts";
import { gatewayConsumer, gatewayParty } from "../gateway/namespace.ts";
import { because } from "../reason.ts";
import type { FrontierFact, NetworkFact, Party } from "./facts.ts";

/** What was decided about hosts outside before it is decided who reaches them. */
export interface WaysOut {
  /** Host that weights come from; null for none. */
  readonly hub: { readonly value: string | null; readonly because: readonly Reason[] };
  readonly networks: readonly NetworkFact[];
  readonly frontiers: readonly FrontierFact[];
  /** Whether hosts without networks are let out by rules of the network plugin. */
  readonly byName: boolean;
}

/** A workload that reaches hosts outside, through a port of the proxy that is its own. */
export interface Consumer {
  /** Its key under `residency.egress.hosts`. */
  readonly name: string;
  /** No other workload has it, and it never changes: policies tell workloads apart by it. */
  readonly port: number;
  /** The pods that it consists of, as policies select them. */
  readonly from: Party & { readonly kind: "pods" };
  /** Hosts as `host` or `host:port`, each with the ground for it. */
  readonly hosts: readonly { readonly text: string; readonly reason: Reason }[];
  /** Addresses that these hosts stand at. */
  readonly networks: readonly NetworkFact[];
  readonly byName: boolean;
}

/** The pods that fetch weights, as policies select them. */
export function fetchersOf({ name, environment }: Pick<Config, "name" | "environment">): Consumer["from"] {
  return {
    kind: "pods",
    name: "fetch-weights",
    namespace: `${name}-${environment}-inference`,
    labels: { "freehold/role": "fetch-weights" },
  };
}

/**
 * Every workload of a stack that has a way out. To add one: a function like the one below with the next free port, its key
 * under `residency.egress.hosts`, and the variables of `proxyVariables` in its pods.
 */
export function consumersOf(config: Config, ways: WaysOut): readonly Consumer[] {
  return [fetchWeights(config, ways), gateway(config, ways), orchestrator(config, ways)].flatMap(
    (consumer) => consumer ?? [],
  );
}

function fetchWeights(config: Config, { hub, networks, byName }: WaysOut): Consumer | null {
  if (hub.value === null) return null;
  const reason = hub.because[0] ?? because("residency.sources.hub", `Weights come from ${hub.value}.`);
  const known = lookUp(hubs, hub.value);
  return {
    name: "fetch-weights",
    port: 3128,
    from: fetchersOf(config),
    hosts: [
      { text: hub.value, reason },
      ...(known?.storageHosts ?? []).map((text) => ({
        text,
        reason: because(`catalog.hubs.${hub.value}`, `It sends clients on to these for large files: ${known?.source}.`),
      })),
      ...namedHosts(config, "fetch-weights"),
    ],
    networks,
    byName,
  };
}

/** Agents reach tool servers and receivers of webhooks that stand outside; port 3129 is the gateway's. */
function orchestrator(config: Config, { networks, byName }: WaysOut): Consumer | null {
  const { agents } = config;
  if (agents === undefined) return null;
  const servers = Object.entries(agents.toolServers ?? {}).filter(([, server]) => !isInside(server));
  const receivers = Object.entries(agents.webhooks?.receivers ?? {}).filter(([, receiver]) => !isInside(receiver));
  const hosts = [
    ...servers.map(([name, { url }]) => ({
      text: new URL(url).host,
      reason: because(`agents.toolServers.${name}`, "Assistants call its tools, and it stands outside."),
    })),
    ...receivers.map(([name, { origin }]) => ({
      text: new URL(origin).host,
      reason: because(`agents.webhooks.receivers.${name}`, "It is told that runs have ended, and it stands outside."),
    })),
    ...namedHosts(config, "orchestrator"),
  ];
  return hosts.length === 0
    ? null
    : { name: "orchestrator", port: 3130, from: orchestratorOf(config), hosts, networks, byName };
}

/** The gateway reaches the models outside that its ways lead to, and no host that a key names besides: it would call none. */
function gateway(config: Config, { frontiers, networks, byName }: WaysOut): Consumer | null {
  if (frontiers.length === 0) return null;
  return {
    name: gatewayConsumer,
    port: 3129,
    from: gatewayParty(config),
    hosts: frontiers.map(({ name, host, port }) => ({
      text: `${host}:${port}`,
      reason: because(`routing.frontiers.${name}`, `Requests are sent on to ${name}.`),
    })),
    networks,
    byName,
  };
}

/** Keys under `residency.egress.hosts`. */
type Workload = keyof NonNullable<NonNullable<NonNullable<Config["residency"]>["egress"]>["hosts"]>;

function namedHosts({ residency }: Config, workload: Workload): Consumer["hosts"] {
  const named = residency?.egress?.hosts?.[workload] ?? [];
  const path = `residency.egress.hosts.${workload}`;
  return named.map((text) => ({ text, reason: because(path, `The file names ${named.join(", ")}.`) }));
}
