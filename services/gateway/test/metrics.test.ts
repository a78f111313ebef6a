// Proves: what the gateway counts is what callers got, each token once, in a form that Prometheus reads.
import { afterAll, beforeAll, expect, it } from "vitest";
import { Door } from "./support/door.ts";

let door: Door;
beforeAll(async () => {
  door = await Door.open({ engines: [["--step-ms", "1"]] });
});
afterAll(() => door?.close());

/** Samples by name and labels. */
async function samples(): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${door.adminUrl}/metrics`)).text();
  const lines = text.trimEnd().split("\n");
  for (const line of lines) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) [a-z_]+ \S.*|[a-z_]+\{([a-z_]+="(\\.|[^"\\\n])*"(,(?=[a-z]))?)*\} [0-9.e+-]+)$/,
    );
  }
  return new Map(
    lines
      .filter((line) => !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

function total(all: ReadonlyMap<string, number>, name: string, label = ""): number {
  return [...all].reduce(
    (sum, [at, value]) => (at.startsWith(`${name}{`) && at.includes(label) ? sum + value : sum),
    0,
  );
}

it("counts requests, tokens, first tokens and gaps as they were delivered", async () => {
  const lengths = [1, 7, 20];
  let prompt = 0;
  for (const max_tokens of lengths) {
    const response = await door.chat("count me", { max_tokens, stream: true, stream_options: { include_usage: true } });
    const usage = /"usage":\{"prompt_tokens":(\d+),"completion_tokens":(\d+)/.exec(await response.text());
    expect(Number(usage?.[2])).toBe(max_tokens);
    prompt += Number(usage?.[1]);
  }
  expect((await door.chat("x", { chat_template: "{{ x }}" })).status).toBe(400);
  const all = await samples();
  expect(total(all, "freehold_gateway_requests_total", 'status="200"')).toBe(3);
  expect(total(all, "freehold_gateway_tokens_total", 'kind="completion"')).toBe(28);
  expect(total(all, "freehold_gateway_tokens_total", 'kind="prompt"')).toBe(prompt);
  expect(total(all, "freehold_gateway_time_to_first_token_seconds_count")).toBe(3);
  expect(total(all, "freehold_gateway_inter_token_seconds_count")).toBe(0 + 6 + 19);
  expect(total(all, "freehold_gateway_inter_token_seconds_bucket", 'le="+Inf"')).toBe(25);
  expect(total(all, "freehold_gateway_refusals_total", 'code="field_not_allowed"')).toBe(1);
});

it("lets no bucket hold less than a narrower one", async () => {
  const buckets = [...(await samples())].filter(([at]) => at.startsWith("freehold_gateway_inter_token_seconds_bucket"));
  expect(buckets.length).toBeGreaterThan(5);
  for (const [index, [, value]] of buckets.entries()) {
    expect(value).toBeGreaterThanOrEqual(buckets[index - 1]?.[1] ?? 0);
  }
});
