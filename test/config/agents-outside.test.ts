// What assistants may send outside: a class of data that may not leave as it is gets neither to a tool server nor to a receiver there.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import type { AgentsConfig, ResidencyConfig } from "../../config/schema/index.ts";
import { toolPods, toolServerConfig, withAgents } from "../support/agents.ts";
import { stackConfig } from "../support/config.ts";

const dataClasses = {
  customer: { personalData: true, leavesBoundary: "never" },
  mail: { personalData: true, leavesBoundary: "redacted" },
  public: { personalData: false, leavesBoundary: "allowed" },
} as const;
const residency: ResidencyConfig = { mode: "none", egress: {}, dataClasses };

function found(agents: Partial<AgentsConfig>, changed = residency): readonly string[] {
  return checkConfig(stackConfig({ ...withAgents(agents), residency: changed }))
    .filter(({ code }) => code === "AGT-122")
    .map(({ place, title }) => `${"path" in place ? place.path.join(".") : ""}: ${title}`);
}

const outside = { search: toolServerConfig({ url: "https://mcp.example.com/mcp" }) };
const assistants = (dataClass?: string, toolServers: string[] = ["search"]) => ({
  helpdesk: { graph: "support", model: "chat", toolServers, ...(dataClass === undefined ? {} : { dataClass }) },
});
const webhooks = (place: object = {}) => ({
  secret: { secret: "webhooks", key: "secret" },
  receivers: { desk: { origin: "https://hooks.example.com", ...place } },
});

describe("a tool server outside", () => {
  it("is asked with data that may leave, and with no other", () => {
    expect(found({ toolServers: outside, assistants: assistants("public") })).toEqual([]);
    for (const dataClass of ["customer", "mail"]) {
      expect(found({ toolServers: outside, assistants: assistants(dataClass) })).toEqual([
        `agents.assistants.helpdesk.toolServers.0: The tool server "search" is outside, and the assistant "helpdesk" works with data of the class "${dataClass}", which may not leave as it is.`,
      ]);
    }
  });

  it("counts with the strictest class where an assistant names none", () => {
    expect(found({ toolServers: outside, assistants: assistants() })[0]).toContain('of the class "customer"');
    const open = { ...residency, dataClasses: { public: dataClasses.public } };
    expect(found({ toolServers: outside, assistants: assistants() }, open)).toEqual([]);
    expect(found({ toolServers: outside, assistants: assistants() }, { mode: "none", egress: {} })).toEqual([]);
  });

  it("is nobody's affair who does not call it, and one inside is asked with anything", () => {
    expect(found({ toolServers: outside, assistants: assistants("customer", []) })).toEqual([]);
    const inside = { search: toolServerConfig({ pods: toolPods }) };
    expect(found({ toolServers: inside, assistants: assistants("customer") })).toEqual([]);
  });
});

describe("a receiver outside", () => {
  it("is told of runs where all assistants work with data that may leave", () => {
    expect(found({ webhooks: webhooks(), assistants: assistants("public", []) })).toEqual([]);
    const mixed = { ...assistants("public", []), invoices: { graph: "support", model: "chat", dataClass: "customer" } };
    expect(found({ webhooks: webhooks(), assistants: mixed })).toEqual([
      'agents.webhooks.receivers.desk: The receiver "desk" is outside, and the assistant "invoices" works with data of the class "customer", which may not leave as it is.',
    ]);
    expect(found({ webhooks: webhooks({ networks: ["10.50.7.0/24"] }), assistants: mixed })).toEqual([]);
  });
});
