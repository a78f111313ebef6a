import { afterEach, expect, it } from "vitest";
import { type ServiceProcess, startService } from "../../../test/support/service-process.ts";
import { DnsServer } from "./support/dns-server.ts";
import { chatBody, Door, oracle, readStream } from "./support/door.ts";

/** `FREEHOLD_ROLLOUT_REQUESTS=10000` for a long run, whose longest stall is stated in docs/reference/failure-behaviour.md. */
const least = Number(process.env.FREEHOLD_ROLLOUT_REQUESTS ?? 400);
const callers = 12;
const versions = ["v1", "v2"] as const;
type Version = (typeof versions)[number];
const nameOf = (version: Version) => `${version}.inference.svc`;
const flags = (version: Version) => ["--step-ms", "2", "--weights", `weights-${version}`];

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Replicas of one version behind one name, as a Deployment and its headless Service keep them. */
class Pool {
  readonly #dns: DnsServer;
  readonly #version: Version;
  readonly #port: string;
  #next: number;
  readonly replicas: ServiceProcess[];

  private constructor(dns: DnsServer, version: Version, first: ServiceProcess) {
    this.#dns = dns;
    this.#version = version;
    this.#port = new URL(first.url).port;
    this.#next = Number(new URL(first.url).hostname.split(".")[3]) + 1;
    this.replicas = [first];
    this.#publish();
    open.push({ close: () => Promise.all(this.replicas.map((replica) => replica.stop())) });
  }

  static async start(dns: DnsServer, version: Version): Promise<Pool> {
    const host = `127.0.0.${version === "v1" ? 10 : 120}`;
    const pool = new Pool(dns, version, await startService("engine-simulator", ["--host", host, ...flags(version)]));
    await pool.add();
    return pool;
  }

  get url(): string {
    return `http://${nameOf(this.#version)}:${this.#port}`;
  }

  async add(): Promise<void> {
    const host = `127.0.0.${this.#next++}`;
    this.replicas.push(
      await startService("engine-simulator", ["--host", host, "--port", this.#port, ...flags(this.#version)]),
    );
    this.#publish();
  }

  /** Takes the oldest replica out of DNS, lets it end what it has, and stops it. */
  async remove(): Promise<void> {
    const oldest = this.replicas.shift();
    this.#publish();
    const asked = this.#dns.asked;
    await expect.poll(() => this.#dns.asked, { interval: 20 }).toBeGreaterThan(asked + 8);
    await expect.poll(() => running(oldest), { interval: 20 }).toBe("0");
    oldest?.signal("SIGTERM");
    await oldest?.ended();
  }

  #publish(): void {
    this.#dns.addresses(
      nameOf(this.#version),
      this.replicas.map(({ url }) => new URL(url).hostname),
    );
  }
}

async function running(engine: ServiceProcess | undefined): Promise<string | undefined> {
  const text = await (await fetch(`${engine?.url}/metrics`)).text();
  return /vllm:num_requests_running\S* (\d+)/.exec(text)?.[1];
}

it("loses no request while versions are swapped, replicas come and go and gateways are replaced", {
  timeout: 1_800_000,
}, async () => {
  const dns = await DnsServer.open();
  open.push(dns);
  const pools = { v1: await Pool.start(dns, "v1"), v2: await Pool.start(dns, "v2") };
  const weights = { v1: 1, v2: 0 };
  const models = () => ({
    chat: {
      maxModelLen: 32768,
      versions: Object.fromEntries(versions.map((name) => [name, { weight: weights[name], backends: [name] }])),
    },
  });
  const openDoor = () =>
    Door.open({
      engines: [],
      settings: () => ({
        backends: Object.fromEntries(
          versions.map((name) => [
            name,
            { url: pools[name].url, resolve: "a", model: "chat", digest: name, location: "inside" },
          ]),
        ),
        placements: [{ dataClass: "internal", tenant: "*", backends: [...versions] }],
        models: models(),
        dns: { servers: [dns.address], refreshMilliseconds: 50 },
        deadlines: { drainMilliseconds: 30_000 },
      }),
    });
  const doors = [await openDoor(), await openDoor()];
  open.push({ close: () => Promise.all(doors.map((door) => door.close())) });

  let isOver = false;
  let sent = 0;
  let longestStall = 0;
  const failures: string[] = [];
  const seen = { v1: 0, v2: 0 };
  const call = async (number: number) => {
    const door = doors[number % doors.length] as Door;
    const body = chatBody(`request ${number}`, { stream: number % 2 === 0, max_tokens: 20 });
    let lastAt = performance.now();
    const response = await door.post("/v1/chat/completions", body);
    const version = response.headers.get("x-freehold-version") as Version;
    let text: string;
    if (number % 2 === 0) {
      const { finish, error, ...rest } = await readStream(response, () => {
        longestStall = Math.max(longestStall, performance.now() - lastAt);
        lastAt = performance.now();
        return false;
      });
      text = rest.text;
      if (finish !== "length" || !rest.isDone) failures.push(`${number}: ended with ${finish} ${error?.code}`);
    } else {
      const answer = (await response.json()) as {
        choices?: { message: { content: string } }[];
        error?: { code: string };
      };
      longestStall = Math.max(longestStall, performance.now() - lastAt);
      text = answer.choices?.[0]?.message.content ?? "";
      if (answer.error !== undefined) failures.push(`${number}: ${answer.error.code}`);
    }
    if (response.status !== 200) return;
    seen[version] += 1;
    // Another engine of that version says the same, whoever answered and whatever happened meanwhile.
    const replica = pools[version].replicas.at(-1);
    if (number % 10 < 2 && replica !== undefined) {
      const { text: whole } = await oracle(replica, body);
      if (text !== whole) failures.push(`${number}: another text than ${version} gives`);
    }
  };
  const calling = Array.from({ length: callers }, async () => {
    while (!isOver)
      await call(sent++).catch((error: Error) => failures.push(`${error.message} ${(error.cause as Error)?.message}`));
  });

  let rounds = 0;
  try {
    for (; rounds === 0 || sent < least; rounds += 1) {
      Object.assign(weights, rounds % 2 === 0 ? { v1: 0, v2: 1 } : { v1: 1, v2: 0 });
      const before = seen[rounds % 2 === 0 ? "v2" : "v1"];
      for (const door of doors) door.change({ models: models() });
      await expect.poll(() => seen[rounds % 2 === 0 ? "v2" : "v1"]).toBeGreaterThan(before + 20);
      for (const version of versions) await pools[version].add();
      for (const version of versions) await pools[version].remove();
      // As a Service does it: no new requests first, then SIGTERM, and the new one when it is ready.
      const [old] = doors.splice(0, 1) as [Door];
      old.gateway.signal("SIGTERM");
      expect(await old.gateway.ended()).toBe(0);
      await old.close();
      doors.push(await openDoor());
    }
  } finally {
    isOver = true;
    await Promise.all(calling);
  }
  console.log(
    `${sent} requests, ${rounds} rounds, ${failures.length} failures, longest stall ${longestStall.toFixed(0)} ms`,
  );
  expect(failures).toEqual([]);
  expect(Math.min(seen.v1, seen.v2)).toBeGreaterThan(20);
});
