import * as z from "zod";
import { agentsExposure } from "./exposure.ts";
import { insidePlace } from "./inside-place.ts";
import { duration, name, shortWord } from "./primitives.ts";
import { secretKey } from "./secret-key.ts";
import { telemetry } from "./telemetry.ts";
import { tokenKeys } from "./tokens.ts";

/** Graphs that every replica has. */
export const shippedGraphs = ["support", "extract", "research"] as const;

/** Keys of an assistant that not every graph takes, each with the graphs that do; `own` stands for all of `agents.graphs`. */
export const graphKeys = {
  instructions: ["support", "extract", "research"],
  toolServers: ["support", "research", "own"],
  schema: ["extract"],
  maxModelCalls: ["support"],
  budget: ["research"],
  maxRepairs: ["extract", "research"],
  settings: ["own"],
} as const satisfies Readonly<Record<string, readonly ((typeof shippedGraphs)[number] | "own")[]>>;

const database = z.strictObject({
  url: secretKey.meta({
    description:
      "A `postgres://` URL with user and password, as replicas connect. Without `owner` its user owns the database and may create roles.",
  }),
  owner: secretKey.optional().meta({
    description:
      "The same for the owner of the database, who may create roles. The Job that changes the tables before a roll-out connects as it, and gives the user of `url` rows and no table. Left out: `url` serves both.",
  }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(5432)
    .meta({ description: "Where the database listens. Left out: 5432. TCP port." }),
  ...insidePlace,
  connections: z.int().min(2).max(100).default(10).meta({
    description: "Connections that one replica opens at most. Left out: 10. Connections.",
  }),
});

const jwt = z.strictObject(tokenKeys("The issuer's public keys as a JSON Web Key Set."));

const most = z.int().min(0).optional();

const limits = z.strictObject({
  concurrentRuns: z.int().min(1).optional().meta({
    description: "Runs that are worked on at once, over all replicas. Left out: 20. Runs.",
  }),
  runsPerDay: most.meta({ description: "Runs accepted in a day, by UTC. Left out: no limit. Runs." }),
  stepsPerDay: most.meta({ description: "Supersteps of a day's runs. Left out: no limit. Supersteps." }),
  tokensPerDay: most.meta({
    description: "Tokens that models take in and give out in a day. Left out: no limit. Tokens.",
  }),
  stepsPerRun: most.meta({ description: "Supersteps of one run. Left out: no limit but the engine's. Supersteps." }),
  tokensPerRun: most.meta({ description: "Tokens of one run. Left out: no limit. Tokens." }),
});

const retention = z.strictObject({
  checkpointsPerThread: z.int().min(1).max(100_000).default(200).meta({
    description:
      "Newest states of a thread that are kept; older ones cannot be forked from. Left out: 200. Checkpoints.",
  }),
  logDays: z.int().min(1).max(3650).default(30).meta({
    description: "How long events and tool calls of ended runs are kept. Left out: 30. Days.",
  }),
  threadDays: z.int().min(1).max(3650).optional().meta({
    description:
      "How long threads that nobody uses are kept. Left out: for ever, which from `region-bound` up only classes without personal data allow. Days.",
  }),
});

const tool = z.strictObject({
  policy: z.enum(["readOnly", "idempotent", "once", "reconcile"]).meta({
    description:
      "Whether a call may be repeated: `readOnly` and `idempotent` may, `once` never by itself, `reconcile` after asking whether it took place. What the server says of itself does not count.",
  }),
  reconcile: z.string().min(1).max(64).optional().meta({
    description:
      "Tool of the same server that says whether a lost call took place. Left out: none, which every policy but `reconcile` accepts.",
  }),
  approval: z.boolean().default(false).meta({ description: "Whether a person must allow each call. Left out: false." }),
});

const toolServer = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .meta({
      description:
        "Endpoint of an MCP server (streamable HTTP), such as `http://orders.tools.svc:8080/mcp`. Its pods listen on the same port as the address names.",
    }),
  ...insidePlace,
  token: secretKey.optional().meta({ description: "A bearer token that the server asks for. Left out: none." }),
  timeout: duration.default("30s").meta({
    description: "Longest time of one call, such as `90s`; a stopping replica waits for the longest. Left out: 30s.",
  }),
  maxResultBytes: z
    .int()
    .min(1)
    .max(10 * 1024 * 1024)
    .default(64 * 1024)
    .meta({ description: "What a result has beyond it is cut, and the model is told. Left out: 65536. Bytes." }),
  tools: z.record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), tool).meta({
    description: "Tools that may be called, by the server's names; what else it has does not exist.",
  }),
});

const receiver = z.strictObject({
  origin: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .meta({ description: "Its scheme, host and port, such as `https://hooks.intern.example.com`." }),
  ...insidePlace,
});

const webhooks = z.strictObject({
  secret: secretKey.meta({
    description: "What deliveries are signed with, as in Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.",
  }),
  receivers: z.record(name, receiver).meta({
    description:
      "Whom runs may name as their `webhook`, by name. One with neither `pods` nor `networks` is outside: the proxy leads there, and only data that may leave goes.",
  }),
});

