import * as z from "zod";

const seconds = z.number().positive();

const storage = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("embedded"),
    folder: z.string().min(1).meta({ description: "Folder of the embedded database; one process at a time." }),
  }),
  z.strictObject({
    kind: z.literal("postgres"),
    urlFile: z.string().min(1).meta({ description: "File that holds the connection URL, mounted from a Secret." }),
    connections: z.int().min(2).max(100).default(10).meta({ description: "Connections of this replica at most." }),
    migrations: z.enum(["atStart", "elsewhere"]).default("atStart").meta({
      description:
        "Who brings the tables to the newest shape: each replica at its start, or `migrate` run by somebody else, for which replicas wait.",
    }),
    tablesWithinSeconds: seconds
      .default(150)
      .meta({ description: "How long a replica waits for tables that it does not migrate itself." }),
    ownerUrlFile: z.string().min(1).optional().meta({
      description:
        "File with the URL of the tables' owner, which `migrate` alone reads; the user of `urlFile` is then given rows and no table. Left out: that user owns the tables.",
    }),
  }),
]);

const count = z.int().min(0).optional();
const tenant = z.strictObject({
  concurrentRuns: z
    .int()
    .min(1)
    .optional()
    .meta({ description: "Live runs over all replicas. Left out: `runs.perTenant`." }),
  runsPerDay: count.meta({ description: "Above it a run is not accepted: 429." }),
  stepsPerDay: count.meta({
    description: "Supersteps; above it runs end as `BudgetSpent`. Days begin at midnight UTC.",
  }),
  tokensPerDay: count.meta({ description: "Of all models, in and out; once used, no model is asked: `BudgetSpent`." }),
  stepsPerRun: count,
  tokensPerRun: count,
});
export type TenantSettings = z.output<typeof tenant>;

const retention = z.strictObject({
  checkpointsPerThread: z
    .int()
    .min(1)
    .default(200)
    .meta({ description: "The newest ones are kept, per graph and subgraph; older ones cannot be forked from." }),
  logDays: z.int().min(1).default(30).meta({ description: "Event logs and settled tool calls of ended runs." }),
  threadDays: z
    .int()
    .min(1)
    .optional()
    .meta({ description: "Threads nobody used for longer go. Left out: none does." }),
  everySeconds: seconds.default(60),
});
export type RetentionSettings = z.output<typeof retention>;

