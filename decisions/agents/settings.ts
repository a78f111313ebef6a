import { sortedDataClasses, unclassified } from "../../config/data-classes.ts";
import { isInside } from "../../config/inside-place.ts";
import type { AgentsConfig, Config } from "../../config/schema/index.ts";
import { seconds } from "../../config/schema/primitives.ts";
import { agentFacts } from "../catalog/agents.ts";
import { sortedEntries } from "../figures.ts";
import { mountedAt } from "../mounted-secret.ts";

/** Settings of the orchestrator's process, as its own schema reads them: services/orchestrator/src/settings.ts. */
export interface AgentsSettings {
  readonly listen: Address;
  readonly admin: Address;
  readonly storage: {
    readonly kind: "postgres";
    readonly urlFile: string;
    readonly connections: number;
    readonly migrations: "elsewhere";
  };
  readonly auth: Readonly<Record<string, string>>;
  readonly browserOrigins?: readonly string[];
  readonly runs: { readonly concurrency: number; readonly drainSeconds: number; readonly deadlineSeconds: number };
  readonly tenants: NonNullable<AgentsConfig["tenants"]>;
  readonly retention?: NonNullable<AgentsConfig["retention"]>;
  readonly people: { readonly answerWithinSeconds: number };
  readonly graphs: Readonly<Record<string, string>>;
  readonly webhooks?: {
    readonly origins: readonly string[];
    readonly networks: readonly string[];
    /** Origins outside, to which the proxy of the environment leads. */
    readonly proxied?: readonly string[];
    readonly secretFile: string;
  };
  readonly telemetry?: { readonly endpoint: string; readonly sampleShare: number; readonly headersFile?: string };
  readonly agents: Readonly<Record<string, { readonly graph: string; readonly settings: AssistantSettings }>>;
}

/** Settings of the process that changes the tables and ends: services/orchestrator/src/settings.ts, without assistants. */
export interface MigrationSettings {
  readonly storage: {
    readonly kind: "postgres";
    readonly urlFile: string;
    readonly ownerUrlFile?: string;
    readonly connections: number;
  };
  readonly agents: Readonly<Record<string, never>>;
}

