// What the gateway calls besides engines: the edges that are opened for it, what its process is told, and what the explanation
// says where there is none. The settings are read by the service's own schema.
import { describe, expect, it } from "vitest";
import type { GatewayConfig } from "../../../config/schema/index.ts";
import type { Blueprint } from "../../../decisions/blueprint.ts";
import { explain } from "../../../decisions/explain.ts";
import { parseSettings } from "../../../services/gateway/src/settings-file.ts";
import { blueprintFor } from "../../support/blueprint.ts";

const pods = { namespace: "observability", labels: { app: "collector" } };
const budgets = {
  url: { secret: "gateway-budgets", key: "url" },
  port: 6432,
  blockShare: 0.1,
  networks: ["10.50.7.0/24"],
};
const telemetry = { endpoint: "http://collector.observability.svc:4318", pods, sampleShare: 0.25 };
const limited = { support: { limits: { tokensPerDay: 1e6 } } };

const deployed = (gateway: Partial<GatewayConfig>): Blueprint =>
  blueprintFor({ gateway: { keys: { secret: "gateway-keys", key: "keys.json" }, tenants: limited, ...gateway } });
const settings = (blueprint: Blueprint) => parseSettings(JSON.stringify(blueprint.gateway?.settings));
const called = ({ residency }: Blueprint) =>
  residency.edges
    .filter(({ from, to }) => from.name === "gateway" && to.kind !== "dns" && to.name !== "chat-v1")
    .map(({ to, ports }) => ({ to, port: ports[0]?.port }));

describe("a database of budgets", () => {
  it("is reached at its networks and port, and nothing else is", () => {
    expect(called(deployed({ budgets }))).toEqual([
      {
        to: {
          kind: "networks",
          name: "budgets of the gateway",
          networks: [{ cidr: "10.50.7.0/24", except: [] }],
        },
        port: 6432,
      },
    ]);
    expect(called(deployed({}))).toEqual([]);
  });

  it("is known to the process by a file", () => {
    const blueprint = deployed({ budgets });
    expect(settings(blueprint).budgets).toEqual({ urlFile: "/etc/freehold/budgets/url", blockShare: 0.1 });
    expect(blueprint.gateway?.secrets).toContainEqual({ purpose: "budgets", secret: "gateway-budgets", key: "url" });
    expect(settings(deployed({})).budgets).toBeUndefined();
  });

  it("is missed in the explanation, with what that means", () => {
    expect(deployed({ budgets }).gateway?.budgets).toMatchObject({
      value: "shared",
      because: [{ path: "gateway.budgets" }],
    });
    const divided = deployed({ replicas: 3 });
    expect(divided.gateway?.budgets.value).toBe("divided");
    expect(explain(divided, null, [])).toContain(
      "each of 3 replicas has its share of a day's limits, of which 1 tenant has any",
    );
  });
});

describe("a collector", () => {
  it("is reached at its pods, and gets no content", () => {
    const blueprint = deployed({ telemetry });
    expect(called(blueprint)).toEqual([{ to: { kind: "pods", name: "collector", ...pods }, port: 4318 }]);
    const read = settings(blueprint);
    expect(read.telemetry).toMatchObject({ endpoint: telemetry.endpoint, location: "inside", sampleShare: 0.25 });
    expect(Object.values(read.dataClasses).map(({ traceContent }) => traceContent)).toEqual([false]);
  });

  it("gets its headers from a Secret", () => {
    const headers = { secret: "collector", key: "headers.json" };
    expect(settings(deployed({ telemetry: { ...telemetry, headers } })).telemetry?.headersFile).toBe(
      "/etc/freehold/telemetry/headers.json",
    );
  });

  it("listens where its address says, or its scheme", () => {
    const port = (endpoint: string) => called(deployed({ telemetry: { ...telemetry, endpoint } }))[0]?.port;
    expect(port("http://collector.observability.svc")).toBe(80);
    expect(port("https://collector.observability.svc")).toBe(443);
  });
});

describe("networks of pods", () => {
  it("bind every engine's connections", () => {
    const networks = (gateway: Partial<GatewayConfig>) =>
      Object.values(settings(deployed(gateway)).backends).map((backend) => backend.networks);
    expect(networks({ networks: ["203.0.112.0/20"] })).toEqual([["203.0.112.0/20"]]);
    expect(networks({})).toEqual([undefined]);
  });
});
