// Where the gateway's database, collector and pods may stand: one place each, inside. What follows from a place, its edge and
// its policy, is tested in test/decisions/gateway/ and test/stacks/.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import type { GatewayConfig } from "../../config/schema/index.ts";
import { stackConfig } from "../support/config.ts";

const url = { secret: "gateway-budgets", key: "url" };
const pods = { namespace: "observability", labels: { app: "collector" } };
const endpoint = "http://collector.observability.svc:4318";

function found(gateway: Partial<GatewayConfig>): readonly string[] {
  const keys = { secret: "gateway-keys", key: "keys.json" };
  return checkConfig(stackConfig({ gateway: { keys, tenants: { support: {} }, ...gateway } })).map(
    ({ code, place }) => `${code} ${"path" in place ? place.path.join(".") : ""}`,
  );
}

const budgets = (place: object) => found({ budgets: { url, port: 5432, blockShare: 0.05, ...place } });
const telemetry = (place: object) => found({ telemetry: { endpoint, sampleShare: 1, ...place } });

describe("a place that the gateway calls", () => {
  it("is pods or networks", () => {
    expect(budgets({ pods })).toEqual([]);
    expect(budgets({ networks: ["10.50.7.0/24", "fd12:3456::/48"] })).toEqual([]);
    expect(budgets({})).toEqual(["GTW-109 gateway.budgets"]);
    expect(telemetry({ pods, networks: ["10.50.7.0/24"] })).toEqual(["GTW-109 gateway.telemetry"]);
  });

  it("is private, and no wider than a private range", () => {
    expect(budgets({ networks: ["10.50.7.1/24"] })).toEqual(["GTW-110 gateway.budgets.networks.0"]);
    expect(budgets({ networks: ["10.50.7.0/24", "203.0.112.0/20"] })).toEqual(["GTW-110 gateway.budgets.networks.1"]);
    expect(budgets({ networks: ["0.0.0.0/0"] })).toEqual(["GTW-110 gateway.budgets.networks.0"]);
  });

  it("is where the collector's name leads", () => {
    expect(telemetry({ pods })).toEqual([]);
    expect(telemetry({ pods, endpoint: "https://collector.observability.svc.cluster.local" })).toEqual([]);
    for (const host of ["collector.monitoring.svc", "collector", "collector.observability.example.com"]) {
      expect(telemetry({ pods, endpoint: `http://${host}:4318` }), host).toEqual([
        "GTW-111 gateway.telemetry.endpoint",
      ]);
    }
    expect(telemetry({ networks: ["10.50.7.0/24"], endpoint: "http://collector.example.com:4318" })).toEqual([]);
  });
});

describe("networks of pods", () => {
  it("may be any that a cluster gives out, but not the world", () => {
    expect(found({ networks: ["203.0.112.0/20", "10.0.0.0/8"] })).toEqual([]);
    expect(found({ networks: ["0.0.0.0/0"] })).toEqual(["GTW-110 gateway.networks.0"]);
    expect(found({ networks: ["203.0.112.1/20"] })).toEqual(["GTW-110 gateway.networks.0"]);
  });
});