/** The settings file of one replica: JSON, rendered by whoever deploys it. Secrets are named by file, never written here. */
export const settingsSchema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(0).max(65_535).default(2024) })
    .prefault({})
    .meta({ description: "Address of the API. Port 0 takes a free one and prints it." }),
  admin: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(0).max(65_535) })
    .optional()
    .meta({
      description: "Where `/healthz`, `/readyz` and `/metrics` are: never the callers' port. Left out: nowhere.",
    }),
  storage,
  auth: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("none"), tenant: z.string().min(1).default("local") }),
      z.strictObject({ kind: z.literal("keys"), keysFile: z.string().min(1) }),
      z
        .strictObject({
          kind: z.literal("tokens"),
          issuer: z.string().min(1),
          audience: z.string().min(1),
          jwksFile: z.string().optional(),
          jwksUrl: z.url({ protocol: /^https?$/ }).optional(),
          tenantClaim: z.string().min(1).default("tenant").meta({ description: "Claim that names the tenant." }),
          keysFile: z.string().min(1).optional().meta({ description: "Keys beside tokens. Left out: none count." }),
        })
        .refine((tokens) => (tokens.jwksFile === undefined) !== (tokens.jwksUrl === undefined), {
          message: "tokens need exactly one of jwksFile and jwksUrl.",
        }),
    ])
    .prefault({ kind: "none" })
    .meta({
      description:
        "Who calls. `none` gives every caller one tenant, for a laptop. `keys` reads a JSON file that maps the SHA-256 of each key, in hex, to its tenant. `tokens` takes signed JWTs of one issuer.",
    }),
  browserOrigins: z
    .array(z.string().regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/))
    .default([])
    .meta({
      description:
        "Origins of web pages that may call from a browser, as `https://chat.example.com`. Left out: none; with auth `none`, pages of this machine.",
    }),
  runs: z
    .strictObject({
      concurrency: z
        .int()
        .min(0)
        .max(1000)
        .default(10)
        .meta({ description: "Runs at once on this replica; 0 only serves the API." }),
      perTenant: z.int().min(1).default(20).meta({ description: "Live runs of one tenant, over all replicas." }),
      leaseSeconds: seconds.default(10),
      heartbeatSeconds: seconds.default(3),
      reaperSeconds: seconds.default(2),
      pollMilliseconds: z.int().min(5).default(100),
      drainSeconds: seconds
        .default(60)
        .meta({ description: "Time for the current superstep after SIGTERM; longer than the longest tool." }),
      maxAttempts: z.int().min(1).max(20).default(3),
      deadlineSeconds: seconds
        .default(3600)
        .meta({ description: "A run ends as `timeout` this long after it first started." }),
      statelessKeepSeconds: seconds.default(600).meta({
        description:
          "How long the thread of a run without one stays after its end, for readers that come back. A run with `on_completion: keep` keeps it.",
      }),
      recursionLimit: z.int().min(1).max(1000).default(50).meta({ description: "Supersteps of one run at most." }),
    })
    .refine((runs) => runs.heartbeatSeconds * 2 < runs.leaseSeconds, {
      message: "heartbeatSeconds must be below half of leaseSeconds, or one late heartbeat loses the run.",
    })
    .prefault({}),
  tenants: z
    .record(z.string().min(1), tenant)
    .default({})
    .meta({ description: "Limits by tenant; `*` holds for those that have no entry. Left out: none." }),
  retention: retention.prefault({}),
  people: z
    .strictObject({
      answerWithinSeconds: seconds.default(7 * 24 * 3600).meta({
        description: "A question to a person that is open for longer is answered with what does nothing, and says so.",
      }),
    })
    .prefault({}),
  maxBodyBytes: z
    .int()
    .min(1024)
    .default(10 * 1024 * 1024)
    .meta({ description: "Largest request body; above it the answer is 413." }),
  store: z
    .strictObject({
      maxItemBytes: z
        .int()
        .min(256)
        .default(256 * 1024)
        .meta({ description: "Largest value of one item of the store, as JSON." }),
      maxItems: z.int().min(1).default(100_000).meta({ description: "Items that one tenant may keep in the store." }),
    })
    .prefault({}),
  graphs: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), z.string().min(1))
    .default({})
    .meta({
      description:
        "Graphs of your own by name: folders with an `agent.mjs`, from the folder of this file. They run with the service's rights.",
    }),
  telemetry: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .meta({ description: "Base of an OTLP/HTTP collector; `/v1/traces` is added." }),
      headersFile: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "JSON object of headers for the collector, such as its key." }),
      sampleShare: z.number().min(0).max(1).default(1).meta({
        description:
          "Share of runs without a caller's trace whose spans are sent. A caller's trace is as the caller says.",
      }),
      exportMilliseconds: z.int().min(10).default(5000),
    })
    .optional()
    .meta({ description: "Where spans of runs, model calls and tool calls go, without content. Left out: nowhere." }),
  webhooks: z
    .strictObject({
      origins: z
        .array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))
        .meta({ description: "Origins that runs may name, as `https://hooks.example.com`; no other is asked." }),
      networks: z
        .array(z.union([z.cidrv4(), z.cidrv6()]))
        .default([])
        .meta({ description: "Private networks that a listed origin may lead to. Left out: none." }),
      proxied: z
        .array(z.url({ protocol: /^https$/ }).transform((url) => new URL(url).origin))
        .default([])
        .meta({
          description:
            "Those of them that stand outside: the proxy of HTTPS_PROXY leads there, and alone decides at which address.",
        }),
      secretFile: z
        .string()
        .min(1)
        .meta({ description: "File with the signing secret: `whsec_` and 24 to 64 bytes in base64." }),
      attempts: z.int().min(1).max(30).default(10),
      retrySeconds: seconds
        .default(2)
        .meta({ description: "Pause after the first failure; it doubles with each, up to an hour." }),
      timeoutSeconds: seconds.max(60).default(10),
    })
    .optional()
    .meta({ description: "Left out: a run that names a webhook is refused." }),
  agents: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
      z.strictObject({
        graph: z.string().min(1).meta({ description: "Name of the graph that answers." }),
        settings: z
          .record(z.string(), z.unknown())
          .default({})
          .meta({ description: "Checked by the graph's own schema." }),
      }),
    )
    .meta({ description: "Assistants that exist for every tenant, by name." }),
});

/** Settings after defaults. */
export type Settings = z.output<typeof settingsSchema>;
export type StorageSettings = Settings["storage"];
type OfKind<Kind extends StorageSettings["kind"]> = Extract<StorageSettings, { kind: Kind }>;
/** What it takes to connect. */
export type DatabasePlace = OfKind<"embedded"> | Pick<OfKind<"postgres">, "kind" | "urlFile" | "connections">;
export type StoreSettings = Settings["store"];
export type WebhookSettings = NonNullable<Settings["webhooks"]>;
/** What a worker goes by. */
export type WorkerSettings = Pick<Settings, "runs" | "store" | "people" | "tenants" | "retention" | "telemetry">;
