// Proves, with processes: a backend outside is reached through the forward proxy alone, its certificate is held to its own
// name, and what the proxy or the certificate refuses is an answer from inside and no connection past them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { selfSigned } from "../../../test/support/certificate.ts";
import { type ConnectProxy, connectProxy } from "../../../test/support/connect-proxy.ts";
import { type LoopbackServer, listen } from "../../../test/support/loopback-server.ts";
import { Door } from "./support/door.ts";

const budget = { usdPerDay: 100, shareOfRequests: 1 };
const answer = {
  id: "a",
  object: "chat.completion",
  model: "chat",
  choices: [{ index: 0, message: { role: "assistant", content: "from outside" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};
const names = ["frontier", "unlisted", "impostor", "silent"] as const;

let frontier: LoopbackServer;
let proxy: ConnectProxy;
let door: Door;
let folder: string;

beforeAll(async () => {
  const certificate = selfSigned(["frontier.example.com"], { authority: true });
  folder = mkdtempSync(join(tmpdir(), "tunnel-test-"));
  writeFileSync(join(folder, "authority.pem"), certificate.cert);
  writeFileSync(join(folder, "key"), "key-of-the-frontier\n");
  frontier = await listen((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  }, certificate);
  const { port } = frontier;
  proxy = await connectProxy({ "frontier.example.com:443": port, "impostor.example.com:443": port });
  door = await Door.open({
    engines: [["--step-ms", "1"]],
    environment: { NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") },
    settings: ([engine]) => ({
      dataClasses: { open: { leavesBoundary: "allowed" } },
      placements: [{ dataClass: "open", tenant: "*", backends: ["near", ...names] }],
      backends: {
        near: { url: engine?.url, model: "chat", digest: "d1", location: "inside" },
        ...Object.fromEntries(
          names.map((name) => [
            name,
            {
              url: `https://${name}.example.com`,
              proxy: name === "silent" ? "http://127.0.0.1:9" : `http://${proxy.host}`,
              model: "chat",
              digest: "d2",
              location: "outside",
              api: "openai",
              tokenIds: false,
              apiKeyFile: join(folder, "key"),
            },
          ]),
        ),
      },
      models: {
        ...Object.fromEntries(
          names.map((name) => [
            `to-${name}`,
            {
              maxModelLen: 32_768,
              versions: { v1: { weight: 1, backends: ["near"] } },
              escalation: { to: name, rules: [{ name: "all", promptTokensAtLeast: 1 }], budget },
            },
          ]),
        ),
        ...Object.fromEntries(
          names.map((name) => [name, { maxModelLen: 32_768, versions: { v1: { weight: 1, backends: [name] } } }]),
        ),
      },
      tenants: { acme: { dataClasses: ["open"], models: names.map((name) => `to-${name}`), mayEscalate: true } },
    }),
  });
});
afterAll(async () => {
  await door?.close();
  await Promise.all([frontier?.close(), proxy?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const ask = (model: string) => door.chat("Where are you?", { model, ignore_eos: undefined });

it("asks the proxy for the host, and the host for an answer over TLS", async () => {
  const response = await ask("to-frontier");
  expect(response.headers.get("x-freehold-model")).toBe("frontier");
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: "from outside" } }] });
  expect(proxy.connections.map(({ authority }) => authority)).toContain("frontier.example.com:443");
  expect(frontier.requests.at(-1)).toMatchObject({
    url: "/v1/chat/completions",
    headers: { authorization: "Bearer key-of-the-frontier", host: "frontier.example.com" },
  });
});

it.each([
  ["a host that the proxy does not let through", "unlisted"],
  ["a host with another name in its certificate", "impostor"],
  ["a proxy that is not there", "silent"],
])("sends nothing to %s, and answers from inside", async (_, name) => {
  const before = frontier.requests.length;
  const response = await ask(`to-${name}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-freehold-model")).toBe(`to-${name}`);
  expect(response.headers.get("x-freehold-escalation")).toMatch(/^unavailable: /);
  expect(frontier.requests.length).toBe(before);
});
