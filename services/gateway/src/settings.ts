import { isIP } from "node:net";
import * as z from "zod";
import { escalation, overflow } from "./escalation/escalation-settings.ts";
import { isNetwork } from "./networks.ts";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/);
const milliseconds = z.int().min(1).max(86_400_000);
const amount = z.number().min(0);

const backend = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .meta({ description: "Origin of the engine or the frontier API; `/v1/...` is added." }),
  model: z.string().min(1).meta({ description: "What this backend calls the model." }),
  digest: z.string().min(1).meta({
    description:
      "Names weights, tokenizer, template and engine settings. A cut answer goes on only where it is the same.",
  }),
  location: z
    .enum(["inside", "outside"])
    .meta({ description: "Whether the backend stands within the residency boundary." }),
  resolve: z.enum(["a", "srv"]).optional().meta({
    description:
      "Takes the host of `url` as a headless Service whose addresses are replicas of this backend: by A records, or by the SRV records of its port named `http`. Left out: the host is one replica.",
  }),
  networks: z.array(z.string().refine(isNetwork, "A range as `10.0.0.0/8` is expected.")).optional().meta({
    description:
      "Ranges that its connections may lead to; any other address is refused. Left out: private ranges with `resolve` inside the boundary, else any.",
  }),
  proxy: z
    .url({ protocol: /^http$/ })
    .optional()
    .meta({
      description:
        "Forward proxy that its connections go through by CONNECT; `networks` then bind the proxy's address. Left out: none.",
    }),
  apiKeyFile: z.string().optional().meta({ description: "File with the backend's key. Left out: none is sent." }),
  api: z.enum(["engine", "openai"]).default("engine").meta({
    description: "`openai`: fields that only engines know are left out of what is sent there.",
  }),
  tokenIds: z.boolean().default(true).meta({
    description: "Whether it gives and takes token ids as vLLM does. False: its streams are not continued.",
  }),
});

const version = z.strictObject({
  weight: amount.meta({
    description: "Share of the traffic, relative to the other versions. 0: only by the version header.",
  }),
  backends: z.array(name).min(1).meta({ description: "Keys of `backends`: the replicas of this version." }),
});

const model = z.strictObject({
  maxModelLen: z.int().min(1).meta({ description: "Longest prompt plus answer. Tokens." }),
  reasoning: z.boolean().default(false).meta({
    description: "Whether engines split thoughts off the answer. Such answers are not continued after a break.",
  }),
  versions: z.record(name, version),
  price: z
    .strictObject({ inputUsdPerMillionTokens: amount, outputUsdPerMillionTokens: amount })
    .optional()
    .meta({ description: "What a token counts against `usdPerDay`. Left out: nothing." }),
  escalation: escalation.optional().meta({ description: "Where its hard requests go. Left out: nowhere." }),
  overflow: overflow.optional().meta({ description: "Who helps out while it is overloaded. Left out: nobody." }),
});

const limits = z.strictObject({
  requestsPerMinute: amount.optional(),
  tokensPerDay: amount.optional(),
  concurrentStreams: z.int().min(0).optional(),
  usdPerDay: amount.optional(),
});

const tenant = z.strictObject({
  dataClasses: z.array(name).min(1).meta({ description: "Classes its requests may carry; the first is the default." }),
  models: z.array(name).meta({ description: "Models it may call." }),
  mayEscalate: z.boolean().default(false).meta({
    description: "Whether its requests may go to the model that a route escalates or overflows to.",
  }),
  limits: limits.default({}).meta({ description: "For all replicas of the gateway together. Left out: no limit." }),
});

const dataClass = z.strictObject({
  leavesBoundary: z.enum(["allowed", "redacted", "never"]),
  keepAnswers: z.boolean().default(false).meta({
    description:
      "Whether an answer may lie in memory for ten minutes, so that a client can read on after a lost connection.",
  }),
  traceContent: z.boolean().default(false).meta({
    description: "Whether what was asked and answered stands in traces. False: only counts, times and names do.",
  }),
});

const placement = z.strictObject({
  dataClass: name,
  tenant: name.or(z.literal("*")).meta({ description: "A tenant, or `*` for those that no other entry names." }),
  backends: z.array(name),
});

const redactor = z.strictObject({
  timeoutMilliseconds: milliseconds
    .default(1000)
    .meta({ description: "After which the redactor is stopped and the request refused." }),
  patterns: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9]{0,15}$/), pattern: z.string().min(1).max(1000) }))
    .max(100)
    .default([])
    .meta({
      description:
        "Identifiers of one's own, such as customer numbers: JavaScript patterns with the flag u, and a name.",
    }),
});

const jwt = z.strictObject({
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksFile: z.string().optional(),
  jwksUrl: z.url({ protocol: /^https?$/ }).optional(),
  tenantClaim: z.string().default("tenant"),
  dataClassClaim: z.string().default("data_class"),
});

