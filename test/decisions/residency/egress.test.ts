// Proves: which stacks have the proxy that is their only way out, what it lets each workload through to, and why; what its
// image has to come from. What the proxy does is proven in test/charts/egress-proxy.test.ts.
import { describe, expect, it } from "vitest";
import type { Config, ResidencyConfig } from "../../../config/schema/index.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { decideEgressProxy } from "../../../decisions/egress-proxy.ts";
import { lockFor, stackConfig } from "../../support/config.ts";
import { decideResidencyFor, residentStack, soundResidency } from "../../support/residency.ts";

const under = (mode: ResidencyConfig["mode"], changes: Partial<ResidencyConfig> = {}, others: Partial<Config> = {}) =>
  decideResidencyFor(residentStack(soundResidency(mode, changes), others)).residency;
const workloadsOf = (facts: ReturnType<typeof under>) => facts.egress.value?.workloads ?? [];
const hostsOf = (facts: ReturnType<typeof under>) =>
  workloadsOf(facts).flatMap(({ hosts }) => hosts.value.map(({ host, port }) => `${host}:${port}`));
const connections = (facts: ReturnType<typeof under>) =>
  facts.edges.map(({ from, to, ports }) => `${from.name} to ${to.name} ${ports.map(({ port }) => port)}`);
const onCilium: Partial<Config> = {
  cluster: { target: "existing", existing: { storageClass: "fast", cni: "cilium" } },
};
const { networks: _, ...unplaced } = soundResidency("region-bound").sources ?? {};

describe("the proxy", () => {
  it.each([
    ["none", {}, false],
    ["none", { egress: {} }, true],
    ["region-bound", {}, true],
    ["sovereign", {}, true],
    ["air-gapped", {}, false],
    ["air-gapped", { egress: {} }, false],
  ] as const)("under %s with %o is there: %s", (mode, changes, expected) => {
    const { egress } = under(mode, changes);
    expect(egress.value !== null).toBe(expected);
    expect(egress.because.length).toBeGreaterThan(0);
  });

  it("is not there without a residency", () => {
    expect(decideResidencyFor(stackConfig()).residency.egress.value).toBeNull();
  });

  it("is the only one that reaches anything outside", () => {
    expect(connections(under("sovereign"))).toEqual([
      "inference clients to chat-v1 8000",
      "fetch-weights to name servers 53,53",
      "fetch-weights to egress-proxy 3128",
      "egress-proxy to name servers 53,53",
      "egress-proxy to hub.example.com 443",
    ]);
  });

  it("has a port for each workload that no other has", () => {
    const ports = workloadsOf(under("sovereign")).map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("runs its own image by digest, or the one of the catalog", () => {
    const config = residentStack(soundResidency("sovereign"));
    const { image, replicas } = decideEgressProxy(config, lockFor(config), catalog);
    expect(image.value.deployed).toMatch(/^registry\.example\.com\/envoyproxy\/envoy@sha256:[0-9a-f]{64}$/);
    expect(replicas.value).toBe(2);
    const plain = decideEgressProxy({ residency: { mode: "none", egress: { replicas: 3 } } }, null, catalog);
    expect(plain.image.value).toMatchObject({ digest: null, deployed: expect.stringContaining("envoyproxy/envoy:") });
    expect(plain.replicas).toEqual({
      value: 3,
      because: [expect.objectContaining({ path: "residency.egress.replicas" })],
    });
  });
});

describe("the list of the pods that fetch weights", () => {
  it("is the hub, which the file says once", () => {
    const facts = under("region-bound");
    expect(hostsOf(facts)).toEqual(["hub.example.com:443"]);
    expect(workloadsOf(facts)[0]?.hosts.because.map(({ path }) => path)).toEqual(["residency.sources.hub"]);
  });

  it("has the storage of huggingface.co, which the catalog knows", () => {
    const facts = under("none", { egress: {}, sources: {} });
    expect(hostsOf(facts)).toContain("huggingface.co:443");
    expect(hostsOf(facts)).toContain("cdn-lfs-us-1.hf.co:443");
    expect(hostsOf(facts).every((host) => /^[a-z0-9.-]+:443$/.test(host))).toBe(true);
  });

  it("takes what the file adds, each host once, with its port", () => {
    const hosts = ["storage.example.com:8443", "hub.example.com:443", "storage.example.com:8443"];
    const facts = under("region-bound", { egress: { hosts: { "fetch-weights": hosts } } });
    expect(hostsOf(facts)).toEqual(["hub.example.com:443", "storage.example.com:8443"]);
    expect(connections(facts).at(-1)).toBe("egress-proxy to hub.example.com, storage.example.com 443,8443");
  });

  it("leaves out what names no single host", () => {
    const hosts = ["*.example.com", "203.0.113.9", "ex\u0430mple.com"];
    expect(hostsOf(under("region-bound", { egress: { hosts: { "fetch-weights": hosts } } }))).toEqual([
      "hub.example.com:443",
    ]);
  });
});

describe("rules by name", () => {
  it("stand in for networks that nobody named, where the network plugin has them", () => {
    const facts = under("region-bound", { sources: unplaced }, onCilium);
    expect(facts.edges.at(-1)?.to).toEqual({
      kind: "names",
      name: "hub.example.com",
      hosts: ["hub.example.com"],
    });
    expect(facts.edges.some(({ to }) => to.kind === "networks")).toBe(false);
  });

  it("are not written beside networks, whose rules they would widen", () => {
    expect(under("region-bound", {}, onCilium).edges.some(({ to }) => to.kind === "names")).toBe(false);
  });

  it("are not written for another plugin, which then asks for networks", () => {
    const config = residentStack(soundResidency("region-bound", { sources: unplaced }), {
      cluster: { target: "existing", existing: { storageClass: "fast", cni: "other" } },
    });
    const { residency, findings } = decideResidencyFor(config);
    expect(findings.map(({ code }) => code)).toEqual(["RES-206"]);
    expect(residency.edges.every(({ to }) => to.kind === "pods")).toBe(true);
  });
});

describe("its image", () => {
  it.each([
    ["from an allowed registry", "registry.example.com/envoy:v1", []],
    ["from another one", "other.example.com/envoy:v1", ["RES-204"]],
    ["from docker.io", undefined, ["RES-204"]],
  ])("%s", (_, image, expected) => {
    const egress = image === undefined ? {} : { image };
    const { findings } = decideResidencyFor(residentStack(soundResidency("sovereign", { egress })));
    expect(findings.map(({ code }) => code)).toEqual(expected);
  });
});
