// Where the agents' database, tool servers and receivers may stand. What follows from a place, its edge and its policy, is tested
// in test/decisions/agents/ and test/stacks/.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import type { AgentsConfig, ResidencyConfig } from "../../config/schema/index.ts";
import { toolPods, toolServerConfig, withAgents } from "../support/agents.ts";
import { stackConfig } from "../support/config.ts";
import { soundResidency } from "../support/residency.ts";

function found(agents: Partial<AgentsConfig>, residency?: ResidencyConfig): readonly string[] {
  const config = stackConfig({ ...withAgents(agents), ...(residency === undefined ? {} : { residency }) });
  return checkConfig(config)
    .filter(({ code }) => /^AGT-11[4-8]$/.test(code))
    .map(({ code, place }) => `${code} ${"path" in place ? place.path.join(".") : ""}`);
}

const url = { secret: "agents-database", key: "url" };
const database = (place: object) => found({ database: { url, port: 5432, connections: 10, ...place } });
const server = (changes: object, residency?: ResidencyConfig) =>
  found({ toolServers: { orders: toolServerConfig(changes) } }, residency);
const receiver = (changes: object, residency?: ResidencyConfig) =>
  found(
    {
      webhooks: {
        secret: { secret: "webhooks", key: "secret" },
        receivers: { desk: { origin: "https://hooks.tools.svc", pods: toolPods, ...changes } },
      },
    },
    residency,
  );

describe("the agents' database", () => {
  it("stands at pods or in networks that are private", () => {
    expect(database({ pods: toolPods })).toEqual([]);
    expect(database({ networks: ["10.50.7.0/24"] })).toEqual([]);
    expect(database({})).toEqual(["AGT-114 agents.database"]);
    expect(database({ pods: toolPods, networks: ["10.50.7.0/24"] })).toEqual(["AGT-114 agents.database"]);
    expect(database({ networks: ["10.50.7.0/24", "8.8.8.0/24", "0.0.0.0/0", "here"] })).toEqual([
      "AGT-115 agents.database.networks.1",
      "AGT-115 agents.database.networks.2",
      "AGT-115 agents.database.networks.3",
    ]);
  });
});

describe("a tool server", () => {
  it("inside is named with the namespace of its pods", () => {
    expect(server({ pods: toolPods })).toEqual([]);
    expect(server({ networks: ["10.50.7.0/24"] })).toEqual([]);
    expect(server({ pods: { ...toolPods, namespace: "shop" } })).toEqual(["AGT-116 agents.toolServers.orders.url"]);
    expect(server({ pods: toolPods, networks: ["10.50.7.0/24"] })).toEqual(["AGT-114 agents.toolServers.orders"]);
  });

  it("outside is reached through the proxy, over TLS and by its name", () => {
    const problem = ["AGT-117 agents.toolServers.orders.url"];
    const open: ResidencyConfig = { mode: "none", egress: {} };
    expect(server({ url: "https://mcp.example.com/mcp" }, open)).toEqual([]);
    expect(server({ url: "https://mcp.example.com/mcp" })).toEqual(problem);
    expect(server({ url: "https://mcp.example.com/mcp" }, { mode: "none" })).toEqual(problem);
    expect(server({ url: "https://mcp.example.com/mcp" }, soundResidency("air-gapped"))).toEqual(problem);
    expect(server({ url: "http://mcp.example.com/mcp" }, open)).toEqual(problem);
    expect(server({ url: "https://203.0.113.7/mcp" }, open)).toEqual(problem);
    expect(server({ url: "https://orders.tools.svc/mcp" }, open)).toEqual(problem);
  });
});

describe("the agents' collector", () => {
  const telemetry = (place: object) =>
    found({ telemetry: { endpoint: "http://collector.tools.svc:4318", sampleShare: 1, ...place } });

  it("stands inside, and its address leads to its pods", () => {
    expect(telemetry({ pods: toolPods })).toEqual([]);
    expect(telemetry({ networks: ["10.50.7.0/24"] })).toEqual([]);
    expect(telemetry({})).toEqual(["AGT-114 agents.telemetry"]);
    expect(telemetry({ pods: { ...toolPods, namespace: "shop" } })).toEqual(["AGT-116 agents.telemetry.endpoint"]);
  });
});

describe("a receiver of webhooks", () => {
  it("is an origin inside", () => {
    expect(receiver({})).toEqual([]);
    expect(receiver({ origin: "https://hooks.tools.svc/runs" })).toEqual([
      "AGT-118 agents.webhooks.receivers.desk.origin",
    ]);
    expect(receiver({ networks: ["10.50.7.0/24"] })).toEqual(["AGT-114 agents.webhooks.receivers.desk"]);
    expect(receiver({ origin: "https://hooks.shop.svc" })).toEqual(["AGT-116 agents.webhooks.receivers.desk.origin"]);
  });

  it("outside is reached through the proxy, over TLS and by its name", () => {
    const outside = (origin: string, residency?: ResidencyConfig) => receiver({ origin, pods: undefined }, residency);
    const problem = ["AGT-117 agents.webhooks.receivers.desk.origin"];
    const open: ResidencyConfig = { mode: "none", egress: {} };
    expect(outside("https://hooks.example.com", open)).toEqual([]);
    expect(outside("https://hooks.example.com")).toEqual(problem);
    expect(outside("https://hooks.example.com", soundResidency("air-gapped"))).toEqual(problem);
    expect(outside("http://hooks.example.com", open)).toEqual(problem);
    expect(outside("https://203.0.113.7", open)).toEqual(problem);
  });
});
