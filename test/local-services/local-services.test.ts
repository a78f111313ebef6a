// The services that npm start runs on this machine, as real processes: they answer as the stack file says, are left alone when
// nothing changes, and end. That npm start prints what to type is for the cluster tests.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { codes } from "../../config/diagnostics/codes.ts";
import type { Blueprint, GatewayBlueprint } from "../../decisions/blueprint.ts";
import { isAlive } from "../../local-cluster/process-identity.ts";
import { type LocalServices, startLocalServices, stopLocalServices } from "../../local-services/local-services.ts";
import type { RunningService } from "../../local-services/service-process.ts";
import { embeddedStorage } from "../../services/orchestrator/test/support/embedded.ts";
import { openExample } from "../stacks/support/example.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { modelConfig, versionConfig } from "../support/config.ts";

/** `services/build.mjs`, the setup of the `services` project, has put them there. */
const serviceBundle = (name: string) => fileURLToPath(new URL(`../../.freehold/services/${name}.mjs`, import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "freehold-local-services-"));
});
afterEach(async () => {
  await stopLocalServices(directory);
  rmSync(directory, { recursive: true, force: true });
});

const versions = { v1: versionConfig(), v2: versionConfig({ repository: "Qwen/Qwen3-4B" }) };
const stack = (traffic: Readonly<Record<string, number>> = { v1: 100 }): Blueprint =>
  blueprintFor({
    models: { chat: modelConfig({ versions, traffic }) },
    gateway: {
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {}, visitors: { limits: { requestsPerMinute: 0 } } },
    },
  });

/** Leaves what a first start leaves: the database of the orchestrator, which takes the processor for seconds to make. */
const startedBefore = (folder = directory) => embeddedStorage(join(folder, "orchestrator-data"));

function start(
  blueprint: Blueprint,
  bundle: (name: string) => string = serviceBundle,
  folder = directory,
): Promise<LocalServices> {
  const signal = AbortSignal.timeout(150_000);
  return startLocalServices(blueprint, blueprint.gateway as GatewayBlueprint, {
    directory: folder,
    bundle,
    now: new Date(),
    signal,
  });
}

const running = (): readonly RunningService[] =>
  JSON.parse(readFileSync(join(directory, "services.json"), "utf8")).services;

const ask = ({ gatewayUrl, tokenFiles }: LocalServices, tenant: string) =>
  fetch(`${gatewayUrl}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${readFileSync(tokenFiles[tenant] ?? "", "utf8")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hello" }], max_tokens: 5 }),
  });

it("answer as the stack file says: tenants with their limits, versions with their shares, an agent behind them", async () => {
  const services = await start(stack({ v2: 100, v1: 0 }));
  expect(services.engines).toBe(4);
  const answer = await ask(services, "support");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("x-freehold-version")).toBe("v2");
  expect((await ask(services, "visitors")).status).toBe(429);
  const run = await fetch(`${services.agentsUrl}/runs/wait`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ assistant_id: "support", input: { messages: [{ role: "human", content: "Hello" }] } }),
  });
  expect(run.status).toBe(200);
  expect(((await run.json()) as { messages: unknown[] }).messages).toHaveLength(2);
});

it("have the assistants of the file, each asking as a tenant that may, without the tools of the cluster", async () => {
  await startedBefore();
  const { blueprint } = openExample("agents");
  const services = await start(blueprint);
  expect(services.assistant).toBe("helpdesk");
  const { agents } = JSON.parse(readFileSync(join(directory, "orchestrator.json"), "utf8"));
  expect(Object.keys(agents)).toEqual(["helpdesk", "invoices", "market"]);
  expect(agents.helpdesk.settings).not.toHaveProperty("toolServers");
  const run = await fetch(`${services.agentsUrl}/runs/wait`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ assistant_id: "helpdesk", input: { messages: [{ role: "human", content: "Hello" }] } }),
  });
  expect(run.status).toBe(200);
  expect(((await run.json()) as { messages: unknown[] }).messages).toHaveLength(2);
});

it("are left alone while nothing changes, and started anew when something does or one has died", async () => {
  await startedBefore();
  await start(stack());
  const first = running();
  await start(stack());
  expect(running()).toEqual(first);
  process.kill(first.find(({ name }) => name === "gateway")?.pid ?? 0, "SIGKILL");
  await expect.poll(() => first.filter(isAlive).length).toBe(first.length - 1);
  expect((await ask(await start(stack()), "support")).status).toBe(200);
  const second = running();
  expect(first.filter(isAlive)).toEqual([]);
  await start(stack({ v1: 50, v2: 50 }));
  expect(second.filter(isAlive)).toEqual([]);
});

it("answer both where two stacks start at once, for one of which the known ports are taken in the last moment", async () => {
  const other = join(directory, "other");
  await Promise.all([startedBefore(), startedBefore(other)]);
  try {
    const both = await Promise.all([start(stack()), start(stack(), serviceBundle, other)]);
    for (const services of both) expect((await ask(services, "support")).status).toBe(200);
    const urls = both.flatMap(({ gatewayUrl, agentsUrl }) => [gatewayUrl, agentsUrl]);
    expect(new Set(urls).size).toBe(4);
  } finally {
    await stopLocalServices(other);
  }
});

it("end all together, and keep their files to their owner", async () => {
  await startedBefore();
  await start(stack());
  const services = running();
  expect(await stopLocalServices(directory)).toBe(services.length);
  expect(services.filter(isAlive)).toEqual([]);
  expect(await stopLocalServices(directory)).toBe(0);
  expect(readdirSync(directory)).not.toContain("services.json");
});

it("leave nothing running when one of them cannot start, whose last words are told", async () => {
  const broken = join(directory, "broken.mjs");
  writeFileSync(broken, 'console.error("no room left"); process.exit(1);');
  const attempt = start(stack(), (name) => (name === "gateway" ? broken : serviceBundle(name)));
  await expect(attempt).rejects.toThrow("gateway did not start: no room left");
  expect(readdirSync(directory)).not.toContain("services.json");
  expect(codes["RUN-212"].why({ service: "gateway", lastWords: "no room left" })).toContain("no room left");
});
