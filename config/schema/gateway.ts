import * as z from "zod";
import { gatewayExposure } from "./exposure.ts";
import { insidePlace } from "./inside-place.ts";
import { perMillionTokens } from "./money.ts";
import { latency, name } from "./primitives.ts";
import { secretKey } from "./secret-key.ts";
import { telemetry } from "./telemetry.ts";
import { tokenKeys } from "./tokens.ts";

const jwt = z.strictObject({
  ...tokenKeys("The issuer's public keys as a JSON Web Key Set. A changed Secret is taken without a restart."),
  dataClassClaim: z.string().min(1).max(100).default("data_class").meta({
    description: "Claim that fixes the data class of all requests of the token. Left out: data_class.",
  }),
});

const amount = z.number().min(0);

const limits = z.strictObject({
  requestsPerMinute: amount.optional().meta({ description: "Requests in any minute. Left out: no limit. Requests." }),
  tokensPerDay: amount.optional().meta({
    description: "Prompts and answers of a day, by UTC. Left out: no limit. Tokens.",
  }),
  concurrentStreams: z.int().min(0).optional().meta({
    description: "Answers that stream at the same time. Left out: no limit. Streams.",
  }),
  usdPerDay: amount.optional().meta({
    description: "What the tokens of a day may cost by `gateway.prices`. Left out: no limit. US dollars.",
  }),
});

const tenant = z.strictObject({
  models: z.array(z.string()).min(1).optional().meta({
    description: "Models that it may call: keys of `models`. Left out: all.",
  }),
  dataClasses: z.array(z.string()).min(1).optional().meta({
    description:
      "Classes that its requests may carry: keys of `residency.dataClasses`; the first is taken where a request names none. Left out: all, the strictest first.",
  }),
  mayEscalate: z.boolean().optional().meta({
    description: "Whether its requests may go to the model that a route of `routing` leads to. Left out: they may not.",
  }),
  limits: limits.optional().meta({
    description: "For all replicas of the gateway together. Left out: no limit.",
  }),
});

const budgets = z.strictObject({
  url: secretKey.meta({
    description:
      "A `postgres://` URL with user and password. The user may create a table in its schema, or finds `freehold_gateway_budgets` there.",
  }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(5432)
    .meta({ description: "Where the database listens. Left out: 5432. TCP port." }),
  ...insidePlace,
  blockShare: z.number().min(0.001).max(1).default(0.05).meta({
    description:
      "Share of a tenant's day that the replicas together hold in advance, and at most lose when they are killed. Left out: 0.05. Fraction of 1.",
  }),
});

const redactor = z.strictObject({
  patterns: z
    .record(z.string().regex(/^[A-Z][A-Z0-9]{0,15}$/), z.string().min(1).max(1000))
    .optional()
    .meta({
      description:
        "Identifiers of your own, such as customer numbers, by the name that stands in their placeholder: `CUSTOMER: \\bK-[0-9]{8}\\b`, as JavaScript writes patterns. Left out: those that it knows, all of which are always looked for.",
    }),
  timeout: latency.default("1s").meta({
    description:
      "How long it may take for one request, such as `500ms`; then it is stopped, and the request refused. Left out: 1s.",
  }),
});

/** The one door to every model. */
export const gateway = z.strictObject({
  image: z.string().min(1).max(500).optional().meta({
    description:
      "The gateway's image in your registry, with its tag; the lock resolves it to a digest. Left out: allowed only on the local cluster, where containers are simulated.",
  }),
  replicas: z.int().min(1).max(100).optional().meta({
    description: "How many copies answer at once. Left out: two, so that one may fail. Replicas.",
  }),
  keys: secretKey.optional().meta({
    description:
      "API keys of tenants, as a JSON list of `{ sha256, tenant }`: the hash of each key, never the key. Only residency mode `none` lets them stand for a caller. Left out: tokens alone are taken.",
  }),
  jwt: jwt.optional().meta({ description: "Signed tokens of tenants. Left out: none are taken." }),
  exposure: gatewayExposure.optional().meta({
    description:
      "How callers outside the cluster get in, over TLS alone. Left out: they do not; marked pods of the stack's namespaces are all that may call.",
  }),
  tenants: z.record(name, tenant).meta({ description: "Who may call, by name." }),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input: perMillionTokens.meta({ description: "What a million tokens of prompts count." }),
        output: perMillionTokens.meta({ description: "What a million tokens of answers count." }),
      }),
    )
    .optional()
    .meta({
      description: "What tokens count against `usdPerDay`, by model. Left out: tokens cost nothing.",
    }),
  budgets: budgets.optional().meta({
    description:
      "The PostgreSQL database in which all replicas count the tokens and the money of a day. Left out: each replica has its share of `tokensPerDay` and `usdPerDay`, and forgets what was spent when it starts anew.",
  }),
  redactor: redactor.optional().meta({
    description:
      "Takes mail addresses, phone numbers, accounts, cards, national ids and keys out of what leaves, and puts them back into the answer. An empty `redactor: {}` has it. Left out: data of a class with `leavesBoundary: redacted` does not leave.",
  }),
  telemetry: telemetry.optional().meta({
    description:
      "Where OpenTelemetry spans and metrics go: names, times and counts, never what was asked or answered. Left out: nowhere.",
  }),
  networks: z.array(z.string().min(1).max(50)).min(1).max(16).optional().meta({
    description:
      "Networks that the cluster's pods have addresses in: an engine's name that leads elsewhere is not called. Left out: the private ranges.",
  }),
});
