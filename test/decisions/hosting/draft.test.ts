// What an escalated request carries beside itself: the draft of the answer from inside, paid as input of the model outside.
import { describe, expect, it } from "vitest";
import type { Config } from "../../../config/schema/index.ts";
import { carriedDraft } from "../../../decisions/hosting/draft.ts";
import { decideHosting } from "../../../decisions/hosting/hosting.ts";
import { bodyWithDraft } from "../../../services/gateway/src/escalation/judge.ts";
import { hostingRequest, workloadConfig } from "../../support/hosting.ts";

type Way = NonNullable<NonNullable<Config["routing"]>["escalation"]>[string];
const way: Way = { to: "large", rules: [], budget: { usdPerDay: 10, shareOfRequests: 0.2 }, unavailable: "local" };
const verify: NonNullable<Way["verify"]> = {
  schema: true,
  toolCalls: true,
  citations: false,
  deadline: "30s",
  objective: "20s",
};
const large = {
  provider: "anthropic",
  model: "claude-sonnet-5",
  url: "https://api.example.com",
  maxModelLen: 200_000,
  price: { input: { usd: 3, per: "million-tokens" as const }, output: { usd: 15, per: "million-tokens" as const } },
};
const routing = (changes: Partial<Way>): Pick<Config, "routing"> => ({
  routing: { frontiers: { large }, escalation: { chat: { ...way, ...changes } } },
});

/** A tenth of ten billion tokens is asked again, at 3 dollars a million of input, of which half is read from a cache. */
const escalating = workloadConfig({
  escalationShare: 0.1,
  alternative: {
    provider: "anthropic",
    model: "claude-sonnet-5",
    price: {
      input: { usd: 3, per: "million-tokens" },
      output: { usd: 15, per: "million-tokens" },
      cacheRead: { usd: 0.3, per: "million-tokens" },
      source: "our quote",
      asOf: "2026-11-01",
    },
  },
  cacheReadShare: 0.5,
});

const decided = (draft: ReturnType<typeof carriedDraft>) =>
  decideHosting(hostingRequest({ workload: escalating, draft }));

describe("a draft", () => {
  it("is carried where answers are verified before they go to a model outside", () => {
    expect(carriedDraft(routing({ verify }), escalating)).toEqual({
      tokens: 1050,
      path: "routing.escalation.chat.verify",
    });
  });

  it.each<[string, Pick<Config, "routing">]>([
    ["nothing is verified, so nothing is drafted", routing({})],
    ["the other model is one's own", routing({ verify, to: "judge" })],
    ["the file has no way out", {}],
  ])("is not carried where %s", (_, config) => {
    expect(carriedDraft(config, escalating)).toBeNull();
  });

  it("is as long as what the gateway sends beside an answer", () => {
    const answer = { choices: [{ message: { role: "assistant", content: "" } }] };
    const written = { choices: [{ message: { role: "assistant", content: "x" } }] };
    const messages = [{ role: "user", content: "q" }];
    expect(bodyWithDraft({ messages }, answer, ["schema"])).toEqual({ messages });
    const sent = bodyWithDraft({ messages }, written, ["schema", "judge"]) as { messages: { content: string }[] };
    const tokens = (sent.messages.at(-1)?.content.length ?? 0) / 4;
    // Four characters a token: what stands around the draft is 50 of them, give or take a few.
    expect(Math.abs(tokens - 50)).toBeLessThan(10);
  });
});

describe("its cost", () => {
  it("is a line of the bill: as many tokens of input as requests that go, at the price without a cache", () => {
    const [plain, carried] = [decided(null), decided({ tokens: 1050, path: "routing.escalation.chat.verify" })];
    const bills = [plain, carried].map(({ selfHosted }) => selfHosted?.bill.value);
    const line = bills[1]?.lines.find(({ label }) => label === "Drafts that go along");
    // 10 billion tokens over 9,000 a request, of which a tenth goes: 111,111 requests with 1,050 tokens at 3 dollars a million.
    expect(line?.cents).toBe(Math.round(((10e9 / 9000) * 0.1 * 1050 * 3 * 100) / 1e6));
    expect(bills[1]?.totalCents).toBe((bills[0]?.totalCents ?? 0) + (line?.cents ?? 0));
    expect(carried.selfHosted?.monthlyCents.value).toBe(bills[1]?.totalCents);
    expect(carried.selfHosted?.bill.because).toContainEqual(
      expect.objectContaining({
        path: "routing.escalation.chat.verify",
        text: expect.stringContaining("1050 tokens of input"),
      }),
    );
  });

  it("is taken off what hosting saves against the model outside", () => {
    const saved = (decision: ReturnType<typeof decided>) =>
      decision.selfHosted?.standings[0]?.breakEven.value?.firstTokens ?? 0;
    expect(saved(decided({ tokens: 10_000, path: "p" }))).toBeGreaterThan(saved(decided(null)));
  });

  it("is not there where nothing may be escalated", () => {
    const workload = { ...escalating, escalationShare: 0 };
    const { selfHosted } = decideHosting(hostingRequest({ workload, draft: { tokens: 1050, path: "p" } }));
    expect(selfHosted?.bill.value.lines.map(({ label }) => label)).not.toContain("Drafts that go along");
    expect(selfHosted?.bill.because.map(({ path }) => path)).not.toContain("p");
  });
});