const deadlines = z.strictObject({
  connectMilliseconds: milliseconds.default(1000),
  firstTokenMilliseconds: milliseconds
    .default(10_000)
    .meta({ description: "For a prompt of no length on an idle backend." }),
  firstTokenMillisecondsPerThousandTokens: amount
    .default(1000)
    .meta({ description: "Added for each 1,000 tokens of the prompt." }),
  firstTokenMillisecondsPerRequestAhead: amount
    .default(100)
    .meta({ description: "Added for each request under way there." }),
  interTokenMilliseconds: milliseconds.default(2000).meta({
    description: "Least allowed gap between two tokens; 20 times the 99th percentile seen counts where that is more.",
  }),
  requestMilliseconds: milliseconds.default(600_000),
  drainMilliseconds: milliseconds
    .default(30_000)
    .meta({ description: "After SIGTERM: how long answers may still run." }),
});

const retries = z.strictObject({
  attempts: z.int().min(0).max(5).default(2).meta({ description: "Further tries before the first token." }),
  continuations: z
    .int()
    .min(0)
    .max(5)
    .default(3)
    .meta({ description: "Further replicas after the first token. 0: off." }),
  ejectionMilliseconds: milliseconds.default(1000).meta({
    description: "How long a backend that failed gets no requests; doubles with each further failure, up to 30 times.",
  }),
  budgetShare: z.number().min(0).max(1).default(0.1).meta({ description: "Retries as a share of the requests." }),
});

const bounds = z.strictObject({
  bodyBytes: z
    .int()
    .min(1024)
    .default(8 * 1024 * 1024),
  leavingBodyBytes: z
    .int()
    .min(1024)
    .default(1024 * 1024)
    .meta({ description: "Most that one request may carry to a backend outside the boundary." }),
  messages: z.int().min(1).default(2000),
  depth: z.int().min(4).default(48),
  heldAnswerBytes: z
    .int()
    .min(0)
    .default(1024 * 1024)
    .meta({ description: "Most that one answer may keep for a reader that comes back." }),
  heldBytes: z
    .int()
    .min(0)
    .default(64 * 1024 * 1024)
    .meta({ description: "Most that all answers may keep together." }),
});

const dns = z.strictObject({
  servers: z
    .array(z.string())
    .default([])
    .meta({ description: "`address` or `address:port` of the servers that are asked. Left out: the system's." }),
  refreshMilliseconds: milliseconds
    .default(3000)
    .meta({ description: "How often the names of backends with `resolve` are asked for. A TTL does not count." }),
  keepMilliseconds: milliseconds.default(300_000).meta({
    description:
      "How long the last addresses are used while DNS does not answer, or names none. After that the backend has no replica.",
  }),
});

const budgets = z.strictObject({
  urlFile: z
    .string()
    .min(1)
    .meta({ description: "File with the `postgres://` URL of a database that all replicas share." }),
  blockShare: z.number().min(0.001).max(1).default(0.05).meta({
    description:
      "Share of a tenant's day that the replicas together hold in advance. At most that much is lost for the day when they are killed.",
  }),
});

const telemetry = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .meta({ description: "Base of an OTLP/HTTP collector; `/v1/traces` and `/v1/metrics` are added." }),
  location: z
    .enum(["inside", "outside"])
    .meta({ description: "Whether the collector stands within the residency boundary." }),
  headersFile: z
    .string()
    .optional()
    .meta({ description: "JSON object of headers for the collector, such as its key." }),
  sampleShare: z.number().min(0).max(1).default(1).meta({
    description: "Share of new traces whose spans are sent. A caller's trace is as the caller says.",
  }),
  exportMilliseconds: milliseconds.default(5000),
});

/** The gateway's settings file, rendered from the Blueprint. Read again whenever it changes, but for `listen`, `admin`, `secure`, `budgets` and `telemetry`. */
export const settingsSchema = z.strictObject({
  listen: z.strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(0).max(65535) }),
  admin: z.strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(0).max(65535) }).meta({
    description: "Where `/healthz`, `/readyz` and `/metrics` are: never the callers' port.",
  }),
  secure: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.int().min(0).max(65535),
      certificateFile: z.string().min(1).meta({ description: "Certificate with its chain, PEM." }),
      keyFile: z.string().min(1).meta({ description: "Its private key, PEM." }),
    })
    .optional()
    .meta({
      description:
        "Where callers come in over TLS, through a load balancer that passes bytes on. A changed certificate holds for new connections; the rest is read at start. Left out: nowhere.",
    }),
  replicas: z.int().min(1).default(1).meta({
    description: "Replicas of the gateway: each enforces its share of the limits that `budgets` does not share.",
  }),
  residencyMode: z.enum(["none", "region-bound", "sovereign", "air-gapped"]),
  dataClasses: z.record(name, dataClass),
  placements: z.array(placement),
  backends: z.record(name, backend),
  models: z.record(name, model),
  tenants: z.record(name, tenant),
  keysFile: z
    .string()
    .optional()
    .meta({ description: "JSON list of `{ sha256, tenant }`. Only in residency mode `none`." }),
  jwt: jwt.optional(),
  redactor: redactor.optional().meta({
    description: "Takes identifiers out of what leaves. Left out: data that may leave only redacted does not leave.",
  }),
  mediaHosts: z
    .array(z.string())
    .default([])
    .meta({ description: "Hosts that remote images may come from. Left out: none." }),
  dns: dns.prefault({}),
  budgets: budgets.optional().meta({
    description:
      "Where the days' tokens and money of all replicas are counted. Left out: each replica has its share, and a restart forgets what was spent. Read at start.",
  }),
  telemetry: telemetry.optional().meta({
    description: "Where OpenTelemetry spans and metrics go. Left out: nowhere, at no cost. Read at start.",
  }),
  deadlines: deadlines.prefault({}),
  retries: retries.prefault({}),
  bounds: bounds.prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;
