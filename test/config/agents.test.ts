// What the section of agents says against itself and against the rest of the file, each fault with its place. What its process
// is told is tested in test/decisions/agents/.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import { load } from "../../config/load.ts";
import type { AgentsConfig, Config } from "../../config/schema/index.ts";
import { toolPods, toolServerConfig, withAgents } from "../support/agents.ts";
import { existingCluster, modelConfig, stackConfig } from "../support/config.ts";
import { soundResidency } from "../support/residency.ts";
import { soundStack } from "../support/stack-file.ts";

function found(agents: Partial<AgentsConfig>, changes: Partial<Config> = {}): readonly string[] {
  return checkConfig(stackConfig({ ...withAgents(agents), ...changes })).map(
    ({ code, place }) => `${code} ${"path" in place ? place.path.join(".") : ""}`,
  );
}

const jwt = {
  issuer: "https://login.example.com",
  audience: "freehold",
  keySet: { secret: "login", key: "jwks.json" },
  tenantClaim: "tenant",
};
const without = (key: "keys") => ({ [key]: undefined }) as unknown as Partial<AgentsConfig>;
const assistant = (changes: Partial<AgentsConfig["assistants"][string]>) => ({
  assistants: { helpdesk: { graph: "support", model: "chat", ...changes } },
});
const orders = { orders: toolServerConfig({ pods: toolPods }) };

describe("agents", () => {
  it("with keys, tokens or both are accepted", () => {
    expect(found({})).toEqual([]);
    expect(found({ ...without("keys"), jwt })).toEqual([]);
    expect(found({ jwt })).toEqual([]);
  });

  it("have the gateway between them and their models", () => {
    expect(found({}, { gateway: undefined } as unknown as Partial<Config>)).toEqual(["AGT-101 agents"]);
  });

  it("without credentials, or without assistants, have no caller", () => {
    expect(found(without("keys"))).toEqual(["AGT-102 agents"]);
    expect(found({ assistants: {} })).toEqual(["CFG-206 agents.assistants"]);
  });

  it("take keys under residency mode none alone", () => {
    const gateway = {
      jwt: { ...jwt, dataClassClaim: "data_class" },
      tenants: { support: {} },
    };
    const residency = soundResidency("region-bound");
    expect(found({}, { residency, gateway })).toEqual(["AGT-103 agents.keys"]);
    expect(found({ ...without("keys"), jwt }, { residency, gateway })).toEqual([]);
  });

  it("limit tenants that the gateway lets in", () => {
    expect(found({ tenants: { support: { runsPerDay: 10 } } })).toEqual([]);
    expect(found({ tenants: { suport: { runsPerDay: 10 } } })).toEqual(["AGT-111 agents.tenants.suport"]);
  });

  it("have an image where containers run", () => {
    const gateway = { ...withAgents().gateway, image: "registry.example.com/freehold/gateway:0.1.0" };
    const real = { cluster: existingCluster, state: { backend: "pg" }, gateway } as Partial<Config>;
    expect(found({}, real)).toEqual(["AGT-112 agents"]);
    expect(found({ image: "registry.example.com/freehold/orchestrator:0.1.0" }, real)).toEqual([]);
  });

  it("have no second graph of one name", () => {
    expect(found({ graphs: { triage: "/app/agents/triage" } })).toEqual([]);
    expect(found({ graphs: { research: "/app/agents/research" } })).toEqual(["AGT-119 agents.graphs.research"]);
  });

  it("that cannot be read are the only fault told of them", () => {
    const text = `${soundStack}gateway: { keys: { secret: gateway-keys, key: keys.json }, tenants: { support: {} } }
agents: { database: everywhere, gatewayKeys: { secret: a, key: b }, assistants: {} }
`;
    expect(load(text).findings.map(({ code }) => code)).toEqual(["CFG-103"]);
  });
});

