import * as z from "zod";

const key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/);
const milliseconds = z.int().min(1).max(86_400_000);

const budget = z.strictObject({
  usdPerDay: z
    .number()
    .min(0)
    .meta({ description: "Most that a day may cost there, for all replicas of the gateway. US dollars." }),
  shareOfRequests: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta({ description: "Most of the requests that may go there." }),
});

const rule = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .meta({ description: "Stands in headers and metrics." }),
    promptTokensAtLeast: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "Estimated from the length of the body. Tokens." }),
    tools: z.boolean().optional().meta({ description: "Whether the request has tools." }),
    languages: z
      .array(z.string().regex(/^[a-z]{2}$/))
      .min(1)
      .optional()
      .meta({
        description: "Language of the last message of the user, as far as it can be told: ISO 639-1.",
      }),
    tags: z.array(key).min(1).optional().meta({ description: "One of them is in the header `x-freehold-tags`." }),
  })
  .refine(({ name: _, ...conditions }) => Object.keys(conditions).length > 0, "a rule needs a condition");

const judge = z.strictObject({
  model: key.meta({ description: "Key of `models`: a small one inside that grades answers." }),
  scoreAtLeast: z.number().min(0).max(1).meta({ description: "Grade from 0 to 1 that an answer needs." }),
});

const verify = z.strictObject({
  schema: z.boolean().default(true).meta({ description: "A schema that was asked for is kept." }),
  toolCalls: z.boolean().default(true).meta({ description: "Tools that are called exist, with arguments that fit." }),
  citations: z.boolean().default(false).meta({
    description: "Where messages hold sources marked `[1]`, the answer cites at least one, and none that is not there.",
  }),
  meanLogProbabilityAtLeast: z
    .number()
    .max(0)
    .optional()
    .meta({ description: "Over the tokens of the answer. Left out: not asked for." }),
  judge: judge.optional().meta({ description: "Left out: nobody grades." }),
  deadlineMilliseconds: milliseconds.default(30_000).meta({
    description: "For the answer inside and its checks; after it the request counts as not verified.",
  }),
  objectiveMilliseconds: milliseconds.default(20_000).meta({
    description: "Objective of the whole verified answer: the route is buffered, so time to first token is none.",
  }),
});

/** Whose requests may go a way; nothing here widens what residency and tenants allow. */
const allowList = {
  dataClasses: z.array(key).min(1).optional().meta({
    description: "Classes whose requests may go this way. Left out: all that the other model's backends may get.",
  }),
  tenants: z.array(key).min(1).optional().meta({
    description: "Tenants whose requests may go this way, of those with `mayEscalate`. Left out: all of those.",
  }),
};

/** Where hard requests of a model go. */
export const escalation = z.strictObject({
  to: key.meta({ description: "Key of `models`: the one that answers what this one cannot." }),
  ...allowList,
  rules: z
    .array(rule)
    .default([])
    .meta({ description: "The first whose conditions all hold sends the request there at once." }),
  verify: verify.optional().meta({
    description: "Answers inside first, whole, and sends on what does not hold. Left out: answers are not buffered.",
  }),
  budget,
  unavailable: z.enum(["local", "refuse"]).default("local").meta({
    description:
      "When the other model fails before its first token: the answer from inside with a header, or a typed error.",
  }),
});

/** Where requests go while this model is overloaded: another reason than hardness, with a budget of its own. */
export const overflow = z
  .strictObject({
    to: key.meta({ description: "Key of `models`: the one that helps out." }),
    ...allowList,
    requestsPerReplicaAtLeast: z.int().min(1).optional().meta({ description: "Requests under way on every replica." }),
    timeToFirstTokenMilliseconds: milliseconds.optional().meta({
      description: "Objective; missed by the 90th percentile of the last 30 s on every replica.",
    }),
    budget,
  })
  .refine(
    ({ requestsPerReplicaAtLeast, timeToFirstTokenMilliseconds }) =>
      requestsPerReplicaAtLeast !== undefined || timeToFirstTokenMilliseconds !== undefined,
    "needs requestsPerReplicaAtLeast or timeToFirstTokenMilliseconds",
  );

/** Where a way leads, and whose requests may go it. */
export type WaySettings = Pick<z.output<typeof escalation>, "to" | "dataClasses" | "tenants" | "budget">;
export type EscalationSettings = z.output<typeof escalation>;
export type EscalationRule = z.output<typeof rule>;
export type OverflowSettings = z.output<typeof overflow>;
export type VerifySettings = z.output<typeof verify>;
export type BudgetSettings = z.output<typeof budget>;
