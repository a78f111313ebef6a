// Proves that Node.js, given the variables of the agents' pods, goes to hosts outside through the proxy and to Services without it:
// a real process, and a proxy that knows names which no name server has. What the proxy lets through is for test/charts/.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { orchestratorValues } from "../../stacks/values/orchestrator.ts";
import { toolServerConfig, withAgents } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { selfSigned } from "../support/certificate.ts";
import { type ConnectProxy, connectProxy } from "../support/connect-proxy.ts";
import { type LoopbackServer, listen } from "../support/loopback-server.ts";

const host = "mcp.example.com";
const node = process.env.FREEHOLD_NODE_24 ?? process.execPath;
const folder = mkdtempSync(join(tmpdir(), "freehold-node-proxy-"));
const certificate = selfSigned([host], { authority: true });
let version: readonly number[];
let server: LoopbackServer;
let proxy: ConnectProxy;

/** The variables of the pods, with the proxy's address exchanged for the one of this test. */
function variables(): Record<string, string> {
  const { agents, residency } = blueprintFor({
    ...withAgents({ toolServers: { search: toolServerConfig({ url: `https://${host}/mcp` }) } }),
    residency: { mode: "none", egress: {} },
  });
  if (agents === null) throw new Error("the Blueprint has no agents");
  const context = { stack: "desk", environment: "test", egress: residency.egress.value };
  const given = orchestratorValues(agents, context).variables ?? [];
  return { ...Object.fromEntries(given.map(({ name, value }) => [name, value])), HTTPS_PROXY: `http://${proxy.host}` };
}

/** What `fetch` of that Node.js answers for an address: the status, or the code of the failure. */
async function fetched(address: string): Promise<string> {
  const script = `fetch(${JSON.stringify(address)}).then((a) => a.status, (e) => e.cause?.code ?? e.message).then((t) => process.stdout.write(String(t)))`;
  const environment = { ...variables(), NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") };
  const { stdout } = await promisify(execFile)(node, ["-e", script], { env: environment, timeout: 30_000 });
  return stdout;
}

beforeAll(async () => {
  writeFileSync(join(folder, "ca.pem"), certificate.cert);
  server = await listen((_, response) => response.writeHead(204).end(), certificate);
  proxy = await connectProxy({ [`${host}:443`]: server.port });
  const { stdout } = await promisify(execFile)(node, ["--version"]);
  version = stdout.trim().slice(1).split(".").map(Number);
});

afterAll(async () => {
  await Promise.all([server.close(), proxy.close()]);
  rmSync(folder, { recursive: true, force: true });
});

describe("the Node.js of the images", () => {
  beforeEach(({ skip }) =>
    skip(
      (version[0] ?? 0) < 24,
      `Node.js ${version.join(".")} knows no proxy of its environment, the images' 24 does; FREEHOLD_NODE_24 names one`,
    ),
  );

  it("goes to a host outside through the proxy, and leaves its name to it", async () => {
    expect(await fetched(`https://${host}/mcp`)).toBe("204");
    expect(proxy.connections.map(({ authority }) => authority)).toContain(`${host}:443`);
  });

  it("asks the proxy for no Service of the cluster", async () => {
    const before = proxy.connections.length;
    expect(await fetched("https://orders.shop.svc/mcp")).toMatch(/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)$/);
    expect(proxy.connections.length).toBe(before);
  });
});
