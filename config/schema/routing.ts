import * as z from "zod";
import { perMillionTokens, usd } from "./money.ts";
import { latency, name } from "./primitives.ts";
import { secretKey } from "./secret-key.ts";

const share = z.number().min(0).max(1);

const frontier = z.strictObject({
  provider: z.string().min(1).max(60).meta({
    description: "Who runs it, such as `anthropic`: what residency allows is held against the catalog's provider.",
  }),
  model: z.string().min(1).max(200).meta({ description: "Model as the provider calls it, such as `claude-sonnet-5`." }),
  url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .meta({
      description:
        "Origin of its API in the form of OpenAI's, such as `https://api.example.com`; `/v1/chat/completions` is added.",
    }),
  apiKey: secretKey.optional().meta({
    description: "The provider's key, which the gateway's pods alone hold. Left out: none is sent.",
  }),
  maxModelLen: z.int().min(1).meta({ description: "Longest prompt plus answer. Tokens." }),
  price: z
    .strictObject({
      input: perMillionTokens.meta({ description: "What a million tokens of prompts cost." }),
      output: perMillionTokens.meta({ description: "What a million tokens of answers cost." }),
    })
    .meta({ description: "What the budgets of the ways that lead there are counted by." }),
  regions: z.array(z.string().min(1).max(60)).min(1).optional().meta({
    description:
      "Where your contract has the provider process requests: regions, countries or areas. Left out: what the catalog knows of its endpoints.",
  }),
  agreement: z.string().min(1).max(200).optional().meta({
    description:
      "Number or place of the agreement on processing your data. Left out: allowed only under residency mode `none`.",
  }),
  streams: z
    .strictObject({
      acceptedBy: z.string().min(1).max(100).meta({ description: "Who accepted it: a person or an office." }),
      reason: z.string().min(10).max(500).meta({ description: "Why it is accepted." }),
    })
    .optional()
    .meta({
      description:
        "That answers stream from there: whoever sees the encrypted connection can guess a topic from the lengths and times of its packets. Left out: allowed only under residency mode `none`.",
    }),
});

const budget = z.strictObject({
  usdPerDay: usd.meta({
    description: "Most that a day may cost this way, for all replicas of the gateway. US dollars.",
  }),
  shareOfRequests: share.default(0.2).meta({
    description: "Most of the model's requests that may leave this way. Left out: 0.2. Fraction of 1.",
  }),
});

const rule = z.strictObject({
  name: name.meta({ description: "Stands in headers and metrics." }),
  promptTokensAtLeast: z.int().min(1).optional().meta({
    description: "Length of the prompt, estimated from that of the body. Left out: any. Tokens.",
  }),
  tools: z.boolean().optional().meta({ description: "Whether the request has tools. Left out: either." }),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/))
    .min(1)
    .optional()
    .meta({
      description:
        "Language of the user's last message, as far as it can be told, as in ISO 639-1: `[de, fr]`. Left out: any.",
    }),
  tags: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/))
    .min(1)
    .optional()
    .meta({ description: "One of them is in the header `x-freehold-tags`. Left out: with or without." }),
});

const verify = z.strictObject({
  schema: z.boolean().default(true).meta({ description: "A schema that was asked for is kept. Left out: true." }),
  toolCalls: z.boolean().default(true).meta({
    description: "Tools that are called exist, with arguments that fit. Left out: true.",
  }),
  citations: z.boolean().default(false).meta({
    description:
      "Where messages hold sources marked `[1]`, the answer cites at least one and none that is not there. Left out: false.",
  }),
  meanLogProbabilityAtLeast: z.number().max(0).optional().meta({
    description:
      "Over the tokens of the answer, from `freehold calibrate`. Left out: not asked for. Natural logarithm.",
  }),
  judge: z
    .strictObject({
      model: z.string().meta({ description: "A key of `models`: a small one of your own that grades answers." }),
      scoreAtLeast: share.meta({
        description: "Grade from 0 to 1 that an answer needs, from `freehold calibrate`. Fraction of 1.",
      }),
    })
    .optional()
    .meta({ description: "Left out: nobody grades." }),
  deadline: latency.default("30s").meta({
    description:
      "For the answer from inside and its checks; after it the request counts as not verified. Left out: 30s.",
  }),
  objective: latency.default("20s").meta({
    description:
      "Objective of the whole answer: the route is buffered, so there is no time to first token. Left out: 20s.",
  }),
});

/** What both ways out of a model have. */
const way = {
  to: z.string().meta({
    description: "Who answers instead: a key of `routing.frontiers`, or of `models` for a second model of your own.",
  }),
  dataClasses: z.array(z.string()).min(1).optional().meta({
    description:
      "Classes whose requests may go this way: keys of `residency.dataClasses`. Left out: all that residency lets go there.",
  }),
  tenants: z.array(z.string()).min(1).optional().meta({
    description: "Tenants whose requests may go this way, of those with `mayEscalate`. Left out: all of those.",
  }),
  budget: budget.meta({ description: "What this way may cost." }),
};

const escalation = z.strictObject({
  ...way,
  rules: z.array(rule).default([]).meta({
    description: "The first whose conditions all hold sends the request there at once. Left out: none does.",
  }),
  verify: verify.optional().meta({
    description: "Answers inside first, whole, and sends on what does not hold. Left out: answers are not buffered.",
  }),
  unavailable: z.enum(["local", "refuse"]).default("local").meta({
    description:
      "When the other model fails before its first token: `local` the answer from inside with a header, `refuse` a typed error. Left out: local.",
  }),
});

const overflow = z.strictObject({
  ...way,
  requestsPerReplicaAtLeast: z.int().min(1).optional().meta({
    description: "Requests under way on every replica. Left out: not looked at. Requests.",
  }),
  ttft: latency.optional().meta({
    description:
      "Objective of the time to first token, such as `2s`; missed by the 90th percentile of the last 30 s on every replica. Left out: not looked at.",
  }),
});

/** Who answers what a model cannot, or has no room for. */
export const routing = z.strictObject({
  frontiers: z.record(name, frontier).optional().meta({
    description: "Models that somebody else runs, by name. Left out: none.",
  }),
  escalation: z.record(z.string(), escalation).optional().meta({
    description: "Where hard requests of a model go, by its key under `models`. Left out: nowhere.",
  }),
  overflow: z.record(z.string(), overflow).optional().meta({
    description: "Who helps out while a model is overloaded, by its key under `models`. Left out: nobody.",
  }),
  leavingBodyBytes: z.int().min(1024).max(8_388_608).optional().meta({
    description: "Most that one request may carry outside. Left out: 1048576. Bytes.",
  }),
});
