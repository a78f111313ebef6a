// What is decided about models outside: whose requests may go there, through which door, and what the gateway's process is told.
// The settings are read by the service's own schema and its own rules.
import { describe, expect, it } from "vitest";
import type { Config, ResidencyConfig, RoutingConfig } from "../../../config/schema/index.ts";
import type { Blueprint } from "../../../decisions/blueprint.ts";
import { explain } from "../../../decisions/explain.ts";
import { parseSettings } from "../../../services/gateway/src/settings-file.ts";
import { blueprintFor, decideFor } from "../../support/blueprint.ts";
import { modelConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { decideResidencyFor, residentStack, soundResidency } from "../../support/residency.ts";
import { describeRules } from "../../support/rule-table.ts";

type Frontier = NonNullable<RoutingConfig["frontiers"]>[string];
type Escalation = NonNullable<RoutingConfig["escalation"]>[string];

const price = {
  input: { usd: 0.5, per: "million-tokens" as const },
  output: { usd: 1.5, per: "million-tokens" as const },
};
const frontier = (changes: Partial<Frontier> = {}): Frontier => ({
  provider: "mistral",
  model: "mistral-large-2512",
  url: "https://api.example.com:8443/",
  apiKey: { secret: "frontier-key", key: "token" },
  maxModelLen: 262_144,
  regions: ["eu"],
  price,
  ...changes,
});
const escalation = (changes: Partial<Escalation> = {}): Escalation => ({
  to: "large",
  rules: [{ name: "long", promptTokensAtLeast: 20_000 }],
  budget: { usdPerDay: 100, shareOfRequests: 0.2 },
  unavailable: "local",
  ...changes,
});
const jwt = {
  issuer: "https://login.example.com",
  audience: "freehold",
  keySet: { secret: "login", key: "jwks.json" },
  tenantClaim: "tenant",
  dataClassClaim: "data_class",
};
const dataClasses = {
  public: { personalData: false, leavesBoundary: "allowed" },
  customer: { personalData: true, leavesBoundary: "redacted" },
  restricted: { personalData: true, leavesBoundary: "never" },
} as const;
const image = (name: string) => `registry.example.com/${name}`;

interface Parts {
  readonly mode?: ResidencyConfig["mode"];
  readonly residency?: Partial<ResidencyConfig>;
  readonly frontier?: Partial<Frontier>;
  readonly way?: Partial<Escalation>;
  readonly routing?: Partial<RoutingConfig>;
  readonly gateway?: Partial<NonNullable<Config["gateway"]>>;
}

function stack(parts: Parts = {}): Partial<Config> {
  return {
    residency: soundResidency(parts.mode ?? "region-bound", { dataClasses, regions: ["eu"], ...parts.residency }),
    models: {
      chat: modelConfig({ versions: { v1: versionConfig({ image: image("vllm/vllm-openai:v0.33.0") }) } }),
      judge: modelConfig({
        replicas: 1,
        versions: { v1: versionConfig({ image: image("vllm/vllm-openai:v0.33.0") }) },
      }),
    },
    gateway: {
      image: image("freehold/gateway:0.1.0"),
      jwt,
      redactor: { timeout: "1s" },
      tenants: { website: { mayEscalate: true }, desk: { mayEscalate: true, dataClasses: ["customer"] }, audit: {} },
      ...parts.gateway,
    },
    routing: {
      frontiers: { large: frontier(parts.frontier) },
      escalation: { chat: escalation(parts.way) },
      ...parts.routing,
    },
  };
}

const facts = (parts?: Parts) => {
  const { residency = soundResidency("none"), ...rest } = stack(parts);
  return decideResidencyFor(residentStack(residency, rest));
};
const settings = (blueprint: Blueprint) => parseSettings(JSON.stringify(blueprint.gateway?.settings));
const placements = (parts?: Parts) =>
  settings(blueprintFor(stack(parts)))
    .placements.filter(({ backends }) => backends.includes("outside/large"))
    .map(({ dataClass, tenant }) => `${dataClass} of ${tenant}`)
    .sort();

describe("requests that may go outside", () => {
  it("are those of classes that may leave, from tenants that asked for it", () => {
    expect(
      facts().residency.frontiers.map(({ name, host, port, requests }) => ({ name, host, port, requests })),
    ).toEqual([
      {
        name: "large",
        host: "api.example.com",
        port: 8443,
        requests: [
          { dataClass: "customer", tenants: ["desk", "website"], isRedacted: true },
          { dataClass: "public", tenants: ["website"], isRedacted: false },
        ],
      },
    ]);
    expect(placements()).toEqual(["customer of desk", "customer of website", "public of website"]);
  });

  it("are fewer where the way says so, or without a redactor", () => {
    expect(placements({ way: { dataClasses: ["public"], tenants: ["website"] } })).toEqual(["public of website"]);
    expect(placements({ gateway: { redactor: undefined } as never })).toEqual(["public of website"]);
  });

  it("are none under a mode that lets nothing leave, whatever the ways say", () => {
    for (const mode of ["sovereign", "air-gapped"] as const) {
      const { residency } = facts({ mode });
      expect(residency.frontiers).toEqual([]);
      expect(residency.endpoints.value).toEqual([]);
      expect(residency.edges.filter(({ from, to }) => from.name === "gateway" && to.name.includes("egress"))).toEqual(
        [],
      );
    }
  });

  it("never are those of every tenant at once", () => {
    const all = settings(blueprintFor(stack())).placements.filter(({ tenant }) => tenant === "*");
    expect(all.map(({ backends }) => backends)).toEqual([
      ["chat-v1", "judge-v1"],
      ["chat-v1", "judge-v1"],
      ["chat-v1", "judge-v1"],
    ]);
  });
});

describe("the way to a model outside", () => {
  it("leads through a port of the proxy that is the gateway's own, to that host alone", () => {
    const { egress, edges } = facts().residency;
    const own = egress.value?.workloads.find(({ name }) => name === "gateway");
    expect(own).toMatchObject({
      port: 3129,
      hosts: { value: [{ host: "api.example.com", port: 8443 }] },
      from: { namespace: "desk-test-gateway" },
    });
    const toProxy = edges
      .filter(({ to }) => to.name === "egress-proxy")
      .map(({ from, ports }) => [from.name, ports[0]?.port]);
    expect(toProxy).toEqual([
      ["fetch-weights", 3128],
      ["gateway", 3129],
    ]);
    expect(settings(blueprintFor(stack())).backends["outside/large"]).toMatchObject({
      url: "https://api.example.com:8443",
      proxy: "http://egress-proxy.desk-test-egress.svc:3129",
      location: "outside",
      api: "openai",
      apiKeyFile: "/etc/freehold/frontier-large/token",
    });
  });

  it("is the gateway's own where there is no proxy, and the key is mounted there alone", () => {
    const blueprint = blueprintFor(stack({ mode: "none" }));
    const out = blueprint.residency.edges.filter(({ to }) => to.name === "api.example.com");
    expect(out.map(({ from, ports }) => [from.name, ports])).toEqual([["gateway", [{ protocol: "TCP", port: 8443 }]]]);
    expect(settings(blueprint).backends["outside/large"]?.proxy).toBeUndefined();
    expect(blueprint.gateway?.secrets).toContainEqual({
      purpose: "frontier-large",
      secret: "frontier-key",
      key: "token",
    });
  });

  it("is not opened for a model outside that no way leads to", () => {
    const blueprint = blueprintFor(stack({ way: { to: "judge" } }));
    expect(blueprint.residency.frontiers).toEqual([]);
    expect(blueprint.residency.egress.value?.workloads.map(({ name }) => name)).toEqual(["fetch-weights"]);
    expect(Object.keys(settings(blueprint).backends)).toEqual(["chat-v1", "judge-v1"]);
    expect(settings(blueprint).models.chat?.escalation?.to).toBe("judge");
    expect(blueprint.gateway?.secrets.map(({ purpose }) => purpose)).toEqual(["key-set"]);
  });
});

describe("the ways of a model", () => {
  it("are told to the process in its own words", () => {
    const verify = {
      schema: true,
      toolCalls: false,
      citations: true,
      meanLogProbabilityAtLeast: -0.4,
      judge: { model: "judge", scoreAtLeast: 0.7 },
      deadline: "45s",
      objective: "900ms",
    };
    const overflow = {
      chat: {
        to: "large",
        tenants: ["website"],
        ttft: "4s",
        requestsPerReplicaAtLeast: 9,
        budget: { usdPerDay: 4, shareOfRequests: 0.1 },
      },
    };
    const { models, bounds, tenants } = settings(
      blueprintFor(stack({ way: { verify }, routing: { overflow, leavingBodyBytes: 4096 } })),
    );
    const { deadline: _, objective: __, ...checks } = verify;
    expect(models.chat?.escalation).toMatchObject({
      to: "large",
      rules: [{ name: "long", promptTokensAtLeast: 20_000 }],
      verify: { ...checks, deadlineMilliseconds: 45_000, objectiveMilliseconds: 900 },
      budget: { usdPerDay: 100, shareOfRequests: 0.2 },
    });
    expect(models.chat?.overflow).toMatchObject({
      to: "large",
      tenants: ["website"],
      requestsPerReplicaAtLeast: 9,
      timeToFirstTokenMilliseconds: 4000,
    });
    expect(bounds.leavingBodyBytes).toBe(4096);
    expect(Object.entries(tenants).map(([name, { mayEscalate }]) => [name, mayEscalate])).toEqual([
      ["audit", false],
      ["desk", true],
      ["website", true],
    ]);
    expect(models.large).toMatchObject({
      versions: { outside: { backends: ["outside/large"] } },
      price: { inputUsdPerMillionTokens: 0.5, outputUsdPerMillionTokens: 1.5 },
    });
  });

  it("let no tenant call a model outside by its name", () => {
    const { tenants } = settings(blueprintFor(stack()));
    expect(tenants.website?.models).toEqual(["chat", "judge"]);
  });

  it("stand in the explanation, with whose requests and what they may cost", () => {
    const text = explain(blueprintFor(stack()), null, []);
    expect(text).toContain(
      "To large at api.example.com may go: customer (redacted) of desk, website; public of website.",
    );
    expect(text).toContain(
      "Hard requests to chat go on to large, before their first token, by 1 rule (long); at most 20 % of the requests and $100 a day. When large fails, the answer from inside is sent.",
    );
    expect(text).toContain("must hold token: the key of large, which these pods alone hold.");
  });
});

it("a place that nobody knows is told beside the places that are allowed", () => {
  const { findings } = decideFor(stackConfig(stack({ frontier: { regions: ["eu", "atlantis"] } })));
  const unknown = findings.filter(({ code }) => code === "CST-113");
  const places = unknown.map(({ place, also }) => [place, also?.map(({ path }) => path.join("."))]);
  expect(places).toEqual([
    [expect.objectContaining({ path: ["routing", "frontiers", "large", "regions", 1] }), ["residency.regions"]],
  ]);
});

const found = (parts: Parts) => () => facts(parts).findings.map(({ code }) => code);
const anywhere = { regions: undefined } as unknown as Partial<Frontier>;

describeRules({
  "RTE-201": {
    caught: {
      "a contract elsewhere": found({ frontier: { regions: ["us"] } }),
      "a provider that processes anywhere": found({ frontier: { ...anywhere, provider: "anthropic" } }),
      "a provider that nobody knows, without a contract": found({ frontier: { ...anywhere, provider: "nobody" } }),
      "a contract for more than the allowed region": found({
        residency: { regions: ["eu-central-1"] },
        frontier: { regions: ["eu"] },
      }),
    },
    passed: {
      "an endpoint inside that serves every model": found({ frontier: anywhere }),
      "a provider that nobody knows, with a contract": found({ frontier: { provider: "nobody" } }),
      "anybody under none": found({ mode: "none", frontier: { ...anywhere, provider: "nobody" } }),
    },
  },
});
