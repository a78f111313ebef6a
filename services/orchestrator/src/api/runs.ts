import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import * as z from "zod";
import { stopRuns } from "../runs/queue.ts";
import type { RunRequest, RunRow } from "../runs/run.ts";
import { resolveAssistant } from "./assistants.ts";
import { type Api, bodyOf, type Call } from "./context.ts";
import type { JsonObject } from "./json.ts";
import { notFound, Problem } from "./problem.ts";
import { streamOf, untilEnded } from "./stream.ts";
import { createThread, findThread } from "./threads.ts";

const json = z.record(z.string(), z.unknown());
const modes = z.enum(["values", "updates", "messages", "messages-tuple", "custom", "debug", "tasks", "checkpoints"]);
const nodes = z.union([z.literal("*"), z.array(z.string())]);
const runBody = z.object({
  assistant_id: z.string(),
  input: z.unknown().optional(),
  command: z
    .object({
      resume: z.unknown().optional(),
      goto: z.union([z.string(), z.array(z.string())]).optional(),
      update: json.optional(),
    })
    .nullish(),
  stream_mode: z.union([modes, z.array(modes)]).nullish(),
  stream_subgraphs: z.boolean().nullish(),
  config: z
    .object({
      tags: z.array(z.string()).optional(),
      recursion_limit: z.int().min(1).optional(),
      configurable: json.optional(),
    })
    .nullish(),
  context: json.nullish(),
  metadata: json.nullish(),
  checkpoint: z.object({ checkpoint_id: z.string().optional(), checkpoint_ns: z.string().optional() }).nullish(),
  checkpoint_id: z.string().nullish(),
  interrupt_before: nodes.nullish(),
  interrupt_after: nodes.nullish(),
  multitask_strategy: z.enum(["reject", "enqueue", "interrupt", "rollback"]).nullish(),
  if_not_exists: z.enum(["create", "reject"]).nullish(),
  on_disconnect: z.enum(["cancel", "continue"]).nullish(),
  // The Python SDK says delete and keep, the JavaScript one complete and continue.
  on_completion: z.enum(["delete", "keep", "complete", "continue"]).nullish(),
  after_seconds: z.number().min(0).nullish(),
});
type RunBody = z.output<typeof runBody>;

/** Keys of `configurable` that only this service sets: a caller who could would speak for another run. */
const reserved = [
  "thread_id",
  "run_id",
  "tenant_id",
  "tool_ledger",
  "checkpoint_id",
  "checkpoint_ns",
  "checkpoint_map",
];

/** Routes of runs, on a thread and without one. */
export function runRoutes(api: Api) {
  const routes = new Hono<{ Variables: { tenant: string } }>();
  const read = (call: Call) => bodyOf(call, runBody, api.settings.maxBodyBytes);

  routes.post("/threads/:thread/runs", async (call) => {
    const run = await acceptRun(api, call, await read(call), call.req.param("thread"));
    return located(call, run, call.json(wireRun(run)));
  });
  routes.post("/threads/:thread/runs/stream", async (call) => {
    const body = await read(call);
    const run = await acceptRun(api, call, body, call.req.param("thread"));
    return located(call, run, follow(api, call, run.run_id, body.on_disconnect === "cancel"));
  });
  routes.post("/threads/:thread/runs/wait", async (call) => {
    const run = await acceptRun(api, call, await read(call), call.req.param("thread"));
    return located(call, run, await result(api, call, run));
  });
  routes.post("/runs", async (call) => {
    const run = await acceptRun(api, call, await read(call), null);
    return located(call, run, call.json(wireRun(run)));
  });
  routes.post("/runs/stream", async (call) => {
    const body = await read(call);
    const run = await acceptRun(api, call, body, null);
    return located(call, run, follow(api, call, run.run_id, body.on_disconnect === "cancel"));
  });
  routes.post("/runs/wait", async (call) => {
    const run = await acceptRun(api, call, await read(call), null);
    return located(call, run, await result(api, call, run));
  });
  routes.post("/runs/batch", async (call) => {
    const bodies = await bodyOf(call, z.array(runBody).max(100), api.settings.maxBodyBytes);
    const runs: unknown[] = [];
    for (const body of bodies) runs.push(wireRun(await acceptRun(api, call, body, null)));
    return call.json(runs);
  });
  routes.get("/threads/:thread/runs", async (call) => {
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<RunRow>(
        `select * from orchestrator.runs where thread_id = $1 and ($2::text is null or status = $2)
          order by created_at desc limit $3 offset $4`,
        [
          call.req.param("thread"),
          call.req.query("status") ?? null,
          boundedNumber(call.req.query("limit"), 10, 1000),
          boundedNumber(call.req.query("offset"), 0, 1_000_000),
        ],
      ),
    );
    return call.json(rows.map(wireRun));
  });
  routes.get("/threads/:thread/runs/:run", async (call) => call.json(wireRun(await find(api, call))));
  routes.delete("/threads/:thread/runs/:run", async (call) => {
    const run = await find(api, call);
    if (run.status === "running") throw new Problem(409, "The run is live; cancel it first.");
    await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query("delete from orchestrator.runs where run_id = $1", [run.run_id]),
    );
    return call.body(null, 204);
  });
  routes.post("/threads/:thread/runs/:run/cancel", async (call) => {
    const run = await find(api, call);
    const action = call.req.query("action") === "rollback" ? "rollback" : "interrupt";
    await api.database.asTenant(call.var.tenant, (transaction) => stopRuns(transaction, [run.run_id], action));
    return call.body(null, 204);
  });
  routes.get("/threads/:thread/runs/:run/join", async (call) => result(api, call, await find(api, call)));
  routes.get("/threads/:thread/runs/:run/stream", async (call) => {
    const run = await find(api, call);
    return follow(api, call, run.run_id, call.req.query("cancel_on_disconnect") === "1");
  });
  return routes;
}