const assistant = z.strictObject({
  graph: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: "`support`, `extract`, `research` or a key of `agents.graphs`." }),
  model: z.string().min(1).max(63).meta({ description: "Model that it asks through the gateway: a key of `models`." }),
  dataClass: z.string().min(1).max(63).optional().meta({
    description:
      "Class of what it sends to the model: a key of `residency.dataClasses`. Left out: the strictest of them.",
  }),
  instructions: z.string().min(1).max(20_000).optional().meta({
    description: "What the model is told first. Left out: the graph's own words.",
  }),
  toolServers: z.array(z.string()).optional().meta({
    description: "Tool servers whose tools it may call: keys of `agents.toolServers`. Left out: none.",
  }),
  schema: z.record(z.string(), z.unknown()).optional().meta({
    description: "JSON schema (draft 7) that the result of `extract` fits, which needs one. Left out: none.",
  }),
  maxModelCalls: z.int().min(1).max(1000).optional().meta({
    description: "Model calls of `support` for one question; then a person is asked. Left out: 12. Calls.",
  }),
  budget: z
    .strictObject({
      modelCalls: z.int().min(2).max(1000).optional().meta({
        description: "Calls for planning and looking. Left out: 12. Calls.",
      }),
      toolCalls: z.int().min(1).max(1000).optional().meta({ description: "Calls of tools. Left out: 20. Calls." }),
    })
    .optional()
    .meta({ description: "What `research` may spend before it answers from what it has. Left out: 12 and 20 calls." }),
  maxRepairs: z.int().min(0).max(5).optional().meta({
    description: "How often the model is told what does not fit. Left out: 2 for `extract`, 1 for `research`. Times.",
  }),
  settings: z.record(z.string(), z.unknown()).optional().meta({
    description:
      "Settings of a graph of your own beside the model's, which its own schema checks at start. Left out: none.",
  }),
});

/** Agents whose runs survive the machine they run on. */
export const agents = z.strictObject({
  image: z.string().min(1).max(500).optional().meta({
    description:
      "The orchestrator's image in your registry, with its tag; the lock resolves it to a digest. Left out: allowed only on the local cluster, where containers are simulated.",
  }),
  replicas: z.int().min(1).max(100).optional().meta({
    description: "How many copies serve and work at once. Left out: two, so that one may fail. Replicas.",
  }),
  runsAtOnce: z.int().min(1).max(1000).default(10).meta({
    description: "Runs that one replica works on at once. Left out: 10. Runs.",
  }),
  database: database.meta({ description: "The PostgreSQL database that holds threads, runs and their events." }),
  gatewayKeys: secretKey.meta({
    description:
      "Keys or tokens of tenants at the gateway, as a JSON object by tenant, `*` for all others. A changed Secret is taken without a restart.",
  }),
  keys: secretKey.optional().meta({
    description:
      "API keys of callers, as a JSON object of each key's SHA-256 and its tenant, never the key. Only residency mode `none` lets them stand for a caller. Left out: tokens alone are taken.",
  }),
  jwt: jwt.optional().meta({ description: "Signed tokens of callers. Left out: none are taken." }),
  exposure: agentsExposure.optional().meta({
    description:
      "The one way in from outside the cluster, over TLS. Left out: only pods of the stack's namespaces with the label `freehold/agents-client` reach them.",
  }),
  browserOrigins: z.array(z.string().min(1).max(300)).min(1).max(50).optional().meta({
    description:
      "Origins of web pages that may call from a browser, such as a chat UI's `https://chat.example.com`. Left out: none.",
  }),
  tenants: z.record(name, limits).optional().meta({
    description: "What tenants of the gateway may use here, by name. Left out: no tenant has a limit of its own.",
  }),
  retention: retention.optional().meta({
    description:
      "What is kept of threads and runs. Left out: 200 checkpoints, 30 days of events, and threads for ever.",
  }),
  answerWithin: duration.default("168h").meta({
    description:
      "How long a question to a person stays open; then it gets the answer that does nothing. Left out: 168h.",
  }),
  graphs: z
    .record(
      name,
      z
        .string()
        .regex(/^(\/[A-Za-z0-9._-]+)+$/)
        .max(300),
    )
    .optional()
    .meta({
      description:
        "Graphs of your own, by name: the folder in the image that holds `agent.mjs`, such as `/app/agents/triage`. Left out: the three that every image has.",
    }),
  toolServers: z.record(shortWord, toolServer).optional().meta({
    description: "MCP servers whose tools assistants may call, by name. Left out: none.",
  }),
  webhooks: webhooks.optional().meta({ description: "Who is told that a run has ended. Left out: nobody." }),
  telemetry: telemetry.optional().meta({
    description:
      "Where spans of runs, model calls and tool calls go, one trace with the gateway's: names, times and counts, never content. Left out: nowhere.",
  }),
  assistants: z.record(name, assistant).meta({ description: "Assistants that every tenant has, by name." }),
});
