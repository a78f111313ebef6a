// What the gateway's section says against itself and against the rest of the file, each fault with its place. Rules about
// what its process is told are tested in test/decisions/gateway/.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import { load } from "../../config/load.ts";
import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import { existingCluster, modelConfig, stackConfig, versionConfig } from "../support/config.ts";
import { stackWith } from "../support/stack-file.ts";

const keys = { secret: "gateway-keys", key: "keys.json" };
const jwt = {
  issuer: "https://login.example.com",
  audience: "freehold",
  keySet: { secret: "login", key: "jwks.json" },
  tenantClaim: "tenant",
  dataClassClaim: "data_class",
};

function found(gateway: Partial<GatewayConfig>, changes: Partial<Config> = {}): readonly string[] {
  const config = stackConfig({ gateway: { keys, tenants: { support: {} }, ...gateway }, ...changes });
  return checkConfig(config).map(({ code, place }) => {
    const where = "path" in place ? place.path.join(".") : "";
    return `${code} ${where}`;
  });
}

const residency = (mode: "none" | "region-bound"): Pick<Config, "residency"> => ({
  residency: {
    mode,
    ...(mode === "none" ? {} : { regions: ["eu-central-1"] }),
    keys: { custody: "customer", reference: "pkcs11:token=vault;object=freehold" },
    sources: { registries: ["registry.example.com"], hub: "hub.example.com", networks: ["10.20.0.0/16"] },
    dataClasses: { customer: { personalData: true, leavesBoundary: "never" } },
  },
});

const both = { v1: versionConfig(), v2: versionConfig() };
const split = (task: "generate" | "embed" = "generate"): Pick<Config, "models"> => ({
  models: { chat: modelConfig({ task, versions: both, traffic: { v1: 90, v2: 10 } }) },
});

describe("a gateway", () => {
  it("with keys, tokens or both is accepted", () => {
    expect(found({})).toEqual([]);
    expect(found({ keys: undefined, jwt } as Partial<GatewayConfig>)).toEqual([]);
    expect(found({ jwt })).toEqual([]);
  });

  it("without either, or without tenants, has no caller", () => {
    expect(found({ keys: undefined } as unknown as Partial<GatewayConfig>)).toEqual(["GTW-101 gateway"]);
    expect(found({ tenants: {} })).toEqual(["CFG-206 gateway.tenants"]);
  });

  it("takes keys under residency mode none alone", () => {
    expect(found({}, residency("none"))).toEqual([]);
    expect(found({}, residency("region-bound"))).toEqual(["GTW-102 gateway.keys"]);
    expect(found({ keys: undefined, jwt } as Partial<GatewayConfig>, residency("region-bound"))).toEqual([]);
  });

  it("names models that are there", () => {
    expect(found({ tenants: { support: { models: ["chat", "chatt"] } } })).toEqual([
      "GTW-103 gateway.tenants.support.models.1",
    ]);
    const price = {
      input: { usd: 1, per: "million-tokens" as const },
      output: { usd: 1, per: "million-tokens" as const },
    };
    expect(found({ prices: { chatt: price } })).toEqual(["GTW-105 gateway.prices.chatt"]);
    expect(found({ prices: { chat: price } })).toEqual([]);
  });

  it("names data classes that are defined", () => {
    expect(found({ tenants: { support: { dataClasses: ["custommer"] } } }, residency("none"))).toEqual([
      "GTW-104 gateway.tenants.support.dataClasses.0",
    ]);
    expect(found({ tenants: { support: { dataClasses: ["customer"] } } }, residency("none"))).toEqual([]);
  });

  it("has a price for what a limit of money counts", () => {
    const limits = { usdPerDay: 20 };
    expect(found({ tenants: { support: { limits } } })).toEqual(["GTW-106 gateway.tenants.support.limits.usdPerDay"]);
    const price = {
      input: { usd: 0.2, per: "million-tokens" as const },
      output: { usd: 0.8, per: "million-tokens" as const },
    };
    expect(found({ tenants: { support: { limits } }, prices: { chat: price } })).toEqual([]);
    expect(found({ tenants: { support: { limits: { tokensPerDay: 5 } } } })).toEqual([]);
  });

  it("has an image where containers run", () => {
    const real: Partial<Config> = { cluster: existingCluster, state: { backend: "pg" } };
    expect(found({}, real)).toEqual(["GTW-107 gateway"]);
    expect(found({ image: "registry.example.com/freehold/gateway:0.1.0" }, real)).toEqual([]);
  });

  it("shares requests out, but no vectors", () => {
    expect(found({}, split())).toEqual([]);
    expect(found({}, split("embed"))).toEqual(["GTW-108 models.chat.traffic"]);
    expect(checkConfig(stackConfig(split())).map(({ code }) => code)).toEqual(["CFG-205"]);
  });

  it("that cannot be read is the only fault told of a split", () => {
    const two = stackWith(
      ["Qwen/Qwen3-32B } }", "Qwen/Qwen3-32B } }\n      v2: { weights: { repository: Qwen/Qwen3-8B } }"],
      ["{ v1: 100 }", "{ v1: 90, v2: 10 }"],
    );
    const text = `${two}gateway: { replicas: many, tenants: {} }
`;
    expect(load(text).findings.map(({ code }) => code)).toEqual(["CFG-103"]);
  });
});