/** The run as a durable row: what is answered after this survives every process. */
async function acceptRun(api: Api, call: Call, body: RunBody, threadId: string | null): Promise<RunRow> {
  const { tenant } = call.var;
  const assistant = await resolveAssistant(api, tenant, body.assistant_id);
  const configurable: JsonObject = { ...(assistant.config.configurable as JsonObject), ...body.config?.configurable };
  for (const key of Object.keys(configurable)) {
    if (reserved.includes(key) || key.startsWith("__")) delete configurable[key];
  }
  const request: RunRequest = {
    agent: assistant.graph_id,
    input: (body.input ?? null) as RunRequest["input"],
    command: (body.command as RunRequest["command"]) ?? null,
    streamModes: [body.stream_mode ?? "values"].flat(),
    streamSubgraphs: body.stream_subgraphs ?? false,
    config: { ...body.config, configurable },
    context: { ...assistant.context, ...body.context },
    checkpoint: body.checkpoint ?? (body.checkpoint_id == null ? null : { checkpoint_id: body.checkpoint_id }),
    interruptBefore: body.interrupt_before ?? null,
    interruptAfter: body.interrupt_after ?? null,
  };
  const strategy = body.multitask_strategy ?? "enqueue";
  return api.database.asTenant(tenant, async (transaction) => {
    const id = threadId ?? randomUUID();
    const metadata = { graph_id: assistant.graph_id, assistant_id: assistant.assistant_id };
    let thread = threadId === null ? null : await findThread(transaction, id);
    if (thread === null && (threadId === null || body.if_not_exists === "create")) {
      thread = await createThread(transaction, tenant, id, metadata);
    }
    if (thread === null) throw notFound("thread", id);
    // Two requests for one thread take turns here, or both would see it free.
    await transaction.query("select 1 from orchestrator.threads where thread_id = $1 for update", [id]);
    const live = await transaction.query<{ run_id: string }>(
      "select run_id from orchestrator.runs where thread_id = $1 and status in ('pending', 'running')",
      [id],
    );
    if (live.rows.length > 0 && strategy === "reject") {
      throw new Problem(
        409,
        "The thread has a live run. Choose the multitask strategy enqueue, interrupt or rollback.",
      );
    }
    if (strategy === "interrupt" || strategy === "rollback") {
      await stopRuns(
        transaction,
        live.rows.map((row) => row.run_id),
        strategy,
      );
    }
    const { rows } = await transaction.query<RunRow>(
      `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request, metadata,
         multitask_strategy, is_stateless, available_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + make_interval(secs => $11)) returning *`,
      [
        randomUUID(),
        tenant,
        id,
        assistant.assistant_id,
        assistant.graph_id,
        api.settings.runs.maxAttempts,
        JSON.stringify(request),
        JSON.stringify(body.metadata ?? {}),
        strategy,
        threadId === null && body.on_completion !== "keep" && body.on_completion !== "continue",
        body.after_seconds ?? 0,
      ],
    );
    await transaction.query(
      "update orchestrator.threads set status = 'busy', metadata = metadata || $2::jsonb, updated_at = clock_timestamp() where thread_id = $1",
      [id, JSON.stringify(metadata)],
    );
    return rows[0] as RunRow;
  });
}

async function find(api: Api, call: Call): Promise<RunRow> {
  const id = call.req.param("run") ?? "";
  const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
    transaction.query<RunRow>("select * from orchestrator.runs where run_id = $1 and thread_id = $2", [
      id,
      call.req.param("thread"),
    ]),
  );
  if (rows[0] === undefined) throw notFound("run", id);
  return rows[0];
}

function follow(api: Api, call: Call, runId: string, cancelOnDisconnect: boolean): Response {
  const { tenant } = call.var;
  return streamOf(api, tenant, runId, call.req.header("last-event-id") ?? null, () => {
    if (!cancelOnDisconnect) return;
    api.database.asTenant(tenant, (transaction) => stopRuns(transaction, [runId], "interrupt")).catch(() => {});
  });
}

/** The thread's values once the run has ended; `__error__` in their place when it failed. */
async function result(api: Api, call: Call, run: RunRow): Promise<Response> {
  await untilEnded(api, call.var.tenant, run.run_id, call.req.raw.signal);
  return api.database.asTenant(call.var.tenant, async (transaction) => {
    const { rows } = await transaction.query<RunRow>("select * from orchestrator.runs where run_id = $1", [run.run_id]);
    if (rows[0]?.error) return call.json({ __error__: rows[0].error });
    const thread = await findThread(transaction, run.thread_id);
    const interrupts = Object.values(thread?.interrupts ?? {}).flat();
    return call.json(
      interrupts.length === 0 ? (thread?.values ?? {}) : { ...thread?.values, __interrupt__: interrupts },
    );
  });
}

/** The answer with the run's address, by which clients learn its id before the first event. */
function located(call: Call, run: RunRow, response: Response): Response {
  const path = `/threads/${run.thread_id}/runs/${run.run_id}`;
  response.headers.set("content-location", path);
  response.headers.set("location", call.req.path.endsWith("/stream") ? `${path}/stream` : path);
  return response;
}

function boundedNumber(text: string | undefined, otherwise: number, most: number): number {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : otherwise;
}

function wireRun(run: RunRow) {
  const { run_id, thread_id, assistant_id, status, metadata, multitask_strategy, created_at, updated_at } = run;
  const kwargs = { input: run.request.input, command: run.request.command, config: run.request.config };
  return { run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, created_at, updated_at };
}
