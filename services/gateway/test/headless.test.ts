import { afterEach, expect, it } from "vitest";
import { type ServiceProcess, startService } from "../../../test/support/service-process.ts";
import { Dialler, ResidencyBreach } from "../src/dialler.ts";
import { Networks } from "../src/networks.ts";
import { ReplicaDirectory } from "../src/replica-directory.ts";
import { permitFor } from "../src/residency-gate.ts";
import { settingsFaults, settingsSchema } from "../src/settings.ts";
import { DnsServer } from "./support/dns-server.ts";
import { chatBody, Door, type Json, oracle, readStream } from "./support/door.ts";

const name = "chat.inference.svc";
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Replicas as pods have them: one port, an address each. */
async function replicas(count: number, flags: readonly string[] = ["--step-ms", "1"]): Promise<ServiceProcess[]> {
  const first = await startService("engine-simulator", ["--host", "127.0.0.2", ...flags]);
  const port = new URL(first.url).port;
  const others = Array.from({ length: count - 1 }, (_, index) =>
    startService("engine-simulator", ["--host", `127.0.0.${index + 3}`, "--port", port, ...flags]),
  );
  const all = [first, ...(await Promise.all(others))];
  open.push(...all.map((engine) => ({ close: () => engine.stop() })));
  return all;
}

async function dnsServer(): Promise<DnsServer> {
  const dns = await DnsServer.open();
  open.push(dns);
  return dns;
}

async function doorTo(dns: DnsServer, backend: Json, dnsSettings: Json = {}): Promise<Door> {
  const door = await Door.open({
    engines: [],
    settings: () => ({
      backends: { pool: { model: "chat", digest: "d1", location: "inside", ...backend } },
      placements: [{ dataClass: "internal", tenant: "*", backends: ["pool"] }],
      models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["pool"] } } } },
      dns: { servers: [dns.address], refreshMilliseconds: 50, ...dnsSettings },
      // Nothing here stands still but a busy machine.
      deadlines: { firstTokenMilliseconds: 20_000, interTokenMilliseconds: 10_000 },
    }),
  });
  open.push(door);
  return door;
}

async function seen(engine: ServiceProcess): Promise<number> {
  const { requests } = (await (await fetch(`${engine.url}/sim/seen`)).json()) as { requests: unknown[] };
  return requests.length;
}

