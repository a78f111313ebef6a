import { Hono } from "hono";
import * as z from "zod";
import { stopRuns } from "../runs/queue.ts";
import { type RunRow, wireRun } from "../runs/run.ts";
import { acceptRun, acceptRuns, type RunBody, runBody } from "./accept-run.ts";
import { type Api, bodyOf, type Call, type Caller, queryOf } from "./context.ts";
import { notFound, Problem } from "./problem.ts";
import { streamOf, untilEnded } from "./stream.ts";
import { threadStreamOf } from "./thread-stream.ts";
import { findThread } from "./threads.ts";

/** Which of a thread's runs, newest first. */
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  offset: z.coerce.number().int().min(0).default(0),
  status: z.enum(["pending", "running", "success", "error", "timeout", "interrupted"]).optional(),
});

const cancelQuery = z.object({ action: z.enum(["interrupt", "rollback"]).default("interrupt") });
const cancelBody = z
  .object({
    thread_id: z.string().nullish(),
    run_ids: z.array(z.string()).max(1000).nullish(),
    status: z.enum(["pending", "running", "all"]).nullish(),
  })
  .refine(({ run_ids, status }) => run_ids != null || status != null, {
    message: "Name the runs, in run_ids, or their status.",
  });
const joinQuery = z.object({
  cancel_on_disconnect: z
    .enum(["0", "1", "false", "true"])
    .default("0")
    .transform((text) => text === "1" || text === "true"),
});
const streamQuery = joinQuery.extend({
  stream_mode: z.string().optional().meta({ description: "Names of events, by commas or repeated. Left out: all." }),
});

/** What the routes take as query, and of the one that ends several runs as body. */
export const runQueries = { list: listQuery, cancel: cancelQuery, join: joinQuery, stream: streamQuery };
export const cancelRunsBody = cancelBody;

/** Runs without a thread, in one request. */
export const batchBody = z.array(runBody).max(100);

/** Routes of runs, on a thread and without one. */
export function runRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const read = (call: Call) => bodyOf(call, runBody, api.settings.maxBodyBytes);

  routes.post("/threads/:thread/runs", async (call) => {
    const run = await acceptRun(api, call.var, await read(call), call.req.param("thread"));
    return located(call, run, call.json(wireRun(run)));
  });
  routes.post("/threads/:thread/runs/stream", async (call) => {
    const body = await read(call);
    const run = await acceptRun(api, call.var, body, call.req.param("thread"));
    return located(call, run, follow(api, call, run.run_id, body.on_disconnect === "cancel"));
  });
  routes.post("/threads/:thread/runs/wait", async (call) => {
    const body = unread(await read(call));
    const run = await acceptRun(api, call.var, body, call.req.param("thread"));
    return located(call, run, await result(api, call, run, body.on_disconnect === "cancel"));
  });
  routes.post("/runs", async (call) => {
    const run = await acceptRun(api, call.var, await read(call), null);
    return located(call, run, call.json(wireRun(run)));
  });
  routes.post("/runs/stream", async (call) => {
    const body = await read(call);
    const run = await acceptRun(api, call.var, body, null);
    return located(call, run, follow(api, call, run.run_id, body.on_disconnect === "cancel"));
  });
  routes.post("/runs/wait", async (call) => {
    const body = unread(await read(call));
    const run = await acceptRun(api, call.var, body, null);
    return located(call, run, await result(api, call, run, body.on_disconnect === "cancel"));
  });
  routes.post("/runs/batch", async (call) => {
    const bodies = await bodyOf(call, batchBody, api.settings.maxBodyBytes);
    return call.json((await acceptRuns(api, call.var, bodies)).map(wireRun));
  });
  routes.get("/threads/:thread/runs", async (call) => {
    const { limit, offset, status } = queryOf(call, listQuery);
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<RunRow>(
        `select * from orchestrator.runs where thread_id = $1 and ($2::text is null or status = $2)
          order by created_at desc limit $3 offset $4`,
        [call.req.param("thread"), status ?? null, limit, offset],
      ),
    );
    return call.json(rows.map(wireRun));
  });
  routes.get("/threads/:thread/runs/:run", async (call) => call.json(wireRun(await find(api, call))));
  routes.delete("/threads/:thread/runs/:run", async (call) => {
    const run = await find(api, call);
    const { rowCount } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query("delete from orchestrator.runs where run_id = $1 and status not in ('pending', 'running')", [
        run.run_id,
      ]),
    );
    if (rowCount === 0) throw new Problem(409, "The run is live; cancel it first.");
    return call.body(null, 204);
  });
  routes.post("/threads/:thread/runs/:run/cancel", async (call) => {
    const run = await find(api, call);
    const { action } = queryOf(call, cancelQuery);
    // It has ended with this transaction: who asks to wait for its end has waited.
    await api.database.asTenant(call.var.tenant, (transaction) => stopRuns(transaction, [run.run_id], action));
    return call.body(null, 204);
  });
  routes.post("/runs/cancel", async (call) => {
    const { thread_id, run_ids, status } = await bodyOf(call, cancelBody, api.settings.maxBodyBytes);
    const { action } = queryOf(call, cancelQuery);
    await api.database.asTenant(call.var.tenant, async (transaction) => {
      const { rows } = await transaction.query<{ run_id: string }>(
        `select run_id from orchestrator.runs where status in ('pending', 'running')
            and ($1::text is null or thread_id = $1) and ($2::text[] is null or run_id = any($2))
            and ($3::text is null or $3 = 'all' or status = $3)`,
        [thread_id ?? null, run_ids ?? null, status ?? null],
      );
      await stopRuns(
        transaction,
        rows.map((row) => row.run_id),
        action,
      );
    });
    return call.body(null, 204);
  });
  routes.get("/threads/:thread/runs/:run/join", async (call) => {
    const { cancel_on_disconnect: cancels } = queryOf(call, joinQuery);
    return result(api, call, await find(api, call), cancels);
  });
  for (const path of ["/threads/:thread/runs/:run/stream", "/runs/:run/stream"] as const) {
    routes.get(path, async (call) => {
      const { cancel_on_disconnect: cancels } = queryOf(call, joinQuery);
      return follow(api, call, (await find(api, call)).run_id, cancels, modesOf(call));
    });
  }
  routes.get("/threads/:thread/stream", async (call) => {
    const id = call.req.param("thread");
    const found = await api.database.asTenant(call.var.tenant, (transaction) => findThread(transaction, id));
    if (found === null) throw notFound("thread", id);
    return threadStreamOf(api, call.var.tenant, id, call.req.header("last-event-id") ?? null, modesOf(call));
  });
  return routes;
}

