// What is decided about the gateway, and that its process takes the settings that follow: they are read by the service's own
// schema and its own rules across keys. What the process does with them is tested in services/gateway/test/.
import { describe, expect, it } from "vitest";
import type { Config, GatewayConfig } from "../../../config/schema/index.ts";
import type { Blueprint, GatewayBlueprint } from "../../../decisions/blueprint.ts";
import { parseSettings } from "../../../services/gateway/src/settings-file.ts";
import { exampleNames, openExample } from "../../stacks/support/example.ts";
import { blueprintFor, decideFor } from "../../support/blueprint.ts";
import { lockFor, modelConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { soundResidency } from "../../support/residency.ts";

const keys = { secret: "gateway-keys", key: "keys.json" };

function config(gateway: Partial<GatewayConfig> = {}, changes: Partial<Config> = {}): Partial<Config> {
  return { gateway: { keys, tenants: { support: {} }, ...gateway }, ...changes };
}

function gatewayOf({ gateway }: Blueprint): GatewayBlueprint {
  if (gateway === null) throw new Error("the Blueprint has no gateway");
  return gateway;
}

/** The settings as the process reads them: a fault throws. */
function settingsOf(blueprint: Blueprint) {
  return parseSettings(JSON.stringify(gatewayOf(blueprint).settings));
}

const two = {
  chat: modelConfig({
    versions: { v1: versionConfig(), v2: versionConfig({ repository: "Qwen/Qwen3-4B" }) },
    traffic: { v1: 90, v2: 10 },
    drainTimeout: "5m",
  }),
};

describe("the gateway", () => {
  it("is there only where the file has one", () => {
    expect(blueprintFor().gateway).toBeNull();
    expect(blueprintFor().namespaces.gateway).toBeNull();
    const blueprint = blueprintFor(config());
    expect(blueprint.namespaces.gateway).toBe("desk-test-gateway");
    expect(gatewayOf(blueprint)).toMatchObject({ release: "gateway", service: "gateway", port: 8080, adminPort: 9090 });
  });

  it("has two replicas unless the file says how many", () => {
    expect(gatewayOf(blueprintFor(config())).replicas.value).toBe(2);
    expect(gatewayOf(blueprintFor(config({ replicas: 5 }))).replicas).toMatchObject({
      value: 5,
      because: [{ path: "gateway.replicas" }],
    });
  });

  it("stops no sooner than the slowest engine", () => {
    expect(gatewayOf(blueprintFor(config({}, { models: two }))).drain.value).toEqual({
      preStopSeconds: 15,
      shutdownTimeoutSeconds: 300,
      terminationGracePeriodSeconds: 330,
    });
  });

  it("is given the CPU that the busiest hour takes when one replica is gone, between a quarter and a whole core", () => {
    const millicores = (tokensPerMonth: number, replicas: number) =>
      gatewayOf(
        blueprintFor(
          config(
            { replicas },
            {
              models: { chat: modelConfig({ replicas: 8 }) },
              workloads: {
                support: {
                  model: "chat",
                  tokensPerMonth,
                  inputTokens: { mean: 1000, p95: 2000 },
                  outputTokens: { mean: 1000, p95: 2000 },
                  peakToMean: 2,
                  batchShare: 0,
                  escalationShare: 0,
                },
              },
              silence: { "CST-119": "a trial of how a stack is run", "CST-120": "a trial of how a stack is run" },
            },
          ),
        ),
      ).cpu.value.requestMillicores;
    expect(millicores(1e9, 2)).toBe(250);
    // 20e9 tokens a month are 7.6 requests and 7,610 tokens a second at the peak: 457 m for tokens, 2.5 m for requests.
    expect(millicores(20e9, 2)).toBe(500);
    expect(millicores(20e9, 3)).toBe(250);
  });

  it("runs the locked image, and one that nobody can pull only where nothing is pulled", () => {
    const image = "registry.example.com/freehold/gateway:0.1.0";
    const locked = gatewayOf(blueprintFor(config({ image }))).image.value;
    expect(locked.deployed).toMatch(/^registry\.example\.com\/freehold\/gateway@sha256:[0-9a-f]{64}$/);
    expect(gatewayOf(blueprintFor(config())).image.value).toMatchObject({ digest: null, deployed: /^localhost\// });
  });

  it("needs its image in the lock, like an engine", () => {
    const file = stackConfig({
      ...config({ image: "registry.example.com/freehold/gateway:0.1.0" }),
      cluster: { target: "existing", existing: { storageClass: "fast" } },
      state: { backend: "pg" },
    });
    const { images, ...rest } = lockFor(file);
    const [engine] = Object.entries(images).filter(([key]) => key.includes("vllm"));
    const found = decideFor(file, { ...rest, images: Object.fromEntries(engine === undefined ? [] : [engine]) });
    expect(found.findings.map(({ code }) => code)).toContain("LCK-101");
  });

  it("comes from an allowed registry", () => {
    const image = "docker.io/somebody/gateway:0.1.0";
    const file = stackConfig({
      ...config({ image }),
      residency: soundResidency("region-bound"),
      models: {
        chat: modelConfig({
          versions: { v1: versionConfig({ image: "registry.example.com/vllm/vllm-openai:v0.33.0" }) },
        }),
      },
    });
    const codes = (changes: Partial<GatewayConfig>) =>
      decideFor({ ...file, ...config(changes) }).findings.map(({ code }) => code);
    expect(codes({ image })).toContain("RES-204");
    expect(codes({})).toContain("RES-204");
    expect(codes({ image: "registry.example.com/freehold/gateway:0.1.0" })).not.toContain("RES-204");
  });
});

describe("its edges", () => {
  it("leave the engines to it alone", () => {
    const { residency } = blueprintFor(config());
    const texts = residency.edges.map(({ from, to, ports }) => `${from.name} > ${to.name} ${ports[0]?.port}`);
    expect(texts).toEqual([
      "gateway > chat-v1 8000",
      "gateway clients > gateway 8080",
      "gateway > name servers 53",
      "fetch-weights > name servers 53",
      "fetch-weights > huggingface.co 443",
    ]);
  });
});

describe("its settings", () => {
  it("are what the process takes, in every example that has a gateway", () => {
    const withGateway = exampleNames()
      .map((name) => openExample(name).blueprint)
      .filter(({ gateway }) => gateway !== null);
    expect(withGateway.length).toBeGreaterThanOrEqual(2);
    for (const blueprint of withGateway) settingsOf(blueprint);
  });

  it("share requests out as the file does, by replica and not by Service", () => {
    const { models, backends } = settingsOf(blueprintFor(config({}, { models: two })));
    expect(models.chat?.versions).toEqual({
      v1: { weight: 90, backends: ["chat-v1"] },
      v2: { weight: 10, backends: ["chat-v2"] },
    });
    expect(backends["chat-v1"]?.url).toBe("http://chat-v1-headless.desk-test-inference.svc:8000");
  });

  it("let answers go on only where weights, image and options are the same", () => {
    const digest = (changes: Partial<Config["models"][string]>) =>
      settingsOf(blueprintFor(config({}, { models: { chat: modelConfig(changes) } }))).backends["chat-v1"]?.digest;
    expect(digest({ drainTimeout: "5m" })).toBe(digest({}));
    expect(digest({ replicas: 3 })).toBe(digest({}));
    expect(digest({ kvCacheDtype: "fp8" })).not.toBe(digest({}));
    expect(digest({ versions: { v1: versionConfig({ repository: "Qwen/Qwen3-4B" }) } })).not.toBe(digest({}));
  });

  it("take the strictest class where a request names none", () => {
    const residency = soundResidency("none", {
      dataClasses: {
        public: { personalData: false, leavesBoundary: "allowed", keepAnswers: true },
        customer: { personalData: true, leavesBoundary: "redacted" },
        secret: { personalData: true, leavesBoundary: "never" },
      },
    });
    const registry = { image: "registry.example.com/freehold/gateway:0.1.0" };
    const models = {
      chat: modelConfig({
        versions: { v1: versionConfig({ image: "registry.example.com/vllm/vllm-openai:v0.33.0" }) },
      }),
    };
    const settings = settingsOf(blueprintFor(config(registry, { residency, models })));
    expect(settings.tenants.support?.dataClasses).toEqual(["secret", "customer", "public"]);
    expect(settings.dataClasses.public).toMatchObject({ leavesBoundary: "allowed", keepAnswers: true });
    expect(settings.dataClasses.customer?.keepAnswers).toBe(false);
    expect(settings.placements.map(({ dataClass, backends }) => [dataClass, backends])).toEqual([
      ["secret", ["chat-v1"]],
      ["customer", ["chat-v1"]],
      ["public", ["chat-v1"]],
    ]);
    const own = settingsOf(
      blueprintFor(config({ ...registry, tenants: { support: { dataClasses: ["public"] } } }, { residency, models })),
    );
    expect(own.tenants.support?.dataClasses).toEqual(["public"]);
  });

  it("hold names of Secrets' files and no more of them", () => {
    const jwt = {
      issuer: "https://login.example.com",
      audience: "freehold",
      keySet: { secret: "login-key-set", key: "jwks.json" },
      tenantClaim: "org",
      dataClassClaim: "class",
    };
    const gateway = gatewayOf(blueprintFor(config({ jwt })));
    expect(gateway.secrets).toEqual([
      { purpose: "keys", secret: "gateway-keys", key: "keys.json" },
      { purpose: "key-set", secret: "login-key-set", key: "jwks.json" },
    ]);
    expect(gateway.settings.keysFile).toBe("/etc/freehold/keys/keys.json");
    expect(gateway.settings.jwt).toEqual({
      issuer: "https://login.example.com",
      audience: "freehold",
      jwksFile: "/etc/freehold/key-set/jwks.json",
      tenantClaim: "org",
      dataClassClaim: "class",
    });
  });
});