async function ask(door: Door, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const response = await door.chat(`question ${index}`, { max_tokens: 2 });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

const hosts = (engines: readonly ServiceProcess[]) => engines.map(({ url }) => new URL(url).hostname);
const urlOf = (engine: ServiceProcess | undefined) => `http://${name}:${new URL(engine?.url ?? "").port}`;

it("spreads requests over every address of the name, and goes on elsewhere when one dies", async () => {
  const dns = await dnsServer();
  // Streams last two seconds, so that all have begun and none has ended when the replica dies.
  const engines = await replicas(3, ["--step-ms", "5"]);
  dns.addresses(name, hosts(engines));
  const door = await doorTo(dns, { url: urlOf(engines[0]), resolve: "a" });
  expect(new Set(await ask(door, 30))).toEqual(new Set([200]));
  for (const engine of engines) expect(await seen(engine)).toBeGreaterThan(0);

  const bodies = Array.from({ length: 12 }, (_, index) =>
    chatBody(`stream ${index}`, { stream: true, max_tokens: 400 }),
  );
  const expected = await Promise.all(bodies.map((body) => oracle(engines[1] as ServiceProcess, body)));
  let begun = 0;
  const results = bodies.map(async (body) => {
    const response = await door.post("/v1/chat/completions", body);
    begun += 1;
    return readStream(response);
  });
  await expect.poll(() => begun, { interval: 5 }).toBe(12);
  engines[0]?.signal("SIGKILL");
  for (const [index, result] of (await Promise.all(results)).entries())
    expect(result).toMatchObject({ text: expected[index]?.text, isDone: true, error: null });
  expect(await door.metric("freehold_gateway_continuations_total", 'outcome="continued"')).toBeGreaterThan(0);
  expect(await door.metric("freehold_gateway_ejections_total", 'backend="pool"')).toBeGreaterThan(0);
});

it("uses a new address, and lets a gone one end what it has without giving it more", async () => {
  const dns = await dnsServer();
  const engines = await replicas(2, ["--step-ms", "5"]);
  const [old, young] = engines as [ServiceProcess, ServiceProcess];
  dns.addresses(name, ["127.0.0.2"]);
  const door = await doorTo(dns, { url: urlOf(old), resolve: "a" });
  const long = await door.chat("long", { stream: true, max_tokens: 150 });
  const running = readStream(long);

  dns.addresses(name, ["127.0.0.3"]);
  await expect
    .poll(async () => {
      await ask(door, 1);
      return seen(young);
    })
    .toBeGreaterThan(0);
  const before = await seen(old);
  await ask(door, 20);
  expect(await seen(old)).toBe(before);
  expect(await running).toMatchObject({ finish: "length", isDone: true, error: null });
  expect(await door.metric("freehold_gateway_continuations_total", "cause=")).toBe(0);
});

it("overflows once every address of the name is busy, and not while one is free", async () => {
  const engines = await replicas(2, ["--step-ms", "20"]);
  const [helper] = await replicas(1);
  const dns = await dnsServer();
  dns.addresses(name, hosts(engines));
  const budget = { usdPerDay: 100, shareOfRequests: 1 };
  const door = await Door.open({
    engines: [],
    settings: () => ({
      backends: {
        pool: {
          url: urlOf(engines[0]),
          resolve: "a",
          model: "chat",
          digest: "d1",
          location: "inside",
          networks: ["127.0.0.0/8"],
        },
        helper: { url: helper?.url, model: "chat", digest: "d2", location: "inside" },
      },
      placements: [{ dataClass: "internal", tenant: "*", backends: ["pool", "helper"] }],
      models: {
        chat: {
          maxModelLen: 32768,
          versions: { v1: { weight: 1, backends: ["pool"] } },
          overflow: { to: "helper", requestsPerReplicaAtLeast: 1, budget },
        },
        helper: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["helper"] } } },
      },
      tenants: { acme: { dataClasses: ["internal"], models: ["chat"], mayEscalate: true } },
      dns: { servers: [dns.address], refreshMilliseconds: 50 },
      deadlines: { firstTokenMilliseconds: 20_000, interTokenMilliseconds: 10_000 },
    }),
  });
  open.push(door);
  // Prefixes may lead several of them to one address; with one free, nobody else is asked.
  let asked: string | null = "chat";
  for (let index = 0; asked === "chat" && index < 60; index += 1) {
    const free = await Promise.all(engines.map(async (engine) => (await seen(engine)) === 0));
    const response = await door.chat(`held ${index}`, { stream: true, max_tokens: 2000 });
    asked = response.headers.get("x-freehold-model");
    if (free.includes(true)) expect(asked).toBe("chat");
  }
  expect(asked).toBe("helper");
  expect(await door.metric("freehold_gateway_escalations_total", 'reason="overflow"', 'outcome="declined')).toBe(0);
  expect(await seen(helper as ServiceProcess)).toBe(1);
});

it("keeps the last known addresses while DNS is silent, for as long as was said", async () => {
  const dns = await dnsServer();
  const engines = await replicas(1);
  dns.addresses(name, hosts(engines));
  const backend = { url: urlOf(engines[0]), resolve: "a" };
  const patient = await doorTo(dns, backend);
  const strict = await doorTo(dns, backend, { keepMilliseconds: 1 });
  expect(await ask(strict, 1)).toEqual([200]);
  dns.isSilent = true;
  await expect.poll(() => ask(strict, 1), { interval: 100 }).toEqual([503]);
  await expect.poll(() => patient.gateway.log.join("\n")).toContain('"dns_failing","backend":"pool"');
  expect(await ask(patient, 3)).toEqual([200, 200, 200]);
  dns.isSilent = false;
  await expect.poll(() => ask(strict, 1), { interval: 100 }).toEqual([200]);
});

it("keeps what it knows through a change of the settings that DNS does not live to see", async () => {
  const dns = await dnsServer();
  const engines = await replicas(1);
  dns.addresses(name, hosts(engines));
  const door = await doorTo(dns, { url: urlOf(engines[0]), resolve: "a" });
  dns.isSilent = true;
  door.change({ replicas: 2 });
  await expect.poll(() => door.gateway.log.join("\n")).toContain("settings_taken");
  expect(await ask(door, 2)).toEqual([200, 200]);
});

