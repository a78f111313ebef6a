// Proves: the section that people read, to the character. Change a snapshot only on purpose.
import { describe, expect, it } from "vitest";
import type { Config } from "../../../config/schema/index.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { decideStackHosting } from "../../../decisions/hosting/stack-hosting.ts";
import { hostingSection } from "../../../decisions/hosting/text.ts";
import { modelConfig, poolConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { capacityOf, workloadConfig } from "../../support/hosting.ts";

const price = { usd: 3.5, per: "gpu-hour", asOf: "2026-11-01", source: "our quote", commitment: "1-year" } as const;
const capacity = capacityOf({ gpusPerNode: 8 });

function section(
  overrides: Partial<Config>,
  repository = "acme/own-model",
  sized: typeof capacity | null = capacity,
): string {
  const config = stackConfig({
    nodePools: { h200: poolConfig({ accelerator: "nvidia-h200-sxm", price }) },
    models: {
      chat: modelConfig({ nodePool: "h200", versions: { v1: versionConfig({ repository }) }, maxModelLen: 32_768 }),
    },
    team: { engineers: 1, costPerMonth: { usd: 25_000 } },
    ...overrides,
  });
  return hostingSection(decideStackHosting(config, catalog, { support: sized, search: sized }));
}

describe("the section on hosting", () => {
  it("is empty without workloads", () => {
    expect(section({})).toBe("");
  });

  it("says first to use an API when that is the honest answer", () => {
    const workloads = { support: workloadConfig({ tokensPerMonth: 12e9, escalationShare: 0.1 }) };
    expect(section({ workloads }, "openai/gpt-oss-120b")).toMatchInlineSnapshot(`
      "## Whether to host

      ### support: use an API

      **Use an API.** At 12 billion tokens a month OVHcloud gpt-oss-120b costs $5,053 a month, and hosting the model yourselves $36,132. OVHcloud gpt-oss-120b is the one to take; Freehold deploys the stack anyway if you tell it to.

      | Offer | A month | Per million tokens | |
      |---|---|---|---|
      | Frontier API: Anthropic claude-sonnet-5 | $34,667 | $2.889 |  |
      | The same model, hosted by somebody: OVHcloud gpt-oss-120b | $5,053 | $0.132 |  |
      | Hosted yourselves: openai/gpt-oss-120b | $36,132 | $3.011 | Team included. |

      Whether the open model does the work as well is not in these figures. 10 % of the tokens are counted at Anthropic claude-sonnet-5 as well, beside whoever serves the open model.

      Others who sell the same model:

      - Baseten openai/gpt-oss-120b, $0.144
      - Amazon Bedrock openai.gpt-oss-120b-1:0, $0.200
      - Fireworks gpt-oss-120b, $0.200
      - Groq openai/gpt-oss-120b, $0.200
      - Nebius openai/gpt-oss-120b, $0.200
      - Together openai/gpt-oss-120b, $0.200
      - and 2 more

      Hosting it takes 2 + 1 spare replicas of 1 GPU: 3 GPUs on 1 node, busy 14 % of the hours that are paid.

      - Capacity: 3 GPUs: $7,665
      - Team: 1 engineer: $25,000
      - Escalated to Anthropic claude-sonnet-5: $3,467
      - Together: $36,132 a month

      Against Anthropic claude-sonnet-5 hosting breaks even at 12.6 billion tokens a month, and the fleet would have to be busy 15 % of its hours to match it (14 % now). Once it stands, the fleet above costs more than that API below 12.6 billion tokens a month.

      Against OVHcloud gpt-oss-120b hosting never breaks even at any volume, and no utilization would be enough for this fleet to match it.

      What would change this:

      - displaced price: at $2.722 per million tokens (21 times as much) instead of $0.132 per million tokens it becomes a pilot of 30 days.

      By the rule of thumb it would be self-hosting. The rule of thumb looks at volume alone. It does not ask what the tokens cost today ($5,053 a month here), nor that a spare and a team are paid at any volume.

      Where the figures come from:

      - The cheapest offer that can be bought is OVHcloud gpt-oss-120b: $5,053 a month. (\`catalog.prices.ovhcloud.gpt-oss-120b\`)
      - Hosting it costs $36,132 a month. Even its cheapest estimate is no lower, so there is nothing to find out. (policy)
      - $2.889 per million tokens as this workload mixes them (npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT), as of 2026-09-23). (\`catalog.prices.anthropic.claude-sonnet-5\`)
      - No residency binds requests to a place. (\`residency\`)
      - $0.132 per million tokens as this workload mixes them (npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT), as of 2026-09-23). (\`catalog.prices.ovhcloud.gpt-oss-120b\`)
      - 12 billion tokens a month, 2.5 times the average in the busiest hour. (\`workloads.support.tokensPerMonth\`)
      - A replica delivers 10820 tokens per second in all at its objectives, of which the busiest hour may take 80 %: 2 working. One is spare, or 5 % where that is more: 1. (policy)
      - nodePools.h200.price: $3.50 a gpu-hour (1-year; our quote, as of 2026-11-01). (\`nodePools.h200.price\`)
      - A month has 730 hours. GPUs are paid one by one. (policy)
      - 1 engineer at $25,000 a month. (\`team\`)
      - The month's tokens over what 3 replicas could deliver in all their hours, the spare included. (policy)
      - The volume is 12 billion tokens a month. (\`workloads.support.tokensPerMonth\`)
      - Over 10 billion tokens a month: self-hosting. (policy)"
    `);
  });

  it("says to run both where the figures cannot tell", () => {
    expect(section({ workloads: { support: workloadConfig({ tokensPerMonth: 12.5e9 }) } })).toMatchInlineSnapshot(`
      "## Whether to host

      ### support: run both for thirty days

      **Run both for thirty days before you decide.** At 12.5 billion tokens a month hosting the model costs $32,665 a month, and Anthropic claude-sonnet-5 costs $36,111 a month. That is too close for figures from a desk.

      | Offer | A month | Per million tokens | |
      |---|---|---|---|
      | Frontier API: Anthropic claude-sonnet-5 | $36,111 | $2.889 |  |
      | The same model, hosted by somebody | – | – | The catalog knows nobody who sells it by the token. |
      | Hosted yourselves: acme/own-model | $32,665 | $2.613 | Team included. |

      Whether the open model does the work as well is not in these figures. Nothing is counted for requests that the open model answers too badly: \`escalationShare\` says how many are asked again.

      Hosting it takes 2 + 1 spare replicas of 1 GPU: 3 GPUs on 1 node, busy 15 % of the hours that are paid.

      - Capacity: 3 GPUs: $7,665
      - Team: 1 engineer: $25,000
      - Together: $32,665 a month

      Against Anthropic claude-sonnet-5 hosting breaks even at 11.3 billion tokens a month, and the fleet would have to be busy 13 % of its hours to match it (15 % now). Once it stands, the fleet above costs more than that API below 11.3 billion tokens a month.

      What would change this:

      - volume: at 11.3 billion tokens a month (-10 %) instead of 12.5 billion tokens a month it becomes an API.
      - displaced price: at $2.613 per million tokens (-10 %) instead of $2.889 per million tokens it becomes an API.
      - volume: at 14.1 billion tokens a month (+13 %) instead of 12.5 billion tokens a month it becomes self-hosting.
      - displaced price: at $3.266 per million tokens (+13 %) instead of $2.889 per million tokens it becomes self-hosting.
      - engineers: at 1.14 engineers (+14 %) instead of 1 engineer it becomes an API.
      - engineers: at 0.85 engineers (-15 %) instead of 1 engineer it becomes self-hosting.

      By the rule of thumb it would be self-hosting. The rule of thumb looks at volume alone. It does not ask what the tokens cost today ($36,111 a month here), nor that a spare and a team are paid at any volume.

      Where the figures come from:

      - The cheapest offer that can be bought is Anthropic claude-sonnet-5: $36,111 a month. (\`catalog.prices.anthropic.claude-sonnet-5\`)
      - Hosting it costs $32,665 a month. The ranges meet, or the saving is under 20 %: only a measurement can tell. (policy)
      - $2.889 per million tokens as this workload mixes them (npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT), as of 2026-09-23). (\`catalog.prices.anthropic.claude-sonnet-5\`)
      - No residency binds requests to a place. (\`residency\`)
      - 12.5 billion tokens a month, 2.5 times the average in the busiest hour. (\`workloads.support.tokensPerMonth\`)
      - A replica delivers 10820 tokens per second in all at its objectives, of which the busiest hour may take 80 %: 2 working. One is spare, or 5 % where that is more: 1. (policy)
      - nodePools.h200.price: $3.50 a gpu-hour (1-year; our quote, as of 2026-11-01). (\`nodePools.h200.price\`)
      - A month has 730 hours. GPUs are paid one by one. (policy)
      - 1 engineer at $25,000 a month. (\`team\`)
      - The month's tokens over what 3 replicas could deliver in all their hours, the spare included. (policy)
      - The volume is 12.5 billion tokens a month. (\`workloads.support.tokensPerMonth\`)
      - Over 10 billion tokens a month: self-hosting. (policy)"
    `);
  });

  it("says to host where nothing else is allowed", () => {
    const residency = { mode: "air-gapped" } as const;
    expect(
      section({ residency, workloads: { support: workloadConfig({ tokensPerMonth: 2e9 }) } }),
    ).toMatchInlineSnapshot(`
      "## Whether to host

      ### support: host it yourselves

      **Host it yourselves.** No offer that is known may process these requests, so only self-hosting is left. At 2 billion tokens a month that costs $30,110 a month.

      | Offer | A month | Per million tokens | |
      |---|---|---|---|
      | Frontier API: Anthropic claude-sonnet-5 | may not be used | ($2.889) | residency.mode air-gapped lets no provider process requests, wherever it stands. |
      | The same model, hosted by somebody | – | – | The catalog knows nobody who sells it by the token. |
      | Hosted yourselves: acme/own-model | $30,110 | $15.05 | Team included. |

      Hosting it takes 1 + 1 spare replicas of 1 GPU: 2 GPUs on 1 node, busy 3.5 % of the hours that are paid.

      - Capacity: 2 GPUs: $5,110
      - Team: 1 engineer: $25,000
      - Together: $30,110 a month

      By the rule of thumb it would be self-hosting as well.

      Where the figures come from:

      - No offer that is known may process these requests, so only self-hosting is left. (\`residency\`)
      - $2.889 per million tokens as this workload mixes them (npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT), as of 2026-09-23). (\`catalog.prices.anthropic.claude-sonnet-5\`)
      - residency.mode air-gapped lets no provider process requests, wherever it stands. (\`residency\`)
      - 2 billion tokens a month, 2.5 times the average in the busiest hour. (\`workloads.support.tokensPerMonth\`)
      - A replica delivers 10820 tokens per second in all at its objectives, of which the busiest hour may take 80 %: 1 working. One is spare, or 5 % where that is more: 1. (policy)
      - nodePools.h200.price: $3.50 a gpu-hour (1-year; our quote, as of 2026-11-01). (\`nodePools.h200.price\`)
      - A month has 730 hours. GPUs are paid one by one. (policy)
      - 1 engineer at $25,000 a month. (\`team\`)
      - The month's tokens over what 2 replicas could deliver in all their hours, the spare included. (policy)
      - Requests are air-gapped; by the rule of thumb any such constraint means self-hosting. (\`residency.mode\`)"
    `);
  });

  it("says what is missing where cost cannot be computed", () => {
    expect(section({ workloads: { support: workloadConfig() } }, "acme/own-model", null)).toMatchInlineSnapshot(`
      "## Whether to host

      ### support: not computed; by the rule of thumb a pilot of 30 days

      Cost could not be computed. The model could not be sized, so what hosting it costs is not known.

      | Offer | A month | Per million tokens | |
      |---|---|---|---|
      | Frontier API: Anthropic claude-sonnet-5 | $28,889 | $2.889 |  |
      | The same model, hosted by somebody | – | – | The catalog knows nobody who sells it by the token. |
      | Hosted yourselves | – | – | Not computed. |

      Whether the open model does the work as well is not in these figures. Nothing is counted for requests that the open model answers too badly: \`escalationShare\` says how many are asked again.

      By the rule of thumb it would be a pilot of 30 days.

      Where the figures come from:

      - The model could not be sized, so what hosting it costs is not known. (\`models.chat\`)
      - $2.889 per million tokens as this workload mixes them (npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT), as of 2026-09-23). (\`catalog.prices.anthropic.claude-sonnet-5\`)
      - No residency binds requests to a place. (\`residency\`)
      - The volume is 10 billion tokens a month. (\`workloads.support.tokensPerMonth\`)
      - From 1 to 10 billion tokens a month: a pilot of 30 days with both options. (policy)"
    `);
  });

  it("adds the stack as a whole when workloads share it", () => {
    const workloads = {
      search: workloadConfig({ tokensPerMonth: 50e9 }),
      support: workloadConfig({ tokensPerMonth: 100e9 }),
    };
    const text = section({ workloads });
    expect(text.slice(text.indexOf("### The stack as a whole"))).toMatchInlineSnapshot(`
      "### The stack as a whole

      Hosting everything costs $73,545 ($68,435 to $83,765) a month, buying it $433,333: taken together, self-hosting.

      search and support share 3 nodes of h200. Nodes that are shared and the team are split by the GPUs that each workload's replicas hold. A workload that leaves does not take its share of the team along."
    `);
  });
});
