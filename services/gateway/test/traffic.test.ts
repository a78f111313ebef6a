import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatBody, Door, readStream } from "./support/door.ts";

const versions = (v1: number, v2: number) => ({
  chat: {
    maxModelLen: 32768,
    versions: { v1: { weight: v1, backends: ["engine-0"] }, v2: { weight: v2, backends: ["engine-1"] } },
  },
});

describe("versions", () => {
  let door: Door;
  beforeAll(async () => {
    door = await Door.open({
      engines: [
        ["--step-ms", "0"],
        ["--step-ms", "0", "--weights", "weights-2"],
      ],
      settings: (engines) => ({
        backends: Object.fromEntries(
          engines.map(({ url }, index) => [
            `engine-${index}`,
            { url, model: "chat", digest: `d${index}`, location: "inside" },
          ]),
        ),
        models: versions(80, 20),
      }),
    });
  });
  afterAll(() => door?.close());

  async function versionOf(conversation: string, headers: Record<string, string> = {}): Promise<string> {
    const response = await door.chat("x", { max_tokens: 1 }, { "x-freehold-conversation": conversation, ...headers });
    await response.arrayBuffer();
    return response.headers.get("x-freehold-version") ?? String(response.status);
  }
  const conversations = Array.from({ length: 300 }, (_, index) => `conversation ${index}`);
  const all = async () => {
    const seen: string[] = [];
    for (const conversation of conversations) seen.push(await versionOf(conversation));
    return seen;
  };

  it("takes traffic by weight, stays with a conversation, and moves only what a new weight must move", async () => {
    const before = await all();
    const share = before.filter((version) => version === "v2").length / before.length;
    // 300 draws at 20 %: three standard deviations are 7 points.
    expect(share).toBeGreaterThan(0.13);
    expect(share).toBeLessThan(0.27);
    expect(await versionOf("conversation 7")).toBe(before[7]);

    door.change({ models: versions(50, 50) });
    await expect.poll(() => door.gateway.log.join("\n")).toContain("settings_taken");
    const after = await all();
    const back = after.filter((version, index) => version === "v1" && before[index] === "v2");
    expect(back).toEqual([]);
    expect(after.filter((version) => version === "v2").length).toBeGreaterThan(
      before.filter((version) => version === "v2").length,
    );
  });

  it("takes the version that a cohort's header names, and rejects one that is not there", async () => {
    expect(await versionOf("a", { "x-freehold-version": "v2" })).toBe("v2");
    expect(await versionOf("a", { "x-freehold-version": "v1" })).toBe("v1");
    expect(await versionOf("a", { "x-freehold-version": "__proto__" })).toBe("400");
  });

  it("counts requests by version", async () => {
    expect(await door.metric("freehold_gateway_requests_total", 'version="v2"', 'status="200"')).toBeGreaterThan(10);
  });

  it("keeps what it has when new settings do not hold, and says why", async () => {
    door.change({ models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["nobody"] } } } } });
    await expect
      .poll(() => door.gateway.log.join("\n"))
      .toContain('names the backend \\"nobody\\", which does not exist');
    expect(await versionOf("a", { "x-freehold-version": "v2" })).toBe("v2");
  });

  it("loses no request while settings change under load", async () => {
    let isOver = false;
    const statuses: (string | null)[] = [];
    const load = Array.from({ length: 8 }, async (_, worker) => {
      while (!isOver) {
        const response = await door.post(
          "/v1/chat/completions",
          chatBody(`worker ${worker} ${statuses.length}`, { stream: true }),
        );
        const { finish } = await readStream(response);
        statuses.push(finish);
      }
    });
    // `FREEHOLD_SWAPS` makes it a long run.
    for (let swap = 0; swap < Number(process.env.FREEHOLD_SWAPS ?? 4); swap += 1) {
      const taken = () => door.gateway.log.filter((line) => line.includes("settings_taken")).length;
      const before = taken();
      door.change({ models: versions(swap % 2 === 0 ? 1 : 0, swap % 2 === 0 ? 0 : 1) });
      await expect.poll(taken).toBeGreaterThan(before);
    }
    isOver = true;
    await Promise.all(load);
    expect(statuses.length).toBeGreaterThan(50);
    expect(new Set(statuses)).toEqual(new Set(["length"]));
  });
});