it("takes addresses and ports from SRV records", async () => {
  const dns = await dnsServer();
  const engines = await Promise.all(
    ["127.0.0.2", "127.0.0.3"].map((host) => startService("engine-simulator", ["--host", host])),
  );
  open.push(...engines.map((engine) => ({ close: () => engine.stop() })));
  dns.records.set(
    `_http._tcp.${name}`,
    engines.map(({ url }, index) => ({ type: "SRV", target: `pod-${index}.${name}`, port: Number(new URL(url).port) })),
  );
  for (const [index, host] of hosts(engines).entries()) dns.addresses(`pod-${index}.${name}`, [host]);
  const door = await doorTo(dns, { url: `http://${name}`, resolve: "srv" });
  expect(new Set(await ask(door, 20))).toEqual(new Set([200]));
  for (const engine of engines) expect(await seen(engine)).toBeGreaterThan(0);
});

it("dials no address outside the backend's networks, whatever DNS says", async () => {
  const dns = await dnsServer();
  const engines = await replicas(2);
  const [inside, forged] = engines as [ServiceProcess, ServiceProcess];
  dns.addresses(name, ["127.0.0.2", "127.0.0.3"]);
  const door = await doorTo(dns, { url: urlOf(inside), resolve: "a", networks: ["127.0.0.2/32"] });
  expect(new Set(await ask(door, 20))).toEqual(new Set([200]));
  const { connections } = (await (await fetch(`${forged.url}/sim/seen`)).json()) as { connections: number };
  // The question for the count itself is the only one.
  expect(connections).toBe(1);
  expect(door.gateway.log.join("\n")).toContain('"address_refused","backend":"pool","message":"127.0.0.3"');

  // A name that is no headless Service is held to them when it is looked up, an address when it is dialled.
  const port = new URL(inside.url).port;
  for (const url of [`http://localhost:${port}`, inside.url]) {
    const other = await doorTo(dns, { url, networks: ["10.0.0.0/8"] });
    expect(await ask(other, 1)).toEqual([503]);
  }
});

it("holds a resolved backend inside the boundary to private ranges, and one outside to none", () => {
  const held = Networks.of({ resolve: "a", location: "inside" });
  expect(["10.1.2.3", "192.168.0.9", "fd00::1"].map((address) => held.contains(address))).toEqual([true, true, true]);
  expect(["8.8.8.8", "172.32.0.1", "2001:db8::1", "no address"].map((address) => held.contains(address))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(Networks.of({ resolve: "a", location: "outside" }).contains("8.8.8.8")).toBe(true);
  expect(Networks.of({ location: "inside" }).isOpen).toBe(true);
});

const settings = settingsSchema.parse({
  listen: { port: 0 },
  admin: { port: 0 },
  residencyMode: "none",
  dataClasses: { never: { leavesBoundary: "never" } },
  placements: [{ dataClass: "never", tenant: "*", backends: ["pool"] }],
  backends: {
    pool: { url: `http://${name}:9`, resolve: "a", model: "m", digest: "d", location: "inside" },
    other: { url: `http://${name}:9`, resolve: "a", model: "m", digest: "d", location: "inside" },
  },
  models: {},
  tenants: {},
});

it("dials a replica only with a permit for its backend, and only while DNS names it", async () => {
  const dns = await dnsServer();
  dns.addresses(name, ["127.0.0.9"]);
  const events = { onGone: () => {}, onTrouble: () => {} };
  const asking = { ...settings, dns: { ...settings.dns, servers: [dns.address] } };
  const directory = await ReplicaDirectory.open(asking, () => performance.now(), events);
  open.push({ close: () => directory.stop() });
  expect(directory.replicasOf("pool")).toEqual(["pool@127.0.0.9:9"]);
  const dialler = new Dialler(asking, directory);
  const permit = permitFor(asking, { tenant: "any", dataClass: "never" });
  const dial = (replica: string) => () =>
    dialler.post(permit, replica, { path: "/v1/completions", headers: {}, body: "{}" }, {});
  expect(dial("other@127.0.0.9:9")).toThrow("outside the permit");
  expect(dial("pool@127.0.0.8:9")).toThrow(ResidencyBreach);
  expect(dial("pool")).toThrow(ResidencyBreach);
});

it("rejects an address where a name is to be resolved, and a range that is none", () => {
  const pool = { ...settings.backends.pool, url: "http://10.0.0.1:9" };
  expect(settingsFaults({ ...settings, backends: { pool } } as never)).toContain(
    "backends.pool has resolve, but its url names an address and no host.",
  );
  const bad = settingsSchema.safeParse({
    ...settings,
    backends: { pool: { ...settings.backends.pool, networks: ["10.0.0.0/33"] } },
  });
  expect(bad.error?.issues[0]?.message).toContain("10.0.0.0/8");
});
