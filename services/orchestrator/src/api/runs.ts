import { Hono } from "hono";
import * as z from "zod";
import { stopRuns } from "../runs/queue.ts";
import { type RunRow, wireRun } from "../runs/run.ts";
import { acceptRun, type RunBody, runBody } from "./accept-run.ts";
import { type Api, bodyOf, type Call, type Caller, queryOf } from "./context.ts";
import { notFound, Problem } from "./problem.ts";
import { streamOf, untilEnded } from "./stream.ts";
import { findThread } from "./threads.ts";

/** Which of a thread's runs, newest first. */
export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  offset: z.coerce.number().int().min(0).default(0),
  status: z.enum(["pending", "running", "success", "error", "timeout", "interrupted"]).optional(),
});

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
    const run = await acceptRun(api, call.var, unread(await read(call)), call.req.param("thread"));
    return located(call, run, await result(api, call, run));
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
    const run = await acceptRun(api, call.var, unread(await read(call)), null);
    return located(call, run, await result(api, call, run));
  });
  routes.post("/runs/batch", async (call) => {
    const bodies = await bodyOf(call, batchBody, api.settings.maxBodyBytes);
    const runs: unknown[] = [];
    for (const body of bodies) runs.push(wireRun(await acceptRun(api, call.var, body, null)));
    return call.json(runs);
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

/** Who waits for the result reads no stream: without a mode of its own, the run's log repeats no state. */
function unread(body: RunBody): RunBody {
  return { ...body, stream_mode: body.stream_mode ?? [] };
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
