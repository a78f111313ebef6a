import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { faultFailure, HttpFault } from "../../../cli/lock/fault.ts";
import { HttpClient, type HttpOptions } from "../../../cli/lock/http-client.ts";
import { proxyFor } from "../../../cli/lock/proxy.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import { selfSigned } from "../../support/certificate.ts";
import { connectProxy } from "../../support/connect-proxy.ts";
import { type LoopbackServer, listen } from "../../support/loopback-server.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-http-"));
afterAll(() => rmSync(directory, { recursive: true }));
const certificate = selfSigned(["localhost", "hub.test"]);
const trusted = join(directory, "ca.pem");
writeFileSync(trusted, certificate.cert);

const client = (options: Partial<HttpOptions> = {}) =>
  new HttpClient({ environment: {}, timeoutSeconds: 20, firstPauseSeconds: 0.001, ...options });
const get = (url: string, authorization: string | null = null) => ({
  url: new URL(url),
  origin: "The test",
  authorization,
  limitBytes: 1000,
});

async function serve(...parameters: Parameters<typeof listen>): Promise<LoopbackServer> {
  const server = await listen(...parameters);
  onTestFinished(() => server.close());
  return server;
}

/** The code of the finding that a request without an answer ends in. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error.finding.code;
    if (error instanceof HttpFault)
      return faultFailure(error, { reference: "r", place: { subject: "r" } }).finding.code;
    throw error;
  }
  return "no fault";
}

describe("a request", () => {
  it("is answered over TLS when the certificate is trusted through NODE_EXTRA_CA_CERTS", async () => {
    const server = await serve((_, response) => response.end("hello"), certificate);
    const { status, body } = await client({ environment: { NODE_EXTRA_CA_CERTS: trusted } }).send(get(server.origin));
    expect([status, body.toString()]).toEqual([200, "hello"]);
  });

  it("follows redirects on one host with its authorization", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/a") response.writeHead(307, { location: "/b" }).end();
      else response.end(request.headers.authorization ?? "none");
    });
    expect((await client().send(get(`${server.origin}/a`, "Bearer secret"))).body.toString()).toBe("Bearer secret");
  });

  it("leaves its authorization behind when it is sent to another host", async () => {
    const other = await serve((request, response) => response.end(request.headers.authorization ?? "none"));
    const first = await serve((_, response) => response.writeHead(302, { location: other.origin }).end());
    const { body, url } = await client().send(get(first.origin, "Bearer secret"));
    expect(body.toString()).toBe("none");
    expect(url.host).toBe(other.host);
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("is sent again after the pause that a busy server asks for", async () => {
    let count = 0;
    const server = await serve((_, response) => {
      count += 1;
      if (count === 1) response.writeHead(429, { "retry-after": "0" }).end();
      else if (count === 2) response.writeHead(503).end();
      else response.end("now");
    });
    expect((await client().send(get(server.origin))).body.toString()).toBe("now");
  });

  it("does not wait longer than it may when a busy server asks for an hour", async () => {
    const server = await serve((_, response) => response.writeHead(429, { "retry-after": "3600" }).end());
    expect((await client().send(get(server.origin))).status).toBe(429);
    expect(server.requests).toHaveLength(1);
  });

  it("is given up after three attempts", async () => {
    const server = await serve((_, response) => response.writeHead(500).end());
    expect((await client().send(get(server.origin))).status).toBe(500);
    expect(server.requests).toHaveLength(3);
  });

  it("ends with the caller's own reason when it is stopped", async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort(new Error("Ctrl-C")));
    await expect(client({ signal: stop.signal }).send(get(server.origin))).rejects.toThrow("Ctrl-C");
  });
});

describe("a request without an answer", () => {
  it("rejects a host where nothing listens with LCK-221", async () => {
    const server = await listen(() => {});
    await server.close();
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-221");
  });

  it("rejects a server that hangs with LCK-222, before and within its answer", async () => {
    const silent = await serve(() => {});
    const slow = await serve((_, response) => response.writeHead(200).write("a"));
    expect(await codeOf(client({ timeoutSeconds: 0.2 }).send(get(silent.origin)))).toBe("LCK-222");
    expect(await codeOf(client({ timeoutSeconds: 0.2 }).send(get(slow.origin)))).toBe("LCK-222");
  });

  it("rejects an unknown certificate authority with LCK-223", async () => {
    const server = await serve((_, response) => response.end(), certificate);
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-223");
  });

  it("rejects a certificate for another host with LCK-223", async () => {
    const server = await serve((_, response) => response.end(), selfSigned(["other.test"]));
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-223");
  });

  it("rejects plain http to another machine with LCK-225", async () => {
    expect(await codeOf(client().send(get("http://registry.test/")))).toBe("LCK-225");
  });

  it("rejects a redirect to plain http with LCK-225", async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: "http://registry.test/" }).end());
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-225");
  });

  it("rejects redirects in a circle with LCK-226", async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-226");
  });

  it("rejects an answer that breaks off with LCK-236", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-236");
  });

  it("rejects an answer beyond its limit with LCK-236", async () => {
    const server = await serve((_, response) => response.end("a".repeat(1001)));
    expect(await codeOf(client().send(get(server.origin)))).toBe("LCK-236");
  });

  it("rejects an NODE_EXTRA_CA_CERTS file that is missing with LCK-242", () => {
    const environment = { NODE_EXTRA_CA_CERTS: join(directory, "missing.pem") };
    expect(() => client({ environment })).toThrow("LCK-242");
  });
});

describe("behind a proxy", () => {
  const behind = (proxy: string, more: Record<string, string> = {}) =>
    client({ environment: { HTTPS_PROXY: `http://${proxy}`, NODE_EXTRA_CA_CERTS: trusted, ...more } });

  it("a request reaches a host that only the proxy knows, and TLS is with that host", async () => {
    const server = await serve((request, response) => response.end(request.headers.host), certificate);
    const proxy = await connectProxy({ "hub.test:443": server.port });
    onTestFinished(() => proxy.close());
    const { body } = await behind(proxy.host).send(get("https://hub.test/path", "Bearer secret"));
    expect(body.toString()).toBe("hub.test");
    expect(proxy.connections).toEqual([{ authority: "hub.test:443", authorization: null }]);
  });

  it("a request gives the proxy the user and password of its address", async () => {
    const server = await serve((_, response) => response.end("through"), certificate);
    const basic = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    const proxy = await connectProxy({ "hub.test:8443": server.port }, basic);
    onTestFinished(() => proxy.close());
    const { body } = await behind(`me:p%40ss@${proxy.host}`).send(get("https://hub.test:8443/"));
    expect(body.toString()).toBe("through");
  });

  it("rejects a proxy that wants other credentials or refuses the host with LCK-224, without its password", async () => {
    const proxy = await connectProxy({}, "Basic other");
    onTestFinished(() => proxy.close());
    const open = await connectProxy({});
    onTestFinished(() => open.close());
    const fault = await behind(`me:secret@${proxy.host}`)
      .send(get("https://hub.test/"))
      .catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(HttpFault);
    const { finding } = faultFailure(fault as HttpFault, { reference: "r", place: { subject: "r" } });
    expect(finding.code).toBe("LCK-224");
    expect(finding.why).toBe("The proxy answered 407 Proxy Authentication Required.");
    expect(JSON.stringify(finding)).not.toContain("secret");
    expect(await codeOf(behind(open.host).send(get("https://hub.test/")))).toBe("LCK-224");
  });

  it("rejects a proxy that is no proxy, or not there, with LCK-224", async () => {
    const server = await listen((_, response) => response.writeHead(404).end());
    expect(await codeOf(behind(server.host).send(get("https://hub.test/")))).toBe("LCK-224");
    await server.close();
    expect(await codeOf(behind(server.host).send(get("https://hub.test/")))).toBe("LCK-224");
  });

  it("rejects an untrusted certificate inside the tunnel with LCK-223", async () => {
    const server = await serve((_, response) => response.end(), selfSigned(["hub.test"]));
    const proxy = await connectProxy({ "hub.test:443": server.port });
    onTestFinished(() => proxy.close());
    expect(await codeOf(behind(proxy.host).send(get("https://hub.test/")))).toBe("LCK-223");
  });

  it("rejects a proxy that hangs with LCK-222", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const environment = { https_proxy: `http://127.0.0.1:${port}` };
    expect(await codeOf(client({ environment, timeoutSeconds: 0.2 }).send(get("https://hub.test/")))).toBe("LCK-222");
  });
});

describe("which proxy", () => {
  const proxied = (url: string, environment: Record<string, string>) =>
    proxyFor(new URL(url), environment)?.host ?? null;
  const proxy = { HTTPS_PROXY: "http://proxy.test:3128" };

  it.each([
    ["https://hub.test/", proxy, "proxy.test:3128"],
    ["https://hub.test/", { https_proxy: "proxy.test:3128" }, "proxy.test:3128"],
    ["https://hub.test/", { ALL_PROXY: "https://proxy.test:3129" }, "proxy.test:3129"],
    ["https://hub.test/", { HTTP_PROXY: "http://proxy.test:3128" }, null],
    ["https://localhost/", proxy, null],
    ["https://127.0.0.1:5000/", proxy, null],
    ["https://[::1]/", proxy, null],
    ["https://hub.test/", { ...proxy, NO_PROXY: "*" }, null],
    ["https://hub.test/", { ...proxy, NO_PROXY: "a.test, hub.test" }, null],
    ["https://a.hub.test/", { ...proxy, NO_PROXY: "hub.test" }, null],
    ["https://a.hub.test/", { ...proxy, no_proxy: ".hub.test" }, null],
    ["https://nothub.test/", { ...proxy, NO_PROXY: "hub.test" }, "proxy.test:3128"],
    ["https://hub.test/", { ...proxy, NO_PROXY: "hub.test:8443" }, "proxy.test:3128"],
    ["https://hub.test:8443/", { ...proxy, NO_PROXY: "hub.test:8443" }, null],
    ["https://10.1.2.3/", { ...proxy, NO_PROXY: "10.0.0.0/8" }, null],
    ["https://11.1.2.3/", { ...proxy, NO_PROXY: "10.0.0.0/8,10.0.0.0/99" }, "proxy.test:3128"],
    ["https://[fd00::1]/", { ...proxy, NO_PROXY: "fd00::/8" }, null],
    ["https://[fd00::1]/", { ...proxy, NO_PROXY: "fd00::1" }, null],
  ])("%s with %j goes through %s", (url, environment, expected) => {
    expect(proxied(url, environment)).toBe(expected);
  });

  it.each(["socks5://proxy.test:1080", "http://:bad:", "not an address"])("rejects `%s` with LCK-242", (value) => {
    expect(() => proxied("https://hub.test/", { HTTPS_PROXY: value })).toThrow("LCK-242");
  });
});
