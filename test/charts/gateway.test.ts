// Proves what helm renders and refuses for the gateway. That Kubernetes accepts it is for the cluster tests.
import { beforeAll, describe, expect, it } from "vitest";
import { gatewayValues } from "../../stacks/values/gateway.ts";
import type { GatewayValues } from "../../stacks/values/gateway-schema.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { testChart } from "../support/chart.ts";
import { helm, type Manifest } from "../support/helm.ts";

const { path: chart, template, render, refusal } = testChart<GatewayValues>("gateway", "door");
const stack = { stack: "desk", environment: "test", egress: null };
const { gateway } = blueprintFor({
  gateway: {
    image: "registry.example.com/freehold/gateway:0.1.0",
    keys: { secret: "gateway-keys", key: "keys.json" },
    tenants: { support: {} },
  },
});
if (gateway === null) throw new Error("the Blueprint has no gateway");
const example = gatewayValues(gateway, stack);

let objects: Readonly<Record<string, Manifest>> = {};
let pod: Manifest;
let container: Manifest;

beforeAll(async () => {
  objects = await render(example);
  pod = objects["Deployment/gateway"].spec.template;
  [container] = pod.spec.containers;
});

describe("the gateway's chart", () => {
  it("consists of exactly these objects, all in the release's namespace", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "ConfigMap/gateway-settings",
      "Deployment/gateway",
      "NetworkPolicy/gateway-callers",
      "PodDisruptionBudget/gateway",
      "Service/gateway",
      "ServiceAccount/gateway",
    ]);
    for (const object of Object.values(objects)) expect(object.metadata.namespace).toBe("door");
  });

  it("renders the same bytes each time and passes helm's linter", async () => {
    expect((await template(example)).stdout).toBe((await template(example)).stdout);
    const { code, stdout } = await helm(["lint", chart, "--strict"], example);
    expect(code, stdout).toBe(0);
  });

  it("hands the process the settings as they are, in a folder that the kubelet keeps up to date", () => {
    expect(JSON.parse(objects["ConfigMap/gateway-settings"].data["settings.json"])).toEqual(example.settings);
    expect(container.args).toEqual(["--settings", "/etc/freehold/settings/settings.json"]);
    const mounts = Object.fromEntries(container.volumeMounts.map((mount: Manifest) => [mount.name, mount]));
    expect(mounts.settings).toEqual({ name: "settings", mountPath: "/etc/freehold/settings", readOnly: true });
    expect(mounts.settings.subPath).toBeUndefined();
  });

  it("restarts for another port, database or collector, and for nothing else in the settings", async () => {
    const annotations = async (changes: Partial<GatewayValues>) =>
      (await render({ ...example, ...changes }))["Deployment/gateway"].spec.template.metadata.annotations;
    const now = pod.metadata.annotations;
    expect(await annotations({ settings: { ...example.settings, replicas: 7 } })).toEqual(now);
    const moved = {
      ports: { ...example.ports, api: 8443 },
      settings: { ...example.settings, listen: { host: "0.0.0.0", port: 8443 } },
    };
    expect(await annotations(moved)).not.toEqual(now);
    const budgets = { urlFile: "/etc/freehold/budgets/url", blockShare: 0.05 };
    expect(await annotations({ settings: { ...example.settings, budgets } })).not.toEqual(now);
  });

  it("mounts the Secrets that it is given, for its group alone", async () => {
    const [settings, keys, ...others] = pod.spec.volumes;
    expect(settings).toEqual({ name: "settings", configMap: { name: "gateway-settings" } });
    expect(keys).toEqual({ name: "keys", secret: { secretName: "gateway-keys", defaultMode: 0o440 } });
    expect(others).toEqual([]);
    const more = await render({ ...example, secrets: { ...example.secrets, budgets: "gateway-budgets" } });
    const { volumes, containers } = more["Deployment/gateway"].spec.template.spec;
    expect(volumes).toContainEqual({ name: "budgets", secret: { secretName: "gateway-budgets", defaultMode: 0o440 } });
    expect(containers[0].volumeMounts).toContainEqual({
      name: "budgets",
      mountPath: "/etc/freehold/budgets",
      readOnly: true,
    });
  });

  it("offers callers the API and never the port of metrics", () => {
    expect(objects["Service/gateway"].spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ name: "http", port: 8080, targetPort: "http" }],
    });
    const [rule, ...others] = objects["NetworkPolicy/gateway-callers"].spec.ingress;
    expect(others).toEqual([]);
    expect(rule.ports).toEqual([{ port: 8080, protocol: "TCP" }]);
    expect(rule.from).toEqual([
      {
        namespaceSelector: { matchLabels: { "freehold/stack": "desk", "freehold/environment": "test" } },
        podSelector: { matchLabels: { "freehold/gateway-client": "true" } },
      },
    ]);
  });

  it("opens the port of metrics to the namespaces that scrape, and monitors pods", async () => {
    const values = { ...example, metricsNamespaces: ["monitoring"], podMonitor: { enabled: true } };
    const scraped = await render(values);
    expect(scraped["NetworkPolicy/gateway-callers"].spec.ingress[1].ports).toEqual([{ port: 9090, protocol: "TCP" }]);
    expect(scraped["PodMonitor/gateway"].spec.podMetricsEndpoints).toEqual([
      { port: "admin", path: "/metrics", interval: "15s" },
    ]);
  });

  it("keeps both replicas while one is replaced, and stops after its callers", () => {
    const { spec } = objects["Deployment/gateway"];
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(pod.spec.terminationGracePeriodSeconds).toBe(120);
    expect(container.lifecycle.preStop).toEqual({ sleep: { seconds: 15 } });
    expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
    expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "admin" });
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

describe("the gateway's chart refuses", () => {
  it("a tag without leave", async () => {
    const image = "registry.example.com/freehold/gateway:0.1.0";
    expect(await refusal({ ...example, image })).toContain("it must end in @sha256:");
    expect((await template({ ...example, image, allowUnlocked: true })).code).toBe(0);
  });

  it("ports that the settings do not name", async () => {
    expect(await refusal({ ...example, ports: { api: 8081, admin: 9090 } })).toContain(
      "settings.listen.port is 8080 and the chart's port is 8081",
    );
  });

  it("a grace period that the pause before stopping uses up", async () => {
    const drain = { preStopSeconds: 15, terminationGracePeriodSeconds: 15 };
    expect(await refusal({ ...example, drain })).toContain("nothing would be left for answers to finish");
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
