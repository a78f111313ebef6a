// Proves what helm renders and refuses for the orchestrator. That Kubernetes accepts it is for the cluster tests, that the process
// starts with these settings for test/cli/images/ and test/decisions/agents/.
import { beforeAll, describe, expect, it } from "vitest";
import { orchestratorValues } from "../../stacks/values/orchestrator.ts";
import type { OrchestratorValues } from "../../stacks/values/orchestrator-schema.ts";
import { toolPods, toolServerConfig, withAgents } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { testChart } from "../support/chart.ts";
import { helm, type Manifest } from "../support/helm.ts";

const { path: chart, template, render, refusal } = testChart<OrchestratorValues>("orchestrator", "desk");
const stack = { stack: "desk", environment: "test", egress: null };
const { agents } = blueprintFor(
  withAgents({
    image: "registry.example.com/freehold/orchestrator:0.1.0",
    assistants: { helpdesk: { graph: "support", model: "chat", toolServers: ["orders"] } },
    toolServers: {
      orders: toolServerConfig({ pods: toolPods, timeout: "3m", token: { secret: "orders", key: "token" } }),
    },
  }),
);
if (agents === null) throw new Error("the Blueprint has no agents");
const example = orchestratorValues(agents, stack);

let objects: Readonly<Record<string, Manifest>> = {};
let pod: Manifest;
let container: Manifest;

beforeAll(async () => {
  objects = await render(example);
  pod = objects["Deployment/orchestrator"].spec.template;
  [container] = pod.spec.containers;
});

describe("the orchestrator's chart", () => {
  it("consists of exactly these objects, all in the release's namespace", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "ConfigMap/orchestrator-settings",
      "Deployment/orchestrator",
      "NetworkPolicy/orchestrator-callers",
      "PodDisruptionBudget/orchestrator",
      "Service/orchestrator",
      "ServiceAccount/orchestrator",
    ]);
    for (const object of Object.values(objects)) expect(object.metadata.namespace).toBe("desk");
  });

  it("renders the same bytes each time and passes helm's linter", async () => {
    expect((await template(example)).stdout).toBe((await template(example)).stdout);
    const { code, stdout } = await helm(["lint", chart, "--strict"], example);
    expect(code, stdout).toBe(0);
  });

  it("hands the process the settings as they are, and replaces it when they change", async () => {
    expect(JSON.parse(objects["ConfigMap/orchestrator-settings"].data["settings.json"])).toEqual(example.settings);
    expect(container.args).toEqual(["/etc/freehold/settings/settings.json"]);
    const changed = await render({
      ...example,
      settings: { ...example.settings, people: { answerWithinSeconds: 60 } },
    });
    expect(changed["Deployment/orchestrator"].spec.template.metadata.annotations).not.toEqual(pod.metadata.annotations);
  });

  it("mounts each Secret in the folder that the settings name, for its group alone", () => {
    const folders = Object.keys(example.secrets ?? {}).sort();
    expect(folders).toEqual(["database", "gateway-keys", "keys", "tool-orders"]);
    const [, ...secrets] = pod.spec.volumes;
    expect(secrets.map(({ name, secret }: Manifest) => [name, secret.secretName, secret.defaultMode])).toEqual([
      ["database", "agents-database", 0o440],
      ["gateway-keys", "gateway-keys", 0o440],
      ["keys", "callers", 0o440],
      ["tool-orders", "orders", 0o440],
    ]);
    const paths = container.volumeMounts.map(({ mountPath }: Manifest) => mountPath);
    const text = JSON.stringify(example.settings);
    for (const folder of folders) {
      expect(paths).toContain(`/etc/freehold/${folder}`);
      expect(text).toContain(`/etc/freehold/${folder}/`);
    }
  });

  it("offers callers the API and never the port of metrics", () => {
    expect(objects["Service/orchestrator"].spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ name: "http", port: 2024, targetPort: "http" }],
    });
    const [rule, ...others] = objects["NetworkPolicy/orchestrator-callers"].spec.ingress;
    expect(others).toEqual([]);
    expect(rule.ports).toEqual([{ port: 2024, protocol: "TCP" }]);
    expect(rule.from).toEqual([
      {
        namespaceSelector: { matchLabels: { "freehold/stack": "desk", "freehold/environment": "test" } },
        podSelector: { matchLabels: { "freehold/agents-client": "true" } },
      },
    ]);
  });

  it("carries the label that the gateway lets in, and selects pods without it", () => {
    expect(pod.metadata.labels["freehold/gateway-client"]).toBe("true");
    expect(objects["Deployment/orchestrator"].spec.selector.matchLabels).not.toHaveProperty("freehold/gateway-client");
  });

  it("opens the port of metrics to the namespaces that scrape, and monitors pods", async () => {
    const scraped = await render({ ...example, metricsNamespaces: ["monitoring"], podMonitor: { enabled: true } });
    expect(scraped["NetworkPolicy/orchestrator-callers"].spec.ingress[1].ports).toEqual([
      { port: 9090, protocol: "TCP" },
    ]);
    expect(scraped["PodMonitor/orchestrator"].spec.podMetricsEndpoints).toEqual([
      { port: "admin", path: "/metrics", interval: "15s" },
    ]);
  });

  it("keeps all replicas while one is replaced, and gives it the time of its longest tool", () => {
    const { spec } = objects["Deployment/orchestrator"];
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(pod.spec.terminationGracePeriodSeconds).toBe(15 + 180 + 15);
    expect(container.lifecycle.preStop).toEqual({ sleep: { seconds: 15 } });
    expect(objects["PodDisruptionBudget/orchestrator"].spec.maxUnavailable).toBe(1);
  });

  it("asks the worker and not the port whether it lives and is ready", () => {
    expect(container.startupProbe).toMatchObject({
      httpGet: { path: "/readyz", port: "admin" },
      failureThreshold: 180,
    });
    expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
    expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "admin" });
  });

  it("leads outside through the proxy where there is one for it", async () => {
    const outside = blueprintFor({
      ...withAgents({ toolServers: { search: toolServerConfig({ url: "https://mcp.example.com/mcp" }) } }),
      residency: { mode: "none", egress: {} },
    });
    if (outside.agents === null) throw new Error("the Blueprint has no agents");
    const values = orchestratorValues(outside.agents, { ...stack, egress: outside.residency.egress.value });
    const rendered = (await render(values))["Deployment/orchestrator"].spec.template.spec.containers[0];
    const variables = Object.fromEntries(rendered.env.map(({ name, value }: Manifest) => [name, value]));
    expect(variables).toEqual({
      HTTPS_PROXY: "http://egress-proxy.desk-test-egress.svc:3130",
      LANGCHAIN_TRACING_V2: "false",
      LANGSMITH_TRACING: "false",
      NODE_USE_ENV_PROXY: "1",
      NO_PROXY: "localhost,127.0.0.1,.svc,.cluster.local",
    });
    expect(container.env.map(({ name }: Manifest) => name)).toEqual(["LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING"]);
  });

  it("runs under Pod Security restricted, with nothing to write to", () => {
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(Object.keys(container.resources.limits).sort()).toEqual(["ephemeral-storage", "memory"]);
  });
});

