// What is decided about agents, and that their process takes the settings that follow: they are read by the service's own schema,
// and each assistant by the schema of its graph. What the process does with them is tested in services/orchestrator/test/.
import { describe, expect, it } from "vitest";
import type { AgentsConfig, Config } from "../../../config/schema/index.ts";
import type { AgentsBlueprint, Blueprint } from "../../../decisions/blueprint.ts";
import { agentFacts } from "../../../decisions/catalog/agents.ts";
import { explain } from "../../../decisions/explain.ts";
import { AgentRegistry } from "../../../services/orchestrator/src/agents/registry.ts";
import { shipped } from "../../../services/orchestrator/src/agents/shipped.ts";
import { settingsSchema } from "../../../services/orchestrator/src/settings.ts";
import { agentsConfig, toolPods, toolServerConfig, withAgents } from "../../support/agents.ts";
import { blueprintFor, decideFor } from "../../support/blueprint.ts";
import { lockFor, modelConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { soundResidency } from "../../support/residency.ts";

const deployed = (agents: Partial<AgentsConfig> = {}, changes: Partial<Config> = {}): Blueprint =>
  blueprintFor({ ...withAgents(agents), ...changes });

function agentsOf({ agents }: Blueprint): AgentsBlueprint {
  if (agents === null) throw new Error("the Blueprint has no agents");
  return agents;
}

/** The settings as the process reads them: a fault throws. */
function settingsOf(blueprint: Blueprint) {
  const settings = settingsSchema.parse(JSON.parse(JSON.stringify(agentsOf(blueprint).settings)));
  // Graphs of one's own are checked by code that is not here.
  const own = Object.entries(settings.agents).filter(([, { graph }]) => Object.hasOwn(shipped, graph));
  new AgentRegistry(Object.fromEntries(own), shipped);
  return settings;
}

const called = ({ residency }: Blueprint) =>
  residency.edges
    .filter(({ from, to }) => from.name === "orchestrator" || to.name === "orchestrator")
    .map(({ from, to, ports }) => `${from.name} > ${to.name} ${ports[0]?.port}`);

describe("agents", () => {
  it("are there only where the file has them", () => {
    expect(blueprintFor().agents).toBeNull();
    expect(blueprintFor().namespaces.agents).toBeNull();
    expect(deployed().namespaces.agents).toBe("desk-test-agents");
    expect(agentsOf(deployed())).toMatchObject({
      release: "orchestrator",
      service: "orchestrator",
      port: 2024,
      adminPort: 9090,
    });
  });

  it("have two replicas unless the file says how many, and connections for one more", () => {
    expect(agentsOf(deployed()).replicas.value).toBe(2);
    expect(agentsOf(deployed()).connections.value).toBe(30);
    expect(agentsOf(deployed({ replicas: 4 })).replicas).toMatchObject({
      value: 4,
      because: [{ path: "agents.replicas" }],
    });
    expect(agentsOf(deployed({ replicas: 4 })).connections.value).toBe(50);
  });

  it("are reached from outside through the pods that the file names, for as long as a run takes", () => {
    const exposure = {
      by: "ingress",
      host: "agents.example.com",
      class: "traefik",
      tls: { secret: "agents-tls" },
      controller: { namespace: "traefik", labels: { app: "traefik" } },
    } as const;
    const blueprint = deployed({ exposure, browserOrigins: ["https://chat.example.com"] });
    const { runs, maxBodyBytes, browserOrigins } = settingsOf(blueprint);
    expect(browserOrigins).toEqual(["https://chat.example.com"]);
    expect(maxBodyBytes).toBe(agentFacts.bodyMebibytes * 2 ** 20);
    expect(agentsOf(blueprint).exposure?.timeoutSeconds.value).toBeGreaterThan(runs.deadlineSeconds);
    expect(called(blueprint)).toContain("the Ingress controller in traefik > orchestrator 2024");
    expect(called(deployed())).not.toContain("the Ingress controller in traefik > orchestrator 2024");
    const made = {
      ...exposure,
      tls: { secret: "agents-tls", issuer: { kind: "ClusterIssuer", name: "own-ca" } },
    } as const;
    const needed = (each: Blueprint) => agentsOf(each).secrets.filter(({ secret }) => secret === "agents-tls");
    expect(needed(blueprint).map(({ key }) => key)).toEqual(["tls.crt", "tls.key"]);
    expect(needed(deployed({ exposure: made }))).toEqual([]);
  });

  it("have memory for the runs that they work on at once", () => {
    expect(agentsOf(deployed()).memoryBytes.value).toBe(512 * 2 ** 20);
    expect(agentsOf(deployed({ runsAtOnce: 20 })).memoryBytes.value).toBe(832 * 2 ** 20);
  });

  it("stop no sooner than the longest tool, or the longest answer of a model", () => {
    const drain = (timeout: string) =>
      agentsOf(deployed({ toolServers: { orders: toolServerConfig({ pods: toolPods, timeout }) } })).drain;
    expect(drain("30s")).toMatchObject({
      value: { preStopSeconds: 15, shutdownTimeoutSeconds: 120, terminationGracePeriodSeconds: 150 },
      because: [{ path: "policy" }, { path: "policy" }],
    });
    expect(drain("10m")).toMatchObject({
      value: { shutdownTimeoutSeconds: 600, terminationGracePeriodSeconds: 630 },
      because: [{ path: "agents.toolServers.orders.timeout" }, { path: "policy" }],
    });
    const blueprint = deployed({ toolServers: { orders: toolServerConfig({ pods: toolPods, timeout: "10m" }) } });
    expect(settingsOf(blueprint).runs.drainSeconds).toBe(600);
  });

  it("run the locked image, from an allowed registry", () => {
    const image = "registry.example.com/freehold/orchestrator:0.1.0";
    expect(agentsOf(deployed({ image })).image.value.deployed).toMatch(
      /^registry\.example\.com\/freehold\/orchestrator@sha256:[0-9a-f]{64}$/,
    );
    expect(agentsOf(deployed()).image.value).toMatchObject({ digest: null, deployed: /^localhost\// });
    const file = stackConfig({
      ...withAgents({ image: "docker.io/somebody/orchestrator:0.1.0" }),
      residency: soundResidency("region-bound"),
      models: {
        chat: modelConfig({
          versions: { v1: versionConfig({ image: "registry.example.com/vllm/vllm-openai:v0.33.0" }) },
        }),
      },
    });
    const found = decideFor(file).findings.filter(({ code }) => code === "RES-204");
    expect(found.map(({ place }) => ("path" in place ? place.path : []).join("."))).toContain("agents.image");
  });

  it("need their image in the lock where containers run", () => {
    const image = "registry.example.com/freehold/orchestrator:0.1.0";
    const gateway = { ...withAgents().gateway, image: "registry.example.com/freehold/gateway:0.1.0" };
    const file = stackConfig({
      ...withAgents({ image }),
      gateway: gateway as NonNullable<Config["gateway"]>,
      cluster: { target: "existing", existing: { storageClass: "fast" } },
      state: { backend: "pg" },
    });
    const { images, ...rest } = lockFor(file);
    const others = Object.entries(images).filter(([key]) => !key.includes("orchestrator"));
    const codes = decideFor(file, { ...rest, images: Object.fromEntries(others) }).findings.map(({ code }) => code);
    expect(codes).toEqual(["LCK-101"]);
  });

  it("have their tables changed by a process of its own, which alone may connect as their owner", () => {
    const owner = { secret: "agents-owner", key: "url" };
    const database = { ...agentsConfig().database, owner };
    const { migration, secrets, settings } = agentsOf(deployed({ database }));
    expect(settings.storage).toMatchObject({ migrations: "elsewhere" });
    expect(settingsSchema.parse(migration.settings).storage).toMatchObject({
      urlFile: "/etc/freehold/database/url",
      ownerUrlFile: "/etc/freehold/database-owner/url",
    });
    expect(migration.secrets.map(({ purpose, secret }) => `${purpose} ${secret}`)).toEqual([
      "database agents-database",
      "database-owner agents-owner",
    ]);
    expect(secrets.map(({ secret }) => secret)).not.toContain("agents-owner");
    expect(migration.deadlineSeconds.value).toBe(60 + 3 * 30 + (10 + 20 + 40) + 900);
    const text = explain(deployed({ database }), null, []);
    expect(text).toContain("The Secret agents-owner in desk-test-agents must hold url");
    const shared = agentsOf(deployed()).migration;
    expect(settingsSchema.parse(shared.settings).storage).not.toHaveProperty("ownerUrlFile");
    expect(shared.secrets.map(({ secret }) => secret)).toEqual(["agents-database"]);
  });

  it("are explained with their Secrets and who may call", () => {
    const text = explain(deployed(), null, []);
    expect(text).toContain("at http://orchestrator.desk-test-agents.svc:2024");
    expect(text).toContain("The Secret agents-database in desk-test-agents must hold url");
  });
});

describe("their edges", () => {
  it("are callers, names, gateway and database, and nothing else", () => {
    expect(called(deployed())).toEqual([
      "agents' clients > orchestrator 2024",
      "orchestrator > name servers 53",
      "orchestrator > gateway 8080",
      "orchestrator > database of the agents 5432",
    ]);
  });

  it("lead from what changes the tables to the database alone", () => {
    const { residency } = deployed();
    const migrating = residency.edges.filter(({ from, to }) => [from.name, to.name].includes("migrate-agents"));
    expect(migrating.map(({ from, to, ports }) => `${from.name} > ${to.name} ${ports[0]?.port}`)).toEqual([
      "migrate-agents > name servers 53",
      "migrate-agents > database of the agents 5432",
    ]);
  });

  it("lead to tool servers and receivers inside", () => {
    const blueprint = deployed({
      toolServers: { orders: toolServerConfig({ networks: ["10.50.7.0/24"] }) },
      webhooks: {
        secret: { secret: "webhooks", key: "secret" },
        receivers: { desk: { origin: "https://hooks.tools.svc", pods: toolPods } },
      },
    });
    expect(called(blueprint).slice(4)).toEqual([
      "orchestrator > tool server orders 8080",
      "orchestrator > receiver desk 443",
    ]);
  });

  it("lead outside through their own port of the proxy", () => {
    const outside = { search: toolServerConfig({ url: "https://mcp.example.com:8443/mcp" }) };
    const { residency } = deployed(
      { toolServers: outside },
      { residency: { mode: "none", egress: { hosts: { orchestrator: ["api.example.com"] } } } },
    );
    const workload = residency.egress.value?.workloads.find(({ name }) => name === "orchestrator");
    expect(workload).toMatchObject({
      port: 3130,
      from: { namespace: "desk-test-agents" },
      hosts: {
        value: [
          { host: "api.example.com", port: 443 },
          { host: "mcp.example.com", port: 8443 },
        ],
      },
    });
    const texts = residency.edges.map(({ from, to, ports }) => `${from.name} > ${to.name} ${ports[0]?.port}`);
    expect(texts.filter((text) => text.startsWith("orchestrator > "))).toEqual([
      "orchestrator > name servers 53",
      "orchestrator > gateway 8080",
      "orchestrator > database of the agents 5432",
      "orchestrator > egress-proxy 3130",
    ]);
  });

  it("lead to receivers outside through the same port, and the process is told that it is so", () => {
    const webhooks = {
      secret: { secret: "webhooks", key: "secret" },
      receivers: {
        desk: { origin: "https://hooks.tools.svc", pods: toolPods },
        partner: { origin: "https://hooks.example.com:8443" },
      },
    };
    const blueprint = deployed({ webhooks }, { residency: { mode: "none", egress: {} } });
    const workload = blueprint.residency.egress.value?.workloads.find(({ name }) => name === "orchestrator");
    expect(workload?.hosts.value).toEqual([{ host: "hooks.example.com", port: 8443 }]);
    expect(called(blueprint).slice(4)).toEqual([
      "orchestrator > receiver desk 443",
      "orchestrator > egress-proxy 3130",
    ]);
    expect(settingsOf(blueprint).webhooks).toMatchObject({
      origins: ["https://hooks.tools.svc", "https://hooks.example.com:8443"],
      proxied: ["https://hooks.example.com:8443"],
    });
  });

  it("have no port of the proxy where nothing stands outside", () => {
    const { residency } = deployed({}, { residency: { mode: "none", egress: {} } });
    expect(residency.egress.value?.workloads.map(({ name }) => name)).toEqual(["fetch-weights"]);
  });
});

describe("their settings", () => {
  it("are what the process takes, for every graph that it has", () => {
    const toolServers = {
      orders: toolServerConfig({
        pods: toolPods,
        token: { secret: "orders", key: "token" },
        tools: {
          find_order: { policy: "readOnly", approval: false },
          refund: { policy: "reconcile", reconcile: "find_refund", approval: true },
        },
      }),
    };
    const settings = settingsOf(
      deployed({
        toolServers,
        graphs: { triage: "/app/agents/triage" },
        tenants: { support: { concurrentRuns: 5, tokensPerDay: 1e6 } },
        retention: { checkpointsPerThread: 50, logDays: 7, threadDays: 90 },
        answerWithin: "24h",
        assistants: {
          helpdesk: {
            graph: "support",
            model: "chat",
            toolServers: ["orders"],
            maxModelCalls: 6,
            instructions: "Be kind.",
          },
          invoices: { graph: "extract", model: "chat", schema: { type: "object" }, maxRepairs: 1 },
          reader: { graph: "research", model: "chat", toolServers: ["orders"], budget: { toolCalls: 5 } },
          sorter: { graph: "triage", model: "chat", settings: { queues: { billing: "money" } } },
        },
      }),
    );
    expect(settings).toMatchObject({
      storage: { kind: "postgres", urlFile: "/etc/freehold/database/url", connections: 10 },
      auth: { kind: "keys", keysFile: "/etc/freehold/keys/keys.json" },
      tenants: { support: { concurrentRuns: 5, tokensPerDay: 1e6 } },
      retention: { checkpointsPerThread: 50, logDays: 7, threadDays: 90 },
      people: { answerWithinSeconds: 86_400 },
      graphs: { triage: "/app/agents/triage" },
    });
    const model = {
      url: "http://gateway.desk-test-gateway.svc:8080/v1",
      model: "chat",
      dataClass: "unclassified",
      keysFile: "/etc/freehold/gateway-keys/keys.json",
      timeoutSeconds: 120,
    };
    expect(settings.agents.sorter?.settings).toEqual({ model, queues: { billing: "money" } });
    expect(settings.agents.helpdesk?.settings).toEqual({
      model,
      instructions: "Be kind.",
      maxModelCalls: 6,
      toolServers: {
        orders: {
          url: "http://orders.tools.svc:8080/mcp",
          tokenFile: "/etc/freehold/tool-orders/token",
          timeoutSeconds: 30,
          maxResultBytes: 65_536,
          tools: toolServers.orders.tools,
        },
      },
    });
  });

  it("take callers' tokens, with the key set from a Secret", () => {
    const jwt = {
      issuer: "https://login.example.com",
      audience: "freehold",
      keySet: { secret: "login", key: "jwks.json" },
      tenantClaim: "org",
    };
    const blueprint = deployed({ jwt });
    expect(settingsOf(blueprint).auth).toEqual({
      kind: "tokens",
      issuer: "https://login.example.com",
      audience: "freehold",
      jwksFile: "/etc/freehold/key-set/jwks.json",
      tenantClaim: "org",
      keysFile: "/etc/freehold/keys/keys.json",
    });
    expect(agentsOf(blueprint).secrets.map(({ purpose, secret }) => [purpose, secret])).toEqual([
      ["database", "agents-database"],
      ["gateway-keys", "gateway-keys"],
      ["keys", "callers"],
      ["key-set", "login"],
    ]);
  });

  it("send the strictest class where an assistant names none", () => {
    const residency = {
      mode: "none" as const,
      dataClasses: {
        public: { personalData: false, leavesBoundary: "allowed" as const },
        customer: { personalData: true, leavesBoundary: "redacted" as const },
      },
    };
    const classOf = (dataClass?: string) =>
      agentsOf(
        deployed(
          {
            assistants: {
              helpdesk: { graph: "support", model: "chat", ...(dataClass === undefined ? {} : { dataClass }) },
            },
          },
          { residency },
        ),
      ).settings.agents.helpdesk?.settings.model.dataClass;
    expect(classOf()).toBe("customer");
    expect(classOf("public")).toBe("public");
  });

  it("send spans to a collector, which is reached at its pods", () => {
    const telemetry = {
      endpoint: "http://collector.tools.svc:4318",
      pods: toolPods,
      sampleShare: 0.25,
      headers: { secret: "collector", key: "headers.json" },
    };
    const blueprint = deployed({ telemetry });
    expect(settingsOf(blueprint).telemetry).toMatchObject({
      endpoint: telemetry.endpoint,
      sampleShare: 0.25,
      headersFile: "/etc/freehold/telemetry/headers.json",
    });
    expect(called(blueprint)).toContain("orchestrator > collector 4318");
    expect(agentsOf(blueprint).secrets.map(({ purpose }) => purpose)).toContain("telemetry");
    expect(settingsOf(deployed()).telemetry).toBeUndefined();
  });

  it("let webhooks go to the receivers' networks alone, and to the cluster's for pods", () => {
    const receivers = { desk: { origin: "https://hooks.example.com:8443/", networks: ["10.50.7.0/24"] } };
    const secret = { secret: "webhooks", key: "secret" };
    expect(settingsOf(deployed({ webhooks: { secret, receivers } })).webhooks).toMatchObject({
      origins: ["https://hooks.example.com:8443"],
      networks: ["10.50.7.0/24"],
      secretFile: "/etc/freehold/webhooks/secret",
    });
    const pods = { desk: { origin: "https://hooks.tools.svc", pods: toolPods } };
    expect(settingsOf(deployed({ webhooks: { secret, receivers: pods } })).webhooks?.networks).toContain("10.0.0.0/8");
  });
});
