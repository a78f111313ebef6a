import type { AgentsConfig, Config } from "../../config/schema/index.ts";

/** One assistant on a database inside, with keys for callers. */
export function agentsConfig(overrides: Partial<AgentsConfig> = {}): AgentsConfig {
  return {
    runsAtOnce: 10,
    database: {
      url: { secret: "agents-database", key: "url" },
      port: 5432,
      connections: 10,
      pods: { namespace: "data", labels: { "app.kubernetes.io/name": "postgres" } },
    },
    gatewayKeys: { secret: "gateway-keys", key: "keys.json" },
    keys: { secret: "callers", key: "keys.json" },
    answerWithin: "168h",
    assistants: { helpdesk: { graph: "support", model: "chat" } },
    ...overrides,
  };
}

/** The agents with the gateway that they need. */
export function withAgents(overrides: Partial<AgentsConfig> = {}): Pick<Config, "agents" | "gateway"> {
  return {
    gateway: { keys: { secret: "gateway-keys", key: "keys.json" }, tenants: { support: {} } },
    agents: agentsConfig(overrides),
  };
}

/** A tool server inside, with one tool. */
export function toolServerConfig(
  overrides: Partial<NonNullable<AgentsConfig["toolServers"]>[string]> = {},
): NonNullable<AgentsConfig["toolServers"]>[string] {
  return {
    url: "http://orders.tools.svc:8080/mcp",
    timeout: "30s",
    maxResultBytes: 65_536,
    tools: { find_order: { policy: "readOnly", approval: false } },
    ...overrides,
  };
}

/** Where `toolServerConfig`'s address leads. */
export const toolPods = { namespace: "tools", labels: { "app.kubernetes.io/name": "orders" } };
