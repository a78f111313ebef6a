import * as z from "zod";
import { perMillionTokens, priceDate, priceSource } from "./money.ts";
import { latency, percentage } from "./primitives.ts";

const lengths = {
  mean: z.number().meta({ description: "Average over all requests. Tokens." }),
  p95: z.number().meta({ description: "Length that 95 of 100 requests stay within. Tokens." }),
};

const inputTokens = z.strictObject({
  ...lengths,
  sharedPrefix: z.number().min(0).optional().meta({
    description:
      "Leading part of the input that is the same in most requests, such as a system prompt. Left out: nothing is shared. Tokens.",
  }),
});

const objectives = z.strictObject({
  ttft: latency.optional().meta({
    description: "Longest time to the first token at the 95th percentile, such as `1s`. Left out: no limit.",
  }),
  itl: latency.optional().meta({
    description: "Longest inter-token latency at the 95th percentile, such as `50ms`. Left out: no limit.",
  }),
  availability: percentage.optional().meta({
    description: "Share of the time in which requests are answered, such as `99.5%`. Left out: no objective.",
  }),
});

const ownQuote = z.strictObject({
  input: perMillionTokens.meta({ description: "Price of input tokens." }),
  output: perMillionTokens.meta({ description: "Price of output tokens." }),
  cacheRead: perMillionTokens.optional().meta({
    description: "Price of input tokens read from the provider's cache. Left out: the price of input.",
  }),
  contextTokens: z.int().min(1).optional().meta({
    description:
      "Longest prompt plus completion that the model takes. Left out: from the catalog, else not checked. Tokens.",
  }),
  asOf: priceDate.meta({
    description: "Day of the quote, `YYYY-MM-DD`. A price without a date cannot be told from an outdated one.",
  }),
  source: priceSource.meta({ description: "Where the price is written down, such as `our quote`." }),
});

const alternative = z.strictObject({
  provider: z.string().min(1).max(60).meta({ description: "Provider of the API, such as `anthropic`." }),
  model: z.string().min(1).max(200).meta({ description: "Model as the provider calls it, such as `claude-sonnet-5`." }),
  regions: z.array(z.string().min(1).max(60)).min(1).optional().meta({
    description:
      "Where your contract has this provider process requests: regions, countries or areas, as in `residency.regions`. Left out: what the catalog knows of the provider's endpoints.",
  }),
  price: ownQuote.optional().meta({ description: "Your own price. Left out: the catalog's list price." }),
});

/** What is asked of one model: what hosting, capacity and cost are decided from. */
export const workload = z.strictObject({
  model: z.string().meta({ description: "The model that serves it: a key of `models`." }),
  dataClass: z.string().min(1).max(40).optional().meta({
    description:
      "What its requests hold: a key of `residency.dataClasses`. Left out: not said, and from `region-bound` up it may not be escalated.",
  }),
  tokensPerMonth: z.number().meta({
    description: "Input and output of all requests in a month together, such as `12e9`. Tokens.",
  }),
  inputTokens: inputTokens.meta({ description: "How long the input of a request is." }),
  outputTokens: z.strictObject(lengths).default({ mean: 0, p95: 0 }).meta({
    description:
      "How long the output of a request is. Left out: nothing is generated, as by a model with `task: embed`, which answers with vectors.",
  }),
  peakToMean: z.number().min(1).max(100).default(2.5).meta({
    description: "Load of the busiest hour over the average load, 1 to 100. Left out: 2.5. Times the mean.",
  }),
  objectives: objectives.optional().meta({
    description: "How fast and how reliably answers have to come. Left out: throughput alone decides.",
  }),
  alternative: alternative.optional().meta({
    description:
      "The API that self-hosting would replace. Left out: only the same model hosted by somebody else is compared.",
  }),
  cacheReadShare: z.number().min(0).max(1).optional().meta({
    description:
      "Share of the input that an API reads from its cache, 0 to 1. Left out: `sharedPrefix` over the mean input. Fraction of 1.",
  }),
  batchShare: z.number().min(0).max(1).default(0).meta({
    description:
      "Share of the tokens that can wait hours for an answer and take an API's batch discount. Left out: 0. Fraction of 1.",
  }),
  escalationShare: z.number().min(0).max(1).default(0).meta({
    description:
      "Share of the tokens that are sent on to the alternative after the open model has tried, and are paid there as well. Left out: 0. Fraction of 1.",
  }),
});