export type TenantLimits = z.output<typeof limits>;

/** What is wrong across sections, a sentence each; empty when all is well. */
export function settingsFaults(settings: Settings): string[] {
  const faults: string[] = [];
  const known = (kind: string, keys: Record<string, unknown>, key: string, place: string) => {
    if (!Object.hasOwn(keys, key)) faults.push(`${place} names the ${kind} "${key}", which does not exist.`);
  };
  for (const [index, entry] of settings.placements.entries()) {
    const place = `placements.${index}`;
    known("data class", settings.dataClasses, entry.dataClass, place);
    if (entry.tenant !== "*") known("tenant", settings.tenants, entry.tenant, place);
    for (const key of entry.backends) known("backend", settings.backends, key, place);
  }
  for (const [backendName, { url, resolve, proxy }] of Object.entries(settings.backends)) {
    if (proxy !== undefined && (resolve !== undefined || !url.startsWith("https:")))
      faults.push(`backends.${backendName} has a proxy, which only takes connections over TLS to one host.`);
    if (resolve !== undefined && isIP(new URL(url).hostname.replace(/^\[|\]$/g, "")) !== 0)
      faults.push(`backends.${backendName} has resolve, but its url names an address and no host.`);
  }
  for (const [modelName, { versions, escalation: hard, overflow: full }] of Object.entries(settings.models)) {
    for (const way of [hard, full]) {
      for (const key of way?.dataClasses ?? []) known("data class", settings.dataClasses, key, `models.${modelName}`);
      for (const key of way?.tenants ?? []) known("tenant", settings.tenants, key, `models.${modelName}`);
    }
    for (const key of [hard?.to, full?.to, hard?.verify?.judge?.model]) {
      if (key === undefined) continue;
      known("model", settings.models, key, `models.${modelName}`);
      if (key === modelName) faults.push(`models.${modelName} escalates, overflows or is graded by itself.`);
    }
    const judge = settings.models[hard?.verify?.judge?.model ?? ""];
    for (const key of Object.values(judge?.versions ?? {}).flatMap(({ backends }) => backends)) {
      if (settings.backends[key]?.location === "outside")
        faults.push(`models.${modelName} is graded by "${key}", which is outside: a judge sees every answer.`);
    }
    for (const [versionName, { backends }] of Object.entries(versions)) {
      for (const key of backends)
        known("backend", settings.backends, key, `models.${modelName}.versions.${versionName}`);
    }
  }
  for (const [tenantName, { dataClasses, models }] of Object.entries(settings.tenants)) {
    for (const key of dataClasses) known("data class", settings.dataClasses, key, `tenants.${tenantName}`);
    for (const key of models) known("model", settings.models, key, `tenants.${tenantName}`);
  }
  for (const [className, { traceContent, leavesBoundary }] of Object.entries(settings.dataClasses)) {
    if (traceContent && leavesBoundary !== "allowed" && settings.telemetry?.location === "outside")
      faults.push(
        `dataClasses.${className} would leave the boundary in traces: traceContent is set, and telemetry is outside.`,
      );
  }
  for (const { name: patternName, pattern } of settings.redactor?.patterns ?? []) {
    try {
      new RegExp(pattern, "u");
    } catch {
      faults.push(`redactor.patterns: ${patternName} is no pattern that JavaScript reads.`);
    }
  }
  if (settings.keysFile !== undefined && settings.residencyMode !== "none") {
    faults.push(
      `keysFile is set, but residency mode ${settings.residencyMode} asks for signed tokens (jwt) and no keys.`,
    );
  }
  if (settings.keysFile === undefined && settings.jwt === undefined)
    faults.push("Neither keysFile nor jwt is set: nobody could call.");
  if (settings.jwt !== undefined && (settings.jwt.jwksFile === undefined) === (settings.jwt.jwksUrl === undefined)) {
    faults.push("jwt needs exactly one of jwksFile and jwksUrl.");
  }
  return faults;
}
