import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Dialler, ResidencyBreach } from "../src/dialler.ts";
import { ReplicaDirectory } from "../src/replica-directory.ts";
import { Permit, permitFor } from "../src/residency-gate.ts";
import { settingsSchema } from "../src/settings.ts";
import { Door, fault } from "./support/door.ts";

let outside: Server;
let connections = 0;
let outsideUrl = "";
let door: Door;

beforeAll(async () => {
  outside = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  door = await Door.open({ settings: (engines) => withFrontier(engines.map(({ url }) => url)) });
});
afterAll(async () => {
  await door?.close();
  outside?.close();
});

function withFrontier(urls: readonly string[]) {
  const inside = urls.map((url, index) => [
    `engine-${index}`,
    { url, model: "chat", digest: "d1", location: "inside" },
  ]);
  const backends = [...urls.map((_, index) => `engine-${index}`), "frontier"];
  const classes = ["never", "redacted", "allowed"];
  const budget = { usdPerDay: 1000, shareOfRequests: 1 };
  // Every other way out is open as well.
  const rules = [{ name: "marked", tags: ["hard"] }];
  const escalation = { to: "big", rules, verify: { citations: true, deadlineMilliseconds: 2000 }, budget };
  const overflow = { to: "big", requestsPerReplicaAtLeast: 2, budget };
  return {
    // Back at once, or the battery would meet nothing but refusals.
    retries: { budgetShare: 1, ejectionMilliseconds: 1 },
    dataClasses: Object.fromEntries(classes.map((leavesBoundary) => [leavesBoundary, { leavesBoundary }])),
    // The list names the frontier for every class: what the class forbids is forbidden all the same.
    placements: classes.map((dataClass) => ({ dataClass, tenant: "*", backends })),
    backends: {
      ...Object.fromEntries(inside),
      frontier: { url: outsideUrl, model: "big", digest: "d1", location: "outside" },
    },
    models: {
      chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends } }, escalation, overflow },
      big: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: ["frontier"] } } },
    },
    tenants: {
      acme: { dataClasses: classes, models: ["chat"], mayEscalate: true },
      globex: { dataClasses: classes, models: ["chat"] },
    },
  };
}

it("opens no connection outside for data that must stay, whatever breaks inside", async () => {
  const kinds = [
    { kind: "status", status: 503 },
    { kind: "drop" },
    { kind: "cut", how: "rst", afterTokens: 3 },
    { kind: "cut", how: "fin", afterTokens: 0 },
    { kind: "malformed", afterTokens: 1 },
    { kind: "error-event", afterTokens: 2 },
  ];
  let answered = 0;
  // Ten requests a round; `FREEHOLD_ROUNDS=1000` for a long run.
  const rounds = Number(process.env.FREEHOLD_ROUNDS ?? 20);
  for (let round = 0; round < rounds; round += 1) {
    for (const engine of door.engines) await fault(engine, { ...kinds[round % kinds.length], times: 2 });
    const requests = Array.from({ length: 10 }, (_, index) =>
      door
        .chat(
          `round ${round} request ${index}`,
          { stream: index % 2 === 0, max_tokens: 8 },
          {
            "x-freehold-data-class": index % 3 === 0 ? "redacted" : "never",
            "x-freehold-tags": index % 4 === 0 ? "hard" : "easy",
          },
        )
        .then(async (response) => {
          await response.text();
          answered += response.status === 200 ? 1 : 0;
        }),
    );
    await Promise.all(requests);
  }
  for (const engine of door.engines) engine.signal("SIGKILL");
  await Promise.all(door.engines.map((engine) => engine.ended()));
  const statuses = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      door.chat(`nobody left ${index}`, {}, { "x-freehold-data-class": "never" }).then(({ status }) => status),
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(connections).toBe(0);
  expect(answered).toBeGreaterThan(5 * rounds);
  // The probe is no blind one: data that may leave does reach the outside.
  await door.chat("may leave", {}, { "x-freehold-data-class": "allowed" });
  expect(connections).toBeGreaterThan(0);
});

const settings = settingsSchema.parse({
  listen: { port: 0 },
  admin: { port: 0 },
  residencyMode: "none",
  dataClasses: { never: { leavesBoundary: "never" }, allowed: { leavesBoundary: "allowed" } },
  placements: [
    { dataClass: "allowed", tenant: "*", backends: ["near", "far"] },
    { dataClass: "allowed", tenant: "strict", backends: ["near"] },
  ],
  backends: {
    near: { url: "http://127.0.0.1:9", model: "m", digest: "d", location: "inside" },
    far: { url: "http://127.0.0.1:9", model: "m", digest: "d", location: "outside" },
  },
  models: {},
  tenants: {},
});

it("dials nobody whom the permit does not name", async () => {
  const events = { onGone: () => {}, onTrouble: () => {} };
  const directory = await ReplicaDirectory.open(settings, () => performance.now(), events);
  const dialler = new Dialler(settings, directory);
  const permit = permitFor(settings, { tenant: "strict", dataClass: "allowed" });
  expect(() => dialler.post(permit, "far", { path: "/v1/completions", headers: {}, body: "{}" }, {})).toThrow(
    ResidencyBreach,
  );
});

it("makes permits nowhere but in the gate", () => {
  expect(() => new Permit(Symbol("forged") as never, ["far"])).toThrow("residency gate alone");
});

it("lets a tenant's own entry take the place of the general one, and refuses where there is none", () => {
  expect(permitFor(settings, { tenant: "any", dataClass: "allowed" }).allows("far")).toBe(true);
  expect(permitFor(settings, { tenant: "strict", dataClass: "allowed" }).allows("far")).toBe(false);
  expect(() => permitFor(settings, { tenant: "any", dataClass: "never" })).toThrow("may go to no backend");
});

it("lets nothing leave a sovereign or air-gapped boundary, whatever the class allows", () => {
  for (const residencyMode of ["sovereign", "air-gapped"] as const) {
    const permit = permitFor({ ...settings, residencyMode }, { tenant: "any", dataClass: "allowed" });
    expect([permit.allows("near"), permit.allows("far")]).toEqual([true, false]);
  }
});

it("names the rule that left nothing over", () => {
  const far = {
    ...settings,
    placements: ["never", "redacted", "allowed"].map((dataClass) => ({ dataClass, tenant: "*", backends: ["far"] })),
  };
  const classes = {
    ...settings.dataClasses,
    redacted: { leavesBoundary: "redacted" as const, keepAnswers: false, traceContent: false },
  };
  const ruleOf = (dataClass: string, more: object = {}) => {
    try {
      permitFor({ ...far, dataClasses: classes, ...more }, { tenant: "any", dataClass });
      return null;
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  expect(ruleOf("allowed")).toBe(null);
  expect(ruleOf("never")).toBe("class_never");
  expect(ruleOf("redacted")).toBe("class_without_redactor");
  expect(ruleOf("allowed", { residencyMode: "sovereign" })).toBe("mode_sovereign");
  expect(ruleOf("unlisted")).toBe("no_placement");
});