describe("an assistant", () => {
  const at = "agents.assistants.helpdesk";

  it("asks a model that is there and answers in words", () => {
    expect(found(assistant({ model: "chatt" }))).toEqual([`AGT-104 ${at}.model`]);
    const models = { chat: modelConfig(), vectors: modelConfig({ task: "embed" }) };
    expect(found(assistant({ model: "vectors" }), { models })).toEqual([`AGT-105 ${at}.model`]);
  });

  it("sends a data class that is defined", () => {
    const residency = soundResidency("none", {
      dataClasses: { customer: { personalData: true, leavesBoundary: "never" } },
    });
    expect(found(assistant({ dataClass: "customer" }), { residency })).toEqual([]);
    expect(found(assistant({ dataClass: "custommer" }), { residency })).toEqual([`AGT-106 ${at}.dataClass`]);
  });

  it("runs a graph that is there", () => {
    expect(found(assistant({ graph: "suport" }))).toEqual([`AGT-107 ${at}.graph`]);
    const graphs = { triage: "/app/agents/triage" };
    expect(found({ ...assistant({ graph: "triage", settings: { queues: {} } }), graphs })).toEqual([]);
  });

  it("is told only what its graph reads", () => {
    expect(found(assistant({ schema: {} }))).toEqual([`AGT-108 ${at}.schema`]);
    expect(found(assistant({ graph: "extract", schema: {}, maxModelCalls: 3 }))).toEqual([
      `AGT-108 ${at}.maxModelCalls`,
    ]);
    expect(found(assistant({ settings: {} }))).toEqual([`AGT-108 ${at}.settings`]);
    expect(found(assistant({ graph: "research", budget: { toolCalls: 3 }, maxRepairs: 1 }))).toEqual([]);
  });

  it("that extracts has a form for its result", () => {
    expect(found(assistant({ graph: "extract" }))).toEqual([`AGT-109 ${at}`]);
    expect(found(assistant({ graph: "extract", schema: { type: "object" } }))).toEqual([]);
  });

  it("calls tool servers that are there", () => {
    expect(found({ ...assistant({ toolServers: ["orders"] }), toolServers: orders })).toEqual([]);
    expect(found({ ...assistant({ toolServers: ["order"] }), toolServers: orders })).toEqual([
      `AGT-110 ${at}.toolServers.0`,
    ]);
  });
});

describe("a tenant with limits of its own", () => {
  const refusals = (tenant: object, dataClass?: string) =>
    found(
      { ...assistant(dataClass === undefined ? {} : { dataClass }), tenants: { support: { runsPerDay: 10 } } },
      {
        models: { chat: modelConfig(), small: modelConfig() },
        gateway: { keys: { secret: "gateway-keys", key: "keys.json" }, tenants: { support: tenant } },
        residency: {
          mode: "none",
          dataClasses: {
            public: { personalData: false, leavesBoundary: "allowed" },
            customer: { personalData: true, leavesBoundary: "never" },
          },
        },
      },
    );

  it("may call the models of its assistants, with their data", () => {
    expect(refusals({})).toEqual([]);
    expect(refusals({ models: ["chat"], dataClasses: ["customer"] }, "customer")).toEqual([]);
    expect(refusals({ models: ["small"] })).toEqual(["AGT-121 agents.assistants.helpdesk.model"]);
    expect(refusals({ dataClasses: ["public"] }, "customer")).toEqual(["AGT-121 agents.assistants.helpdesk.dataClass"]);
  });
});

describe("a tool server", () => {
  it("is called by an assistant, or opens a way for nothing", () => {
    expect(found({ toolServers: orders })).toEqual(["AGT-120 agents.toolServers.orders"]);
  });
});

describe("a tool", () => {
  const tools = (tool: object) =>
    found({
      ...assistant({ toolServers: ["orders"] }),
      toolServers: { orders: toolServerConfig({ pods: toolPods, tools: { refund: tool } as never }) },
    });

  it("is reconciled by another one, or not at all", () => {
    expect(tools({ policy: "reconcile", reconcile: "find_refund" })).toEqual([]);
    expect(tools({ policy: "reconcile" })).toEqual(["AGT-113 agents.toolServers.orders.tools.refund"]);
    expect(tools({ policy: "once", reconcile: "find_refund" })).toEqual([
      "AGT-113 agents.toolServers.orders.tools.refund",
    ]);
  });
});