/** Who waits for the result reads no stream: without a mode of its own, the run's log repeats no state. */
function unread(body: RunBody): RunBody {
  return { ...body, stream_mode: body.stream_mode ?? [] };
}

async function find(api: Api, call: Call): Promise<RunRow> {
  const id = call.req.param("run") ?? "";
  const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
    transaction.query<RunRow>(
      "select * from orchestrator.runs where run_id = $1 and ($2::text is null or thread_id = $2)",
      [id, call.req.param("thread") ?? null],
    ),
  );
  if (rows[0] === undefined) throw notFound("run", id);
  return rows[0];
}

function follow(
  api: Api,
  call: Call,
  runId: string,
  cancelOnDisconnect: boolean,
  modes: ReadonlySet<string> | null = null,
): Response {
  const { tenant } = call.var;
  const lastEventId = call.req.header("last-event-id") ?? null;
  return streamOf(api, tenant, runId, { lastEventId, modes }, () => {
    if (cancelOnDisconnect) cancel(api, tenant, runId);
  });
}

/** Ends a run whose reader has gone; where the database is away as well, it goes on. */
function cancel(api: Api, tenant: string, runId: string): void {
  api.database.asTenant(tenant, (transaction) => stopRuns(transaction, [runId], "interrupt")).catch(() => {});
}

/** The modes that a reader asks for, out of those that the run streams; null for all. */
function modesOf(call: Call): ReadonlySet<string> | null {
  const asked = (call.req.queries("stream_mode") ?? []).flatMap((text) => text.split(","));
  return asked.length === 0 ? null : new Set(asked);
}

/** The thread's values once the run has ended; `__error__` in their place when it failed. */
async function result(api: Api, call: Call, run: RunRow, cancelOnDisconnect: boolean): Promise<Response> {
  const { signal } = call.req.raw;
  await untilEnded(api, call.var.tenant, run.run_id, signal);
  if (signal.aborted && cancelOnDisconnect) cancel(api, call.var.tenant, run.run_id);
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