describe("the orchestrator's chart refuses", () => {
  it("a tag without leave", async () => {
    const image = "registry.example.com/freehold/orchestrator:0.1.0";
    expect(await refusal({ ...example, image })).toContain("it must end in @sha256:");
    expect((await template({ ...example, image, allowUnlocked: true })).code).toBe(0);
  });

  it("ports that the settings do not name", async () => {
    expect(await refusal({ ...example, ports: { api: 2025, admin: 9090 } })).toContain(
      "settings.listen.port is 2024 and the chart's port is 2025",
    );
  });

  it("a database that ends with its pod", async () => {
    const settings = { ...example.settings, storage: { kind: "embedded", folder: "/data" } };
    expect(await refusal({ ...example, settings })).toContain("settings.storage.kind is not postgres");
  });

  it("a grace period that ends while runs are handed over", async () => {
    const drain = { preStopSeconds: 15, terminationGracePeriodSeconds: 195 };
    expect(await refusal({ ...example, drain })).toContain("replicas would be killed while they hand over their runs");
  });

  it("a start that ends before the wait for the tables", async () => {
    expect(await refusal({ ...example, startSeconds: 150 })).toContain("before they say what their tables lack");
  });

  it("a monitor that the network policy would shut out", async () => {
    expect(await refusal({ ...example, podMonitor: { enabled: true } })).toContain("would refuse every scrape");
  });

  it("values that leave out what has no default, and keys it does not know", async () => {
    const stderr = await refusal({ surprise: true });
    for (const key of ["stack", "environment", "image", "replicas", "ports", "resources", "drain", "settings"]) {
      expect(stderr).toContain(`'/${key}'`);
    }
    expect(stderr).toContain("surprise");
  });
});