describe("limits of a tenant", () => {
  let door: Door;
  const tenant = (limits: object) => ({ dataClasses: ["internal"], models: ["chat"], limits });
  const tenants = (limits: object) => ({ tenants: { acme: tenant(limits), globex: tenant({}) } });
  beforeAll(async () => {
    door = await Door.open({ engines: [["--step-ms", "5"]], settings: () => tenants({}) });
  });
  afterAll(() => door?.close());

  async function take(limits: object, more: object = {}): Promise<void> {
    const taken = () => door.gateway.log.filter((line) => line.includes("settings_taken")).length;
    const before = taken();
    door.change({ ...tenants(limits), ...more });
    await expect.poll(taken).toBeGreaterThan(before);
  }

  it.each([
    ["tokens_per_day", { tokensPerDay: 0 }],
    ["usd_per_day", { usdPerDay: 0 }],
    ["requests_per_minute", { requestsPerMinute: 0 }],
    ["concurrent_streams", { concurrentStreams: 0 }],
  ])("refuses everything at a budget of zero: %s", async (name, limits) => {
    await take({ ...limits, ...(name === "concurrent_streams" ? { tokensPerDay: 1e9 } : {}) });
    const response = await door.chat("x", { stream: true });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: { type: "rate_limit_error", code: `limit_${name}` } });
    const other = await door.chat("x", { max_tokens: 1 }, { authorization: "Bearer key-of-globex" });
    expect(other.status).toBe(200);
  });

  it("never lets the tokens of a day pass the limit, with many requests at once", async () => {
    const before = await door.metric("freehold_gateway_tokens_total", 'tenant="acme"');
    expect(before).toBe(0);
    await take({ tokensPerDay: 600 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => door.chat(`number ${index}`, { max_tokens: 20 })),
    );
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(3);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(3);
    expect(await door.metric("freehold_gateway_tokens_total", 'tenant="acme"')).toBeLessThanOrEqual(600);
  });

  it("gives each replica of the gateway its share", async () => {
    await take({ requestsPerMinute: 20 }, { replicas: 10 });
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await door.chat("x", { max_tokens: 1 })).status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(2);
  });
});

describe("SIGTERM", () => {
  it("lets what runs end, takes nothing new, and exits with 0", async () => {
    const door = await Door.open({ engines: [["--step-ms", "5"]] });
    try {
      const response = await door.chat("long", { stream: true, max_tokens: 200 });
      const result = readStream(response);
      door.gateway.signal("SIGTERM");
      await expect
        .poll(() => fetch(`${door.adminUrl}/readyz`).then(({ status }) => status), { interval: 10 })
        .toBe(503);
      expect(await (await door.chat("too late")).json()).toMatchObject({ error: { code: "draining" } });
      expect(await result).toMatchObject({ finish: "length", isDone: true, error: null });
      expect(await door.gateway.ended()).toBe(0);
    } finally {
      await door.close();
    }
  });

  it("ends with a typed error what outlasts the time it was given", async () => {
    const deadlines = { firstTokenMilliseconds: 1500, interTokenMilliseconds: 2000, drainMilliseconds: 300 };
    const door = await Door.open({ engines: [["--step-ms", "20"]], settings: () => ({ deadlines }) });
    try {
      const response = await door.chat("too long", { stream: true, max_tokens: 5000 });
      const result = readStream(response);
      door.gateway.signal("SIGTERM");
      expect(await result).toMatchObject({ isDone: true, finish: null, error: { code: "stream_interrupted" } });
      expect(await door.gateway.ended()).toBe(0);
    } finally {
      await door.close();
    }
  });
});

it("asks an engine again over the connection it has, and closes it only to stop an answer", async () => {
  const door = await Door.open({ engines: [["--step-ms", "1"]] });
  try {
    const connections = async () => {
      const seen = await (await fetch(`${door.engines[0]?.url}/sim/seen`)).json();
      return (seen as { connections: number }).connections;
    };
    const before = await connections();
    for (let index = 0; index < 20; index += 1)
      await readStream(await door.chat(`number ${index}`, { stream: true, max_tokens: 3 }));
    // The farewell of one answer may still be on its way when the next question is asked.
    expect((await connections()) - before).toBeLessThan(10);
    const { text } = await readStream(await door.chat("endless", { stream: true, max_tokens: 60 }));
    const stopped = await readStream(
      await door.chat("endless", { stream: true, max_tokens: 30_000, stop: text.slice(50, 60) }),
    );
    expect(stopped.finish).toBe("stop");
    const running = async () =>
      /vllm:num_requests_running\S* (\d+)/.exec(await (await fetch(`${door.engines[0]?.url}/metrics`)).text())?.[1];
    await expect.poll(running).toBe("0");
  } finally {
    await door.close();
  }
});