/** Settings of one assistant: the model's, and what its graph reads besides. */
interface AssistantSettings extends Readonly<Record<string, unknown>> {
  readonly model: {
    readonly url: string;
    readonly model: string;
    readonly dataClass: string;
    readonly keysFile: string;
    readonly timeoutSeconds: number;
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Longest time of one model call; the gateway answers a longer one as well, but nobody waits for it. Seconds. */
export const modelSeconds = 120;

/** Where Services and pods have addresses; which ones a receiver among them may be is said by its policy. */
const clusterNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"] as const;

interface SettingsSource {
  readonly config: Config;
  readonly agents: AgentsConfig;
  readonly ports: { readonly listen: number; readonly admin: number };
  /** Base URL of the gateway, up to and including /v1. */
  readonly gatewayUrl: string;
  readonly drainSeconds: number;
}

/** What the orchestrator's process is told: where the gateway and the database are, who calls, and which assistants there are. */
export function agentsSettings({ config, agents, ports, gatewayUrl, drainSeconds }: SettingsSource): AgentsSettings {
  const {
    database,
    browserOrigins,
    runsAtOnce,
    tenants = {},
    retention,
    answerWithin,
    graphs = {},
    webhooks,
    telemetry,
  } = agents;
  return {
    listen: { host: "0.0.0.0", port: ports.listen },
    admin: { host: "0.0.0.0", port: ports.admin },
    storage: {
      kind: "postgres",
      urlFile: mountedAt("database", database.url.key),
      connections: database.connections,
      // A Job has changed the tables before.
      migrations: "elsewhere",
    },
    auth: authOf(agents),
    ...(browserOrigins === undefined ? {} : { browserOrigins }),
    runs: { concurrency: runsAtOnce, drainSeconds, deadlineSeconds: agentFacts.runSeconds },
    tenants: Object.fromEntries(sortedEntries(tenants)),
    ...(retention === undefined ? {} : { retention }),
    people: { answerWithinSeconds: seconds(answerWithin) },
    graphs: Object.fromEntries(sortedEntries(graphs)),
    ...(webhooks === undefined ? {} : { webhooks: webhookSettings(webhooks) }),
    ...(telemetry === undefined ? {} : { telemetry: telemetrySettings(telemetry) }),
    agents: Object.fromEntries(
      sortedEntries(agents.assistants).map(([name, assistant]) => [
        name,
        { graph: assistant.graph, settings: assistantSettings(assistant, agents, config, gatewayUrl) },
      ]),
    ),
  };
}

function authOf({ keys, jwt }: AgentsConfig): Readonly<Record<string, string>> {
  const keysFile: Readonly<Record<string, string>> =
    keys === undefined ? {} : { keysFile: mountedAt("keys", keys.key) };
  if (jwt === undefined) return { kind: "keys", ...keysFile };
  const { issuer, audience, keySet, tenantClaim } = jwt;
  return { kind: "tokens", issuer, audience, jwksFile: mountedAt("key-set", keySet.key), tenantClaim, ...keysFile };
}

function webhookSettings({
  secret,
  receivers,
}: NonNullable<AgentsConfig["webhooks"]>): NonNullable<AgentsSettings["webhooks"]> {
  const all = sortedEntries(receivers).map(([, receiver]) => receiver);
  const networks = all.flatMap(({ pods, networks: named = [] }) => (pods === undefined ? named : clusterNetworks));
  const outside = all.filter((receiver) => !isInside(receiver));
  return {
    origins: all.map(({ origin }) => new URL(origin).origin),
    ...(outside.length === 0 ? {} : { proxied: outside.map(({ origin }) => new URL(origin).origin) }),
    networks: [...new Set(networks)].sort(),
    secretFile: mountedAt("webhooks", secret.key),
  };
}

function telemetrySettings({
  endpoint,
  sampleShare,
  headers,
}: NonNullable<AgentsConfig["telemetry"]>): NonNullable<AgentsSettings["telemetry"]> {
  return {
    endpoint,
    sampleShare,
    ...(headers === undefined ? {} : { headersFile: mountedAt("telemetry", headers.key) }),
  };
}

type Assistant = AgentsConfig["assistants"][string];

function assistantSettings(
  assistant: Assistant,
  agents: AgentsConfig,
  config: Config,
  gatewayUrl: string,
): AssistantSettings {
  const { instructions, schema, maxModelCalls, budget, maxRepairs, settings = {}, toolServers = [] } = assistant;
  const [strictest = unclassified] = sortedDataClasses(config).map(([name]) => name);
  const given = { instructions, schema, maxModelCalls, budget, maxRepairs };
  return {
    ...settings,
    model: {
      url: gatewayUrl,
      model: assistant.model,
      dataClass: assistant.dataClass ?? strictest,
      keysFile: mountedAt("gateway-keys", agents.gatewayKeys.key),
      timeoutSeconds: modelSeconds,
    },
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(toolServers.length === 0
      ? {}
      : { toolServers: Object.fromEntries([...toolServers].sort().map((name) => [name, toolServer(name, agents)])) }),
  };
}

function toolServer(name: string, { toolServers = {} }: AgentsConfig): unknown {
  const server = toolServers[name];
  if (server === undefined) throw new Error(`The file has no tool server ${name}.`);
  const { url, token, timeout, maxResultBytes, tools } = server;
  return {
    url,
    ...(token === undefined ? {} : { tokenFile: mountedAt(`tool-${name}`, token.key) }),
    timeoutSeconds: seconds(timeout),
    maxResultBytes,
    tools: Object.fromEntries(sortedEntries(tools)),
  };
}
