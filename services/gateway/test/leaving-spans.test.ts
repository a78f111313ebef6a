// Proves, with processes: the trace of a request that went elsewhere says who was asked and why, and holds neither what was asked
// nor the values that were taken out of it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { contextBelow, contextHeaders } from "../../shared/src/trace-context.ts";
import { Door } from "./support/door.ts";
import { OtlpReceiver } from "./support/otlp-receiver.ts";

const budget = { usdPerDay: 100, shareOfRequests: 1 };
const price = { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 1 };
const secret = "ann.lee@example.com";

let collector: OtlpReceiver;
let door: Door;
beforeAll(async () => {
  collector = await OtlpReceiver.open();
  door = await Door.open({
    engines: [
      ["--step-ms", "1", "--accuracy", "0"],
      ["--step-ms", "1"],
      ["--step-ms", "1", "--grades-down", "I do not know"],
    ],
    settings: ([near, far, judge]) => ({
      dataClasses: { open: { leavesBoundary: "allowed" }, redacted: { leavesBoundary: "redacted" } },
      redactor: {},
      telemetry: { endpoint: collector.url, location: "inside", exportMilliseconds: 50 },
      placements: ["open", "redacted"].map((dataClass) => ({
        dataClass,
        tenant: "*",
        backends: ["near", "far", "judge"],
      })),
      backends: {
        near: { url: near?.url, model: "chat", digest: "d1", location: "inside" },
        judge: { url: judge?.url, model: "chat", digest: "d1", location: "inside" },
        far: { url: far?.url, model: "chat", digest: "d2", location: "outside", api: "openai", tokenIds: false },
      },
      models: {
        chat: {
          maxModelLen: 32_768,
          versions: { v1: { weight: 1, backends: ["near"] } },
          price,
          escalation: { to: "frontier", rules: [{ name: "marked", tags: ["hard"] }], budget },
        },
        checked: {
          maxModelLen: 32_768,
          versions: { v1: { weight: 1, backends: ["near"] } },
          price,
          escalation: { to: "frontier", verify: { judge: { model: "judge", scoreAtLeast: 0.5 } }, budget },
        },
        judge: { maxModelLen: 32_768, versions: { v1: { weight: 1, backends: ["judge"] } }, price },
        frontier: { maxModelLen: 32_768, versions: { outside: { weight: 1, backends: ["far"] } }, price },
      },
      tenants: { acme: { dataClasses: ["open", "redacted"], models: ["chat", "checked"], mayEscalate: true } },
    }),
  });
});
afterAll(async () => {
  await door?.close();
  collector?.close();
});

/** The server's span of a request and the tries below it, once all have come. */
async function traced(model: string, headers: Readonly<Record<string, string>>, tries: number) {
  const context = contextBelow(null, 1);
  const question = `[[ask:capital=It is Paris, I am sure]] from ${secret}`;
  const response = await door.chat(
    question,
    { model, max_tokens: 60, ignore_eos: undefined },
    {
      ...contextHeaders(context),
      ...headers,
    },
  );
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  const own = () => collector.spans.filter(({ traceId }) => traceId === context.traceId);
  await expect.poll(() => own().length).toBe(tries + 1);
  const server = own().find(({ kind }) => kind === 2);
  const below = own().filter(({ kind }) => kind === 3);
  expect(below.map(({ parentSpanId }) => parentSpanId)).toEqual(below.map(() => server?.spanId));
  return { server, below, text: body.choices[0]?.message.content ?? "" };
}

const modelsOf = (spans: readonly { readonly attributes: Readonly<Record<string, unknown>> }[]) =>
  spans.map(({ attributes }) => attributes["freehold.backend"]).sort();

it("a request that a rule sent on was asked of the other model alone, and says by which rule", async () => {
  const { server, below } = await traced("chat", { "x-freehold-tags": "hard" }, 1);
  expect(server?.attributes).toMatchObject({ "gen_ai.request.model": "frontier", "freehold.reason": "rule:marked" });
  expect(modelsOf(below)).toEqual(["far"]);
});

it("a request whose answer did not hold was asked of its model, of the judge and of the other model", async () => {
  const { server, below, text } = await traced("checked", {}, 3);
  expect(server?.attributes["freehold.reason"]).toBe("verify:judge");
  expect(modelsOf(below)).toEqual(["far", "judge", "near"]);
  expect(text).toContain("Paris");
});

it("a request that left redacted says so to nobody outside, and its trace holds no value", async () => {
  const { server, below } = await traced("chat", { "x-freehold-tags": "hard", "x-freehold-data-class": "redacted" }, 1);
  expect(server?.attributes["freehold.data_class"]).toBe("redacted");
  expect(modelsOf(below)).toEqual(["far"]);
  const { requests } = (await (await fetch(`${door.engines[1]?.url}/sim/seen`)).json()) as {
    requests: { body: unknown; headers: Record<string, unknown> }[];
  };
  expect(JSON.stringify(requests.at(-1)?.body)).toContain("<MAIL_1>");
  expect(Object.keys(requests.at(-1)?.headers ?? {})).not.toContain("traceparent");
});

it("no trace of any of them holds what was asked or answered", () => {
  expect(collector.spans.length).toBeGreaterThan(6);
  expect(collector.text).not.toContain(secret);
  expect(collector.text).not.toContain("Paris");
});
