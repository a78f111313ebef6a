import type { AgentsConfig } from "../../config/schema/index.ts";

/** A key of an existing Secret in the agents' namespace, and the folder in which their pods find it. */
export interface AgentsSecret {
  /** Names the folder below `/etc/freehold` and the volume; a tool server's is `tool-<server>`. */
  readonly purpose: string;
  /** What it holds, as the end of a sentence. */
  readonly holds: string;
  readonly secret: string;
  readonly key: string;
}

/** What the way in reads, and not the orchestrator. */
export const certificatePurpose = "certificate";

/** The database, as replicas connect to it. */
export function databaseSecret(url: AgentsConfig["database"]["url"]): AgentsSecret {
  return { purpose: "database", holds: "the database's URL, with user and password", ...url };
}

interface Readers {
  readonly secrets: readonly AgentsSecret[];
  readonly migration: { readonly secrets: readonly AgentsSecret[] };
}

/** Every Secret that pods of the agents read, each once. */
export function secretsOf({ secrets, migration }: Readers): readonly AgentsSecret[] {
  const known = new Set(secrets.map(({ purpose }) => purpose));
  return [...secrets, ...migration.secrets.filter(({ purpose }) => !known.has(purpose))];
}

/** Every Secret that replicas read. */
export function agentsSecrets(agents: AgentsConfig): readonly AgentsSecret[] {
  const { database, gatewayKeys, keys, jwt, webhooks, telemetry, toolServers = {} } = agents;
  return [
    databaseSecret(database.url),
    { purpose: "gateway-keys", holds: "the tenants' keys at the gateway", ...gatewayKeys },
    ...(keys === undefined ? [] : [{ purpose: "keys", holds: "the hashes of the callers' keys", ...keys }]),
    ...(jwt === undefined
      ? []
      : [{ purpose: "key-set", holds: "the key set that tokens are checked with", ...jwt.keySet }]),
    ...(webhooks === undefined
      ? []
      : [{ purpose: "webhooks", holds: "the secret that webhooks are signed with", ...webhooks.secret }]),
    ...(telemetry?.headers === undefined
      ? []
      : [{ purpose: "telemetry", holds: "the headers that the collector asks for", ...telemetry.headers }]),
    ...Object.entries(toolServers).flatMap(([name, { token }]) =>
      token === undefined ? [] : [{ purpose: `tool-${name}`, holds: `the token of the tool server ${name}`, ...token }],
    ),
  ];
}
